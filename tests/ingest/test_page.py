"""List pages: selectors to items, dates, encodings, and pages made to hurt."""

import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import load_sources
from bot.configured import PageSelectors, Source
from bot.errors import ParseError
from bot.ingest.entries import MAX_TITLE
from bot.ingest.page import MAX_ITEMS, parse_page
from bot.model import Document, Item

ROOT = Path(__file__).parents[2]
PAGES = Path(__file__).parent / "pages"
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SHIPPED = {source.id: source for source in load_sources(ROOT / "config" / "sources.toml")}
LIST = Source(
    id="list",
    url="https://a.example/news/",
    kind="page",
    page=PageSelectors(item="li", date=".date", summary="p", timezone="Europe/Moscow"),
)


def document(source: Source, body: bytes | str, content_type: str = "text/html") -> Document:
    """What the source served."""
    raw = body.encode() if isinstance(body, str) else body
    return Document(source_id=source.id, url=source.url, body=raw, content_type=content_type, fetched_at=NOW)


def read(source: Source, body: bytes | str, content_type: str = "text/html") -> tuple[Item, ...]:
    """The items of a page at NOW."""
    return parse_page(document(source, body, content_type), source, now=NOW)


def recorded(name: str, encoding: str = "utf-8") -> bytes:
    """A page from pages/ as it would come over the wire."""
    return (PAGES / name).read_text(encoding="utf-8").encode(encoding)


def at(*parts: int) -> datetime:
    """A moment in UTC."""
    return datetime(*parts, tzinfo=UTC)  # type: ignore[arg-type, misc]  # year, month, day and so on


def test_the_shipped_ofac_selectors_read_a_page_of_its_shape() -> None:
    """Titles, addresses and days of the three actions, in New York's time; menu and pager bring nothing."""
    items = read(SHIPPED["ofac-recent-actions"], recorded("ofac.html"))

    assert [(item.title, item.url, item.published_at) for item in items] == [
        (
            "Russia-related Designations; Issuance of a Russia-related General License & Frequently Asked Questions",
            "https://ofac.treasury.gov/recent-actions/20261123",
            at(2026, 11, 23, 5),
        ),
        (
            "Counter Narcotics Designation Removal",
            "https://ofac.treasury.gov/recent-actions/20261119_33",
            at(2026, 11, 19, 5),
        ),
        (
            "Settlement Agreement with a Maker of Magnet Alloys",
            "https://ofac.treasury.gov/recent-actions/20261102",
            at(2026, 11, 2, 5),
        ),
    ]
    assert {item.language for item in items} == {"en"}


def test_the_shipped_telegram_selectors_read_a_preview() -> None:
    """A post's title is its first line, its text stays whole, its moment is the machine's; a bare picture is no item."""
    first, second = read(SHIPPED["telegram-minpromtorg"], recorded("telegram.html"))

    assert first.title == "Запущена линия разделения редкоземельных металлов"
    assert "оксида неодима чистотой 99,9%" in first.summary
    assert (first.url, first.published_at) == ("https://t.me/primery/41", at(2026, 11, 23, 6, 15))
    assert second.title == "Совещание о субсидиях перенесено на четверг."
    assert second.published_at == at(2026, 11, 24, 8)


def test_the_shipped_ministry_selectors_read_a_chinese_list() -> None:
    """GBK that only the meta tag declares, relative addresses, and days in Beijing's time."""
    items = read(SHIPPED["mofcom-announcements"], recorded("ministry-zh.html", "gbk"))

    assert items[0].title == "公告2026年第58号 公布对部分中重稀土相关物项实施出口管制的决定"
    assert items[0].url == "https://www.mofcom.gov.cn/zwgk/zcfb/art/2026/art_0c1.html"
    assert [item.published_at for item in items] == [
        at(2026, 11, 24, 0, 58),
        at(2026, 11, 22, 16),
        at(2026, 11, 19, 16),
    ]
    assert {item.language for item in items} == {"zh"}


@pytest.mark.parametrize("content_type", ["text/html", "text/html; charset=windows-1251"])
def test_an_old_russian_page_is_read_in_its_own_encoding(content_type: str) -> None:
    """windows-1251 by header or meta tag, unclosed items, a base address, dates in words; a script is no address."""
    source = replace(
        LIST,
        page=PageSelectors(item="ul.news > li", date="em.date", summary="p.lead", timezone="Europe/Moscow"),
    )

    items = read(source, recorded("ministry-ru.html", "cp1251"), content_type)

    assert [item.title for item in items] == [
        "Утверждена программа развития Томторского месторождения",
        "Экспорт скандия потребует разрешения",
        "Опубликован проект приказа",
        "Фотоотчёт о совещании",
    ]
    assert [item.url for item in items] == [
        "https://ministry.example/press/news/1201.html",
        "https://ministry.example/press/news/1200.html",
        "https://ministry.example/docs/77",
        "",
    ]
    assert [item.published_at for item in items] == [
        at(2026, 11, 24, 11, 30),
        at(2026, 11, 23, 15, 5),
        at(2026, 11, 24, 9),
        None,
    ]
    assert items[0].summary == "Ведомство назвало сроки работ и объём поддержки."


def test_a_header_beats_the_meta_tag() -> None:
    """Where header and page disagree the header is right, as the HTML standard has it."""
    body = '<meta charset="gbk"><li><a href=/1>Редкоземельные металлы и магниты</a>'.encode("cp1251")

    (item,) = read(LIST, body, "text/html; charset=windows-1251")

    assert item.title == "Редкоземельные металлы и магниты"


