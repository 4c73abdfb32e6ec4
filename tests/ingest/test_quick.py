"""The quick way through a feed gives exactly feedparser's entries, or leaves the document to feedparser."""

from xml.sax.saxutils import escape, quoteattr

import feedparser
import pytest
from feedparser.api import StrictFeedParser
from feedparser.datetimes import _parse_date
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bench.documents import make_feed
from bot.demofeeds import FEEDS, documents
from bot.ingest.entries import Entry
from bot.ingest.feed import contents_of
from bot.ingest.feeddates import as_feedparser, from_struct
from bot.ingest.vocabulary import ATOM, FEEDPARSER, NAMESPACES, PARTS, RSS_1, UNUSUAL
from bot.model import Document
from tests.bothways import NOW, both_ways
from tests.ingest.test_feed import SOURCE, entry, rss
from tests.ingest.test_identity import REAL_FILES

_PREFIXES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "atom": ATOM,
    "thr": "http://purl.org/syndication/thread/1.0",
    "yandex": "http://news.yandex.ru",
    "own": "urn:nobody-knows",
}
_DECLARED = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in _PREFIXES.items())


def quick(body: bytes | str, language: str = "en") -> list[Entry] | None:
    """What the quick way gives, once it is known to be what feedparser gives."""
    ways = both_ways(body, language)
    assert not ways.difference()
    return ways.quick


# --- documents as they are --------------------------------------------------------------------------


@pytest.mark.skipif(not REAL_FILES, reason="the real feeds lie beside the project, and are not here")
@pytest.mark.parametrize("language", ["en", "ru", "zh"])
def test_real_feeds_come_out_as_from_feedparser(language: str) -> None:
    """All 53 are equal in every field, and but for two of them feedparser is not needed."""
    taken = [quick(path.read_bytes(), language) for path in REAL_FILES]

    assert len(taken) - taken.count(None) >= len(REAL_FILES) - 2


def test_the_demos_and_the_benchmarks_feeds_are_quick() -> None:
    """Feeds of every syntax and language, in encodings of their own too, need no feedparser but for damage and XHTML."""
    demo = [found.body for number in (1, 2) for found in documents(FEEDS, number, NOW).values()]
    made = [(feed.bodies["tick"], feed.damage) for feed in map(make_feed, range(60))]

    slow = [body for body in demo if body.lstrip().startswith(b"<") and quick(body) is None]
    left = {damage for body, damage in made if quick(body) is None}

    assert all(b'type="xhtml"' in body for body in slow)
    assert left <= {"ampersand", "broken off"}


