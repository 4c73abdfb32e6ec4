"""Pure. What a source's past says of its next items: how many a day, at which hours, how many of them matter.

Rates come from publication dates, not from what polls happened to find: a feed shows its own past, and polls at
odd hours do not bend it. A date tells something only if it lies before the item was first seen and no other item
of the source has it; other items are counted by when they were first seen, once the source was known.

The hours need a week: until then each hour counts the same, as three days would take a weekday for the week.
After that the hours are smoothed, and drawn towards those of all sources together by `PSEUDO_ITEMS`. Method and
constants: Sia, Cho, Cho, "Efficient Monitoring Algorithm for Fast News Alerts" (TKDE 2007), for the daily profile;
our own simulation (`bot/lab/simulate.py`) for the rest.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from bot.model import Sighting

#: Expected items by hour, relative to the mean of the week: Monday to Friday 0..23 UTC, then Saturday and Sunday.
Profile = tuple[float, ...]

FLAT: Profile = (1.0,) * 48
#: Rates look back so far ...
RECENT = timedelta(days=14)
#: ... and for slow sources so far, what is older than `RECENT` at half weight.
LONGEST = timedelta(days=28)
#: Fewer items in `RECENT` than this make a source slow.
SLOW = 14
#: Whether items matter changes slowly, so that looks back further.
REMEMBERED = timedelta(days=90)
#: An unknown source is taken to bring one item in so many days.
PRIOR_DAYS = 0.25
PRIOR_RELEVANT = 0.4
PRIOR_ITEMS = 4.4
LEAST_WEIGHT = 0.02
#: Before this, hours are not believed.
PROFILE_AFTER = timedelta(days=7)
PSEUDO_ITEMS = 20.0
#: No hour is taken to be quieter than this share of the mean: surprises come at night.
QUIETEST = 0.2
#: Share of a week that one of the 48 hours makes: five of each on working days, two on the others.
_SHARE = tuple(5 / 168 if hour < 24 else 2 / 168 for hour in range(48))
#: A first document's oldest entries may be pinned there from long ago: a tenth of them is not believed.
_PINNED = 0.1
#: So many dates at one or two times of day are days without a time.
_DATES_TO_TELL = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Pace:
    """What to expect of a source."""

    #: Items a day, in the long run.
    per_day: float
    #: 0.02..1: how much an item of it matters; the share of relevant ones, drawn towards one in eleven.
    weight: float
    profile: Profile = FLAT
    #: How long its items were followed, at most `LONGEST`.
    history: timedelta = timedelta()
    #: What the share of relevant items rests on.
    items: int = 0
    relevant: int = 0

    @property
    def pull(self) -> float:
        """How often it is polled compared with others, over the week: the mean of sqrt(weight x rate)."""
        return math.sqrt(self.weight * self.per_day) * _mean_root(self.profile)

    def pull_at(self, moment: datetime) -> float:
        """The same in the hour (UTC) of this moment."""
        return math.sqrt(self.weight * self.at(moment))

    def at(self, moment: datetime) -> float:
        """Expected items a day in the hour (UTC) of this moment."""
        return self.per_day * self.profile[_hour(moment)]


def learn(sightings: Sequence[Sighting], pooled: Profile = FLAT, *, now: datetime) -> Pace | None:
    """The pace of a source from its items of the last `REMEMBERED`, in any order; None when there are none.

    `pooled` is the profile of all sources together, from `pool`.
    """
    if not sightings:
        return None
    dated, undated, since = _dates(sightings)
    since = max(since, now - LONGEST)
    history = now - since
    relevant = sum(sighting.relevant for sighting in sightings)
    dated = [date for date in dated if since < date <= now]
    undated = [date for date in undated if since < date <= now]
    return Pace(
        per_day=_rate(dated + undated, history, now),
        weight=max(LEAST_WEIGHT, (relevant + PRIOR_RELEVANT) / (len(sightings) + PRIOR_ITEMS)),
        profile=_profile(dated, history, pooled, now),
        history=history,
        items=len(sightings),
        relevant=relevant,
    )


def pool(counts: Sequence[int], gathered: timedelta) -> Profile:
    """The profile of all sources, from their items by hour of publication (48 counts), gathered for so long."""
    if gathered < PROFILE_AFTER:
        return FLAT
    return _shrunk(counts, FLAT, _SHARE)


def _dates(sightings: Sequence[Sighting]) -> tuple[list[datetime], list[datetime], datetime]:
    """When items came out by their own date; when others were seen; and from when on we know of all of them."""
    first = min(sighting.first_seen_at for sighting in sightings)
    taken: set[datetime] = set()
    backlog: list[datetime] = []
    later: list[datetime] = []
    undated: list[datetime] = []
    for sighting in sightings:
        date = sighting.published_at
        if date is not None and date < sighting.first_seen_at and date not in taken:
            taken.add(date)
            (backlog if sighting.first_seen_at == first else later).append(date)
        elif sighting.first_seen_at > first:
            undated.append(sighting.first_seen_at)
    # The first document shows a piece of the past in full, from its oldest entry on.
    backlog.sort()
    oldest = backlog[int(len(backlog) * _PINNED) :][:1]
    return backlog + later, undated, min([first, *oldest])


def _rate(dates: Sequence[datetime], history: timedelta, now: datetime) -> float:
    recent = float(sum(date > now - RECENT for date in dates))
    days = min(history, RECENT) / timedelta(days=1)
    if recent < SLOW and history > RECENT:
        recent += 0.5 * (len(dates) - recent)
        days += 0.5 * ((history - RECENT) / timedelta(days=1))
    return (recent + 1) / (days + PRIOR_DAYS)


def _profile(dates: Sequence[datetime], history: timedelta, pooled: Profile, now: datetime) -> Profile:
    if history < PROFILE_AFTER:
        return FLAT
    if len(dates) >= _DATES_TO_TELL and len({date.time() for date in dates}) <= 2:
        return pooled
    counts = [0] * 48
    for date in dates:
        counts[_hour(date)] += 1
    return _shrunk(counts, pooled, _exposure(now - history, now))


def _shrunk(counts: Sequence[int], pooled: Profile, exposure: Sequence[float]) -> Profile:
    """Counts to intensities: smoothed over three hours, drawn towards `pooled`, floored, with a mean of 1."""
    smooth = _smoothed(counts)
    watched = _smoothed(exposure)
    total = sum(counts) + PSEUDO_ITEMS
    raw = [
        (count + PSEUDO_ITEMS * usual * share) / (total * share)
        for count, usual, share in zip(smooth, pooled, watched, strict=True)
    ]
    raw = [max(QUIETEST, intensity) for intensity in raw]
    mean = sum(intensity * share for intensity, share in zip(raw, _SHARE, strict=True))
    return tuple(intensity / mean for intensity in raw)


def _smoothed(values: Sequence[float]) -> list[float]:
    """The mean of each hour and its neighbours, round the clock, working days and weekends apart."""
    return [
        sum(values[24 * (hour // 24) + (hour + step) % 24] for step in (-1, 0, 1)) / 3 for hour in range(48)
    ]


def _exposure(since: datetime, until: datetime) -> list[float]:
    """Share of the time between two moments that fell into each of the 48 hours; at least a week lies between."""
    days = [0.0, 0.0]
    day = datetime.combine(since.astimezone(UTC).date(), time(), UTC)
    while day < until:
        covered = min(until, day + timedelta(days=1)) - max(since, day)
        days[day.weekday() >= 5] += covered / timedelta(days=1)
        day += timedelta(days=1)
    # The odd hours at both ends are spread over their day, which is near enough for a week and more.
    return [days[hour // 24] / 24 / sum(days) for hour in range(48)]


@lru_cache(maxsize=4096)
def _mean_root(profile: Profile) -> float:
    """The mean of the square root over the week; asked of each source each hour, while profiles stay."""
    return sum(math.sqrt(usual) * share for usual, share in zip(profile, _SHARE, strict=True))


def _hour(moment: datetime) -> int:
    moment = moment.astimezone(UTC)
    return moment.hour + 24 * (moment.weekday() >= 5)
