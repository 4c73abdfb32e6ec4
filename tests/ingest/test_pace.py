"""Pace: what the past of a source says of its next items."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.pace import FLAT, Pace, learn, pool
from bot.model import Sighting

#: A Monday.
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def seen(published_at: datetime, *, after: timedelta = HOUR, relevant: bool = False) -> Sighting:
    """An item with a date, first seen some time after it."""
    return Sighting(published_at=published_at, first_seen_at=published_at + after, relevant=relevant)


def each(step: timedelta, count: int) -> list[Sighting]:
    """Items at even distances up to now, each seen a minute after it came out."""
    return [seen(NOW - step * n - HOUR / 60, after=HOUR / 60) for n in range(count)]


def learnt(sightings: Iterable[Sighting], pooled: tuple[float, ...] = FLAT) -> Pace:
    """The pace as it is now."""
    found = learn(tuple(sightings), pooled, now=NOW)
    assert found is not None
    return found


def test_nothing_seen_is_nothing_known() -> None:
    """A source without items has no pace."""
    assert learn((), now=NOW) is None


@pytest.mark.parametrize(
    ("step", "count", "per_day"), [(HOUR, 24 * 20, 24.0), (DAY / 3, 90, 3.0), (DAY, 28, 1.0)]
)
def test_rate_is_items_a_day(step: timedelta, count: int, per_day: float) -> None:
    """A source that keeps its time is known to a tenth after some weeks."""
    assert learnt(each(step, count)).per_day == pytest.approx(per_day, rel=0.1)


def test_rate_comes_from_dates_not_from_polls() -> None:
    """A first document shows how often items came before we ever looked."""
    first_document = [
        Sighting(published_at=NOW - 2 * HOUR * n - HOUR, first_seen_at=NOW, relevant=False) for n in range(36)
    ]

    assert learnt(first_document).per_day == pytest.approx(12.0, rel=0.15)


def test_a_pinned_entry_does_not_make_a_source_slow() -> None:
    """One entry of last month among two hours' news says nothing of how often it brings some."""
    document = [
        Sighting(published_at=NOW - 5 * n * HOUR / 60 - HOUR, first_seen_at=NOW, relevant=False)
        for n in range(24)
    ]
    pinned = Sighting(published_at=NOW - 27 * DAY, first_seen_at=NOW, relevant=False)

    assert learnt([*document, pinned]).per_day > 40


def test_what_slows_down_is_seen_to() -> None:
    """A source that brought ten items a day until three weeks ago is expected to bring less than two."""
    old = [seen(NOW - 21 * DAY - DAY / 10 * n) for n in range(200)]

    assert learnt(old).per_day < 2


def test_the_older_half_of_a_month_counts_half() -> None:
    """A source that is slow of late is judged by four weeks, what lies before the last two at half weight."""
    old = [seen(NOW - 27.9 * DAY + DAY * n) for n in range(14)]

    assert learnt(old).per_day == pytest.approx((13 / 2 + 1) / (14 + 14 / 2 + 0.25), rel=0.03)


@pytest.mark.parametrize(
    "published_at",
    [
        lambda n: None,
        lambda n: NOW + DAY,
        lambda n: NOW - 15 * DAY,
    ],
)
def test_items_without_a_date_of_their_own_count_when_seen(published_at: object) -> None:
    """Absent, future and repeated dates tell nothing; the items count all the same, save the first document's."""
    assert callable(published_at)
    items = [
        Sighting(published_at=published_at(n), first_seen_at=NOW - DAY * n / 4, relevant=False)
        for n in range(56)
    ]
    first_document = [
        Sighting(published_at=published_at(n), first_seen_at=NOW - 14 * DAY, relevant=False)
        for n in range(500)
    ]

    found = learnt([*items, *first_document])

    assert found.per_day == pytest.approx(4.0, rel=0.1)
    # One date of those that repeat may be true, so it may teach its hour a little.
    assert found.profile == pytest.approx(FLAT, abs=0.5)


