"""Pure. A list page without a feed to items, by the CSS selectors in its source's table.

Each match of `page.item` is an item; the other selectors look inside it. The order is the page's. What has no title
is no news and is left out. Identity, caps and dates are those of feeds (entries.py), so an item whose address stays
is not news again when the page is rebuilt. A page on which nothing is found is a failure, never an empty list: a
redesign must not look like a quiet week.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from bot.configured import PageSelectors, Source
from bot.errors import ParseError
from bot.ingest.charset import mend
from bot.ingest.dates import read_date
from bot.ingest.entries import Entry, absolute, items_from
from bot.ingest.markup import TangledError, check_ordinary, parse_html, read_text
from bot.model import Document, Item
from bot.selectors import selector
from bot.text import html_to_text

#: A list page shows some 20 to 100; more matches mean a selector that takes everything.
MAX_ITEMS = 500
#: Of one part's markup, before it becomes text.
_MAX_MARKUP = 100_000
_MAX_FIRST_LINE = 200


def parse_page(
    document: Document, source: Source, *, now: datetime, careful: bool = False
) -> tuple[Item, ...]:
    """The items that a page lists, in its order.

    Raises `ParseError` when the source has no selectors, when they find nothing, or when the page is built so that
    parsing it would cost too much; if `careful`, `DubiousError` for a page that may take long.
    """
    page = source.page
    if page is None:
        raise ParseError(source.id, "the source has no selectors")
    text = read_text(document.body, document.content_type)
    if careful:
        check_ordinary(text)
    try:
        tree = parse_html(text)
    except TangledError as error:
        raise ParseError(source.id, str(error)) from error
    nodes = tree.css(selector(page.item))[:MAX_ITEMS]
    if not nodes:
        raise ParseError(source.id, f'nothing on the page fits "{page.item}": was the site rebuilt?')
    named = tree.css_first("base[href]")
    base = absolute(named.attributes.get("href") or "", document.url) if named else ""
    entries = [_entry(node, page, base or document.url, now) for node in nodes]
    entries = [entry for entry in entries if entry.title]
    if not entries:
        raise ParseError(
            source.id, f"{len(nodes)} items on the page, none with a title: was the site rebuilt?"
        )
    return items_from(entries, source, now=now)


def _entry(node: LexborNode, page: PageSelectors, base: str, now: datetime) -> Entry:
    link = _found(node, page.link) if page.link else _first_link(node)
    summary = _text(_found(node, page.summary)) if page.summary else ""
    if page.title and page.title == page.summary:
        title = summary.partition("\n")[0][:_MAX_FIRST_LINE]
    else:
        title = _text(_found(node, page.title) if page.title else link).replace("\n", " ")
    return Entry(
        guid="",
        link=absolute((link.attributes.get("href") or "") if link else "", base),
        title=title,
        summary=summary,
        content=summary,
        published_at=_date(_found(node, page.date), page, now) if page.date else None,
    )


def _found(node: LexborNode, css: str) -> LexborNode | None:
    return node.css_first(selector(css))


def _first_link(node: LexborNode) -> LexborNode | None:
    return node if node.tag == "a" else node.css_first("a[href]")


def _text(node: LexborNode | None) -> str:
    if node is None:
        return ""
    # In a page a line end is a space; only elements make lines.
    return html_to_text(mend(" ".join((node.html or "")[:_MAX_MARKUP].split())))


def _date(node: LexborNode | None, page: PageSelectors, now: datetime) -> datetime | None:
    if node is None:
        return None
    # <time datetime="..."> is made for machines, so it counts before the words.
    exact = node.attributes.get(page.date_attribute or "datetime") or ""
    zone = ZoneInfo(page.timezone)
    for text in (exact, _text(node)):
        if text and (at := read_date(text, zone=zone, now=now, month_first=page.month_first)):
            return at
    return None
