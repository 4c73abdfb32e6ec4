"""The simulator: a small run of the full one, with looser bounds for fewer feeds and days."""

from random import Random

import pytest

from bot.lab.feeds import SLOTS, made_feeds, published
from bot.lab.optimum import optimal_polls
from bot.lab.simulate import (
    BY_COUNT,
    COLD,
    FIXED,
    OPTIMUM,
    W_OPTIMUM,
    W_WARM,
    WARM,
    Run,
    Score,
    make_run,
    play,
    ratios,
    render,
)


@pytest.fixture(scope="module")
def run() -> Run:
    """Forty feeds, ten days cold and ten warm."""
    return make_run(1, 40, phase=10.0)


@pytest.fixture(scope="module")
def found(run: Run) -> dict[str, Score]:
    """How all policies did on it."""
    return play(run)


def test_ours_comes_near_the_optimum(found: dict[str, Score]) -> None:
    """The bot's policy is near one who knows the true rates, also when cold, and far better than the fixed interval."""
    all_items = ratios(found, (WARM, COLD, BY_COUNT, FIXED), OPTIMUM, relevant=False)

    assert all_items[WARM] < 1.2
    assert all_items[COLD] < 1.4
    assert all_items[WARM] < 0.65 * all_items[FIXED]
    assert all_items[WARM] < all_items[BY_COUNT]


def test_relevant_items_come_sooner_by_relevance(found: dict[str, Score]) -> None:
    """Knowing which feeds carry relevant items is worth more than anything else."""
    relevant = ratios(found, (W_WARM, WARM, FIXED), W_OPTIMUM, relevant=True)

    assert relevant[W_WARM] < 0.8 * relevant[WARM]
    assert relevant[W_WARM] < 0.5 * relevant[FIXED]


def test_policies_spend_the_same(run: Run, found: dict[str, Score]) -> None:
    """All that are compared keep to the budget within a few in a hundred; ours by its own steering."""
    for name, score in found.items():
        assert score.requests == pytest.approx(run.budget, rel=0.06), name


def test_the_optimum_is_no_worse_for_knowing_less() -> None:
    """Moving polls to where the condition holds never costs, at the same number of polls."""
    feeds = made_feeds(12, Random(3))  # noqa: S311  the same each time
    moved = optimal_polls(feeds, [1.0] * 12, 288.0, 7.0)

    for feed, polls in zip(feeds, moved, strict=True):
        even = [(n + 1) * polls[-1] / len(polls) for n in range(len(polls))]
        assert expected(feed.intensity, polls) <= expected(feed.intensity, even) * 1.001


def expected(intensity: tuple[float, ...], polls: list[float]) -> float:
    """Expected waiting of all items from day 0 until the last poll, in item-days, summed finely."""
    step, at, total = 7 / SLOTS / 5, 0.0, 0.0
    left = iter(polls)
    poll = next(left)
    while at < polls[-1] - step:
        if at > poll:
            poll = next(left)
        total += intensity[int(at * SLOTS / 7) % SLOTS] * step * max(0.0, poll - at)
        at += step
    return total


def test_items_follow_the_intensity() -> None:
    """A feed's items come as often as its intensity says, batches included."""
    random = Random(5)  # noqa: S311
    feeds = made_feeds(60, random)

    counts = [len(published(feed, 0.0, 70.0, random)) for feed in feeds]

    assert sum(counts) == pytest.approx(70 * sum(feed.per_day for feed in feeds), rel=0.05)
    assert any(feed.batch > 1 for feed in feeds)


def test_the_tables_name_goals_and_whether_they_are_met(found: dict[str, Score]) -> None:
    """The printed text has a row for each policy and a verdict on each goal, the worst seed counting."""
    text = render([found])

    assert all(name in text for name in (*found,))
    assert text.count("goal") == 3
