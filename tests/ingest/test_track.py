"""What is remembered of a source from poll to poll, and when the operator hears of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from bot.configured import Source
from bot.ingest.health import Answer
from bot.ingest.track import (
    FALLBACK_AFTER,
    RETRY_DIRECT,
    Poll,
    Window,
    announce,
    is_time_to_learn,
    judge,
    learned,
    route,
    window_of,
)
from bot.model import Item, Sighting
from bot.verdicts import Kind, Memory, SourceHealth, Verdict

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
SOURCE = Source(id="one", url="https://one.example/rss", fallback_url="https://search.example/one")
NEW = SourceHealth(source_id="one")
MINUTE = timedelta(minutes=1)


def item(key: str, at: datetime | None = NOW, language: str = "en") -> Item:
    """An item with this key and date."""
    return Item(key=key, source_id="one", language=language, published_at=at, first_seen_at=NOW)


def good(now: datetime, *keys: str, new: int = 0, took: timedelta = MINUTE / 60) -> Poll:
    """A document with these entries."""
    window = Window(
        keys=keys, new=new, dated=len(keys), newest_at=now, languages={"en": len(keys)}, newest_keys=keys[:5]
    )
    return Poll(now=now, route="direct", answer=Answer(status=200), took=took, window=window)


def bad(now: datetime, status: int | None = 503, error: str = "HTTP 503 unavailable") -> Poll:
    """A refusal."""
    return Poll(now=now, route="direct", answer=Answer(status=status, error=error))


def after(*polls: Poll, health: SourceHealth = NEW, source: Source = SOURCE) -> SourceHealth:
    """The health after these polls, each announced."""
    for poll in polls:
        health, _ = announce(judge(health, source, poll), poll.now)
    return health


# --- windows ----------------------------------------------------------------------------------------


def test_newest_entries_are_remembered_whatever_their_place() -> None:
    """A pinned old entry at the top does not stand for the newest ones; undated ones only stand in for want of better."""
    dated = [item(f"k{n}", NOW - timedelta(hours=n)) for n in range(8)]
    window = window_of([item("pinned", NOW - timedelta(days=90)), item("undated", None), *dated], new=3)

    assert window.newest_keys == ("k0", "k1", "k2", "k3", "k4")
    assert (len(window.keys), window.dated, window.newest_at) == (10, 9, NOW)
    assert window.longest_gap == timedelta(days=90) - timedelta(hours=7)


def test_undated_document_is_remembered_by_its_order() -> None:
    """Newest first is usual."""
    window = window_of([item(f"k{n}", None, "ru") for n in range(7)], new=7)

    assert window.newest_keys == ("k0", "k1", "k2", "k3", "k4")
    assert (window.dated, window.newest_at, window.longest_gap) == (0, None, None)
    assert window.languages == {"ru": 7}


def test_overlap_is_counted_from_the_second_document_on() -> None:
    """The first has nothing to be compared with; an empty or tiny one tells nothing."""
    health = after(good(NOW, "a", "b", "c", new=3))
    assert (health.memory.overlaps, health.memory.changed_at) == ("", None)

    health = after(
        good(NOW + MINUTE, "d", "a", "b", new=1), good(NOW + 2 * MINUTE, "x", "y", "z", new=3), health=health
    )
    assert (health.memory.overlaps, health.memory.changed_at) == ("10", NOW + 2 * MINUTE)

    health = after(good(NOW + 3 * MINUTE, "q", new=1), good(NOW + 4 * MINUTE), health=health)
    assert health.memory.overlaps == "10"


def test_change_of_address_starts_the_comparison_anew() -> None:
    """A fallback lists other entries, which is no loss."""
    health = after(
        good(NOW, "a", "b", "c"), replace(good(NOW + MINUTE, "x", "y", "z", new=3), route="fallback")
    )

    assert health.memory.overlaps == ""
    assert health.memory.changed_at is None


def test_slow_is_what_is_slow_more_often_than_not() -> None:
    """Three slow answers make it, one quick one lets it go."""
    slow = [good(NOW + n * MINUTE, "a", "b", "c", took=timedelta(seconds=14)) for n in range(3)]

    assert after(*slow[:2]).kind == "ok"
    assert after(*slow).kind == "slow"
    assert after(*slow, good(NOW + 5 * MINUTE, "a", "b", "c")).kind == "ok"


# --- addresses --------------------------------------------------------------------------------------


def test_fallback_is_asked_after_failures_and_the_address_again_after_hours() -> None:
    """Three failures in a row give the address up for six hours at a time."""
    fails = [bad(NOW + n * MINUTE) for n in range(FALLBACK_AFTER)]
    early, late = after(*fails[:-1]).memory, after(*fails).memory
    last = fails[-1].now

    assert route(SOURCE, early, last) == "direct"
    assert route(SOURCE, late, last + RETRY_DIRECT - MINUTE) == "fallback"
    assert route(SOURCE, late, last + RETRY_DIRECT) == "direct"
    assert route(replace(SOURCE, fallback_url=None), late, last) == "direct"
    assert route(replace(SOURCE, url="https://better.example/rss"), late, last) == "direct"


def test_success_between_failures_starts_the_count_anew() -> None:
    """Only failures in a row count."""
    polls = [bad(NOW), bad(NOW + MINUTE), good(NOW + 2 * MINUTE, "a"), bad(NOW + 3 * MINUTE)]

    memory = after(*polls).memory

    assert (memory.failures, memory.failing_since) == (1, NOW + 3 * MINUTE)


# --- speaking up ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "times", "told", "speaks"),
    [
        ("failing", 2, "ok", False),
        ("failing", 3, "ok", True),
        ("failing", 3, "failing", False),
        ("blocked", 1, "ok", False),
        ("blocked", 2, "ok", True),
        ("blocked", 2, "failing", True),
        ("silent", 1, "ok", True),
        ("gone", 1, "ok", True),
        ("ok", 1, "blocked", False),
        ("not_modified", 2, "blocked", True),
        ("ok", 3, "ok", False),
    ],
)
def test_operator_hears_of_what_lasts(kind: Kind, times: int, told: Kind, speaks: bool) -> None:
    """A new state is told once it held for as many polls as its kind needs, and never twice."""
    health = SourceHealth(source_id="one", kind=kind, times=times, told=told)

    after_it, is_news = announce(health, NOW)

    assert is_news == speaks
    assert announce(after_it, NOW)[1] is False


def test_detail_may_change_without_a_notice() -> None:
    """The same state in other words is no news, and keeps its beginning."""
    health = after(*(bad(NOW + n * MINUTE) for n in range(4)))
    other, is_news = announce(judge(health, SOURCE, bad(NOW + 9 * MINUTE, None, "no connection")), NOW)

    assert not is_news
    assert other.detail.startswith("no connection")
    assert other.since_at == NOW


@settings(max_examples=100, deadline=None)
@given(outcomes=st.lists(st.sampled_from(["good", "bad", "wall", "gone", "empty"]), max_size=40))
def test_notices_alternate_between_states(outcomes: list[str]) -> None:
    """Whatever happens, no state is told twice in a row, and there are fewer notices than changes of state."""
    made: dict[str, Callable[[datetime], Poll]] = {
        "good": lambda at: good(at, "a", "b", "c"),
        "bad": bad,
        "wall": lambda at: bad(at, 401, "HTTP 401 log-in needed"),
        "gone": lambda at: bad(at, 410, "HTTP 410 gone for good"),
        "empty": good,
    }
    health, told, changes = NEW, ["ok"], 0
    for number, outcome in enumerate(outcomes):
        now = NOW + number * MINUTE
        before = health.kind
        health, is_news = announce(judge(health, SOURCE, made[outcome](now)), now)
        changes += health.kind != before
        if is_news:
            told.append(health.told)

    assert all(one != other for one, other in pairwise(told))
    assert len(told) - 1 <= changes


# --- the long view ----------------------------------------------------------------------------------


def test_long_view_is_learned_once_a_day() -> None:
    """And sooner where it was not to be had."""
    seen = [
        Sighting(published_at=NOW - timedelta(hours=5 * n), first_seen_at=NOW, relevant=n >= 150)
        for n in range(200)
    ]
    memory = learned(Memory(), seen, NOW)

    assert memory.habit is not None
    assert (memory.recent_items, memory.recent_hits, memory.past_items, memory.past_hits) == (150, 0, 50, 50)
    assert is_time_to_learn(Memory(), NOW)
    assert not is_time_to_learn(memory, NOW + timedelta(hours=23))
    assert is_time_to_learn(memory, NOW + timedelta(hours=24))
    assert is_time_to_learn(learned(Memory(), [], NOW), NOW + timedelta(hours=3))


def test_what_was_learned_outlasts_a_long_silence() -> None:
    """Two months without an item do not make a source one without habits, whose silence nobody notices."""
    seen = [
        Sighting(published_at=NOW - timedelta(hours=5 * n), first_seen_at=NOW, relevant=False)
        for n in range(50)
    ]
    memory = learned(Memory(), seen, NOW)

    assert learned(memory, [], NOW + timedelta(weeks=9)).habit == memory.habit


def test_health_survives_the_way_to_the_database_and_back() -> None:
    """Nothing of the record is lost as JSON, defaults left out."""
    adapter = TypeAdapter(SourceHealth)
    seen = [
        Sighting(published_at=NOW - timedelta(hours=5 * n), first_seen_at=NOW, relevant=False)
        for n in range(50)
    ]
    health = after(good(NOW, "a", "b", "c"), bad(NOW + MINUTE))
    health = replace(
        health, memory=replace(learned(health.memory, seen, NOW), fault=Verdict(kind="html", detail="“x”"))
    )

    assert adapter.validate_json(adapter.dump_json(health, exclude_defaults=True)) == health
