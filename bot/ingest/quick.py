"""Pure. The entries of a well-formed, usual feed, exactly as feedparser gives them, in a seventh of its time.

One pass of the XML parser that feedparser itself uses. It goes on only while every element, attribute and namespace
is one whose effect in feedparser is known (vocabulary.py); at the first that is not it raises `UnusualError`, and the
document goes to feedparser. So this module never judges what a feed means: feedparser does, and
`tests/ingest/test_quick.py` holds the two against each other.

Some of feedparser's ways that look odd here, and are kept: the first title that is not empty wins; a second summary
counts as content; the last date of a kind wins; a GUID is the link unless it says otherwise or a link came before it;
text that is UTF-8 read as Latin-1 is read again, and controls become the characters of windows-1252.
"""

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from urllib.parse import urljoin
from xml.parsers.expat import ExpatError, ParserCreate

from bot.ingest.entries import Entry, is_web, moment
from bot.ingest.feeddates import as_feedparser
from bot.ingest.vocabulary import ATOM, INSIDE, NAMESPACES, PARTS, PREFIXES, RSS_1, UNUSUAL, UNUSUAL_ENDS
from bot.ingest.zones import published

#: Attributes of one tag, or namespaces.
MANY = 100
_BUFFER = 65_536

_DATES = ("published", "updated", "created")
_TEXTS = frozenset(("title", "media-title", "description", "summary", "content"))
_TEXT_TYPES = frozenset(("text", "plain", "text/plain", "html", "text/html"))
_PAGE_TYPES = frozenset(("html", "text/html", "xhtml", "application/xhtml+xml"))
#: What these attributes say is minded by feedparser wherever they stand, or whatever their namespace is.
_TELLING = frozenset(
    ["about", "base", "href", "ispermalink", "lastmod", "mode", "rel", "src", "type", "uri", "url", "version"]
)
_NOTHING: dict[str, str] = {}

_FIRST_TAG = re.compile(rb"<\w")
_DECLARATION = re.compile(rb"<!(?:doctype|entity)", re.IGNORECASE)
_CONTROL = re.compile("[\x80-\x9f]")
_CONTROLS = {
    code: letter for code in range(0x80, 0xA0) if (letter := bytes([code]).decode("cp1252", "ignore"))
}
_REFERENCE = re.compile(r"&([A-Za-z0-9_]+);")


class UnusualError(Exception):
    """The document holds something that only feedparser knows how to take."""


class NotOrdinaryError(Exception):
    """It is no well-formed XML, or has hundreds of attributes on one tag or hundreds of namespaces."""


def is_ordinary(body: bytes) -> bool:
    """Whether this is XML that feedparser reads in a time that grows with its size alone.

    That is well-formed XML, by the parser that feedparser uses for such, without hundreds of attributes on one tag or
    hundreds of namespaces: 40,000 attributes take 23 s (measured).
    """
    namespaces: set[str] = set()

    def element(name: str, attributes: list[str]) -> None:
        if len(attributes) > 2 * MANY:
            raise NotOrdinaryError

    def namespace(prefix: str | None, uri: str | None) -> None:
        namespaces.add(f"{prefix} {uri}")
        if len(namespaces) > MANY:
            raise NotOrdinaryError

    parser = ParserCreate("utf-8", " ")
    parser.ordered_attributes = True
    parser.StartElementHandler = element
    parser.StartNamespaceDeclHandler = namespace
    try:
        parser.Parse(body, True)
    except (ExpatError, NotOrdinaryError):
        return False
    return True


def quick_entries(body: bytes, language: str, *, base: str = "", now: datetime) -> list[Entry]:
    """The entries of a feed in UTF-8 without an XML declaration: markup as it stands, links as they stand.

    `language` is the source's, for dates without a zone; `now` is when the document was fetched. Where there is a `base`
    address links are made absolute, by it and by the document's own "xml:base". Raises `UnusualError`
    for what must be left to feedparser and `NotOrdinaryError` for what even feedparser should not get unguarded.
    """
    first = _FIRST_TAG.search(body)
    if first is None or (b"<!" in body[: first.start()] and _DECLARATION.search(body, 0, first.start())):
        raise UnusualError
    # feedparser takes what begins like an XML declaration for one, up to the first ">".
    if body.startswith(b"<?xml") and not body.partition(b">")[0].endswith(b"?"):
        raise UnusualError
    scan = _Scan(language, base, now)
    parser = ParserCreate("utf-8", " ")
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.buffer_size = _BUFFER
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.StartNamespaceDeclHandler = scan.namespace
    parser.StartDoctypeDeclHandler = scan.doctype
    parser.CharacterDataHandler = scan.pieces.append
    try:
        parser.Parse(body, True)
    except ExpatError as error:
        raise NotOrdinaryError from error
    return scan.entries


