"""When digests are due: by the list's own clock, once a date, over gaps and odd hours."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from bot.notify.timing import is_time, local_date, window
from bot.settings import DigestList

BERLIN = DigestList(id="a", at=time(8, 0), timezone="Europe/Berlin")


def test_a_digest_is_due_from_its_local_hour_on() -> None:
    """The list's zone decides, in summer and in winter."""
    assert not is_time(BERLIN, datetime(2026, 7, 1, 5, 59, tzinfo=UTC))
    assert is_time(BERLIN, datetime(2026, 7, 1, 6, 0, tzinfo=UTC))
    assert not is_time(BERLIN, datetime(2026, 12, 1, 6, 59, tzinfo=UTC))
    assert is_time(BERLIN, datetime(2026, 12, 1, 7, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/Berlin", date(2026, 3, 29)),
        ("Europe/Berlin", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Asia/Shanghai", date(2026, 6, 1)),
    ],
)
def test_each_local_date_has_one_digest_also_when_clocks_change(zone: str, day: date) -> None:
    """Asked every minute of three days, the middle date comes up due as one unbroken stretch."""
    entry = DigestList(id="a", at=time(2, 30), timezone=zone)
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=1)

    made: list[date] = []
    for minute in range(3 * 24 * 60):
        now = start + timedelta(minutes=minute)
        on = local_date(entry, now)
        if is_time(entry, now) and on not in made:
            made.append(on)

    assert made.count(day) == 1
    assert made == sorted(made)


def test_a_digest_goes_on_where_the_last_one_ended() -> None:
    """Two days of downtime are told in one digest; the very first covers a day."""
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    today = local_date(BERLIN, now)

    assert window(BERLIN, today, last_end=now - timedelta(days=2), now=now) == (now - timedelta(days=2), now)
    assert window(BERLIN, today, last_end=None, now=now) == (now - timedelta(days=1), now)


def test_a_past_date_covers_its_own_day() -> None:
    """A digest made afterwards covers the 24 hours up to its own hour."""
    now = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)

    since, until = window(BERLIN, date(2026, 11, 20), last_end=now, now=now)

    assert until == datetime(2026, 11, 20, 7, 0, tzinfo=UTC)
    assert until - since == timedelta(days=1)