def test_a_usual_feed_never_reaches_feedparser(monkeypatch: pytest.MonkeyPatch) -> None:
    """The entries of a well-formed feed come out with feedparser out of the way."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("feedparser was asked")

    monkeypatch.setattr(feedparser, "parse", refuse)
    body = rss(entry("Rare &amp; earths", more="<description>Short.</description>"))
    document = Document(source_id="one", url=SOURCE.url, body=body.encode(), content_type="", fetched_at=NOW)

    (found,) = contents_of(body, document, SOURCE, careful=True).entries

    assert found is not None
    assert (found.title, found.summary) == ("Rare & earths", "Short.")


# --- documents as they might be ---------------------------------------------------------------------

_WORDS = st.sampled_from(
    (
        "", " ", "Rare earths", "  Цены на неодим \n", "稀土价格", "a < b & c", "<p>One</p> <b>two</b>", "&amp;lt;p&amp;gt;",
        "&nbsp;&copy; 2026", "caf\u00e9", "caf\u00c3\u00a9", "\u0093quoted\u0094", "\u00a0edge\u00a0", "]]", "12", "tag:a,2026:1",
        "http://news.example/n/1?a=1&b=2", "https://news.example/n/2?x=&amp;y;z", "/relative", "//host/path", "javascript:x",
        "http:///odd", "mailto:a@b.c", "😀", "<script>x</script>", "&", "&#8212;", "\u2028",
    )
) | st.text(st.characters(blacklist_categories=("Cs", "Cc"), max_codepoint=0x2FFFF), max_size=12)  # fmt: skip
_DATES = st.sampled_from(
    (
        "Mon, 23 Nov 2026 08:00:00 GMT", "Mon, 23 Nov 2026 08:00:00 +0300", "23 Nov 2026 08:00:00 -0530", "Nov 23 2026",
        "2026-11-23T08:00:00Z", "2026-11-23T08:00:00.250+08:00", "2026-11-23 08:00:00", "2026-11-23", "2026年11月23日",
        "Mon, 23 Nov 2026 08:00 CST", "Tue, 31 Feb 2026 08:00:00 GMT", "yesterday", "", "2026-11-23T25:00:00Z",
        "Mon, 23 Nov 26 08:00:00 EST", "2026/11/23 08:00", "Mon Nov 23 08:00:00 2026",
    )
)  # fmt: skip
_TYPES = st.sampled_from(("text", "html", "HTML", "text/plain", "text/html", "xhtml", "image/png", ""))


def _written(text: str, form: str) -> str:
    """Text as it stands in a document."""
    if form == "cdata" and "]]" not in text:
        return f"<![CDATA[{text}]]>"
    if form == "figures":
        return "".join(f"&#{ord(letter)};" if ord(letter) > 0x9F else escape(letter) for letter in text)
    if form == "comment":
        return f"{escape(text[:2])}<!-- no text -->{escape(text[2:])}"
    return escape(text)


_TEXT = st.builds(_written, _WORDS, st.sampled_from(("escaped", "cdata", "figures", "comment")))


def _attributes(**values: str | None) -> str:
    return "".join(
        f" {name.replace('__', ':')}={quoteattr(value)}"
        for name, value in values.items()
        if value is not None
    )


def _element(name: str, attributes: str, inside: str) -> str:
    return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes}/>"


def _maybe(values: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return st.none() | values


_BASES = _maybe(st.sampled_from(("http://base.example/a/", "b/", "", "javascript:x")))
_NONE = st.just("")
_texts = st.builds(
    _element,
    st.sampled_from(
        (
            "title", "dc:title", "media:title", "description", "summary", "dc:description", "media:description",
            "itunes:summary", "content", "content:encoded", "Title", "atom:summary", "atom:title", "Description",
        )
    ),
    st.builds(_attributes, type=_maybe(_TYPES), xml__lang=_maybe(st.just("ru"))) | _NONE,
    _TEXT,
)  # fmt: skip
_links = st.builds(
    _element,
    st.sampled_from(("link", "atom:link", "LINK")),
    st.builds(
        _attributes,
        rel=_maybe(st.sampled_from(("alternate", "self", "Alternate", "enclosure", "via"))),
        type=_maybe(st.sampled_from(("text/html", "TEXT/HTML", "application/rss+xml", "html"))),
        href=_maybe(_WORDS),
    )
    | _NONE,
    _TEXT,
)
_ids = st.builds(
    _element,
    st.sampled_from(("guid", "id", "atom:id")),
    st.builds(_attributes, isPermaLink=_maybe(st.sampled_from(("true", "false", "TRUE", "")))) | _NONE,
    _TEXT,
)
_dates = st.builds(
    _element,
    st.sampled_from(
        (
            "pubDate", "published", "issued", "updated", "modified", "created", "dc:date", "dcterms:issued",
            "dcterms:modified", "dcterms:created", "atom:updated", "lastBuildDate",
        )
    ),
    _NONE,
    st.builds(_written, _DATES, st.sampled_from(("escaped", "cdata"))),
)  # fmt: skip
_others = st.builds(
    _element,
    st.sampled_from(
        (
            "category", "comments", "dc:creator", "dc:subject", "enclosure", "source", "feedburner:origLink", "slash:comments",
            "own:thing", "own:title", "yandex:full-text", "thr:total", "media:content", "media:credit", "media:thumbnail",
            "media:keywords", "rights", "itunes:author", "language", "amplink", "pdalink", "generator", "subtitle",
            "dc:identifier", "itunes:image", "media:group", "rdf:value", "author", "keywords",
        )
    ),
    st.builds(_attributes, url=_maybe(_WORDS), type=_maybe(_TYPES), domain=_maybe(_WORDS)) | _NONE,
    _TEXT,
)  # fmt: skip
_odd = st.sampled_from(
    (
        "<author><name>A</name><uri>http://a.example/</uri></author>",
        '<media:group><media:content url="x"><media:title>M</media:title></media:content><media:description>D</media:description></media:group>',
        '<media:content url="x" type="image/png"><media:title type="html">M</media:title><media:credit>C</media:credit></media:content>',
        "<own:box><own:inner a='b'>text</own:inner></own:box>",
        '<post-id xmlns="com-wordpress:feed-additions:1">12</post-id>',
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>X</p></div></content>',
        "<title>Not <b>escaped</b></title>", "<date>2026-11-23</date>", "<where/>", "<georss:point>1 2</georss:point>",
        '<title mode="base64">Zm9v</title>', "<own:box><title>T</title></own:box>", "<image><url>x</url></image>",
        "<source><title>S</title><id>i</id></source>", "<item><title>inner</title></item>", "<own:parsed>x</own:parsed>",
        '<links a="b"/>', "<summary_detail>x</summary_detail>", "<dc_title>x</dc_title>", "<textInput><name>n</name></textInput>",
        '<category term="a" label="b"/>', "<media:title/>", "<title/>", "<?php echo ?>", "text between", "<body>b</body>",
        '<x:y xmlns:x="urn:x">z</x:y>', '<dc:date xmlns:dc="urn:not-dublin">2026-11-23</dc:date>', '<own:x own:href="y" own:k="v"/>',
        '<link href="http://a.example/" url="http://b.example/"/>', '<description xmlns="urn:x">D</description>',
    )
)  # fmt: skip
_parts = st.lists(_texts | _links | _ids | _dates | _others | _odd, max_size=7)
_usual = st.lists(_texts | _links | _ids | _dates | _others, max_size=7)
_head = st.lists(
    _texts
    | _links
    | _dates
    | _others
    | st.sampled_from(
        (
            "<image><url>x</url><title>T</title><link>http://a.example/</link><width>1</width></image>",
            "<language>ru</language>", '<cloud domain="x"/>', "<skipHours><hour>1</hour></skipHours>", "<ttl>5</ttl>",
            "<managingEditor>a@b.c (A)</managingEditor>", "<image/>", "<itunes:summary>S</itunes:summary>",
        )
    ),
    max_size=3,
)  # fmt: skip


def _feed(
    kind: str, head: list[str], entries: list[list[str]], space: str, base: str | None, about: str
) -> str:
    """A document of these pieces."""
    more = _attributes(xml__base=base)
    tag = "entry" if kind == "atom" else "item"
    given = f" rdf:about={quoteattr(about)}" if kind == "rdf" and about else ""
    inner = space.join(f"<{tag}{given}>{space.join(parts)}</{tag}>" for parts in entries)
    start = space.join(head)
    match kind:
        case "atom":
            return f'<feed xmlns="{ATOM}"{_DECLARED}{more}>{start}{space}{inner}</feed>'
        case "rdf":
            return f'<rdf:RDF xmlns="{RSS_1}"{_DECLARED}{more}><channel>{start}</channel>{space}{inner}</rdf:RDF>'
    return f'<?xml version="1.0"?><rss version="2.0"{_DECLARED}{more}><channel>{start}{space}{inner}</channel></rss>'


_KINDS = st.sampled_from(("rss", "atom", "rdf"))
_SPACES = st.sampled_from(("", "\n  ", "<!-- so -->", " \u00a0 "))
_ABOUT = st.sampled_from(("", "http://news.example/n/1", "x"))
_LANGUAGES = st.sampled_from(("en", "ru", "zh"))


@settings(max_examples=300, deadline=None)
@given(st.builds(_feed, _KINDS, _head, st.lists(_parts, max_size=3), _SPACES, _BASES, _ABOUT), _LANGUAGES)
def test_any_feed_comes_out_as_from_feedparser_or_is_left_to_it(body: str, language: str) -> None:
    """Whatever elements, attributes and namespaces it is made of, well placed or not."""
    ways = both_ways(body, language)

    event("quick" if ways.quick is not None else "left to feedparser")
    assert not ways.difference()


@settings(max_examples=150, deadline=None)
@given(
    st.builds(
        _feed, _KINDS, st.just([]), st.lists(_usual, min_size=1, max_size=3), _SPACES, st.none(), _ABOUT
    ),
    _LANGUAGES,
)
def test_feeds_of_usual_elements_come_out_as_from_feedparser(body: str, language: str) -> None:
    """Several titles, links, dates and summaries in any order; with and without each."""
    ways = both_ways(body, language)

    event("quick" if ways.quick is not None else "left to feedparser")
    assert not ways.difference()


@pytest.mark.parametrize(
    "inside",
    [
        "<title>T</title>", "", "<title/><title>Second</title>", "<title>A</title><dc:title>B</dc:title>",
        "<media:title>M</media:title>", "<title>A</title><media:title>M</media:title>", "<link>http://a.example/1</link>",
        "<guid>7</guid>", "<guid isPermaLink='false'>7</guid><link/>", "<guid>http://a.example/1</guid>",
        "<description>One</description><description>Longer second</description>", "<link href='http://a.example/'/>",
        "<content:encoded><![CDATA[<p>x</p>]]></content:encoded>", "<description>d</description><media:description>m</media:description>",
        "<feedburner:origLink>http://a.example/o</feedburner:origLink><link>http://a.example/1</link>",
        "<pubDate>Mon, 23 Nov 2026 08:00:00 GMT</pubDate><dc:date>2026-11-20</dc:date>", "<enclosure url='x'/><guid>7</guid>",
        "<source url='http://a.example/'>S</source><title>T</title>", "<category>c</category><author>a@b.c (A)</author>",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["rss", "atom", "rdf"])
def test_the_usual_is_not_left_to_feedparser(kind: str, inside: str) -> None:
    """What most feeds hold takes the quick way, and comes out the same."""
    assert quick(_feed(kind, ["<title>F</title>"], [[inside], [inside]], "\n", None, "")) is not None


@pytest.mark.parametrize(
    "body",
    [
        '<!DOCTYPE rss><rss version="2.0"><channel><item><title>T</title></item></channel></rss>',
        '<rss version="2.0" xmlns="http://my.netscape.com/rdf/simple/0.9/"><channel/></rss>',
        '<rss version="2.0" xmlns:dc="urn:x"><channel><item><dc:title>T</dc:title></item></channel></rss>',
        '<rss version="2.0" xmlns:DC="urn:x"><channel><item><DC:title>T</DC:title></item></channel></rss>',
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title>T</title></entry></feed>',
        '<rss version="2.0" base="http://a.example/"><channel><item><link>b</link></item></channel></rss>',
        "<rss version='2.0'><channel><item href='x'><title>T</title></item></channel></rss>",
        '<?xml-stylesheet href="<rss>"?><rss version="2.0"><channel><item><title>T</title></item></channel></rss>',
        "<html><body/></html>", "<opml/>", "<feed><entry><title>T</title></entry></feed>",
    ],
)  # fmt: skip
def test_the_unusual_is_left_to_feedparser(body: str) -> None:
    """Declarations, old namespaces, prefixes that mislead, addresses that move: there feedparser decides."""
    assert both_ways(body).quick is None


# --- what is known of feedparser --------------------------------------------------------------------


def test_every_rule_of_feedparser_has_its_part() -> None:
    """An element that feedparser has a rule for is one we know, or one that makes a document unusual."""
    rules = {
        name.removeprefix("_start_").removeprefix("_end_")
        for name in dir(StrictFeedParser)
        if name.startswith(("_start_", "_end_"))
    }
    # Names with capitals are never asked for, as the parser makes all letters small.
    named = {rule.replace("_", ":", 1) for rule in rules if rule == rule.lower()}

    assert feedparser.__version__ == FEEDPARSER
    assert named <= PARTS.keys() | UNUSUAL
    assert {
        uri.lower(): prefix.lower() for uri, prefix in StrictFeedParser.namespaces.items() if uri
    } == NAMESPACES


@settings(max_examples=200, deadline=None)
@given(
    _DATES
    | st.from_regex(r"\A[0-3]?\d [A-Z][a-z]{2} (19|20)\d\d \d\d:\d\d:\d\d ([+-]\d{4}|GMT|EST)\Z")
    | st.from_regex(r"\A(19|20)\d\d-[01]\d-[0-3]\dT[0-2]\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)\Z")
)
def test_dates_are_read_as_by_feedparser(written: str) -> None:
    """The two usual spellings without its help, down to the days that no calendar has."""
    assert as_feedparser(written) == from_struct(_parse_date(written))
