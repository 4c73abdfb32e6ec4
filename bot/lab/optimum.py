"""Pure. The best poll times for one who knows each feed's true intensity: what the simulator measures others by.

For a price of a poll, each feed's polls are placed by the accumulator, and then moved, one by one and several times
over, to where the condition of Sia, Cho, Cho ("Efficient Monitoring Algorithm for Fast News Alerts", TKDE 2007)
holds: `L(s_j) (s_j+1 - s_j)` = the items expected between `s_j-1` and `s_j`. The price is set so that all feeds
together spend the budget.
"""

import math
from collections.abc import Sequence
from itertools import accumulate

from bot.lab.feeds import SLOTS, Feed

_SLOT = 7 / SLOTS
_SWEEPS = 4


def optimal_polls(
    feeds: Sequence[Feed], weights: Sequence[float], budget: float, days: float
) -> list[list[float]]:
    """Poll times of each feed, in days from Monday 00:00 UTC, over the given days and until one poll after them."""
    price = (
        sum(math.sqrt(w * feed.per_day) for feed, w in zip(feeds, weights, strict=True)) / budget
    ) ** 2 / 2
    placed: list[list[float]] = []
    for _ in range(8):
        placed = [_placed(feed, weight, price, days) for feed, weight in zip(feeds, weights, strict=True)]
        spent = sum(at < days for times in placed for at in times) / days
        if abs(spent / budget - 1) < 0.002:
            break
        price *= (spent / budget) ** 2
    return [_moved(_Feed(feed), times) for feed, times in zip(feeds, placed, strict=True)]


def _placed(feed: Feed, weight: float, price: float, days: float) -> list[float]:
    """Polls wherever the expected waiting since the last one reaches the price."""
    times: list[float] = []
    waiting = items = 0.0
    at = 0.0
    slot = 0
    while not times or times[-1] < days:
        rate = weight * feed.intensity[slot % SLOTS]
        left = (slot + 1) * _SLOT - at
        to_price = 2 * (price - waiting) / (items + math.sqrt(items * items + 2 * rate * (price - waiting)))
        if to_price < left:
            at += to_price
            times.append(at)
            waiting = items = 0.0
            continue
        waiting += items * left + rate * left * left / 2
        items += rate * left
        slot += 1
        at = slot * _SLOT
    return times


class _Feed:
    """Rates, and expected items up to any moment, in constant time."""

    def __init__(self, feed: Feed) -> None:
        self._rates = feed.intensity
        self._items = [0.0, *accumulate(rate * _SLOT for rate in feed.intensity)]

    def rate(self, at: float) -> float:
        """Items a day at this moment."""
        return self._rates[int(at / _SLOT) % SLOTS]

    def items(self, at: float) -> float:
        """Expected items since the start."""
        week, rest = divmod(at, 7.0)
        slot = min(SLOTS - 1, int(rest / _SLOT))
        return week * self._items[-1] + self._items[slot] + self._rates[slot] * (rest - slot * _SLOT)


def _moved(feed: _Feed, times: list[float]) -> list[float]:
    """The same number of polls, each where it does most between its neighbours. The last one stays."""
    times = [0.0, *times]
    for _ in range(_SWEEPS):
        for n in range(1, len(times) - 1):
            before, after = times[n - 1], times[n + 1]
            start = feed.items(before)
            # The slope of the cost in s_j is `items(before, s_j) - rate(s_j) (after - s_j)`: from below to above 0.
            low, high = before, after
            for _ in range(14):
                middle = (low + high) / 2
                if feed.items(middle) - start < feed.rate(middle) * (after - middle):
                    low = middle
                else:
                    high = middle
            times[n] = _better(feed, before, times[n], (low + high) / 2, after)
    return times[1:]


def _better(feed: _Feed, before: float, one: float, other: float, after: float) -> float:
    """Of two places between the neighbours the one with less waiting: steps in the rate make false minima."""

    # Expected waiting is a constant less the items up to s_j times what they no longer wait for the next poll.
    def gain(at: float) -> float:
        return (feed.items(at) - feed.items(before)) * (after - at)

    return one if gain(one) >= gain(other) else other
