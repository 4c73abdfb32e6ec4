"""Cadence: healthy sources by what they bring, failing ones ever more seldom, none never."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configured import Source
from bot.errors import FetchError, ParseError
from bot.ingest.cadence import (
    DAY,
    Next,
    after_failure,
    after_success,
    fair_price,
    fair_share,
    is_due,
    is_unchanged,
    limits,
    next_poll,
    steer,
)
from bot.ingest.pace import FLAT, Pace
from bot.ingest.wishes import Wishes
from bot.model import Document, PollState
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
SOON = Next(at=NOW + timedelta(minutes=10), why="about an item a day")


def wait(state: PollState) -> timedelta:
    """How long until the next poll."""
    assert state.next_poll_at is not None
    return state.next_poll_at - NOW


def test_success_stores_what_the_next_poll_sends() -> None:
    """Validators and hash of the new document, no failures, the next poll and why it is then."""
    failed = replace(KNOWN, failures=3, status="failed", error="HTTP 500")

    state = after_success(failed, SOURCE, SOON, now=NOW, document=DOCUMENT)

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
        reason="about an item a day",
        requests=1,
    )


def test_not_modified_keeps_validators() -> None:
    """Nothing changed, so what was stored stays true; the source was read well all the same."""
    state = after_success(KNOWN, SOURCE, SOON, now=NOW, document=None)

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
    well = next_poll(None, None, limits(EVERY_TEN, 70), now=NOW, jitter=jitter)
    state = replace(KNOWN, failures=failures)
    ill = after_failure(state, FetchError("one", "x"), EVERY_TEN, now=NOW, jitter=jitter)

    assert timedelta(minutes=9) <= well.at - NOW <= timedelta(minutes=11)
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


def test_the_same_bytes_are_known() -> None:
    """A document is unchanged if its bytes are those of the one that was stored last, whatever its headers."""
    read = after_success(KNOWN, SOURCE, SOON, now=NOW, document=DOCUMENT)

    assert is_unchanged(read, replace(DOCUMENT, etag='"3"'))
    assert not is_unchanged(read, replace(DOCUMENT, body=b"<rss />"))


# --- the next poll ----------------------------------------------------------------------------------

BOUNDS = limits(IngestSettings(), 70)
#: Twelve items a day, one in forty relevant, no hours known.
PACE = Pace(per_day=12.0, weight=0.05, items=400, relevant=10)


def following(pace: Pace | None = PACE, price: float | None = 2e-5, **changes: object) -> Next:
    """The next poll without jitter, at the default bounds."""
    values = {"now": NOW, "jitter": 0.5, **changes}
    return next_poll(pace, price, BOUNDS, **values)  # type: ignore[arg-type]


def test_the_shipped_budget_is_the_shipped_interval() -> None:
    """Seventy sources of unknown pace are polled every ten minutes, and that is what the budget allows."""
    assert BOUNDS.cold == timedelta(minutes=10)
    assert following(None, None).at == NOW + BOUNDS.cold
    assert following(PACE, None).at == NOW + BOUNDS.cold
    assert following(None).why == "pace not known yet; at first every 10 min"


def test_few_sources_do_not_use_up_a_large_budget() -> None:
    """Five sources are allowed what ten minutes each would spend, not the ten thousand of the budget."""
    bounds = limits(IngestSettings(), 5)

    assert bounds.allowed == 5 * 144
    assert bounds.cold == timedelta(minutes=10)


def test_many_sources_share_the_budget_from_the_start() -> None:
    """A thousand sources keep to the budget, also while nothing is known of them."""
    bounds = limits(IngestSettings(requests_per_day=10_000), 1_000)

    assert bounds.allowed == 10_000
    assert bounds.cold == DAY / 10


def test_a_steady_source_is_polled_by_the_square_root() -> None:
    """With a flat profile the wait is sqrt(2 price / (weight rate)), through any number of full hours."""
    for price in (1e-6, 2e-5, 3e-3, 0.05):
        expected = (2 * price / (0.05 * 12.0)) ** 0.5 * DAY

        assert abs(following(PACE, price).at - NOW - expected) < timedelta(seconds=1)


def test_four_times_the_news_halves_the_wait() -> None:
    """Rate and weight count alike, each by its square root."""
    once = following(PACE).at - NOW

    busier = following(replace(PACE, per_day=48.0)).at - NOW
    weightier = following(replace(PACE, weight=0.2)).at - NOW

    assert busier / once == pytest.approx(0.5, abs=1e-3)
    assert weightier / once == pytest.approx(0.5, abs=1e-3)


def test_the_hours_of_the_source_count() -> None:
    """A source that publishes from noon on is polled seldom before and often after."""
    afternoons = replace(PACE, profile=tuple(0.2 if hour % 24 < 12 else 1.8 for hour in range(48)))

    morning = following(afternoons).at - NOW
    afternoon = following(afternoons, now=NOW.replace(hour=13)).at - NOW.replace(hour=13)

    assert morning / afternoon == pytest.approx(3, abs=0.1)


def test_jitter_moves_the_next_poll() -> None:
    """Its ends lie a tenth below and above the middle, so that sources of one pace part ways."""
    early, usual, late = (following(jitter=jitter).at - NOW for jitter in (0.0, 0.5, 1.0))

    assert early / usual == pytest.approx(0.9)
    assert late / usual == pytest.approx(1.1)


@pytest.mark.parametrize(
    ("pace", "price", "changes", "expected", "why"),
    [
        (PACE, 2e-5, {}, timedelta(minutes=12), "about 12 items a day, 1 in 40 relevant"),
        (PACE, 1e-9, {}, timedelta(minutes=1), "about 12 items a day, 1 in 40 relevant; 60 s at least"),
        (PACE, 9e9, {}, timedelta(hours=24), "about 12 items a day, 1 in 40 relevant; 24 h at most"),
        (
            PACE,
            0.5,
            {"entries": 4},
            timedelta(hours=4),
            "about 12 items a day, 1 in 40 relevant; half its window",
        ),
        (
            replace(PACE, per_day=0.3, items=8, relevant=0),
            2e-5,
            {"wishes": Wishes(ttl=timedelta(hours=3))},
            timedelta(hours=3),
            "about 2 items a week, none relevant so far; the feed asks for 3 h",
        ),
        (
            replace(PACE, per_day=0.034, items=2, relevant=2),
            2e-5,
            {"not_before": NOW + timedelta(hours=5)},
            timedelta(hours=5),
            "about 1 item a month, most of them relevant; the server asks for 5 h",
        ),
        (
            PACE,
            2e-5,
            {"wishes": Wishes(skip_hours=frozenset({8, 9}))},
            timedelta(hours=2),
            "about 12 items a day, 1 in 40 relevant; the feed asks not to be read before",
        ),
    ],
)
def test_the_bound_that_decides_is_named(
    pace: Pace, price: float, changes: dict[str, object], expected: timedelta, why: str
) -> None:
    """The reason says what the source brings, and which bound moved its poll away from what that alone asks."""
    found = following(pace, price, **changes)

    assert abs(found.at - NOW - expected) < timedelta(minutes=1)
    assert found.why == why


@pytest.mark.parametrize(
    "changes",
    [
        {"wishes": Wishes(ttl=timedelta(days=700))},
        {"not_before": NOW + timedelta(days=365)},
    ],
)
def test_a_wish_holds_us_off_for_a_day_at_most(changes: dict[str, object]) -> None:
    """A cache age of a year is set for pictures, and must not silence a source."""
    assert following(PACE, 2e-5, **changes).at == NOW + timedelta(days=1)


def test_wishes_win_over_the_window() -> None:
    """A feed that asks for two hours gets them, though its window may slip by; it says so itself."""
    found = following(replace(PACE, per_day=1_000.0), entries=10, wishes=Wishes(ttl=timedelta(hours=2)))

    assert found.at == NOW + timedelta(hours=2)


@given(
    per_day=st.floats(0.02, 3_000),
    weight=st.floats(0.02, 1),
    price=st.floats(1e-12, 1e6),
    entries=st.integers(0, 500),
    jitter=st.floats(0, 1),
    minute=st.integers(0, 7 * 1440),
)
@settings(max_examples=150, deadline=None)
def test_no_poll_is_outside_the_bounds(
    per_day: float, weight: float, price: float, entries: int, jitter: float, minute: int
) -> None:
    """Whatever the numbers, a poll is a minute to a day away, and jitter adds a tenth at most."""
    now = NOW + timedelta(minutes=minute)

    found = next_poll(
        Pace(per_day=per_day, weight=weight, profile=FLAT),
        price,
        BOUNDS,
        now=now,
        jitter=jitter,
        entries=entries,
    )

    assert BOUNDS.shortest <= found.at - now <= BOUNDS.longest
    if entries and found.at - now > BOUNDS.shortest:
        assert per_day * ((found.at - now) / DAY) <= 1.1 * entries / 2 + 1e-6


# --- the price --------------------------------------------------------------------------------------


def test_the_fair_price_spends_what_is_allowed() -> None:
    """At the fair price the steady intervals of all sources add up to the requests allowed."""
    paces = [
        replace(PACE, per_day=rate, weight=weight) for rate, weight in [(1, 0.5), (30, 0.1), (200, 0.02)]
    ]

    price = fair_price(paces, 3, 300.0)

    assert price is not None
    polls = [DAY / (following(pace, price).at - NOW) for pace in paces]
    assert sum(polls) == pytest.approx(300, rel=0.01)


def test_unknown_sources_count_like_the_known_ones() -> None:
    """While half the sources are unknown, the known ones get half of the requests."""
    assert fair_price([PACE], 2, 100.0) == fair_price([PACE, PACE], 2, 100.0)


@pytest.mark.parametrize(("spent", "expected"), [(1_000.0, 1.0), (1_100.0, 1.1**0.1), (900.0, 0.9**0.1)])
def test_the_price_follows_the_requests_slowly(spent: float, expected: float) -> None:
    """A tenth too many requests raise the price by a hundredth in an hour, a tenth too few lower it as much."""
    assert steer(1.0, spent=spent, allowed=1_000.0, fair=1.0) == pytest.approx(expected, abs=1e-3)


def test_busy_and_quiet_hours_cancel_out() -> None:
    """Hours that together spend their budget leave the price where it was, however uneven they are."""
    price: float | None = 1.0
    for spent in (200.0, 1_800.0, 500.0, 1_500.0, 0.0, 2_000.0):
        price = steer(price, spent=spent, allowed=1_000.0, fair=1.0)

    assert price == pytest.approx(1.0)


def test_one_wild_hour_does_not_upset_the_price() -> None:
    """Neither an hour without requests nor one with a hundred times too many moves the price by more than half."""
    assert steer(1.0, spent=0.0, allowed=1_000.0, fair=1.0) == pytest.approx(0.9, abs=0.01)
    assert steer(1.0, spent=1e5, allowed=1_000.0, fair=1.0) == pytest.approx(1.49, abs=0.01)


def test_busy_hours_have_the_larger_share_of_the_budget() -> None:
    """The requests of an hour go by the mean of sqrt(rate) in it, so that the price need not swing with the day."""
    mornings = replace(PACE, profile=tuple(0.5 if hour % 24 < 12 else 1.5 for hour in range(48)))

    night, day = (fair_share([mornings], NOW.replace(hour=hour)) for hour in (3, 15))

    assert day / night == pytest.approx(3**0.5)
    assert (night + day) / 2 == pytest.approx(1.0)
    assert fair_share([], NOW) == 1.0


def test_the_price_keeps_near_the_fair_one() -> None:
    """Where bounds and wishes keep requests from being spent, the price must not run off."""
    assert steer(1.0, spent=1.0, allowed=1_000.0, fair=40.0) == pytest.approx(40 / 30)
    assert steer(1.0, spent=9e9, allowed=1_000.0, fair=0.01) == pytest.approx(0.3)
    assert steer(None, spent=5.0, allowed=1_000.0, fair=0.7) == 0.7
