"""OPML in and out: what other programs write, what is refused, and that nothing is lost."""

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configured import PageSelectors, Source
from bot.errors import BotError, ParseError
from bot.ingest.opml import MAX_BYTES, MAX_DEPTH, from_opml, to_opml

TOPICS = ("russia-ree", "sanctions", "china-pricing")
#: Whatever an XML attribute can hold: line ends and tabs too, control characters and half pairs not.
TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\r\t"),
    max_size=40,
)
IDS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,20}", fullmatch=True)
URLS = st.builds(
    "{}://{}.example/{}".format,
    st.sampled_from(["http", "https"]),
    st.from_regex(r"[a-z]{1,8}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9._~%&=+'\"<>?-]{0,20}", fullmatch=True),
)
SOURCES = st.builds(
    Source,
    id=IDS,
    url=URLS,
    kind=st.sampled_from(["feed", "page"]),
    language=st.sampled_from(["en", "ru", "zh", "de"]),
    name=TEXT,
    weight=st.floats(min_value=0.01, max_value=100),
    topics=st.lists(TEXT, unique=True, max_size=3).map(tuple),
    user_agent=st.none() | TEXT,
    fallback_url=st.none() | URLS,
    enabled=st.booleans(),
    note=TEXT,
    headers=st.dictionaries(TEXT, TEXT, max_size=2),
    page=st.none()
    | st.builds(
        PageSelectors, item=TEXT, title=TEXT, link=TEXT, date_attribute=TEXT, month_first=st.booleans()
    ),
    article=st.booleans(),
)


def opml(body: str, prolog: str = "", encoding: str = "utf-8") -> bytes:
    declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
    return f'{declaration}{prolog}<opml version="1.0"><head/><body>{body}</body></opml>'.encode(encoding)


@settings(max_examples=60)
@given(st.lists(SOURCES, max_size=5, unique_by=lambda source: source.id))
def test_export_then_import_loses_nothing(sources: list[Source]) -> None:
    """Every field of every source comes back as it was, in the same order, even for two that share an address."""
    exported = to_opml(sources)

    assert from_opml(exported.encode()) == tuple(sources)


def test_export_is_plain_opml_to_others() -> None:
    """A program that knows nothing of our namespace finds type, title, address and categories."""
    source = Source(id="a", url="https://a.example/f?x=1&y=2", name='The "A" <News>', topics=("sanctions",))

    root = ET.fromstring(to_opml([source]))  # noqa: S314  our own output

    outline = root.find("body/outline")
    assert root.attrib["version"] == "2.0"
    assert outline is not None
    assert outline.attrib["type"] == "rss"
    assert outline.attrib["text"] == 'The "A" <News>'
    assert outline.attrib["xmlUrl"] == "https://a.example/f?x=1&y=2"
    assert outline.attrib["category"] == "/sanctions"


def test_export_leaves_out_what_xml_can_not_hold() -> None:
    """A control character in a name does not make the whole export unreadable."""
    source = Source(id="a", url="https://a.example/", name="bell\x07 and \ud800 half")

    (back,) = from_opml(to_opml([source]).encode())

    assert back.name == "bell and  half"


def test_folders_in_folders_are_walked() -> None:
    """A feed is found at any depth; a folder named as a topic gives the topic, the others go to the note."""
    document = opml(
        '<outline text="Metals"><outline title="China pricing">'
        '<outline type="rss" text="SMM" xmlUrl="https://smm.example/rss"/></outline></outline>'
    )

    (source,) = from_opml(document, TOPICS)

    assert source.topics == ("china-pricing",)
    assert source.note == "From folder Metals."


def test_categories_named_as_topics_become_topics() -> None:
    """OPML categories are slashed and parted by commas; only those that name a known topic count."""
    document = opml(
        '<outline text="X" xmlUrl="https://x.example/" category="/news/sanctions,russia-ree,sport"/>'
    )

    (source,) = from_opml(document, TOPICS)

    assert source.topics == ("sanctions", "russia-ree")


def test_without_known_topics_no_topic_is_made_up() -> None:
    """A category that names no topic of this installation would make the configuration invalid."""
    (source,) = from_opml(opml('<outline text="X" xmlUrl="https://x.example/" category="sport"/>'))

    assert source.topics == ()


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        (
            'text="Rare Earths Daily" xmlUrl="https://www.metals.example/rss"',
            "metals-example-rare-earths-daily",
        ),
        ('xmlUrl="https://metals.example/rss"', "metals-example"),
        ('text="Новости" xmlUrl="https://metals.example/rss"', "metals-example"),
        ('text="稀土" xmlUrl="https://xn--vuqu93j.example/"', "xn-vuqu93j-example"),
        ('text="metals.example" xmlUrl="https://metals.example/rss"', "metals-example"),
        ('text="Новости" xmlUrl="https://новости/rss"', "source-"),
    ],
)
def test_ids_are_made_from_host_and_title(attributes: str, expected: str) -> None:
    """An id holds small letters, digits and dashes only; where nothing is left of both, a number of the address."""
    (source,) = from_opml(opml(f"<outline {attributes}/>"))

    assert source.id.startswith(expected)
    assert source.id == expected or expected == "source-"


