"""What is remembered of a source's last document, so that only what is new in the next one is parsed.

Frozen, standard library only. Made and used by bot/ingest/reading.py, kept by bot/store/seen.py.
"""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Traits:
    """What the rules of identity and of a source's health look at in an entry; plain text, uncut."""

    guid: str
    link: str
    title: str
    #: What an entry without a title goes by; the title where there is one.
    name: str
    language: str
    published_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Slice:
    """One entry's piece of a document."""

    #: Of its text.
    hash: str
    #: Its item's key; empty for an entry that says nothing.
    key: str
    traits: Traits


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """A document as it was last read well."""

    source_id: str
    #: Of all that bears on how entries are read and does not stand in them.
    context: str
    #: Of the context and everything from the first entry on.
    items_hash: str
    #: One for each entry, in order; empty where the document can not be read in part.
    slices: tuple[Slice, ...]
