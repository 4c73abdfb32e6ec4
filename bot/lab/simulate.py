"""How soon items are found, by polling policy, at equal requests: `python -m bot.lab.simulate`.

Made-up feeds (bot/lab/feeds.py) with fixed seeds publish for four weeks; each policy may spend the same requests.
Ours is run as the bot runs it, by the same functions (`learn`, `next_poll`, `steer`), from its very first poll: the
first two weeks are scored as "cold", the next two as "warm". It differs from production in one way: paces are learnt
anew each hour only on the first day, then every six hours, from the second week on once a day, which saves time
and gives nothing away. The optimum knows the true intensities, though not the items. Pure but for printing.

Delays are inverse to requests, so a ratio is `delay x requests` over that of the optimum.
"""

import argparse
import heapq
import math
import sys
from bisect import bisect_left
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from random import Random
from statistics import fmean, median

from bot.ingest.cadence import DAY, fair_price, fair_share, limits, next_poll, steer
from bot.ingest.pace import FLAT, RECENT, Pace, Profile, learn, pool
from bot.lab.feeds import START, Feed, Published, made_feeds, published
from bot.lab.optimum import optimal_polls
from bot.model import Sighting
from bot.settings import IngestSettings

PHASE = 14.0  # days, of each the cold and the warm one
_HOUR = 1 / 24
#: Days before the start of which feeds still list items.
_PAST = 56.0
#: Shortest and longest interval that miniflux comes with, in days.
_MINIFLUX = (5 / 1440, 1.0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One seed: the feeds and all their items, oldest first."""

    seed: int
    feeds: tuple[Feed, ...]
    items: tuple[tuple[Published, ...], ...]
    #: When each item came out.
    times: tuple[tuple[float, ...], ...]
    #: Polls a day, over all feeds.
    budget: float
    #: Length of a phase, in days.
    phase: float = PHASE


@dataclass(frozen=True, kw_only=True, slots=True)
class Score:
    """How one policy did in one phase."""

    #: Minutes from publication to poll, of all items and of those that matter.
    delays: tuple[float, ...] = field(repr=False)
    relevant: tuple[float, ...] = field(repr=False)
    #: Polls a day.
    requests: float

    def cost(self, *, relevant: bool = False) -> float:
        """Mean delay x requests: what a policy makes of each request."""
        return fmean(self.relevant if relevant else self.delays) * self.requests


def make_run(seed: int, feeds: int = 300, *, phase: float = PHASE) -> Run:
    """The feeds and items of a seed, with a budget of one poll an hour for each feed."""
    random = Random(seed)  # noqa: S311  made-up feeds, the same each time
    made = made_feeds(feeds, random)
    items = tuple(published(feed, -_PAST, 2 * phase + 2, random) for feed in made)
    times = tuple(tuple(item.at for item in own) for own in items)
    return Run(seed=seed, feeds=made, items=items, times=times, budget=24.0 * feeds, phase=phase)


# --- ours -------------------------------------------------------------------------------------------


def accumulator(run: Run, *, weighted: bool) -> tuple[Score, Score]:
    """The bot's own policy: its scores when cold and when warm. Unweighted, all items count the same."""
    random = Random(run.seed + 1)  # noqa: S311
    settings = IngestSettings(
        interval_minutes=1440 * len(run.feeds) / run.budget, requests_per_day=round(run.budget)
    )
    bounds = limits(settings, len(run.feeds))
    polls: list[list[float]] = [[] for _ in run.feeds]
    seen: list[list[Sighting]] = [[] for _ in run.feeds]
    learnt: list[tuple[float, Pace | None]] = [(-math.inf, None)] * len(run.feeds)
    taken = [
        max(0, bisect_left(times, 0.0) - feed.entries)
        for feed, times in zip(run.feeds, run.times, strict=True)
    ]
    price: float | None = None
    pooled, spent, hour = FLAT, 0, _HOUR
    # All sources are due when the bot starts, and are polled within its first minutes.
    queue = [(random.random() / 288, number) for number in range(len(run.feeds))]
    heapq.heapify(queue)
    while queue and queue[0][0] < 2 * run.phase + 2:
        at, number = heapq.heappop(queue)
        if at >= hour:
            paces = [pace for _, pace in learnt if pace]
            fair = fair_price(paces, len(run.feeds), bounds.allowed)
            middle = START + (hour - _HOUR / 2) * DAY
            share = fair_share(paces, middle)
            price = steer(price, spent=spent * 24.0, allowed=bounds.allowed * share, fair=fair)
            spent, hour = 0, hour + _HOUR
            if round(hour / _HOUR) % 24 == 0:
                pooled = _pooled(run, at)
        spent += 1
        polls[number].append(at)
        now = START + at * DAY
        items = run.items[number]
        while taken[number] < len(items) and items[taken[number]].at <= at:
            item = items[taken[number]]
            published_at = START + item.at * DAY
            seen[number].append(
                Sighting(published_at=published_at, first_seen_at=now, relevant=item.relevant)
            )
            taken[number] += 1
        since, pace = learnt[number]
        if at - since >= _relearn(at):
            pace = learn(seen[number], pooled, now=now)
            if pace and not weighted:
                pace = replace(pace, weight=1.0)
            learnt[number] = (at, pace)
        entries = run.feeds[number].entries
        found = next_poll(pace, price, bounds, now=now, jitter=random.random(), entries=entries)
        heapq.heappush(queue, ((found.at - START) / DAY, number))
    return score(run, polls, 0.0), score(run, polls, run.phase)


def _relearn(at: float) -> float:
    """Days between two looks at the past."""
    if at < 1:
        return _HOUR
    return 6 * _HOUR if at < 7 else 1.0


def _pooled(run: Run, at: float) -> Profile:
    """The profile of all feeds, of what came out while they were watched."""
    gathered = min(timedelta(days=at), RECENT)
    if gathered < timedelta(days=7):
        return FLAT
    counts = [0] * 48
    for times in run.times:
        for published_at in times[bisect_left(times, at - gathered / DAY) : bisect_left(times, at)]:
            day, hour = divmod(math.floor(published_at * 24), 24)
            counts[hour + 24 * (day % 7 >= 5)] += 1
    return pool(counts, gathered)


# --- the others -------------------------------------------------------------------------------------


def by_interval(run: Run, interval: Callable[[int, float], float]) -> Score:
    """Any policy that gives a feed's next interval (days) from the feed's number and the time. Warm."""
    random = Random(run.seed + 2)  # noqa: S311
    polls = []
    for number in range(len(run.feeds)):
        times = [run.phase - random.random() * min(1.0, interval(number, run.phase))]
        while times[-1] < 2 * run.phase + 1:
            times.append(times[-1] + interval(number, times[-1]))
        polls.append(times)
    return score(run, polls, run.phase)


def tuned(run: Run, interval: Callable[[float], Callable[[int, float], float]]) -> Score:
    """A policy with one number, larger for longer intervals, set so that it spends the budget."""
    k = 1.0
    found = by_interval(run, interval(k))
    for _ in range(12):
        if abs(found.requests / run.budget - 1) < 0.005:
            break
        # Requests are inverse to the interval, but for the bounds that a policy has.
        k *= found.requests / run.budget
        found = by_interval(run, interval(k))
    return found


def fixed(run: Run) -> Score:
    """The same interval for all."""
    return by_interval(run, lambda number, at: len(run.feeds) / run.budget)


def flat_sqrt(run: Run) -> Score:
    """By the square root of the items of the last seven days, whatever the hour."""
    return tuned(run, lambda k: lambda number, at: k / math.sqrt(_last_week(run, number, at) + 0.5))


def entry_frequency(run: Run) -> Score:
    """In proportion to the items of the last seven days, as miniflux does, its factor set to spend the budget."""
    least, most = _MINIFLUX

    def with_factor(k: float) -> Callable[[int, float], float]:
        return lambda number, at: min(most, max(least, k * 7 / max(1, _last_week(run, number, at))))

    return tuned(run, with_factor)


def _last_week(run: Run, number: int, at: float) -> int:
    times = run.times[number]
    return bisect_left(times, at) - bisect_left(times, at - 7)


def optimum(run: Run, *, weighted: bool) -> Score:
    """The least expected delay at this budget for one who knows the true intensities."""
    weights = [feed.relevance if weighted else 1.0 for feed in run.feeds]
    polls = optimal_polls(run.feeds, weights, run.budget, run.phase)
    shifted = [[run.phase + at for at in times] for times in polls]
    return score(run, shifted, run.phase)


# --- scores -----------------------------------------------------------------------------------------


def score(run: Run, polls: Sequence[Sequence[float]], since: float) -> Score:
    """Delays of the items published in a phase, and the polls made in it."""
    until = since + run.phase
    delays: list[float] = []
    relevant: list[float] = []
    requests = 0
    for items, came, times in zip(run.items, run.times, polls, strict=True):
        requests += bisect_left(times, until) - bisect_left(times, since)
        for item in items[bisect_left(came, since) : bisect_left(came, until)]:
            delay = 1440 * (times[bisect_left(times, item.at)] - item.at)
            delays.append(delay)
            if item.relevant:
                relevant.append(delay)
    return Score(delays=tuple(delays), relevant=tuple(relevant), requests=requests / run.phase)


OPTIMUM, COLD, WARM = "optimum, true intensities", "ours, cold (first 14 days)", "ours, warm (days 15-28)"
FIXED, BY_COUNT, MINIFLUX = "fixed interval", "sqrt of 7-day count", "entry frequency (miniflux)"
W_OPTIMUM, W_COLD, W_WARM = (f"{name}, by relevance" for name in (OPTIMUM, COLD, WARM))


def play(run: Run, tell: Callable[[str], None] = lambda name: None) -> dict[str, Score]:
    """All policies on one run; `tell` hears the name of each before it starts."""
    found: dict[str, Score] = {}
    for name, policy in ((FIXED, fixed), (BY_COUNT, flat_sqrt), (MINIFLUX, entry_frequency)):
        tell(name)
        found[name] = policy(run)
    for weighted, (best, cold, warm) in enumerate(((OPTIMUM, COLD, WARM), (W_OPTIMUM, W_COLD, W_WARM))):
        tell(best)
        found[best] = optimum(run, weighted=bool(weighted))
        tell(warm)
        found[cold], found[warm] = accumulator(run, weighted=bool(weighted))
    return found


def ratios(found: dict[str, Score], rows: Sequence[str], best: str, *, relevant: bool) -> dict[str, float]:
    """Row -> its cost over that of the optimum."""
    least = found[best].cost(relevant=relevant)
    return {name: found[name].cost(relevant=relevant) / least for name in rows}


def render(table: Sequence[dict[str, Score]]) -> str:
    """Both tables as text, a range where seeds differ."""
    lines = []
    rows = (OPTIMUM, WARM, COLD, BY_COUNT, MINIFLUX, FIXED)
    lines += ["All items", *_rows(table, rows, OPTIMUM, relevant=False), ""]
    rows = (W_OPTIMUM, W_WARM, W_COLD, WARM, BY_COUNT, FIXED)
    lines += ["Relevant items", *_rows(table, rows, W_OPTIMUM, relevant=True), ""]
    all_items = [ratios(found, (WARM, COLD, FIXED), OPTIMUM, relevant=False) for found in table]
    goals = (
        ("warm / optimum", max(row[WARM] for row in all_items), 1.10),
        ("cold / optimum", max(row[COLD] for row in all_items), 1.30),
        ("warm / fixed", max(row[WARM] / row[FIXED] for row in all_items), 0.60),
    )
    for name, worst, goal in goals:
        lines.append(f"{name}: worst {worst:.3f}, goal {goal:.2f}: {'met' if worst <= goal else 'MISSED'}")
    return "\n".join(lines)


def _rows(table: Sequence[dict[str, Score]], rows: Sequence[str], best: str, *, relevant: bool) -> list[str]:
    lines = [f"{'':45}{'mean min':>14}{'median':>14}{'p95':>14}{'polls a day':>14}{'ratio':>12}"]
    for name in rows:
        scores = [found[name] for found in table]
        delays = [score.relevant if relevant else score.delays for score in scores]
        cells = (
            _range([fmean(values) for values in delays], 1),
            _range([median(values) for values in delays], 1),
            _range([sorted(values)[int(0.95 * len(values))] for values in delays], 0),
            _range([score.requests for score in scores], 0),
        )
        ratio = _range([ratios(found, (name,), best, relevant=relevant)[name] for found in table], 2)
        lines.append(f"{name:45}" + "".join(f"{cell:>14}" for cell in cells) + f"{ratio:>12}")
    return lines


def _range(values: Sequence[float], digits: int) -> str:
    low, high = f"{min(values):.{digits}f}", f"{max(values):.{digits}f}"
    return low if low == high else f"{low}-{high}"


def _play_seed(seed: int, feeds: int) -> dict[str, Score]:
    def tell(name: str) -> None:
        print(f"\rseed {seed}: {name:50}", end="", file=sys.stderr, flush=True)  # noqa: T201

    return play(make_run(seed, feeds), tell)


def main() -> None:
    """Print the tables; exit code 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m bot.lab.simulate", description=__doc__.splitlines()[0])
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--seeds", type=int, default=3)
    wanted = parser.parse_args()
    seeds = range(1, wanted.seeds + 1)
    with ProcessPoolExecutor() as workers:
        table = list(workers.map(_play_seed, seeds, [wanted.feeds] * len(seeds)))
    print("\r" + " " * 70 + "\r", end="", file=sys.stderr, flush=True)  # noqa: T201
    print(f"{wanted.feeds} feeds, seeds 1-{wanted.seeds}, {24 * wanted.feeds:,} polls a day\n")  # noqa: T201
    text = render(table)
    print(text)  # noqa: T201
    if "MISSED" in text:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
