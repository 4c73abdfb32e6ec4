"""Pacing: paces and the price, learnt from a real database, through polls over real HTTP."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import jobs
from bot.config import Config
from bot.configured import Source
from bot.model import Batch, Classification, ClassifiedItem, Item, Label, PollState
from bot.pacing import Pacer, read_price
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, Settings
from bot.store import history
from bot.store.store import Store
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

#: A Monday.
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
STATE = PollState(source_id="one", requests=1)
SURE = Label(topic_id="prices", score=0.9, sure=True, evidence=())
POSSIBLE = replace(SURE, sure=False)
RSS = (
    b"<rss version='2.0'><channel><title>t</title><ttl>%d</ttl><item><title>Neodymium oxide rises</title>"
    b"<link>https://news.example/neodymium-oxide-rises-again</link></item></channel></rss>"
)


@pytest.fixture
def store() -> Iterator[Store]:
    """A store in memory."""
    with Store.in_memory() as store:
        yield store


def item(name: str, published_at: datetime | None, first_seen_at: datetime, *labels: Label) -> ClassifiedItem:
    """An item of the source before the dash."""
    found = Item(
        key=name, source_id=name.partition("-")[0], published_at=published_at, first_seen_at=first_seen_at
    )
    return ClassifiedItem(
        item=found, classification=Classification(scores={}, labels=labels, rules_version="1")
    )


def keep(store: Store, items: list[ClassifiedItem], *, requests: int = 1) -> None:
    """Store these items, and that their source was polled so often."""
    source_id = items[0].item.source_id
    store.save(Batch(poll=PollState(source_id=source_id, requests=requests), items=tuple(items)))


def hourly(source_id: str, days: int, *labels: Label) -> list[ClassifiedItem]:
    """An item an hour up to now, each seen ten minutes after it came out."""
    times = [NOW - HOUR * n for n in range(1, 24 * days)]
    return [item(f"{source_id}-{n}", at - 10 * MINUTE, at, *labels) for n, at in enumerate(times)]


# --- what the database tells ------------------------------------------------------------------------


def test_sightings_are_a_source_s_own_with_what_was_sure(store: Store) -> None:
    """Items of this source since then, newest first; one with only a possible label is not relevant."""
    keep(
        store,
        [
            item("one-old", NOW - 9 * DAY, NOW - 8 * DAY, SURE),
            item("one-a", NOW - 2 * HOUR, NOW - HOUR, SURE, replace(SURE, topic_id="sanctions")),
            item("one-b", None, NOW, POSSIBLE),
        ],
    )
    keep(store, [item("two-a", NOW - HOUR, NOW, SURE)])

    found = history.sightings(store, "one", NOW - 7 * DAY)

    assert [(seen.published_at, seen.first_seen_at, seen.relevant) for seen in found] == [
        (None, NOW, False),
        (NOW - 2 * HOUR, NOW - HOUR, True),
    ]


def test_hours_of_all_sources_are_of_what_came_out_while_we_watched(store: Store) -> None:
    """The back catalogue, repeated dates and dates that do not lie before first sight are left out."""
    saturday = NOW - 2 * DAY
    keep(
        store,
        [
            item("one-first", NOW - 9 * DAY, NOW - 8 * DAY),
            item("one-a", saturday, saturday + HOUR),
            item("one-b", saturday, saturday + HOUR),
            item("one-c", NOW - HOUR, NOW - 30 * MINUTE),
            item("one-d", NOW, NOW),
            item("one-e", None, NOW),
        ],
    )
    keep(store, [item("two-a", saturday, saturday + HOUR)])

    counts, gathered = history.hours_of_week(store, 14 * DAY, NOW)

    assert gathered == 8 * DAY
    assert {hour: count for hour, count in enumerate(counts) if count} == {7: 1, 24 + 8: 2}


# --- the pacer --------------------------------------------------------------------------------------


def following(
    pacer: Pacer, store: Store, *, now: datetime = NOW, source_id: str = "one"
) -> tuple[timedelta, str]:
    """How long until the next poll, without jitter, and why."""
    state = replace(STATE, source_id=source_id)
    found = pacer.following(store, state, now=now, jitter=0.5, not_before=None)
    return found.at - now, found.why


def test_first_hour_is_at_the_interval(store: Store) -> None:
    """While nobody knows the price, each source is polled every ten minutes, whatever it brings."""
    keep(store, hourly("one", 10))

    assert following(Pacer(IngestSettings(), [f"{n}" for n in range(70)]), store) == (
        10 * MINUTE,
        "about 23 items a day, none relevant so far; at first every 10 min",
    )


def test_after_an_hour_those_who_bring_more_are_polled_more(store: Store) -> None:
    """The first price shares the budget out: the mean stays, the relevant source is polled far more often."""
    keep(store, hourly("one", 20))
    keep(store, hourly("two", 20, SURE))
    pacer = Pacer(IngestSettings(), ["one", "two"])

    pacer.steer(store, NOW)
    pacer.steer(store, NOW + HOUR)
    waits = [following(pacer, store, now=NOW + HOUR, source_id=source_id)[0] for source_id in ("one", "two")]

    assert waits[0] / waits[1] == pytest.approx((484.4 / 480 / 0.02) ** 0.5, rel=0.1)
    assert sum(DAY / wait for wait in waits) == pytest.approx(2 * 144, rel=0.1)


def test_price_is_moved_once_an_hour_and_survives_a_restart(store: Store) -> None:
    """Twice the requests allowed in an hour raise it by a tenth; another pacer goes on from there."""
    keep(store, hourly("one", 20), requests=1_000)
    pacer = Pacer(IngestSettings(), ["one"])
    following(pacer, store)
    pacer.steer(store, NOW)
    pacer.steer(store, NOW + HOUR)
    first = read_price(store)
    assert first is not None
    assert first.price is not None
    # Twelve polls, where six were allowed.
    store.save_poll(replace(STATE, requests=1_012))

    again = Pacer(IngestSettings(), ["one"])
    again.steer(store, NOW + 1.5 * HOUR)
    assert read_price(store) == first
    again.steer(store, NOW + 2 * HOUR)

    moved = read_price(store)
    assert moved is not None
    assert (moved.counted_at, moved.requests) == (NOW + 2 * HOUR, 1_012)
    assert moved.price == pytest.approx(first.price * 2.718**0.1, rel=0.01)


def test_a_break_does_not_lower_the_price(store: Store) -> None:
    """A night without the bot spent nothing, which says nothing of the price; counting starts anew."""
    keep(store, hourly("one", 20), requests=5)
    pacer = Pacer(IngestSettings(), ["one"])
    following(pacer, store)
    pacer.steer(store, NOW)
    pacer.steer(store, NOW + HOUR)
    before = read_price(store)

    pacer.steer(store, NOW + 11 * HOUR)

    after = read_price(store)
    assert before is not None
    assert after == replace(before, counted_at=NOW + 11 * HOUR)


def test_a_quiet_hour_has_a_small_budget(store: Store) -> None:
    """At night, five requests of a source of mornings are too many, though an even budget would allow six."""
    days = [NOW.replace(hour=6) - DAY * n for n in range(1, 22)]
    keep(
        store,
        [
            item(f"one-{day:%j}-{n}", day + MINUTE * 7 * n, day + MINUTE * 7 * n + MINUTE)
            for day in days
            for n in range(20)
        ],
    )
    night = NOW.replace(hour=1)
    pacer = Pacer(IngestSettings(), ["one"])
    pacer.steer(store, night - HOUR)
    pacer.steer(store, night)
    first = read_price(store)
    store.save_poll(replace(STATE, requests=6))

    pacer.steer(store, night + HOUR)

    after = read_price(store)
    assert first is not None
    assert after is not None
    assert after.price is not None
    assert first.price is not None
    assert after.price > first.price


def test_a_pace_serves_for_an_hour(store: Store) -> None:
    """What a poll brings changes the pace an hour later; a source of which nothing is known is looked at each time."""
    pacer = Pacer(IngestSettings(), ["one"])
    assert following(pacer, store)[1].startswith("pace not known yet")

    keep(store, [item("one-a", NOW - DAY, NOW)])
    known = following(pacer, store)[1]
    keep(store, [item(f"one-{n}", NOW - MINUTE * n, NOW) for n in range(1, 30)])

    assert following(pacer, store, now=NOW + HOUR / 2)[1] == known
    assert following(pacer, store, now=NOW + HOUR)[1] != known


# --- through a poll ---------------------------------------------------------------------------------


async def test_wishes_of_feed_and_server_hold_through_304(feeds: FeedServer, tmp_path: Path) -> None:
    """A ttl is remembered when the source says "not modified"; a server's max-age counts when it is longer."""
    source = Source(id="one", url=feeds.url("/rss"))
    config = Config(
        folder=tmp_path,
        settings=Settings(ingest=IngestSettings(allow_private_addresses=True, timeout_seconds=5)),
        sources=(source,),
        topics=(),
        concepts=(),
        env=Environment(data=tmp_path / "data"),
    )
    states = []
    async with open_parts(config) as parts:
        parts = replace(parts, clock=lambda: NOW)
        for headers in ({}, {}, {"Cache-Control": "max-age=10800"}):
            feeds.serve("/rss", RSS % 60, etag='"1"', headers=headers)
            await jobs.poll_source(parts, source)
            states.append((await parts.writer(Store.poll_states))["one"])

    assert [state.status for state in states] == ["ok", "not_modified", "not_modified"]
    assert [state.next_poll_at for state in states] == [NOW + HOUR, NOW + HOUR, NOW + 3 * HOUR]
    assert states[1].reason.endswith("; the feed asks for 60 min")
    assert states[2].reason.endswith("; the server asks for 3 h")
    assert [state.requests for state in states] == [1, 2, 3]
    assert states[2].entries == 1
