"""Shortcuts for common text and addresses: each gives what the long way gives, which something invisible enforces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.address import canonical_url
from bot.ingest.entries import absolute
from bot.language import _main_script, _plain_script
from bot.text import clean, html_to_text

_MARKUP = st.lists(
    st.sampled_from(
        (
            "<p>", "</p>", "<a href='x'>", "</a>", "<b>", "</b>", '<img src="a.png" alt=\'x > y\'/>', "<br/>", "<table>",
            "<tr><td>", "<span style='x'>", "</span>", "&amp;", "&nbsp;", "&#8212;", "&#150;", "&lt;p&gt;", "&copy", "&notit;",
            "& ", "R&D", "&", "<", "< b", ">", "<script>x</script>", "<!-- c -->", "<![CDATA[x]]>", "<A HREF=x>", "</em >",
            "\u200b", "\r\n", "\x0c", "\xa0", "word ", "слово ", "稀土", "e\u0301", "<li>", "<u/>", "<s\x0b>", "&#38;amp;",
            "&#60;b&#62;", "&laquo;x&raquo;", '<a\nhref="x"\n>', '<a href="x"title="y">', "<style>", "<svg>", "<select>",
            "<textarea>", "&&amp;x", "\x00", "\ud800", "<o:p></o:p>", "<iframe src='x'></iframe>", "&#10;", "&#55296;", "<tt>",
        )
    ),
    max_size=8,
).map("".join)  # fmt: skip
_LETTERS = st.lists(
    st.sampled_from(
        ("a ", "É", "word ", "слово ", "Ы", "ї", "稀土", "價", "の", "ご", "ა", "λ", "12", "，", "…", "😀", "\ud800", "\U00020000", "×", " ")
    ),
    max_size=20,
).map("".join)  # fmt: skip
_SPACES = st.lists(
    st.sampled_from(
        (" ", "  ", "a", "e\u0301", "\u200b", "\U000e0101", "😀", "\xa0", "\u3000", "и\u0306", "\n", "\u212b", "\ud800", "\uf900")
    ),
    max_size=6,
).map("".join)  # fmt: skip
_ADDRESSES = st.lists(
    st.sampled_from(
        (
            "www.", "m.", "amp.", "a.example", "x-y.co.uk", "google.com", "www.google.com", "cdn.ampproject.org", ".", "/",
            "//", "/amp", "/amp/s/", "news", "1", "2026/", "?", "&", "a=1", "utm_source=x", "=", "%20", "%zz", "#", "#!x",
            ";p", ":80", "é", "и", "..", "-", "_", "A", "amp=1", "b", "~", "+", "@", "xn--p1ai", ".amp.html", " ", "x" * 70,
        )
    ),
    max_size=8,
).map("".join)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(_MARKUP)
def test_simple_markup_reads_as_by_the_parser(markup: str) -> None:
    """A tag that leaves no trace, but that only the parser takes, makes no difference."""
    assert html_to_text("<b></b>" + markup) == html_to_text("<wbr>" + markup)


@settings(max_examples=200)
@given(_SPACES)
def test_plain_text_is_cleaned_as_any(text: str) -> None:
    """A space without width, which is taken out, makes no difference."""
    assert clean(text) == clean("\u200b" + text)


@settings(max_examples=300)
@given(_LETTERS)
def test_a_script_that_shows_at_a_glance_is_the_one_counted(text: str) -> None:
    """The glance names the script that most letters are of, or none."""
    assert _plain_script(text) in ("", _main_script(text))


@settings(max_examples=300)
@given(_ADDRESSES)
def test_plain_addresses_get_the_spelling_of_any(rest: str) -> None:
    """A space without width, which is taken out, makes no difference."""
    for url in (f"http://a.example{rest}", f"https://{rest}", rest):
        assert canonical_url(url) == canonical_url("\u200b" + url)


@settings(max_examples=300)
@given(_ADDRESSES, st.sampled_from(("http://b.example/feed?x", "https://b.example/")))
def test_absolute_links_stay_as_joining_leaves_them(rest: str, base: str) -> None:
    """A space without width, which is taken out, makes no difference."""
    link = f"https://a.example{rest}"

    assert absolute(link, base) == absolute("\u200b" + link, base)