class _Scan:
    """What is known so far of a document, and of the entry that is being read."""

    def __init__(self, language: str, base: str, now: datetime) -> None:
        self.language = language
        #: The base address at each element that is open; an empty string where there is none.
        self.bases = [base]
        self.now = now
        self.entries: list[Entry] = []
        #: Text since the last tag that opened.
        self.pieces: list[str] = []
        #: The parts of the elements that are open.
        self.open = [""]
        #: Prefix -> namespace, and the other way round in small letters; the same all over the document.
        self.bound: dict[str | None, str] = {}
        #: The parser's name of an element or attribute -> part, or name as feedparser has it.
        self.parts: dict[str, str] = {}
        self.names: dict[str, str] = {}
        self.begin: dict[str, Callable[[dict[str, str]], None]] = {
            "entry": self.begin_entry,
            "link": self.begin_link,
            "id": self.begin_id,
            "origlink": self.begin_origlink,
            "enclosure": self.begin_enclosure,
            "source": self.begin_source,
            **dict.fromkeys(_TEXTS, self.begin_text),
        }
        #: Of the entry: its values as feedparser would have them, and how deep those stood that it minds the depth of.
        self.values: dict[str, str] | None = None
        self.depths: dict[str, int] = {}
        self.contents: list[str] = []
        self.has_links = self.has_content = self.has_title = False
        #: Of the element: whether its text is a link, whether its GUID is one, whether a summary counts as content.
        self.reads_link = self.guid_is_link = self.is_content = False

    # --- what the XML parser calls ---

    def doctype(self, *_: object) -> None:
        raise UnusualError

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        known = self.bound.get(prefix)
        if known is None and uri:
            self.bind(prefix, uri)
        elif known != uri:
            raise UnusualError

    def start(self, name: str, attributes: list[str]) -> None:
        part = self.parts.get(name) or self.part(name)
        if part not in INSIDE.get(self.open[-1], _NOTHING):
            raise UnusualError
        self.open.append(part)
        self.pieces.clear()
        given = self.given(attributes) if attributes else _NOTHING
        if self.bases[0]:
            self.bases.append(self.base(given))
        if (begin := self.begin.get(part)) and (part == "entry" or self.values is not None):
            begin(given)

    def end(self, name: str) -> None:
        part = self.open.pop()
        values = self.values
        if values is None:
            pass
        elif part in _TEXTS:
            self.end_text(part, values)
        elif part in _DATES:
            values[part] = self.text()
        elif part == "link":
            if self.reads_link:
                values["link"] = _REFERENCE.sub(r"&\1", self.address().replace("&amp;", "&"))
        elif part == "id":
            self.store("id", self.address() if self.guid_is_link else self.text(), len(self.open))
            if self.guid_is_link:
                values.setdefault("link", values["id"])
        elif part == "origlink":
            values["origlink"] = self.text()
        elif part == "entry":
            self.entries.append(self.entry(values))
            self.values = None
        if self.bases[0]:
            self.bases.pop()

    # --- names ---

    def bind(self, prefix: str | None, uri: str) -> None:
        """Take note of a namespace, if what feedparser makes of it is beyond doubt."""
        lower = uri.lower()
        canonical = NAMESPACES.get(lower)
        small = (prefix or "").lower()
        if (
            uri.split() != [uri]
            or canonical == "xlink"  # its declarations become attributes
            or (canonical == "" and uri not in (ATOM, RSS_1))
            or (canonical is None and ("backend.userland.com/rss" in lower or uri in self.bound.values()))
            # feedparser goes by its own prefixes: another namespace must not bear one of them.
            or (small in PREFIXES and small != canonical)
            or any((other or "").lower() == small for other in self.bound)
        ):
            raise UnusualError
        self.bound[prefix] = uri
        if len(self.bound) > MANY:
            raise NotOrdinaryError

    def part(self, name: str) -> str:
        """The part that an element plays."""
        uri, _, local = name.rpartition(" ")
        # An unknown namespace without a prefix is none to feedparser.
        canonical = NAMESPACES.get(uri.lower(), "" if uri == self.bound.get(None) else "?") if uri else ""
        local = local.lower()
        full = f"{canonical}:{local}" if canonical else local
        part = PARTS.get(full, "ignored")
        if full in UNUSUAL or local in UNUSUAL_ENDS or (not canonical and "_" in local):
            raise UnusualError
        if (part == "feed" and uri != ATOM) or (part == "rdf" and self.bound.get(None) != RSS_1):
            raise UnusualError
        self.parts[name] = part
        return part

    def given(self, attributes: list[str]) -> dict[str, str]:
        """An element's attributes under the names that feedparser has for them."""
        if len(attributes) > 2 * MANY:
            raise NotOrdinaryError
        pairs = iter(attributes)
        return {
            self.names.get(name) or self.attribute(name): value
            for name, value in zip(pairs, pairs, strict=True)
        }

    def attribute(self, name: str) -> str:
        uri, _, local = name.rpartition(" ")
        short = local.lower()
        canonical = NAMESPACES.get(uri.lower()) if uri else None
        if (short == "base" and not self.bases[0]) or (uri and not canonical and short in _TELLING):
            raise UnusualError
        if canonical:
            short = f"{canonical}:{short}"
        self.names[name] = short
        return short

    # --- the elements of an entry ---

    def begin_entry(self, given: dict[str, str]) -> None:
        if "href" in given or "lastmod" in given:
            raise UnusualError
        about = given.get("rdf:about")
        self.values = {"id": about} if about else {}
        self.depths = {}
        self.contents = []
        self.has_links = self.has_content = self.has_title = False

    def begin_link(self, given: dict[str, str]) -> None:
        if "url" in given or "uri" in given or self.values is None:
            raise UnusualError
        self.has_links = True
        href = given.get("href")
        self.reads_link = href is None
        rel, kind = given.get("rel", "alternate").lower(), given.get("type", "html").lower()
        if href is not None and rel == "alternate" and kind in _PAGE_TYPES:
            self.values["link"] = self.resolve(href)

    def begin_id(self, given: dict[str, str]) -> None:
        self.guid_is_link = given.get("ispermalink", "true") == "true"

    def begin_origlink(self, given: dict[str, str]) -> None:
        if given:
            raise UnusualError

    def begin_enclosure(self, given: dict[str, str]) -> None:
        self.has_links = True

    def begin_source(self, given: dict[str, str]) -> None:
        self.has_title = False

    def begin_text(self, given: dict[str, str]) -> None:
        if given and (given.get("type", "text").lower() not in _TEXT_TYPES or "mode" in given):
            raise UnusualError
        part = self.open[-1]
        assert self.values is not None  # noqa: S101  `start` sees to it
        again = part in ("description", "summary") and "summary" in self.values and not self.has_content
        self.is_content = again or part == "content"
        if self.is_content:
            self.has_content = True

    def end_text(self, part: str, values: dict[str, str]) -> None:
        text = self.text()
        if self.is_content:
            self.contents.append(text)
            values.setdefault("summary", text)
        elif part in ("description", "summary"):
            self.store("summary", text, len(self.open))
        elif not self.has_title:
            self.store("title", text, len(self.open))
            self.has_title = bool(text) and part == "title"

    def store(self, name: str, value: str, depth: int) -> None:
        """Keep a value, unless one was found less deep."""
        assert self.values is not None  # noqa: S101
        if depth <= self.depths.get(name, depth):
            self.depths[name] = depth
            self.values[name] = value

    def text(self) -> str:
        """The element's text, with feedparser's repairs."""
        return self.repaired("".join(self.pieces).strip())

    def repaired(self, text: str) -> str:
        if text.isascii():
            return text
        with suppress(UnicodeError):
            text = text.encode("latin-1").decode()
        return text.translate(_CONTROLS) if _CONTROL.search(text) else text

    def address(self) -> str:
        """The same of an element whose text is an address."""
        text = "".join(self.pieces).strip()
        return self.repaired(self.resolve(text)) if text else ""

    def resolve(self, address: str) -> str:
        """An address as feedparser makes it absolute."""
        if ":///" in address:
            raise UnusualError
        try:
            return urljoin(self.bases[-1], address)
        except ValueError:
            return ""

    def base(self, given: dict[str, str]) -> str:
        """The base address of an element with these attributes."""
        written = given.get("xml:base", given.get("base"))
        if not written and len(self.bases) > 1:
            return self.bases[-1]
        base = self.bases[-1]
        with suppress(ValueError):
            base = urljoin(base, written or base)
        if not base.startswith(("http://", "https://")) or ":///" in (written or ""):
            raise UnusualError
        return base

    def entry(self, values: dict[str, str]) -> Entry:
        guid = values.get("id", "")
        link = values.get("origlink") or values.get("link", "")
        dates = (
            published(written, as_feedparser(written) or moment(written), self.language, now=self.now)
            for name in _DATES
            if (written := values.get(name))
        )
        return Entry(
            guid=guid,
            # An RSS GUID counts as a link unless it says otherwise, even where it is a mere number.
            link=link if self.has_links or is_web(guid) else "",
            title=values.get("title", ""),
            summary=values.get("summary", ""),
            content=max(self.contents, key=len, default=""),
            published_at=next(filter(None, dates), None),
        )
