"""Pure. A document to items by way of what is remembered of the one before: only what is new is parsed.

Order:
1. everything from the first entry on is the same: nothing is parsed (`is_same`);
2. the slices that were seen are taken out of the document, and the parser reads what is left;
3. the whole document is parsed: where there is no memory of it, where it is damaged, where the slices do not add
   up, and where an entry that was seen would get another key now, as its address or GUID became ambiguous.
Keys, titles and links are those of a whole parse in each case: identity is worked out over all entries, of those
seen before by what is remembered of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest.entries import Entry, believable, item_from, keys, traits_of
from bot.ingest.feed import contents_of, text_of, xml_bytes
from bot.ingest.kinds import PARSERS
from bot.ingest.quick import is_ordinary
from bot.ingest.slices import Cut, cut, hashes, slice_hash
from bot.ingest.vocabulary import FEEDPARSER
from bot.model import Document, Item
from bot.seen import Seen, Slice, Traits

#: To be raised when a change to the parsing would give other items: what was remembered then counts for nothing.
_PARSER = f"1 {FEEDPARSER}"
#: Documents of more entries are read whole: what is remembered of one is a row of the database.
MOST_SLICES = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """An entry as a document lists it, whether it was parsed anew or not."""

    key: str
    language: str
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What a document says."""

    #: New and changed ones, in order; all that stand in the document where it was read whole.
    items: tuple[Item, ...]
    #: Every entry.
    listings: tuple[Listing, ...]
    #: To be kept together with the items; None where the document can not be recognised.
    seen: Seen | None


def is_same(document: Document, source: Source, seen: Seen | None) -> bool:
    """Whether the entries are those of the remembered document, byte for byte."""
    if seen is None or source.kind != "feed":
        return False
    found = _hashes(document, source)
    return found is not None and found[1] == seen.items_hash


def read(
    document: Document, source: Source, seen: Seen | None, *, now: datetime, careful: bool = False
) -> Reading:
    """The items of a document. Raises `ParseError`; if `careful`, `DubiousError` before what may take long."""
    if source.kind != "feed":
        return _plain(PARSERS[source.kind](document, source, now=now, careful=careful))
    text = text_of(document, source)
    found = None if text.startswith("{") else _hashes(document, source)
    if found is None:
        contents = contents_of(text, document, source, careful=careful)
        return _reading([entry for entry in contents.entries if entry], source, None, now)
    context, items_hash = found
    # Links relative to xml:base hang on elements around the entries.
    pieces = cut(text) if "xml:base" not in text else None
    if pieces is not None and len(pieces.slices) > MOST_SLICES:
        pieces = None
    hashed = [slice_hash(piece) for piece in pieces.slices] if pieces else []
    if pieces and seen and seen.context == context:
        partly = _partly(pieces, hashed, seen, document, source, items_hash, now, careful=careful)
        if partly:
            return partly
    contents = contents_of(text, document, source, careful=careful)
    adds_up = contents.sound and len(contents.entries) == len(hashed)
    remembered = Seen(source_id=source.id, context=context, items_hash=items_hash, slices=())
    if not adds_up:
        return _reading([entry for entry in contents.entries if entry], source, remembered, now)
    known = [(hashed[number], entry, None) for number, entry in enumerate(contents.entries)]
    reading = _joined(known, {}, remembered, source, now)
    assert reading is not None  # noqa: S101  only an entry seen before can be at odds
    return reading


def _hashes(document: Document, source: Source) -> tuple[str, str] | None:
    return hashes(document.body, _PARSER, source.id, source.language, document.url, document.content_type)


def _partly(
    pieces: Cut,
    hashed: Sequence[str],
    seen: Seen,
    document: Document,
    source: Source,
    items_hash: str,
    now: datetime,
    *,
    careful: bool,
) -> Reading | None:
    """What the document says, read without the slices that were seen; None if it must be read whole."""
    known = {piece.hash: piece for piece in seen.slices}
    if known.keys().isdisjoint(hashed):
        return None
    fresh = [number for number, name in enumerate(hashed) if name not in known]
    left = "".join(
        rest + (pieces.slices[number] if number < len(hashed) and hashed[number] not in known else "")
        for number, rest in enumerate(pieces.rest)
    )
    entries: dict[int, Entry | None] = {}
    if fresh:
        try:
            contents = contents_of(left, document, source, careful=careful)
        except ParseError:
            return None
        if not contents.sound or len(contents.entries) != len(fresh):
            return None
        entries = dict(zip(fresh, contents.entries, strict=True))
    elif not is_ordinary(xml_bytes(left)):
        return None
    allowed: dict[str, set[str]] = {}
    for piece in seen.slices:
        allowed.setdefault(piece.hash, set()).add(piece.key)
    rows = [(name, entries.get(number), known.get(name)) for number, name in enumerate(hashed)]
    remembered = Seen(source_id=source.id, context=seen.context, items_hash=items_hash, slices=())
    return _joined(rows, allowed, remembered, source, now)


_NOTHING = Traits(guid="", link="", title="", name="", language="", published_at=None)


def _joined(
    rows: Sequence[tuple[str, Entry | None, Slice | None]],
    allowed: Mapping[str, set[str]],
    remembered: Seen,
    source: Source,
    now: datetime,
) -> Reading | None:
    """One reading from entries parsed now and slices seen before; None if one of these would get a new key.

    A row is a slice's hash with its entry or with what is remembered of it; neither: it says nothing. `allowed` holds
    the keys that a seen slice may have, by its hash.
    """
    traits = [
        known.traits if known else traits_of(entry, source) if entry else _NOTHING for _, entry, known in rows
    ]
    given = iter(tuple(keys([one for one in traits if one != _NOTHING], source)))
    slices: list[Slice] = []
    items: list[Item] = []
    listings: list[Listing] = []
    for (name, entry, known), one in zip(rows, traits, strict=True):
        key = "" if one == _NOTHING else next(given)
        if known and key not in allowed[name]:
            return None
        slices.append(Slice(hash=name, key=key, traits=one))
        if key:
            published_at = believable(one.published_at, now)
            listings.append(Listing(key=key, language=one.language, published_at=published_at))
        if entry:
            items.append(item_from(entry, one, key, source, now=now))
    return Reading(
        items=tuple(items), listings=tuple(listings), seen=replace(remembered, slices=tuple(slices))
    )


def _reading(entries: Sequence[Entry], source: Source, seen: Seen | None, now: datetime) -> Reading:
    """A whole document of which no slice can be told from another."""
    traits = [traits_of(entry, source) for entry in entries]
    items = (
        item_from(entry, one, key, source, now=now)
        for entry, one, key in zip(entries, traits, keys(traits, source), strict=True)
    )
    return _plain(items, seen)


def _plain(items: Iterable[Item], seen: Seen | None = None) -> Reading:
    items = tuple(items)
    return Reading(
        items=items,
        listings=tuple(
            Listing(key=item.key, language=item.language, published_at=item.published_at) for item in items
        ),
        seen=seen,
    )
