"""Pure. Sources to OPML and back.

Any OPML reader finds title, address, language and categories in what `to_opml` writes. The rest stands in
attributes of a namespace of our own, so export and import lose nothing. `from_opml` also takes what other
programs write: folders in folders, missing titles, one feed in several folders. It refuses entities, since
they can make a small file huge, and whatever is no list of feeds, with the line where it gave up.
"""

import dataclasses
import hashlib
import json
import math
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Literal
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from bot.configured import PageSelectors, Source
from bot.errors import ParseError

NAMESPACE = "urn:reebot:source"
MAX_BYTES = 5_000_000
MAX_DEPTH = 100
MAX_SOURCES = 2_000

#: expat joins namespace and name with this; a space can be in neither.
_JOIN = " "
_OURS = NAMESPACE + _JOIN
#: Before an id of ours where sources are told apart; no address starts so.
_OWN = "id "
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LONGEST_ID = 48
#: What XML 1.0 can not hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: To compare types with.
_SOME_PAGE = PageSelectors(item="*")
_LANGUAGES = ("en", "ru", "zh")


def to_opml(sources: Iterable[Source], *, title: str = "reebot sources") -> str:
    """All sources as one flat OPML 2.0 document, in their order.

    Characters that XML can not hold (control characters, halves of a pair) are left out.
    """
    body = "".join(_outline(source) for source in sources)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<opml version="2.0" xmlns:reebot="{NAMESPACE}">\n'
        f"  <head><title>{_escaped(title)[1:-1]}</title></head>\n"
        f"  <body>\n{body}  </body>\n"
        "</opml>\n"
    )


def from_opml(data: bytes, known_topics: Collection[str] = ()) -> tuple[Source, ...]:
    """The sources of an OPML document, each address once (or each id of ours), in order of first appearance.

    A folder or category named as a known topic gives that topic; other folders are kept in `note`. A source
    without an id of ours gets one made from host and title. Raises `ParseError` on anything that is not a
    list of feeds with web addresses, and on a document beyond the limits above.
    """
    if len(data) > MAX_BYTES:
        raise _refusal(f"is larger than {MAX_BYTES:,} bytes")
    reader = _Reader(frozenset(known_topics))
    reader.read(data)
    return reader.sources()


def free_id(wanted: str, taken: Collection[str]) -> str:
    """The id itself, or with the first number from 2 on that makes it free."""
    number, candidate = 1, wanted
    while candidate in taken:
        number += 1
        candidate = f"{wanted}-{number}"
    return candidate


def set_selectors(page: PageSelectors) -> dict[str, object]:
    """The selectors and settings of a page that differ from their defaults."""
    return {
        field.name: getattr(page, field.name)
        for field in dataclasses.fields(PageSelectors)
        if getattr(page, field.name) != field.default
    }


def _outline(source: Source) -> str:
    plain = {
        "type": "rss",
        "text": source.name or source.id,
        "xmlUrl": source.url,
        "language": source.language,
        "category": ",".join(f"/{topic}" for topic in source.topics),
    }
    lines = [f"{name}={_escaped(value)}" for name, value in plain.items() if value]
    for field in dataclasses.fields(Source):
        value = getattr(source, field.name)
        if field.name == "headers":
            value = dict(value)
        if isinstance(value, PageSelectors):
            value = set_selectors(value)
        is_default = value == field.default or (field.name == "headers" and not value)
        if not is_default and field.name != "url":
            written = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            lines.append(f"reebot:{field.name}={_escaped(written)}")
    return "    <outline " + " ".join(lines) + "/>\n"


def _escaped(value: str) -> str:
    return quoteattr(_NOT_XML.sub("", value))


