"""Learning a source's usual gap, and the simulation that measures its alarms."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.silence import FACTOR, FEWEST, SHORTEST_GAP, busy_clock, learn, quiet_for
from bot.lab.silence import FEEDS, main, try_feed

#: A Tuesday.
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
EVEN = (1.0,) * 24, (1.0,) * 7


def every(gap: timedelta, count: int) -> list[datetime]:
    """Items at equal distances up to now."""
    return [NOW - gap * number for number in range(count)]


def test_an_even_feed_s_usual_gap_is_its_gap() -> None:
    """One item each five hours, day and night, makes a usual gap of about five hours."""
    habit = learn(every(timedelta(hours=5), 100), NOW)

    assert habit is not None
    assert timedelta(hours=4.5) < habit.usual_gap < timedelta(hours=5.5)


def test_too_few_items_teach_nothing() -> None:
    """Neither few items, nor many at one moment, nor old ones make a habit."""
    few = every(timedelta(hours=5), FEWEST - 1)

    assert learn(few, NOW) is None
    assert learn(few * 50, NOW) is None
    assert learn([at - timedelta(weeks=10) for at in every(timedelta(hours=5), 100)], NOW) is None
    assert learn(every(timedelta(hours=5), FEWEST), NOW) is not None


def test_a_batch_each_morning_has_the_rhythm_of_a_day() -> None:
    """Forty items within an hour once a day do not make their source silent before it missed a day."""
    batch = [
        at.replace(hour=5) + timedelta(minutes=number)
        for at in every(timedelta(days=1), 40)
        for number in range(40)
    ]

    habit = learn(batch, NOW)

    assert habit is not None
    last = NOW.replace(hour=5, minute=39)
    assert quiet_for(habit, last, last + timedelta(days=1, hours=6)) < FACTOR
    assert quiet_for(habit, last, last + timedelta(days=3)) > FACTOR


def test_nights_and_weekends_count_little() -> None:
    """Of an office's feed, a whole weekend is a shorter silence than half a working day."""
    hours = (timedelta(hours=number) for number in range(24 * 50))
    office = [NOW - back for back in hours if 6 <= (NOW - back).hour < 18 and (NOW - back).weekday() < 5]
    habit = learn(office, NOW)
    assert habit is not None

    friday = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
    weekend = quiet_for(habit, friday, datetime(2026, 11, 23, 6, 0, tzinfo=UTC))
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    workday = quiet_for(habit, monday, monday + timedelta(hours=8))

    assert weekend < FACTOR < workday


def test_a_fast_wire_may_rest_for_a_while() -> None:
    """No usual gap is shorter than an hour."""
    habit = learn(every(timedelta(minutes=1), 2_000), NOW)

    assert habit is not None
    assert habit.usual_gap == SHORTEST_GAP


@settings(max_examples=100)
@given(
    hours=st.lists(st.floats(0.05, 20), min_size=24, max_size=24).map(tuple),
    days=st.lists(st.floats(0.05, 5), min_size=7, max_size=7).map(tuple),
    start=st.integers(-10_000_000, 10_000_000),
    seconds=st.integers(0, 4_000_000),
)
def test_busy_time_never_runs_back_and_a_week_is_a_week(
    hours: tuple[float, ...], days: tuple[float, ...], start: int, seconds: int
) -> None:
    """Later is never earlier on the busy clock, and each week has 168 hours."""
    clock = busy_clock(hours, days)
    begin = NOW + timedelta(seconds=start)

    assert clock.read(begin + timedelta(seconds=seconds)) >= clock.read(begin)
    assert clock.read(begin + timedelta(weeks=1)) - clock.read(begin) == pytest.approx(168)


def test_with_even_weights_busy_time_is_time() -> None:
    """An hour is an hour where no hour is busier than another."""
    clock = busy_clock(*EVEN)

    assert clock.read(NOW + timedelta(hours=7.5)) - clock.read(NOW) == pytest.approx(7.5)


@pytest.mark.parametrize("name", [name for name in FEEDS if not name.startswith("wire")])
def test_simulated_alarms_come_in_time_and_hardly_ever_falsely(name: str) -> None:
    """Under one false alarm in a feed-month, and a feed that stops is found within three usual gaps."""
    outcome = try_feed(name, FEEDS[name], seed=4, feeds=2)

    assert outcome.false_per_month < 1
    assert len(outcome.delays) >= 5
    assert FACTOR < max(outcome.delays) <= 3


def test_simulation_prints_its_table(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line for each kind of feed, and the sums; equal seeds print equal figures."""
    kind = "batch of 5, workdays"
    monkeypatch.setattr("bot.lab.silence.FEEDS", {kind: FEEDS[kind]})

    main()
    first = capsys.readouterr().out
    main()

    assert capsys.readouterr().out == first
    assert re.search(r"batch of 5, workdays +[\d.]+ h +0\.\d{3} +2\.\d\d x +2\.\d\d x", first)
    assert "false alarms per feed-month over" in first