def test_keys_are_those_of_feeds_and_survive_a_redesign() -> None:
    """An item is the same one at the next poll if its address is, wherever it stands and whatever is around it."""
    (before,) = read(LIST, '<li><a href="/2026/tomtor-starts.html?utm_source=list">Tomtor starts</a>')
    other = replace(LIST, page=PageSelectors(item="article", title="h2"))
    after = read(other, '<article><h2>New</h2><a href="/n/9"></a></article>'
                        '<article><h2>Tomtor starts work</h2><a href="/2026/tomtor-starts.html"></a></article>')  # fmt: skip

    assert after[1].key == before.key
    assert after[0].key != before.key


def test_an_item_that_is_a_link_is_its_own_link() -> None:
    """Where the item selector matches the links themselves, each gives title and address."""
    source = replace(LIST, page=PageSelectors(item="a.news"))

    (item,) = read(source, '<a class=news href="/1">One</a><a href="/2">Two</a>')

    assert (item.title, item.url) == ("One", "https://a.example/1")


def test_a_date_may_stand_in_an_attribute_of_its_own() -> None:
    """`date_attribute` names it; words that are no date do not matter then."""
    source = replace(LIST, page=PageSelectors(item="li", date="i", date_attribute="data-day"))

    (item,) = read(source, '<li><a href=/1>One</a><i data-day="2026-11-20T10:00:00Z">Friday</i>')

    assert item.published_at == at(2026, 11, 20, 10)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("<p>Все новости теперь в приложении", 'nothing on the page fits "li"'),
        ("<ul><li></li><li><img src=x></li></ul>", "2 items on the page, none with a title"),
        ("", 'nothing on the page fits "li"'),
        ("<b" + " a=1" * 6_000 + "><li>", "more than 5,000 attributes"),
        ("<li>" * 20_001, "more than 20,000 tags"),
    ],
)
def test_a_page_without_items_is_a_failure_with_its_reason(body: str, reason: str) -> None:
    """A redesign, an empty answer and a page that is too much must not look like a quiet week."""
    with pytest.raises(ParseError, match=reason):
        read(LIST, body)


def test_a_source_without_selectors_is_refused() -> None:
    """What check would have said is said again rather than guessed around."""
    with pytest.raises(ParseError, match="no selectors"):
        read(replace(LIST, page=None), "<li>x")


HOSTILE = {
    "19,000 elements inside each other": "<div>" * 19_000 + "<li><a href=/1>deep</a>",
    "a million elements inside each other": "<div>" * 1_000_000 + "<li><a href=/1>deep</a>",
    "formatting left open": "<p>" + "".join(f"<b id={n}>" for n in range(900)) + "</p>" + "<p>x</p>" * 18_000 + "<li>x",
    "links inside links": "<li><a href=/1>x" * 9_900,
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(400_000)) + "><li>x",
    "attributes behind a value": '<div x=">" ' + " ".join(f"a{n}=1" for n in range(300_000)) + "><li>x",
    "attributes behind a stray quote": '<div " x=">" ' + " ".join(f"a{n}" for n in range(300_000)) + "><li>x",
    "attributes in no value": '<a ="<div ' + " ".join(f"a{n}" for n in range(300_000)) + '" ><li>x',
    "attributes in a row": ("<div " + " ".join(f"a{n}" for n in range(4_900)) + ">") * 90 + "<li>x",
    "values without end": '<a ="' * 19_000,
    "signs": "<" * 3_000_000,
    "a long word": "<li>" + "x" * 4_000_000,
    "comments": "<!--" * 700_000,
    "entities": "<li>" + "&amp;" * 800_000,
    "nested items": "<ul><li>" * 9_000 + "x",
    "a table": "<table><tr><td>" * 6_000 + "<li>x",
}  # fmt: skip


def test_long_values_are_no_attributes() -> None:
    """A page may carry a picture or its whole data in one attribute."""
    body = (
        '<img src="data:x,' + "A B/" * 20_000 + '"><div data-all=\'{"a": "' + "b c " * 9_000 + "\"}'></div>"
    )

    assert len(read(LIST, body + "<li><a href=/1>One</a>")) == 1


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_soon(name: str) -> None:
    """Pages made to exhaust a parser end in items or a `ParseError` within seconds; unguarded, most take minutes."""
    began = time.process_time()

    try:
        items = read(LIST, HOSTILE[name])
    except ParseError:
        items = ()

    assert time.process_time() - began < 10
    assert len(items) <= MAX_ITEMS
    assert all(len(item.title) <= MAX_TITLE for item in items)


PIECES = st.sampled_from(
    ["<li>", "</li>", "<a href='/1'>", '<a href="javascript:x()">', "<a href=data:x>", "</a>", "<em class=date>", "</em>",
     "2026-11-20", "вчера", "<p>", "<table>", "<!--", "-->", "<script>", "</script>", "<base href=//b.example/>", "&#0;",
     "\x00", "\ud800", "редкие", "稀土", "<svg>", "<title>", "<select>", "<template>", "'", '"', "<li", "=", ">"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES | st.text(max_size=8), max_size=40).map("".join))
def test_any_page_gives_items_or_a_parse_error(markup: str) -> None:
    """Whatever the markup: clean text, web addresses only, dates not ahead of the clock, and no other exception."""
    try:
        items = read(LIST, markup.encode("utf-8", "surrogatepass"))
    except ParseError:
        return

    for item in items:
        assert item.title == " ".join(item.title.split())
        assert "\x00" not in item.title + item.summary
        assert item.url == "" or item.url.startswith(("http://", "https://"))
        assert item.published_at is None or item.published_at <= NOW