@pytest.mark.parametrize(
    ("items", "relevant", "weight"),
    [(0, 0, None), (1, 1, 1.4 / 5.4), (40, 1, 1.4 / 44.4), (400, 0, 0.02), (400, 400, 400.4 / 404.4)],
)
def test_weight_is_the_share_of_relevant_items(items: int, relevant: int, weight: float | None) -> None:
    """Few items leave it near one in eleven, and no source falls below one in fifty."""
    found = learn([seen(NOW - HOUR * (n + 1), relevant=n < relevant) for n in range(items)], now=NOW)

    assert (found.weight if found else None) == (pytest.approx(weight) if weight else None)


def mornings(days: int) -> list[Sighting]:
    """Ten items between six and nine on each working day, in the days before now."""
    random = Random(1)  # noqa: S311  the same each time
    return [
        seen(day.replace(hour=6) + 3 * HOUR * random.random(), after=HOUR / 3)
        for day in (NOW - DAY * n for n in range(1, days + 1))
        if day.weekday() < 5
        for _ in range(10)
    ]


def test_hours_are_learnt_after_a_week() -> None:
    """A source of working mornings is expected then, hardly at night or at weekends; its week means 1."""
    profile = learnt(mornings(14)).profile

    assert min(profile[6:9]) > 3
    assert max(profile[12:24]) < 0.5
    assert max(profile[24:]) < 0.6
    assert sum(profile[:24]) * 5 / 168 + sum(profile[24:]) * 2 / 168 == pytest.approx(1.0)


def test_hours_are_flat_before_a_week() -> None:
    """Three days would take a weekday for the week, so all hours count the same."""
    assert learnt(mornings(5)).profile == FLAT


def test_few_items_follow_the_hours_of_all_sources() -> None:
    """Three items in two weeks leave the profile that all sources have together."""
    pooled = pool([10 if 6 <= hour < 9 else 1 for hour in range(48)], timedelta(days=14))

    profile = learnt([seen(NOW - 4 * DAY * n - DAY) for n in range(4)], pooled).profile

    assert profile[7] / profile[15] == pytest.approx(pooled[7] / pooled[15], rel=0.5)


def test_dates_without_a_time_teach_no_hours() -> None:
    """A source that dates all its items at midnight does not publish at midnight."""
    midnights = [seen(NOW.replace(hour=0) - DAY * n, after=9 * HOUR) for n in range(14)]

    assert learnt(midnights).profile == FLAT


def test_no_hour_is_taken_for_dead() -> None:
    """However strict its hours, a source may surprise us at night."""
    assert min(learnt(mornings(28)).profile) > 0.1


def test_a_young_archive_has_no_hours() -> None:
    """Until all sources were watched for a week, no hours are known to draw others to."""
    counts = [5 if hour == 9 else 0 for hour in range(48)]

    assert pool(counts, timedelta(days=6)) == FLAT
    assert pool(counts, timedelta(days=8))[9] > 1.5


@given(
    st.lists(
        st.tuples(st.none() | st.integers(-60 * 1440, 2 * 1440), st.integers(-60 * 1440, 0), st.booleans()),
        min_size=1,
        max_size=60,
    )
)
@settings(max_examples=100, deadline=None)
def test_any_past_gives_a_usable_pace(past: list[tuple[int | None, int, bool]]) -> None:
    """Rate and weight are above nothing and each hour has its expectation, whatever dates a feed gives."""
    minute = timedelta(minutes=1)
    sightings = [
        Sighting(
            published_at=None if published is None else NOW + minute * published,
            first_seen_at=NOW + minute * first,
            relevant=relevant,
        )
        for published, first, relevant in past
    ]

    found = learnt(sightings)

    assert 0 < found.per_day < 500
    assert 0.02 <= found.weight <= 1
    assert all(intensity > 0.1 for intensity in found.profile)
    assert timedelta() <= found.history <= timedelta(days=28)
