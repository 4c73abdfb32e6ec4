"""A poll's items weighed against the store: proposals made once, series continued, all of it saved with the items."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import config
from bot.analyse.assess import Assessment
from bot.analyse.claimlife import decided
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import understand
from bot.analyse.subjects import Subjects
from bot.config import Config
from bot.configured import Source
from bot.intake import Judged, absorb
from bot.model import Batch, ClassifiedItem, Item, PollState
from bot.notify.messages import load
from bot.store import tracked
from bot.store.store import Store
from bot.weighing import Watch, hits_of, notes_of, weigh_all, with_weights

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SOURCES = {"tass": Source(id="tass", url="https://tass.example/rss", name="TASS", weight=1.2)}


@pytest.fixture(scope="module")
def loaded() -> Config:
    """The shipped configuration."""
    return config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})


@pytest.fixture(scope="module")
def rulebook(loaded: Config) -> Rulebook:
    """The shipped rules alone."""
    facts = loaded.settings.facts
    book = Rulebook.compile(loaded.topics, loaded.concepts)
    return replace(book, subjects=Subjects.of(loaded.concepts, facts.materials, facts.others))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty database."""
    with Store.open(tmp_path) as opened:
        yield opened


def entry(key: str, title: str, rulebook: Rulebook) -> ClassifiedItem:
    """An item of TASS as the rules see it."""
    item = Item(key=key, source_id="tass", title=title, language="en", published_at=NOW, first_seen_at=NOW)
    return understand(item, rulebook)


def weighed(
    store: Store, loaded: Config, rulebook: Rulebook, *entries: ClassifiedItem, at: datetime = NOW
) -> dict[str, Assessment]:
    """What the items amount to, saved with them."""
    found = weigh_all(
        store,
        entries,
        {},
        Watch.of(loaded),
        hits_of(entries, rulebook),
        sources=SOURCES,
        settings=loaded.settings.severity,
        now=at,
    )
    batch = Batch(poll=PollState(source_id="tass"), items=entries)
    store.save(with_weights(batch, found, SOURCES, at))
    return found


def test_a_revision_is_proposed_once_and_saved_with_its_item(
    store: Store, loaded: Config, rulebook: Rulebook
) -> None:
    """Two items of one poll say the same: the first proposes, weighs by it and says so; the second does not."""
    one = entry("one", "Russia now targets 3,000 t of rare earths by 2030", rulebook)
    two = entry("two", "Moscow targets 3,000 tonnes of rare earths by 2030, Russia's ministry says", rulebook)

    found = weighed(store, loaded, rulebook, one, two)

    assert [event.item_key for event in tracked.life(store)] == ["one"]
    assert notes_of(found["one"], loaded.settings.severity)[0].endswith(
        "was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)"
    )
    assert notes_of(found["two"], loaded.settings.severity) == ()
    assert "claim" in {part.name for part in found["one"].severity.parts}
    assert "claim" not in {part.name for part in found["two"].severity.parts}
    saved = tracked.weight(store, "one")
    assert saved is not None
    assert saved.severity == found["one"].severity


def test_what_was_accepted_is_confirmed_from_then_on(
    store: Store, loaded: Config, rulebook: Rulebook
) -> None:
    """After a person accepts 3,000 t the same figure confirms, and 12% is what differs."""
    weighed(
        store, loaded, rulebook, entry("one", "Russia now targets 3,000 t of rare earths by 2030", rulebook)
    )
    (event,) = tracked.life(store)
    tracked.decide(store, decided(event, accept=True, by="anna", at=NOW))

    later = NOW + timedelta(days=1)
    title = "Russia keeps its target of 3,000 t of rare earths by 2030"
    found = weighed(store, loaded, rulebook, entry("two", title, rulebook), at=later)

    assert [change.verdict for change in found["two"].changes] == ["confirms"]
    assert [one.state for one in tracked.life(store)] == ["accepted", "confirmed"]


def test_a_price_is_compared_with_the_last_one_stored(
    store: Store, loaded: Config, rulebook: Rulebook
) -> None:
    """The second poll's price moves against the first one's, and a slip by a factor of ten waits for a look."""
    first = entry("one", "China's dysprosium oxide price at 1,600,000 yuan a tonne", rulebook)
    second = entry("two", "China's dysprosium oxide price rises to 1,760,000 yuan a tonne", rulebook)
    slip = entry("three", "China's dysprosium oxide price at 17,600,000 yuan a tonne", rulebook)

    weighed(store, loaded, rulebook, first)
    found = weighed(store, loaded, rulebook, second, slip)

    (moved,) = found["two"].prices
    assert moved.change == pytest.approx(0.1)
    assert notes_of(found["two"], loaded.settings.severity) == (
        "dysprosium oxide: 1,600,000 to 1,760,000 CNY/t, up 10.0%",
    )
    assert "figure" in {part.name for part in found["two"].severity.parts}
    (held,) = found["three"].prices
    assert held.held
    assert notes_of(found["three"], loaded.settings.severity) == ()
    assert len(tracked.series(store, [moved.key])[moved.key]) == 3


def test_a_poll_saves_weights_and_its_alert_says_what_it_changes(
    store: Store, loaded: Config, rulebook: Rulebook
) -> None:
    """From a poll to the outbox: the alert holds the claim's line, the item its weight, the claim its proposal."""
    one = entry("one", "Russia now targets 3,000 t of rare earths by 2030", rulebook)

    batch = absorb(
        store,
        Judged(fresh=(one,)),
        PollState(source_id="tass"),
        loaded,
        first_poll=False,
        now=NOW,
        rulebook=rulebook,
    )

    (delivery,) = batch.deliveries
    assert "was 12% by 2030 (May 2025), now 3,000 t by 2030 (tass)" in load(delivery.message).notes[0]
    assert tracked.weight(store, "one") is not None
    assert [event.state for event in tracked.life(store)] == ["proposed"]


def test_history_is_not_weighed(store: Store, loaded: Config, rulebook: Rulebook) -> None:
    """What a first poll finds proposes nothing: its figures may be years old."""
    one = entry("one", "Russia now targets 3,000 t of rare earths by 2030", rulebook)

    absorb(
        store,
        Judged(fresh=(one,)),
        PollState(source_id="tass"),
        loaded,
        first_poll=True,
        now=NOW,
        rulebook=rulebook,
    )

    assert tracked.life(store) == ()
    assert tracked.weight(store, "one") is None


def test_a_second_report_of_a_story_is_less_new(store: Store, loaded: Config, rulebook: Rulebook) -> None:
    """What joins a story is compared with what the story told before, as it is stored."""
    titles = ("Beijing sets the rare earth mining quota at 270,000 tonnes",) * 2
    parts = []
    for number, title in enumerate(titles):
        absorb(
            store,
            Judged(fresh=(entry(f"i{number}", title, rulebook),)),
            PollState(source_id="tass"),
            loaded,
            first_poll=False,
            now=NOW + timedelta(minutes=number),
            rulebook=rulebook,
        )
        kept = tracked.weight(store, f"i{number}")
        assert kept is not None
        parts.append({part.name: part for part in kept.severity.parts})

    assert parts[0]["novelty"].why == "first of its story"
    assert "novelty" not in parts[1]
