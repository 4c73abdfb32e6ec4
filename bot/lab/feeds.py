"""Pure. Made-up feeds for the simulator: how often each publishes at which hour, and the items of a run.

Rates are lognormal (median 4 a day, sigma 1.6, at most 300), as feeds differ by a factor of thousands. Feeds live
in one of four time zones, have working hours and quiet weekends. A fifth publish most of their items in one release
slot a day, 15% publish in batches. One in seven carries our topics often, the others in one item of fifty.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from random import Random

#: A Monday, when each run begins.
START = datetime(2026, 3, 2, tzinfo=UTC)
#: Intensities are steady within ten minutes; a week has so many.
SLOT = timedelta(minutes=10)
SLOTS = 7 * 24 * 6
_SLOT_DAYS = SLOT / timedelta(days=1)
_ZONES = (0, 3, 8, -5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """One made-up feed."""

    id: str
    #: Items a day by ten minutes of the week, from Monday 00:00 UTC.
    intensity: tuple[float, ...]
    #: Share of its items that matter.
    relevance: float
    #: Items that come out together.
    batch: int
    #: Entries that its document lists.
    entries: int

    @property
    def per_day(self) -> float:
        """Items a day over the week."""
        return sum(self.intensity) / SLOTS


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """One item of a run, its time in days since `START`."""

    at: float
    relevant: bool


def made_feeds(count: int, random: Random) -> tuple[Feed, ...]:
    """So many feeds, the same ones for the same seed."""
    return tuple(_feed(f"feed-{number}", random) for number in range(count))


def _feed(name: str, random: Random) -> Feed:
    rate = min(300.0, math.exp(random.gauss(math.log(4.0), 1.6)))
    zone = random.choice(_ZONES)
    night = random.uniform(0.05, 0.4)
    weekend = random.uniform(0.2, 0.8)
    peak = random.uniform(10, 16)
    slotted = random.random() < 0.2
    release = random.uniform(7, 19)
    shape = []
    for slot in range(SLOTS):
        local = (slot / 6 + zone) % 168
        hour = local % 24
        day = night + math.exp(-0.5 * ((hour - peak) / 3.5) ** 2)
        if slotted:
            # The clock strikes and the page is put out, a little early or late.
            day = 0.2 * day + 4 * math.exp(-0.5 * ((hour - release) / 0.5) ** 2)
        shape.append(day * (weekend if local >= 120 else 1.0))
    mean = sum(shape) / SLOTS
    return Feed(
        id=name,
        intensity=tuple(rate * value / mean for value in shape),
        relevance=random.betavariate(2, 4) if random.random() < 0.15 else random.betavariate(0.8, 40),
        batch=random.randint(2, 8) if random.random() < 0.15 else 1,
        entries=random.choice((10, 20, 30, 50, 100)),
    )


def published(feed: Feed, first: float, last: float, random: Random) -> tuple[Published, ...]:
    """Its items between two days since `START`, in order: Poisson by its intensity, or batches of that."""
    bounds = list(accumulate(feed.intensity))
    weeks_from, weeks_until = math.floor(first / 7), math.ceil(last / 7)
    found: list[float] = []
    for week in range(weeks_from, weeks_until):
        events = _poisson(feed.per_day * 7 / feed.batch, random)
        for _ in range(events):
            slot = min(SLOTS - 1, bisect_right(bounds, random.random() * bounds[-1]))
            at = week * 7 + (slot + random.random()) * _SLOT_DAYS
            # An editor who puts out several needs a few seconds for each.
            found += [at + number * 5 / 86_400 for number in range(feed.batch)]
    return tuple(
        Published(at=at, relevant=random.random() < feed.relevance)
        for at in sorted(found)
        if first <= at < last
    )


def _poisson(mean: float, random: Random) -> int:
    """A Poisson number; by its normal form where it is large, which is near enough there."""
    if mean > 200:
        return max(0, round(random.gauss(mean, math.sqrt(mean))))
    count, product, limit = 0, random.random(), math.exp(-mean)
    while product > limit:
        count += 1
        product *= random.random()
    return count
