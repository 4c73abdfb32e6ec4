"""Weighs a poll's items, for the jobs: reads claims' lives and price series from the store, decides nothing itself.

What an item amounts to is decided in bot/analyse/assess.py. Runs in the store's thread, before the batch is saved.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.analyse.assess import Assessment, Past, Watched, assess
from bot.analyse.claimlife import current, proposed
from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.prices import is_move, move_line, points
from bot.analyse.severity import Telling
from bot.analyse.terms import Hit
from bot.analyse.tracking import Tracking
from bot.baseline import Baseline, load_baseline
from bot.config import Config
from bot.configured import Source
from bot.model import Batch, ClassifiedItem, Item
from bot.settings import SeveritySettings
from bot.store import stories, tracked
from bot.store.store import Store
from bot.tracked import ClaimEvent, Price, PriceKey, Weight

#: Of one poll so many items are weighed; a flood's others are kept as they are.
MOST = 300
#: Of a story's items so many, the last ones, say what it told: a copied wire report has hundreds.
REMEMBERED = 30
Hits = Mapping[str, Sequence[Hit]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What is tracked, loaded once; `tracking` holds the claims as the files say."""

    baseline: Baseline
    tracking: Tracking

    @classmethod
    def of(cls, config: Config) -> "Watch":
        """From the configuration's folder and the shipped baseline. Raises `ConfigError`."""
        baseline = load_baseline(config.folder, config.concepts, (topic.id for topic in config.topics))
        return cls(baseline, Tracking.of(baseline.claims, baseline.words, baseline.holders, config.concepts))


#: The configuration that was asked for last, and what it tracks: compiling the words takes some milliseconds.
_KEPT: list[tuple[Config, Watch]] = []


def watch_of(config: Config) -> Watch:
    """What is tracked under this configuration, kept from poll to poll. Raises `ConfigError`."""
    if not _KEPT or _KEPT[-1][0] is not config:
        _KEPT[:] = [(config, Watch.of(config))]
    return _KEPT[-1][1]


def pasts(
    store: Store, places: Mapping[str, str], sources: Mapping[str, int], rulebook: Rulebook
) -> dict[str, Past]:
    """Item key -> what its story told before. `places` gives each item's story, `sources` how many owners told it by now."""
    members: dict[str, list[Item]] = {}
    for member in stories.members(store, set(places.values())):
        members.setdefault(member.story_id, []).append(member.item)
    told: dict[str, list[Telling]] = {}
    for story_id, items in members.items():
        for item in items[-REMEMBERED:]:
            hits = read(item, rulebook).hits()
            concepts = {hit.concept for found in hits.values() for hit in found}
            telling = Telling.of(item.title, concepts, store.facts(item.key))
            told.setdefault(story_id, []).append(telling)
    return {
        key: Past(tellings=tuple(told.get(story_id, ())), sources=sources.get(story_id, 1))
        for key, story_id in places.items()
    }


def hits_of(entries: Iterable[ClassifiedItem], rulebook: Rulebook) -> dict[str, Hits]:
    """Item key -> what the matcher finds in each field, for the items that carry a label."""
    return {
        entry.item.key: read(entry.item, rulebook).hits() for entry in entries if entry.classification.labels
    }


def weigh_all(
    store: Store,
    entries: Sequence[ClassifiedItem],
    pasts: Mapping[str, Past],
    watch: Watch,
    hits: Mapping[str, Hits],
    *,
    sources: Mapping[str, Source],
    settings: SeveritySettings,
    now: datetime,
) -> dict[str, Assessment]:
    """Item key -> what it amounts to, for each item that carries a label; in the order given, as each changes what the next is new to.

    `pasts` holds what an item's story told before; an item that is not in it opens a story. `hits` holds what the matcher found in each
    item, by field (`hits_of`).
    """
    life = list(tracked.life(store))
    tracking = replace(watch.tracking, claims=current(watch.baseline.claims, life))
    series: dict[PriceKey, Sequence[Price]] = {}
    found: dict[str, Assessment] = {}
    for entry in entries[:MOST]:
        item = entry.item
        if not entry.classification.labels:
            continue
        source = sources.get(item.source_id, Source(id=item.source_id, url=""))
        keys = [
            point.key
            for point in points(
                entry.facts,
                text=f"{item.title}\n{item.summary}\n{item.text}",
                source_id=item.source_id,
                item_key=item.key,
                at=now,
            )
        ]
        series |= tracked.series(store, [key for key in keys if key not in series])
        assessment = assess(
            entry,
            hits.get(item.key, {}),
            Watched(tracking=tracking, kinds=watch.baseline.events, life=tuple(life), series=series),
            pasts.get(item.key, Past()),
            source=source.name or source.id,
            trust=source.weight,
            settings=settings,
            now=now,
        )
        found[item.key] = assessment
        life += claim_events(entry, assessment, source.name or source.id, now)
        for price in assessment.prices:
            series[price.key] = (*series.get(price.key, ()), price)
    return found


def claim_events(
    entry: ClassifiedItem, assessment: Assessment, source: str, now: datetime
) -> tuple[ClaimEvent, ...]:
    """The rows that an item adds to its claims' lives: proposals not made before, and confirmations."""
    return tuple(
        proposed(change, source=source, item_key=entry.item.key, at=now)
        for change in assessment.changes
        if change in assessment.untold or change.verdict in ("confirms", "new")
    )


def with_weights(
    batch: Batch, found: Mapping[str, Assessment], sources: Mapping[str, Source], now: datetime
) -> Batch:
    """The batch with what its items say of claims, their prices and their weights."""
    entries = [entry for entry in (*batch.items, *batch.edited) if entry.item.key in found]
    names = {key: source.name or source.id for key, source in sources.items()}
    events: list[ClaimEvent] = []
    for entry in entries:
        source = names.get(entry.item.source_id, entry.item.source_id)
        events += claim_events(entry, found[entry.item.key], source, now)
    return replace(
        batch,
        claims=tuple(events),
        prices=tuple(price for entry in entries for price in found[entry.item.key].prices),
        weights=tuple(
            Weight(item_key=entry.item.key, severity=found[entry.item.key].severity, at=now)
            for entry in entries
        ),
    )


def notes_of(assessment: Assessment, settings: SeveritySettings) -> tuple[str, ...]:
    """What an alert says of the claims and prices that its item changes."""
    moves = [
        move_line(price, price.middle / (1 + price.change))
        for price in assessment.prices
        if price.change is not None and is_move(price, settings.move)
    ]
    return (*(change.line for change in assessment.untold), *moves)
