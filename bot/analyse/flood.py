"""Pure. Whether what looks new in the document of a source that we know is new, and how much of it may alert.

Two questions, in this order:
1. `recognise`: which entries are stored ones under another key? A feed moved to another host, or changed all GUIDs.
   Same headline, same time and same lead is the same entry at any time; where most of the document looks new, the
   same headline is enough unless time or lead contradict it.
2. `flood`: is what is left far more than the source brings? Then it is kept, and only what was published since the
   last good poll may alert, up to a limit.
A headline that says little ("Prices of the day") proves nothing by itself.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.analyse.outcome import Backlog
from bot.model import Item
from bot.settings import IngestSettings
from bot.text import normalise_title, shingles

#: A shorter document may well be new as a whole.
LEAST_ENTRIES = 10
#: From this share of new entries on a document is suspect.
SUSPECT_SHARE = 0.8
#: So many times what the source brings in the time since its last poll is no ordinary day.
UNUSUAL = 5
#: A feed that loses its zone moves its dates by no more than this.
_ZONES = timedelta(hours=14)
#: Letter groups from which a headline is one of a kind.
_TELLING = 12
_LEAD = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Flood:
    """A document with far more new entries than the source usually brings."""

    backlog: Backlog
    #: One line for the operator.
    why: str


def is_suspect(unseen: int, entries: int) -> bool:
    """Whether so many unseen entries, of all that a document lists, are too many to be believed at once."""
    return entries >= LEAST_ENTRIES and unseen > SUSPECT_SHARE * entries


def recognise(unseen: Iterable[Item], stored: Iterable[Item], *, suspect: bool) -> dict[str, str]:
    """Key of an unseen item -> key of the stored one that it is, for those that are stored already.

    `stored` are items of the same source with one of these headlines.
    """
    by_title: dict[str, list[Item]] = {}
    for item in stored:
        by_title.setdefault(item.title, []).append(item)
    found = {}
    for item in unseen:
        for old in by_title.get(item.title, ()):
            if _is_same(item, old) or (suspect and _may_be_same(item, old)):
                found[item.key] = old.key
                break
    return found


def flood(
    fresh: Sequence[Item], *, entries: int, last_ok_at: datetime, usual: float, ingest: IngestSettings
) -> Flood | None:
    """The flood that these new items of a known source are, or None.

    `entries` counts the document's, `usual` is how many new ones the source brings in such a time.
    """
    older = sum(item.published_at is not None and item.published_at < last_ok_at for item in fresh)
    if len(fresh) >= max(ingest.flood_items, UNUSUAL * usual):
        why = f"{len(fresh):,} new entries at once"
    elif is_suspect(len(fresh), entries) and 2 * older > len(fresh):
        why = f"{len(fresh)} of {entries} entries look new, most of them older than the last poll"
    else:
        return None
    backlog = Backlog(since_at=last_ok_at, alerts=ingest.flood_alerts, is_undated_news=True)
    return Flood(backlog=backlog, why=why)


def _is_same(one: Item, other: Item) -> bool:
    if one.published_at is None or one.published_at != other.published_at:
        return False
    lead = _lead(one)
    return lead == _lead(other) and (bool(lead) or _is_telling(one.title))


def _may_be_same(one: Item, other: Item) -> bool:
    if one.published_at and other.published_at and abs(one.published_at - other.published_at) > _ZONES:
        return False
    first, second = _lead(one), _lead(other)
    if first and second:
        return first == second
    return _is_telling(one.title)


def _lead(item: Item) -> str:
    return item.summary[:_LEAD]


def _is_telling(title: str) -> bool:
    return len(shingles(normalise_title(title))) >= _TELLING