class _Reader:
    """Walks one document and collects; expat calls the methods that start with `_on`."""

    def __init__(self, known_topics: frozenset[str]) -> None:
        self._known_topics = known_topics
        self._found: dict[str, Source] = {}
        self._named: set[str] = set()
        #: Title of each open outline; the outermost elements have none.
        self._open: list[str] = []
        self._has_body = False
        self._parser = expat.ParserCreate(namespace_separator=_JOIN)
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.EntityDeclHandler = self._on_entity

    def read(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError as error:
            reason = f"is not well-formed XML: {expat.ErrorString(error.code)}"
            raise _refusal(reason, error.lineno) from error
        except (ValueError, LookupError) as error:  # an encoding that expat can not read, or does not know
            raise _refusal("has an encoding that is not supported; save it as UTF-8") from error
        if not self._has_body:
            raise _refusal("has no <body>: not an OPML document")

    def sources(self) -> tuple[Source, ...]:
        """What was found; ids that we made up give way to ids that came with the document."""
        taken = set(self._named)
        finished: list[Source] = []
        for sameness, source in self._found.items():
            if sameness.startswith(_OWN):
                finished.append(source)
                continue
            fresh = free_id(source.id, taken)
            taken.add(fresh)
            finished.append(dataclasses.replace(source, id=fresh))
        return tuple(finished)

    def _on_entity(self, name: str, *_rest: object) -> None:
        raise self._refused(f'declares the entity "{name[:40]}"; entities are not accepted')

    def _on_start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag.lower() != "opml":
            raise self._refused(f"starts with <{tag[:40]}>, expected <opml>")
        if len(self._open) >= MAX_DEPTH:
            raise self._refused(f"is nested more than {MAX_DEPTH} levels deep")
        self._has_body |= tag == "body"
        title = ""
        if tag == "outline":
            title = _title(attributes)
            address = next((value for name, value in attributes.items() if name.lower() == "xmlurl"), "")
            if address.strip():
                self._add(address, title, attributes)
        self._open.append(title)

    def _on_end(self, _tag: str) -> None:
        self._open.pop()

    def _add(self, address: str, title: str, attributes: Mapping[str, str]) -> None:
        url = self._web_address(address)
        ours = {
            name.removeprefix(_OURS): value for name, value in attributes.items() if name.startswith(_OURS)
        }
        folders = [folder for folder in self._open if folder]
        categories = [part.strip() for part in re.split(r"[,/]", attributes.get("category", ""))]
        topics = tuple(
            dict.fromkeys(
                topic
                for topic in (_slug(name) for name in (*categories, *folders))
                if topic in self._known_topics
            )
        )
        others = [folder for folder in folders if _slug(folder) not in self._known_topics]
        # what came from our own export keeps its id, even where two share an address
        sameness = _OWN + ours["id"] if "id" in ours else _sameness(url)
        known = self._found.get(sameness)
        if known is not None and "id" in ours:
            raise self._refused(f'uses the id "{known.id}" twice')
        if known is not None:
            merged = tuple(dict.fromkeys((*known.topics, *topics)))
            self._found[sameness] = dataclasses.replace(known, topics=merged)
            return
        if len(self._found) >= MAX_SOURCES:
            raise self._refused(f"lists more than {MAX_SOURCES:,} feeds")
        language = attributes.get("language", "").strip().lower()[:2]
        source = Source(
            id=_made_id(url, title),
            url=url,
            name=title,
            language=language if language in _LANGUAGES else "en",
            topics=topics,
            note=f"From folder {' / '.join(others)}."[:500] if others and not ours else "",
        )
        if ours:
            source = self._with_own(source, ours)
        self._found[sameness] = source

    def _with_own(self, source: Source, ours: Mapping[str, str]) -> Source:
        """The same source with what our own attributes say, defaults where they are silent."""
        name = ours.get("id", source.id)
        if not _ID.fullmatch(name):
            raise self._refused(f"has the id {name[:40]!r}; expected small letters, digits and dashes")
        if "id" in ours:
            self._named.add(name)
        return dataclasses.replace(
            source,
            id=name,
            kind=self._kind(ours.get("kind", "feed")),
            language=ours.get("language", "en"),
            name=ours.get("name", ""),
            weight=self._weight(ours.get("weight", "1.0")),
            topics=self._topics(ours["topics"]) if "topics" in ours else (),
            user_agent=ours.get("user_agent"),
            fallback_url=self._web_address(ours["fallback_url"]) if "fallback_url" in ours else None,
            enabled=self._json(ours.get("enabled", "true")) is not False,
            note=ours.get("note", ""),
            headers=self._headers(ours.get("headers", "{}")),
            page=self._page(ours["page"]) if "page" in ours else None,
            article=self._json(ours.get("article", "false")) is True,
        )

    def _kind(self, value: str) -> Literal["feed", "page"]:
        match value:
            case "feed" | "page":
                return value
            case _:
                raise self._refused(f'has the kind {value[:40]!r}; expected "feed" or "page"')

    def _weight(self, value: str) -> float:
        try:
            weight = float(value)
        except ValueError:
            weight = math.nan
        if not 0 < weight < math.inf:
            raise self._refused(f"has the weight {value[:40]!r}; expected a number above 0")
        return weight

    def _topics(self, value: str) -> tuple[str, ...]:
        topics = self._json(value)
        if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
            raise self._refused("has topics that are not a list of names")
        return tuple(topics)

    def _headers(self, value: str) -> dict[str, str]:
        headers = self._json(value)
        if not isinstance(headers, dict) or not all(isinstance(name, str) for name in headers.values()):
            raise self._refused("has headers that are not a table of names")
        return headers

    def _page(self, value: str) -> PageSelectors:
        given = self._json(value)
        if isinstance(given, dict) and all(
            type(given[name]) is type(getattr(_SOME_PAGE, name, None)) for name in given
        ):
            try:
                return PageSelectors(**given)
            except TypeError:  # no item
                pass
        raise self._refused("has a page that is not a table of selectors")

    def _json(self, value: str) -> object:
        try:
            parsed: object = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise self._refused(f"has {value[:40]!r} where JSON was expected") from error
        return parsed

    def _web_address(self, value: str) -> str:
        address = value.strip()
        # the way that browsers once handed feeds to programs: feed://host/path and feed:https://host/path
        address = re.sub(r"^feed://(?!https?:)", "https://", address, flags=re.IGNORECASE)
        address = re.sub(r"^feed:(?://)?(?=https?:)", "", address, flags=re.IGNORECASE)
        try:
            parts = urlsplit(address)
            usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
            has_secret = parts.username is not None
        except ValueError:
            usable, has_secret = False, False
        if not usable or re.search(r"[\s\x00-\x20\x7f]", address):
            raise self._refused(f"has the address {address[:80]!r}; expected http or https")
        if has_secret:
            # not shown: it holds a password
            raise self._refused("has an address with a user name in it; use headers from the environment")
        return address

    def _refused(self, reason: str) -> ParseError:
        return _refusal(reason, self._parser.CurrentLineNumber)


def _title(attributes: Mapping[str, str]) -> str:
    title = attributes.get("title", "").strip() or attributes.get("text", "").strip()
    return " ".join(title.split())[:200]


def _sameness(url: str) -> str:
    """Two addresses with this in common are one feed."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower()}{parts.path or '/'}?{parts.query}"


def _made_id(url: str, title: str) -> str:
    host = _slug((urlsplit(url).hostname or "").removeprefix("www."))
    words = _slug(title)
    # a title in Cyrillic or Han letters leaves nothing, and one that repeats the host adds nothing
    made = host if not words or words in host or host in words else f"{host}-{words}"
    return made[:_LONGEST_ID].strip("-") or "source-" + hashlib.sha256(url.encode()).hexdigest()[:8]


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _refusal(reason: str, line: int | None = None) -> ParseError:
    return ParseError("OPML", reason if line is None else f"line {line} {reason}")
