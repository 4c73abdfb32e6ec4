"""Pure. One item against all that is tracked: what it changes, what its prices did, and how much it therefore matters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.analyse.claimlife import untold
from bot.analyse.claims import compare
from bot.analyse.folding import Folded
from bot.analyse.prices import judged, points
from bot.analyse.severity import Telling, events, novelty, weigh
from bot.analyse.terms import Hit
from bot.analyse.tracking import Tracking, fields_of
from bot.model import ClassifiedItem
from bot.settings import SeveritySettings
from bot.tracked import ClaimChange, ClaimEvent, EventKind, Price, PriceKey, Severity


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """All that items are held against: compiled claims, their life, kinds of events, price series."""

    #: With the claims as they stand (claimlife.py, `current`).
    tracking: Tracking
    kinds: tuple[EventKind, ...] = ()
    life: tuple[ClaimEvent, ...] = ()
    #: Points of each series, oldest first.
    series: Mapping[PriceKey, Sequence[Price]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """What the item's story has told so far, and who told it."""

    tellings: tuple[Telling, ...] = ()
    #: Independent owners, the item's own included.
    sources: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """What an item amounts to."""

    severity: Severity
    #: All that it says of claims, and of these what nobody said before.
    changes: tuple[ClaimChange, ...]
    untold: tuple[ClaimChange, ...]
    #: Its prices, each with its change or why it is held.
    prices: tuple[Price, ...]
    telling: Telling
    novelty: float
    has_new_figure: bool


def assess(
    entry: ClassifiedItem,
    hits: Mapping[str, Sequence[Hit]],
    watched: Watched,
    past: Past,
    *,
    source: str,
    trust: float,
    settings: SeveritySettings,
    now: datetime,
    folded: Mapping[str, Folded] | None = None,
) -> Assessment:
    """Hold a classified item with its facts against what is tracked. `hits` and `folded` are those of its reading.

    `source` is the source's name for readers, `trust` its weight. An item without a date counts by when it was first seen.
    """
    item = entry.item
    seen_at = item.published_at or item.first_seen_at
    changes = compare(item, entry.facts, hits, watched.tracking, source=source, folded=folded)
    fresh = untold(changes, watched.life)
    found = points(
        entry.facts,
        text=f"{item.title}\n{item.summary}\n{item.text}",
        source_id=item.source_id,
        item_key=item.key,
        at=seen_at,
    )
    prices = tuple(judged(point, watched.series.get(point.key, ())) for point in found)
    fields = {
        field.name: {mark.id for mark in field.marks}
        for field in fields_of(item, (), hits, watched.tracking, folded=folded)
    }
    title = fields.get("title", set())
    everywhere = set[str]().union(*fields.values())
    telling = Telling.of(item.title, (hit.concept for found in hits.values() for hit in found), entry.facts)
    share = novelty(telling, past.tellings)
    known = {figure for one in past.tellings for figure in one.figures}
    severity = weigh(
        entry.classification.labels,
        events(title, everywhere, watched.kinds, watched.tracking),
        novelty=share,
        facts=entry.facts,
        moves=prices,
        sources=past.sources,
        trust=trust,
        published_at=seen_at,
        changes=fresh,
        settings=settings,
        now=now,
    )
    return Assessment(
        severity=severity,
        changes=changes,
        untold=fresh,
        prices=prices,
        telling=telling,
        novelty=share,
        has_new_figure=bool(telling.figures - known),
    )
