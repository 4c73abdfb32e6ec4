"""Pure. How often a source publishes, and whether it has been quiet for too long.

Time is counted in the source's own busy hours: an hour in which it usually publishes much is long, a night or a
Sunday in which it publishes nothing hardly counts. Hour of the day and day of the week are learned apart, as 168
hours of a week would need far more items than a ministry publishes in two months.

The usual gap is the one that five sixths of all (busy) time do not exceed. Time decides and not the number of gaps:
fifty items in one batch each morning make forty-nine gaps of nothing, but the day is still its rhythm. For items
that come at random with a mean gap g it is 3.2 g, so that a wait of `FACTOR` times it happens by chance about once in
5,000 gaps. The alarm comes before three times the usual gap: `python -m bot.lab.silence` measures both.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise

from bot.verdicts import Habit

#: What is looked back on to learn.
WINDOW = timedelta(weeks=8)
#: Fewer distinct times teach nothing.
FEWEST = 12
#: More are not needed, and cost time.
MOST = 2_000
#: Silent beyond so many usual gaps: below 3, so that the next poll still finds it within 3.
FACTOR = 2.65
#: A wire that brings an item each minute may rest for lunch.
SHORTEST_GAP = timedelta(hours=1)
_SHARE = 5 / 6
#: Monday, 00:00 UTC.
_ORIGIN = datetime(1970, 1, 5, tzinfo=UTC)
_HOUR = 3600.0
_SLOT = 300.0
_SLOTS = 12  # in an hour
_WEEK_HOURS = 168
#: The quietest hour still counts a little: a feed that slept all its nights may wake.
_LEAST_BUSY = 0.05


def learn(arrivals: Iterable[datetime], now: datetime) -> Habit | None:
    """The habit of items published at these times, or None where they are too few to tell.

    Only the last eight weeks count, and of equal minutes one.
    """
    since = now - WINDOW
    minutes = {int(at.timestamp() // 60) for at in arrivals if since < at <= now}
    times = [datetime.fromtimestamp(minute * 60, UTC) for minute in sorted(minutes)[-MOST:]]
    if len(times) < FEWEST:
        return None
    # Short spans in which anything came, so that a batch of fifty weighs little more than a single item.
    slots = {int((at - _ORIGIN).total_seconds() // _SLOT) for at in times}
    hours = _busyness(Counter(slot // _SLOTS % 24 for slot in slots), 24)
    days = _busyness(Counter(slot // _SLOTS // 24 % 7 for slot in slots), 7)
    clock = busy_clock(hours, days)
    read = [clock.read(at) for at in times]
    gaps = sorted(later - earlier for earlier, later in pairwise(read))
    passed = list(accumulate(gaps))
    usual = gaps[min(bisect_right(passed, _SHARE * passed[-1]), len(gaps) - 1)]
    return Habit(learned_at=now, usual_gap=max(SHORTEST_GAP, timedelta(hours=usual)), hours=hours, days=days)


def quiet_for(habit: Habit, last_at: datetime, now: datetime) -> float:
    """How long nothing came since `last_at`, in usual gaps of busy time."""
    clock = busy_clock(habit.hours, habit.days)
    return max(0.0, clock.read(now) - clock.read(last_at)) / (habit.usual_gap.total_seconds() / _HOUR)


class BusyClock:
    """Runs fast in busy hours and slow in quiet ones, 168 hours a week all in all."""

    def __init__(self, hours: tuple[float, ...], days: tuple[float, ...]) -> None:
        weights = [day * hour for day in days for hour in hours]
        scale = _WEEK_HOURS / sum(weights)
        self._weights = [weight * scale for weight in weights]
        self._passed = [0.0, *accumulate(self._weights)]

    def read(self, at: datetime) -> float:
        """Busy hours since the clock's own beginning."""
        weeks, rest = divmod((at - _ORIGIN).total_seconds() / _HOUR, _WEEK_HOURS)
        hour = min(int(rest), _WEEK_HOURS - 1)
        return weeks * _WEEK_HOURS + self._passed[hour] + (rest - hour) * self._weights[hour]


@lru_cache(maxsize=256)
def busy_clock(hours: tuple[float, ...], days: tuple[float, ...]) -> BusyClock:
    """The clock of a habit; made once, as each poll asks it."""
    return BusyClock(hours, days)


def _busyness(counts: Counter[int], size: int) -> tuple[float, ...]:
    """How busy each part of a cycle is, 1 on average: neighbours of an hour count by half, and few items say little."""
    total = sum(counts.values())
    if size == 24:
        smooth = [
            counts[n] / 2 + counts[(n - 1) % size] / 4 + counts[(n + 1) % size] / 4 for n in range(size)
        ]
    else:
        smooth = [float(counts[n]) for n in range(size)]
    # One made-up item in each part: twelve items in the morning do not prove that evenings are dead.
    return tuple(max(_LEAST_BUSY, (count + 1) * size / (total + size)) for count in smooth)
