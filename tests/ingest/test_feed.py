"""Feeds to items: every syntax, every damage, and an identity that holds from poll to poll."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest.entries import MAX_SUMMARY, MAX_TEXT, MAX_TITLE
from bot.ingest.feed import parse
from bot.model import Document, Item

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SOURCE = Source(id="one", url="https://news.example/feeds/rss", language="en")


def read(body: bytes | str, content_type: str = "text/xml", source: Source = SOURCE) -> tuple[Item, ...]:
    """The items of a document served at the source's own address."""
    raw = body.encode() if isinstance(body, str) else body
    document = Document(
        source_id=source.id, url=source.url, body=raw, content_type=content_type, fetched_at=NOW
    )
    return parse(document, source, now=NOW)


def rss(*entries: str) -> str:
    """An RSS document with these entries."""
    inner = "".join(f"<item>{entry}</item>" for entry in entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Feed</title>'
        f"<link>https://news.example/</link><description>d</description>{inner}</channel></rss>"
    )


def entry(
    title: str = "Title", link: str = "https://news.example/n/1", guid: str = "", more: str = ""
) -> str:
    """The inside of an RSS item."""
    named = f'<guid isPermaLink="false">{guid}</guid>' if guid else ""
    return f"<title>{title}</title><link>{link}</link>{named}{more}"


