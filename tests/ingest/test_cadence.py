"""Cadence: healthy sources at their interval, failing ones ever more seldom, none never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import FetchError, ParseError
from bot.ingest.cadence import after_failure, after_success, is_due
from bot.model import Document, PollState, Source
from bot.settings import IngestSettings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EVERY_TEN = IngestSettings(interval_minutes=10, longest_backoff_hours=12)
SOURCE = Source(id="one", url="https://news.example/rss")
DOCUMENT = Document(
    source_id="one", url=SOURCE.url, body=b"<rss/>", etag='"2"', last_modified="today", fetched_at=NOW
)
#: A source that was read well before, with what it gave then.
KNOWN = PollState(
    source_id="one", etag='"1"', last_modified="then", body_hash="old", ok_at=NOW - timedelta(days=1)
)


def wait(state: PollState) -> timedelta:
    """How long until the next poll."""
    assert state.next_poll_at is not None
    return state.next_poll_at - NOW


def test_success_stores_what_the_next_poll_sends() -> None:
    """Validators and hash of the new document, no failures, the next poll after the interval."""
    failed = replace(KNOWN, failures=3, status="failed", error="HTTP 500")

    state = after_success(failed, SOURCE, EVERY_TEN, now=NOW, document=DOCUMENT, jitter=0.5)

    assert state == PollState(
        source_id="one",
        etag='"2"',
        last_modified="today",
        body_hash=sha256(b"<rss/>").hexdigest(),
        next_poll_at=NOW + timedelta(minutes=10),
        polled_at=NOW,
        ok_at=NOW,
        failures=0,
        status="ok",
        error="",
    )


def test_not_modified_keeps_validators() -> None:
    """Nothing changed, so what was stored stays true; the source was read well all the same."""
    state = after_success(KNOWN, SOURCE, EVERY_TEN, now=NOW, document=None, jitter=0.5)

    assert (state.etag, state.last_modified, state.body_hash) == ('"1"', "then", "old")
    assert (state.status, state.ok_at, wait(state)) == ("not_modified", NOW, timedelta(minutes=10))


@pytest.mark.parametrize(
    "error", [FetchError("one", "HTTP 500", status=500), ParseError("one", "an HTML page")]
)
def test_failure_keeps_validators_and_tells_why(error: FetchError | ParseError) -> None:
    """A failed fetch or parse must not make the next poll say "not modified" of bytes that were never read."""
    state = after_failure(KNOWN, error, EVERY_TEN, now=NOW, jitter=0.5)

    assert (state.etag, state.last_modified, state.body_hash) == ('"1"', "then", "old")
    assert (state.status, state.error, state.failures) == ("failed", error.reason, 1)
    assert (state.polled_at, state.ok_at) == (NOW, KNOWN.ok_at)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(0, 10), (1, 20), (2, 40), (6, 640), (7, 720), (50, 720), (100_000, 720)]
)
def test_wait_doubles_up_to_the_longest(failures: int, minutes: int) -> None:
    """Each failure in a row doubles the wait, for years on end if need be, up to the set limit."""
    error = FetchError("one", "no connection")

    state = after_failure(replace(KNOWN, failures=failures), error, EVERY_TEN, now=NOW, jitter=0.5)

    assert wait(state) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (timedelta(seconds=5), timedelta(minutes=10)),
        (timedelta(hours=2), timedelta(hours=2)),
        (timedelta(days=400), timedelta(days=1)),
    ],
)
def test_retry_after_is_a_floor_of_at_most_a_day(asked: timedelta, expected: timedelta) -> None:
    """We wait as long as the server asks, unless it asks for something absurd."""
    error = FetchError("one", "HTTP 429", status=429, retry_after=asked)

    assert wait(after_failure(KNOWN, error, EVERY_TEN, now=NOW, jitter=0.5)) == expected


def test_gone_for_good_is_asked_seldom_at_once() -> None:
    """410 waits the longest backoff from the first time, yet is asked again."""
    error = FetchError("one", "HTTP 410 gone for good", status=410)

    assert wait(after_failure(KNOWN, error, EVERY_TEN, now=NOW, jitter=0.5)) == timedelta(hours=12)


def test_backoff_is_never_shorter_than_the_interval() -> None:
    """A source polled once a day does not become busier by failing."""
    daily = replace(EVERY_TEN, interval_minutes=24 * 60)

    assert wait(after_failure(KNOWN, FetchError("one", "x"), daily, now=NOW, jitter=0.5)) == timedelta(days=1)


@given(st.floats(0, 1), st.integers(0, 10_000))
@settings(max_examples=40, deadline=None)
def test_jitter_spreads_by_a_tenth(jitter: float, failures: int) -> None:
    """Any jitter keeps the wait within a tenth of what it would be, and in the future."""
    well = after_success(KNOWN, SOURCE, EVERY_TEN, now=NOW, document=None, jitter=jitter)
    state = replace(KNOWN, failures=failures)
    ill = after_failure(state, FetchError("one", "x"), EVERY_TEN, now=NOW, jitter=jitter)

    assert timedelta(minutes=9) <= wait(well) <= timedelta(minutes=11)
    assert timedelta(minutes=9) <= wait(ill) <= timedelta(hours=13.2)


@pytest.mark.parametrize(
    ("next_poll_at", "polled_at", "expected"),
    [
        (None, None, True),
        (NOW, NOW - timedelta(minutes=10), True),
        (NOW + timedelta(seconds=1), NOW - timedelta(minutes=9), False),
        (NOW + timedelta(days=1), NOW + timedelta(hours=23), True),
    ],
)
def test_due_is_new_or_past_or_from_a_clock_set_back(
    next_poll_at: datetime | None, polled_at: datetime | None, expected: bool
) -> None:
    """A new source and one whose time has come are due; a clock that was set back must not silence any."""
    state = replace(KNOWN, next_poll_at=next_poll_at, polled_at=polled_at)

    assert is_due(state, NOW) is expected
