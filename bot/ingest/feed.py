"""Pure. Bytes of a feed to items: RSS 0.9x, 1.0 and 2.0, Atom, RDF by feedparser, JSON Feed 1.x by ourselves.

All text is plain, clean and capped. Order and number of entries are the document's, exact repeats (same GUID,
link and title) included. Entries that a broken-off document cut in two are left out.

What makes an entry the same one at the next poll: see entries.py.
"""

import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest.charset import decode, legal, mend
from bot.ingest.entries import MAX_GUID, Entry, absolute, is_empty, is_web, items_from, moment
from bot.ingest.feeddates import from_struct
from bot.ingest.markup import DubiousError
from bot.ingest.quick import NotOrdinaryError, UnusualError, is_ordinary, quick_entries
from bot.ingest.zones import published
from bot.model import Document, Item
from bot.text import clean, html_to_text

#: Markup is cut here before it is turned to text: far more than MAX_TEXT, far less than a whole body.
_MAX_MARKUP = 300_000
#: Of a document, in bytes: feedparser's time may grow with the square of the size where elements are nested.
_LARGE = 500_000

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r"))
_XML_HEAD = re.compile(r"\s{0,100}<\?xml[^>]{0,300}\?>")
_ENTITY = re.compile(rb"<!(?i:entity)")
_OWN_ENTITIES = re.compile(rb"<!DOCTYPE[^<>\[]{0,1000}\[", re.IGNORECASE)
# Possessive and atomic: a document of nothing but comments must not be tried in every way.
_HTML_HEAD = re.compile(
    r"(?:<\?xml[^>]*+>|<!--(?>.*?-->)|\s)*+<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)
_HTML_TITLE = re.compile(r"<title[^<>]{0,200}>([^<]{1,200})", re.IGNORECASE)
_ROOT_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """What was found in a document."""

    #: Plain text, links absolute; None stands for an entry that says nothing.
    entries: tuple[Entry | None, ...]
    #: It is well-formed XML.
    sound: bool


def parse(document: Document, source: Source, *, now: datetime, careful: bool = False) -> tuple[Item, ...]:
    """The items of a document in its order; none for a feed without entries.

    Raises `ParseError`, which says what the document looks like instead of a feed; if `careful`, `DubiousError`.
    """
    contents = contents_of(text_of(document, source), document, source, careful=careful)
    return items_from([entry for entry in contents.entries if entry], source, now=now)


def text_of(document: Document, source: Source) -> str:
    """A document's text without what may stand before its first character. Raises `ParseError` if it is empty."""
    text = decode(document.body, document.content_type).lstrip("\ufeff \t\r\n\x00")
    if not text:
        raise ParseError(source.id, "an empty answer")
    return text


def contents_of(text: str, document: Document, source: Source, *, careful: bool = False) -> Contents:
    """The entries in the text of a document, or of a part of one that is a document by itself.

    Raises `ParseError`; if `careful`, `DubiousError` before anything that may take long.
    """
    if text.startswith("{"):
        entries, sound = _json_entries(text, document, source), False
    else:
        entries, sound = _xml_entries(text, document, source, careful=careful)
    plain = (_mended(entry, document.url) for entry in entries)
    return Contents(entries=tuple(None if is_empty(entry) else entry for entry in plain), sound=sound)


def declares_entities(body: bytes) -> bool:
    """Whether a document may define entities of its own: 92 kB of them become a gigabyte, in 5 s (measured).

    All of it is searched, as a comment of any length may stand before the declaration; and as the parser gets it, as
    a character that XML forbids may stand within the word.
    """
    return bool(_ENTITY.search(body) or (b"[" in body and _OWN_ENTITIES.search(body)))


def xml_bytes(text: str) -> bytes:
    """The text of an XML document as UTF-8, without its own claim to an encoding and what XML forbids."""
    text = legal(_XML_HEAD.sub("", text, count=1))
    with suppress(UnicodeEncodeError):
        body = text.encode()
        # Most documents hold nothing of the kind; to see that one by one is far quicker.
        if len(body.translate(None, _CONTROLS)) == len(body) and not any(
            odd in text for odd in "\ufffe\uffff"
        ):
            return body
    return _NOT_XML.sub("", text).encode()


# --- the two syntaxes -------------------------------------------------------------------------------


def _xml_entries(
    text: str, document: Document, source: Source, *, careful: bool
) -> tuple[Iterator[Entry], bool]:
    if _HTML_HEAD.match(text):
        found = _HTML_TITLE.search(text)
        title = html_to_text(found[1]).replace("\n", " ")[:60] if found else ""
        raise ParseError(source.id, f'an HTML page titled "{title}"' if title else "an HTML page")
    if not text.startswith("<"):
        raise ParseError(source.id, "neither XML nor JSON")
    # We know the encoding better than the document does, so its own claim goes.
    body = xml_bytes(text)
    if declares_entities(body):
        raise ParseError(source.id, "XML that declares entities of its own, which is refused")
    if careful and len(body) > _LARGE:
        raise DubiousError
    # Without it we make links absolute ourselves, which is cheaper.
    base = document.url if "xml:base" in text else ""
    try:
        return iter(quick_entries(body, source.language, base=base, now=document.fetched_at)), True
    except (UnusualError, NotOrdinaryError):
        if careful and not is_ordinary(body):
            raise DubiousError from None
    return by_feedparser(body, base, document, source)


def by_feedparser(body: bytes, base: str, document: Document, source: Source) -> tuple[Iterator[Entry], bool]:
    """The entries of XML in UTF-8 as feedparser has them, and whether the document is sound. Raises `ParseError`.

    Links are made absolute where there is a `base` that elements may change.
    """
    import feedparser  # 15 ms, and most programs never meet a feed that needs it

    headers = {"content-type": "application/xml; charset=utf-8"} | (
        {"content-location": base} if base else {}
    )
    try:
        # A stream, never a string, which might be taken for an address. All becomes plain text: no sanitiser.
        feed = feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except MemoryError:
        raise  # worker.py has words for it
    except Exception as error:  # feedparser fails in many ways on damage, none of them documented
        raise ParseError(source.id, f"damaged XML ({type(error).__name__})") from error
    entries = feed.entries
    if not feed.get("version") and not entries:
        raise ParseError(source.id, "XML, but no feed")
    if (
        feed.get("bozo")
        and not _ROOT_END.search(body[-2_000:])
        and len(_ENTRY_END.findall(body)) < len(entries)
    ):
        entries = entries[:-1]
        if not entries:
            raise ParseError(source.id, "a feed that breaks off in its first entry")
    return (_from_feedparser(entry, document, source) for entry in entries), not feed.get("bozo")


def _from_feedparser(entry: Any, document: Document, source: Source) -> Entry:
    guid = _string(entry.get("id"))
    link = _string(entry.get("feedburner_origlink") or entry.get("link"))
    # An RSS GUID counts as a link unless it says otherwise, even where it is a mere number.
    if not entry.get("links") and not is_web(guid):
        link = ""
    prose = [
        _string(part.get("value"))
        for part in entry.get("content") or ()
        if "html" in _string(part.get("type")) or _string(part.get("type")).startswith("text/")
    ]
    dates = (
        # dict's own get: feedparser's answers one date for another, with a warning
        published(
            _string(dict.get(entry, name)),
            from_struct(dict.get(entry, f"{name}_parsed")) or moment(_string(dict.get(entry, name))),
            source.language,
            now=document.fetched_at,
        )
        for name in ("published", "updated", "created")
    )
    return Entry(
        guid=guid,
        link=link,
        title=_string(entry.get("title")),
        summary=_string(entry.get("summary")),
        content=max(prose, key=len, default=""),
        published_at=next(filter(None, dates), None),
    )


def _json_entries(text: str, document: Document, source: Source) -> Iterator[Entry]:
    try:
        feed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ParseError(source.id, "damaged JSON") from error
    entries = feed.get("items")
    if not isinstance(entries, list) or not (
        "jsonfeed.org" in _string(feed.get("version")) or "title" in feed
    ):
        raise ParseError(source.id, "JSON, but no feed")
    return (_from_json(entry, document, source) for entry in entries if isinstance(entry, dict))


def _from_json(entry: dict[str, Any], document: Document, source: Source) -> Entry:
    written = _string(entry.get("date_published")) or _string(entry.get("date_modified"))
    guid = entry.get("id")
    return Entry(
        guid=str(guid) if isinstance(guid, int | float) else _string(guid),
        link=_string(entry.get("url")) or _string(entry.get("external_url")),
        title=_escaped(entry.get("title")),
        summary=_escaped(entry.get("summary")) or _escaped(entry.get("content_text")),
        content=_string(entry.get("content_html")) or _escaped(entry.get("content_text")),
        published_at=published(written, moment(written), source.language, now=document.fetched_at),
    )


def _string(value: object) -> str:
    return value if isinstance(value, str) else ""


def _escaped(value: object) -> str:
    """JSON Feed says which fields are plain text: there a tag is just characters."""
    return _string(value).replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")


# --- markup to plain entries -------------------------------------------------------------------------


def _mended(entry: Entry, base: str) -> Entry:
    """The entry as plain text, its link absolute."""
    title = html_to_text(mend(entry.title[:_MAX_MARKUP])).replace("\n", " ")
    summary = html_to_text(mend(entry.summary[:_MAX_MARKUP]))
    content = summary
    if entry.content != entry.summary:
        content = html_to_text(mend(entry.content[:_MAX_MARKUP]))
    return Entry(
        guid=clean(entry.guid)[:MAX_GUID],
        link=absolute(entry.link, base),
        title=title,
        summary=summary,
        content=content,
        published_at=entry.published_at,
    )