# --- syntaxes ---------------------------------------------------------------------------------------

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>F</title><entry><id>tag:news.example,2026:1</id>
<title type="html">Rare &amp;amp; &lt;b&gt;earths&lt;/b&gt;</title><link href="/n/1"/><updated>2026-11-23T06:30:00+03:00</updated>
<summary>Short.</summary><content type="html">&lt;p&gt;Long text.&lt;/p&gt;&lt;p&gt;More.&lt;/p&gt;</content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://news.example/"><title>F</title></channel>
<item rdf:about="https://news.example/n/1"><title>Rare &amp; earths</title><link>https://news.example/n/1</link>
<description>Short.</description><dc:date>2026-11-23T03:30:00Z</dc:date></item></rdf:RDF>"""
RSS_2 = rss(
    entry(
        "Rare &amp; earths",
        more="<description>Short.</description><content:encoded><![CDATA[<p>Long text.</p><p>More.</p>]]>"
        "</content:encoded><pubDate>Mon, 23 Nov 2026 06:30:00 +0300</pubDate>",
    )
)
RSS_091 = (
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://x.example/rss-0.91.dtd">'
    '<rss version="0.91"><channel><title>F</title><item><title>Rare &amp; earths</title>'
    "<link>https://news.example/n/1</link><description>Short.</description></item></channel></rss>"
)
JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "F",
        "items": [
            {
                "id": 1,
                "url": "/n/1",
                "title": "Rare & earths",
                "summary": "Short.",
                "content_html": "<p>Long text.</p><p>More.</p>",
                "date_published": "2026-11-23T06:30:00+03:00",
            }
        ],
    }
)


@pytest.mark.parametrize(
    ("body", "text", "dated"),
    [
        (ATOM, "Long text.\nMore.", True),
        (RDF, "", True),
        (RSS_2, "Long text.\nMore.", True),
        (RSS_091, "", False),
        (JSON_FEED, "Long text.\nMore.", True),
        ("\ufeff\n " + RSS_2, "Long text.\nMore.", True),
    ],
    ids=["atom", "rdf", "rss 2.0", "rss 0.91", "json feed", "rss after a mark and a blank line"],
)
def test_every_syntax_gives_the_same_item(body: str, text: str, dated: bool) -> None:
    """One entry in each syntax: same title, address, summary, text and time in UTC."""
    (item,) = read(body)

    assert (item.title, item.url) == ("Rare & earths", "https://news.example/n/1")
    assert (item.summary, item.text) == ("Short.", text)
    assert item.published_at == (datetime(2026, 11, 23, 3, 30, tzinfo=UTC) if dated else None)
    assert (item.source_id, item.first_seen_at, item.language) == ("one", NOW, "en")


def test_items_stand_in_the_order_of_the_document() -> None:
    """The first entry comes first."""
    titles = [f"News {number}" for number in range(20)]

    items = read(rss(*(entry(title, f"https://news.example/n/{title[5:]}") for title in titles)))

    assert [item.title for item in items] == titles


def test_feed_without_entries_is_a_feed() -> None:
    """A quiet week is no error."""
    assert read(rss()) == ()
    assert read('{"version": "https://jsonfeed.org/version/1", "title": "t", "items": []}') == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "an empty answer"),
        (" \n\ufeff", "an empty answer"),
        (
            "<!DOCTYPE html><html><head><title>Just a moment&hellip;</title></head><body><p>x",
            'an HTML page titled "Just a moment…"',
        ),
        ("<!-- x -->\n<HTML><body>hi</body></HTML>", "an HTML page"),
        ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "an HTML page"),
        ("Service unavailable", "neither XML nor JSON"),
        ('{"error": "denied"}', "JSON, but no feed"),
        ('{"items": [1, 2]}', "JSON, but no feed"),
        ('{"items": [', "damaged JSON"),
        ('{"a":' * 100_000, "damaged JSON"),
        ('{"a": ' + "9" * 5000 + "}", "damaged JSON"),
        ("<?xml version='1.0'?><sitemap><loc>x</loc></sitemap>", "XML, but no feed"),
        ("<rss version='2.0'><channel><item><title>Cut off he", "a feed that breaks off in its first entry"),
    ],
)
def test_what_is_no_feed_is_told_by_name(body: str, reason: str) -> None:
    """The operator reads what came instead."""
    with pytest.raises(ParseError) as caught:
        read(body)

    assert caught.value.reason == reason


def test_complete_entries_of_a_broken_off_feed_are_kept() -> None:
    """The entry in which the document ends is left out: half a headline is worse than none."""
    whole = rss(
        entry("One"), entry("Two", "https://news.example/n/2"), entry("Three", "https://news.example/n/3")
    )

    items = read(whole[: whole.index("Three") + 2])

    assert [item.title for item in items] == ["One", "Two"]


# --- hostile ----------------------------------------------------------------------------------------

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">' for n in range(1, 10))
    + "]><rss version='2.0'><channel><item><title>&a9;</title></item></channel></rss>"
)
FILE = (
    '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'
    "<rss version='2.0'><channel><item><title>&e;</title></item></channel></rss>"
)


@pytest.mark.parametrize("body", [LAUGHS, FILE, "<!-- " + "x" * 70_000 + " -->" + FILE])
def test_entities_of_a_documents_own_are_refused(body: str) -> None:
    """Neither bombs nor files of ours: the document is turned away unread, and at once."""
    began = time.process_time()

    with pytest.raises(ParseError, match="declares entities"):
        read(body)

    assert time.process_time() - began < 0.5


def test_hostile_entry_becomes_plain_text() -> None:
    """Scripts vanish, marks that reverse or break lines go, dangerous links are dropped, sizes are bounded."""
    items = read(
        rss(
            entry(
                "&lt;script&gt;alert(1)&lt;/script&gt;Price &lt;!channel&gt; {{7*7}}", "javascript:alert(1)"
            ),
            entry("Bcc:&#13;&#10;x \u202egpj", "data:text/html,x", "g2"),
            entry("T" * 100_000, "https://news.example/" + "n" * 5000, "g3"),
            entry("<![CDATA[<b>" * 3 + "deep]]>", "file:///etc/passwd", "g4"),
        )
    )

    assert [item.title for item in items[:2]] == ["Price {{7*7}}", "Bcc: x gpj"]
    assert len(items[2].title) == MAX_TITLE
    assert [item.url for item in items] == ["", "", "", ""]


def test_50000_deep_markup_costs_little() -> None:
    """Nesting that kills recursive readers is read in a fraction of two seconds."""
    began = time.process_time()

    (item,) = read(rss(entry(more="<description><![CDATA[" + "<div>" * 50_000 + "core]]></description>")))

    assert item.summary == "core"
    assert time.process_time() - began < 2


@pytest.mark.parametrize("syntax", [RSS_2, ATOM, RDF, JSON_FEED], ids=["rss", "atom", "rdf", "json"])
@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_damaged_bytes_give_items_or_a_parse_error(syntax: str, data: st.DataObject) -> None:
    """Bytes changed, cut or put in anywhere never end in anything else."""
    body = bytearray(syntax.encode())
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, max(0, len(body) - 1)))
        until = at + data.draw(st.sampled_from([0, 1, 30, 10_000]))
        body[at:until] = data.draw(
            st.binary(max_size=12) | st.sampled_from([b"<", b"</", b"<![CDATA[", b"&#x0;"])
        )
    try:
        items = read(
            bytes(body), data.draw(st.sampled_from(["", "text/xml; charset=utf-16", "a;charset=gbk"]))
        )
    except ParseError:
        return  # the one error that is allowed
    assert len({item.key for item in items}) == len(items)
    for item in items:
        assert item.title
        f"{item.title}{item.summary}{item.text}{item.url}{item.guid}".encode()


@pytest.mark.parametrize(
    ("encoding", "claim", "text", "language"),
    [
        ("cp1251", "windows-1251", "Редкоземельные металлы подорожали", "ru"),
        ("cp1251", "utf-8", "Редкоземельные металлы подорожали", "ru"),
        ("utf-8", "windows-1251", "Редкоземельные металлы подорожали", "ru"),
        ("gb18030", "gb2312", "稀土价格上涨，氧化镨钕报价", "zh"),
        ("gb18030", "utf-8", "稀土价格上涨，氧化镨钕报价", "zh"),
        ("utf-16", "utf-16", "稀土价格上涨，氧化镨钕报价", "zh"),
        ("utf-16-le", "utf-16", "Редкоземельные металлы подорожали", "ru"),
    ],
)
@pytest.mark.parametrize("header", ["text/xml", "text/xml; charset=utf-8", "text/html; charset=iso-8859-1"])
def test_title_is_readable_whatever_encoding_is_claimed(
    encoding: str, claim: str, text: str, language: str, header: str
) -> None:
    """Russian and Chinese come out as written, and as their own language."""
    body = rss(entry(text)).replace('encoding="utf-8"', f'encoding="{claim}"')

    (item,) = read(body.encode(encoding), header)

    assert (item.title, item.language) == (text, language)


def test_mojibake_from_upstream_is_mended() -> None:
    """A site that stored its own headlines wrongly is read all the same."""
    (item,) = read(rss(entry("Редкоземельные металлы".encode("cp1251").decode("cp1252"))))

    assert item.title == "Редкоземельные металлы"


def test_control_characters_do_not_stop_the_feed() -> None:
    """Bytes that XML forbids, NUL among them, are dropped before parsing."""
    (item,) = read(rss(entry("Rare\x00 ear\x0bths &nbsp; &mdash; up")))

    assert item.title == "Rare earths — up"


# --- fields -----------------------------------------------------------------------------------------


def test_long_fields_are_cut_between_words() -> None:
    """Caps hold, and no word is cut in two."""
    words = "neodymium " * 5_000

    more = f"<description>{words}</description><content:encoded>{words}more</content:encoded>"
    (item,) = read(rss(entry(more=more)))

    assert MAX_SUMMARY * 0.9 < len(item.summary) <= MAX_SUMMARY
    assert MAX_TEXT * 0.9 < len(item.text) <= MAX_TEXT
    assert item.summary.endswith("neodymium…")


def test_missing_title_is_taken_from_the_summary() -> None:
    """An entry without a title still shows as a line of text; one that says nothing but its address, as that."""
    body = "<description>&lt;p&gt;China raised the quota for rare earths this year by some ten per cent, it says&lt;/p&gt;</description>"
    first, second = read(rss(body + "<guid>a</guid>", "<link>https://news.example/n/2</link>"))

    assert first.title == "China raised the quota for rare earths this year by some ten"
    assert second.title == "https://news.example/n/2"


def test_text_repeats_no_summary() -> None:
    """Content that is the description again is stored once."""
    (item,) = read(
        rss(entry(more="<description>Same.</description><content:encoded>Same.</content:encoded>"))
    )

    assert (item.summary, item.text) == ("Same.", "")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<link>/n/1</link>", "https://news.example/n/1"),
        ("<link>../n/1?a=1&amp;b=2</link>", "https://news.example/n/1?a=1&b=2"),
        ("<link> https://other.example/a b </link>", "https://other.example/a%20b"),
        ('<guid isPermaLink="true">https://news.example/n/1</guid>', "https://news.example/n/1"),
        ("<guid>12345</guid>", ""),
        ("<link>http://[broken</link>", ""),
        ("<link>mailto:desk@news.example</link>", ""),
        ('<enclosure url="https://news.example/a.mp3" type="audio/mpeg"/>', ""),
    ],
)
def test_links_are_absolute_web_addresses_or_empty(inside: str, expected: str) -> None:
    """Relative to where the document came from; a mere number is no address."""
    (item,) = read(rss(f"<title>T</title>{inside}"))

    assert item.url == expected


def test_xml_base_counts() -> None:
    """Atom may say what its links are relative to."""
    (item,) = read(ATOM.replace("<entry>", '<entry xml:base="https://other.example/x/">'))

    assert item.url == "https://other.example/n/1"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("Mon, 23 Nov 2026 07:00:00 GMT", NOW - timedelta(hours=1)),
        ("2026-11-23T15:00:00+08:00", NOW - timedelta(hours=1)),
        ("2026-11-23 07:00:00", NOW - timedelta(hours=1)),
        ("2026-11-23T07:00:00", NOW - timedelta(hours=1)),
        ("Mon, 23 Nov 2026 08:59:00 GMT", NOW + timedelta(minutes=59)),
        ("Mon, 23 Nov 2026 16:00:00 GMT", NOW),
        ("Fri, 01 Jan 2100 00:00:00 GMT", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("32 Foo 2099", None),
        ("0000-00-00 00:00:00", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_dates_are_utc_and_believable(written: str, expected: datetime | None) -> None:
    """No zone means UTC, the future is cut to now, nonsense and the distant past are no date."""
    (item,) = read(rss(entry(more=f"<pubDate>{written}</pubDate>")))

    assert item.published_at == expected


def test_language_is_each_items_own() -> None:
    """A Russian feed may carry an English item; what does not tell is taken for the feed's language."""
    source = Source(id="one", url=SOURCE.url, language="ru")
    body = rss(
        entry("Неодим подорожал", "/n/1"),
        entry("China cuts the export quota", "/n/2"),
        entry("2026: 5%", "/n/3"),
    )

    assert [item.language for item in read(body, source=source)] == ["ru", "en", "ru"]