def test_made_up_ids_give_way_to_ids_of_ours() -> None:
    """Where a made-up id meets one from an export, the export keeps its id whichever comes first."""
    document = (
        '<opml xmlns:r="urn:reebot:source"><body>'
        '<outline xmlUrl="https://a.example/one"/>'
        '<outline xmlUrl="https://a.example/two"/>'
        '<outline r:id="a-example" xmlUrl="https://b.example/"/></body></opml>'
    )

    ids = [source.id for source in from_opml(document.encode())]

    assert ids == ["a-example-2", "a-example-3", "a-example"]


def test_a_feed_in_two_folders_is_one_source() -> None:
    """The same address twice gives one source with the topics of both; scheme and host case do not count."""
    document = opml(
        '<outline text="Sanctions"><outline text="A" xmlUrl="https://a.example/rss"/></outline>'
        '<outline text="Russia REE"><outline text="A again" xmlUrl="http://A.example/rss"/></outline>'
    )

    (source,) = from_opml(document, TOPICS)

    assert source.name == "A"
    assert source.topics == ("sanctions", "russia-ree")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("feed://a.example/rss", "https://a.example/rss"),
        ("feed:https://a.example/rss", "https://a.example/rss"),
        ("feed://http://a.example/rss", "http://a.example/rss"),
        (" https://a.example/rss\n", "https://a.example/rss"),
    ],
)
def test_old_ways_to_write_an_address_are_understood(written: str, meant: str) -> None:
    """Some exports still use the feed: scheme or leave blanks around."""
    (source,) = from_opml(opml(f'<outline xmlUrl="{written}"/>'))

    assert source.url == meant


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "windows-1251", "koi8-r"])
def test_encodings_other_than_utf8_are_read(encoding: str) -> None:
    """Older Russian programs export in one-byte encodings; the declaration is believed."""
    (source,) = from_opml(
        opml('<outline text="Редкие земли" xmlUrl="https://a.example/"/>', encoding=encoding)
    )

    assert source.name == "Редкие земли"


BILLION_LAUGHS = '<!DOCTYPE opml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (opml('<outline text="&b;"/>', BILLION_LAUGHS), 'declares the entity "a"'),
        (opml('<outline text="X"/>', EXTERNAL), 'declares the entity "x"'),
        (b"", "not well-formed XML: no element found"),
        (b"not xml at all", "line 1 is not well-formed XML"),
        (
            opml("".join(f'<outline xmlUrl="https://a.example/{n}"/>' for n in range(2001))),
            "more than 2,000 feeds",
        ),
        (b"<html><body/></html>", "starts with <html>, expected <opml>"),
        (b"<opml><head/></opml>", "has no <body>"),
        (opml('<outline text="X" xmlUrl="https://a.example/">'), "mismatched tag"),
        (opml('<outline xmlUrl="javascript:alert(1)"/>'), "expected http or https"),
        (opml('<outline xmlUrl="file:///etc/hostname"/>'), "expected http or https"),
        (opml('<outline xmlUrl="https://"/>'), "expected http or https"),
        (opml('<outline xmlUrl="https://a.example:99999/"/>'), "expected http or https"),
        (opml('<outline xmlUrl="https://a.example/a b"/>'), "expected http or https"),
        (opml('<outline text="x">' * (MAX_DEPTH + 1)), "nested more than"),
        (b" " * (MAX_BYTES + 1), "is larger than 5,000,000 bytes"),
        (b'<?xml version="1.0" encoding="gb18030"?><opml><body/></opml>', "save it as UTF-8"),
        (b'<?xml version="1.0" encoding="no-such"?><opml><body/></opml>', "save it as UTF-8"),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:weight="nan" xmlUrl="https://a.example/"/>'),
            "the weight",
        ),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:weight="-1" xmlUrl="https://a.example/"/>'),
            "the weight",
        ),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:weight="heavy" xmlUrl="https://a.example/"/>'),
            "the weight",
        ),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:kind="blog" xmlUrl="https://a.example/"/>'),
            "the kind",
        ),
        (opml('<outline xmlns:r="urn:reebot:source" r:id="../x" xmlUrl="https://a.example/"/>'), "the id"),
        (opml('<outline xmlns:r="urn:reebot:source" r:topics="{" xmlUrl="https://a.example/"/>'), "JSON"),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:topics="3" xmlUrl="https://a.example/"/>'),
            "list of names",
        ),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:headers="[]" xmlUrl="https://a.example/"/>'),
            "table of",
        ),
        (
            opml('<outline xmlns:r="urn:reebot:source" r:id="a" xmlUrl="https://a.example/"/>' * 2),
            '"a" twice',
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_or_broken_input_is_refused_with_a_reason(document: bytes, complaint: str) -> None:
    """Nothing is imported from a document that can not be trusted; the message says what is wrong with it."""
    with pytest.raises(ParseError) as caught:
        from_opml(document)

    assert complaint in str(caught.value)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    """Secrets live in the environment only, and an error message is stored and shown."""
    with pytest.raises(ParseError, match="user name in it") as caught:
        from_opml(opml('<outline xmlUrl="https://anna:s3cret@a.example/"/>'))

    assert "s3cret" not in str(caught.value)


@settings(max_examples=60)
@given(st.binary(max_size=200) | TEXT.map(lambda text: opml(text)))
def test_any_bytes_give_sources_or_a_refusal(data: bytes) -> None:
    """Whatever comes in, the answer is a tuple of sources or an error of ours, never another exception."""
    try:
        sources = from_opml(data)
    except BotError:
        return

    assert all(source.url.startswith("http") for source in sources)
