"""Claims' lives, prices and weights in the database: kept with their items, read back equal."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysqlite3 as sqlite3
import pytest

from bot.analyse.claimlife import decided
from bot.model import Batch, Classification, ClassifiedItem, Item, PollState
from bot.store import tracked
from bot.store.store import Store
from bot.tracked import Claim, ClaimEvent, Part, Price, PriceKey, Severity, Weight

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = PriceKey(material="dysprosium", form="oxide", unit="CNY/t", basis="VAT in")
EVENT = ClaimEvent(
    claim_id="goal",
    state="proposed",
    verdict="revises",
    value=3000.0,
    unit="t",
    by="2030",
    source="TASS",
    item_key="i0",
    line="was, now",
    at=NOW,
)
WEIGHT = Weight(
    item_key="i0",
    severity=Severity(score=61.5, level="now", parts=(Part(name="topic", points=61.5, why="sure"),)),
    at=NOW,
)


def entry(number: int) -> ClassifiedItem:
    """An item without labels."""
    found = Item(key=f"i{number}", source_id="one", title=f"t{number}", language="en", first_seen_at=NOW)
    return ClassifiedItem(item=found, classification=Classification(scores={}, labels=(), rules_version="v"))


def point(number: int, value: float, **changes: object) -> Price:
    """The price that an item gave, a day after the one before."""
    at = NOW + timedelta(days=number)
    return Price(key=KEY, value=value, source_id="one", item_key=f"i{number}", at=at, **changes)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two items with two prices, a proposal and a weight."""
    opened = Store.open(tmp_path)
    opened.save(
        Batch(
            poll=PollState(source_id="one"),
            items=(entry(0), entry(1)),
            claims=(EVENT,),
            prices=(point(0, 100.0), point(1, 400.0, value_to=420.0, held="4 times the usual")),
            weights=(WEIGHT,),
        )
    )
    return opened


def test_what_a_poll_brings_comes_back_equal(store: Store) -> None:
    """A proposal, a series oldest first and a weight with its parts survive the database."""
    with store:
        assert tracked.life(store) == (replace(EVENT, number=1),)
        assert tracked.series(store, [KEY])[KEY] == (
            point(0, 100.0),
            point(1, 400.0, value_to=420.0, held="4 times the usual"),
        )
        assert tracked.series(store, [replace(KEY, basis="FOB")]) == {replace(KEY, basis="FOB"): ()}
        assert tracked.weight(store, "i0") == WEIGHT
        assert tracked.weight(store, "i1") is None


def test_a_series_ends_with_its_newest_points(store: Store) -> None:
    """Asked for one point, the store gives the last, not the first."""
    with store:
        assert [one.item_key for one in tracked.series(store, [KEY], most=1)[KEY]] == ["i1"]


def test_an_item_seen_again_keeps_one_price_and_one_weight(store: Store) -> None:
    """An edit replaces what the item gave; a claim's life only grows."""
    with store:
        store.save(
            Batch(
                poll=PollState(source_id="one"),
                edited=(entry(0),),
                prices=(point(0, 105.0),),
                weights=(replace(WEIGHT, severity=Severity(score=1.0, level="archive")),),
            )
        )

        assert [one.value for one in tracked.series(store, [KEY])[KEY]] == [105.0, 400.0]
        kept = tracked.weight(store, "i0")
        assert kept is not None
        assert kept.severity.score == 1.0


def test_an_answer_is_kept_with_its_giver(store: Store) -> None:
    """An accepted proposal says by whom and when."""
    with store:
        (waiting,) = tracked.life(store)
        answer = decided(waiting, accept=True, by="anna", at=NOW + timedelta(hours=1))

        tracked.decide(store, answer)

        assert tracked.life(store) == (answer,)


def test_a_claims_life_begins_once(store: Store) -> None:
    """The baseline is written for people who browse, and not again at the next start."""
    claim = Claim(
        id="goal", name="g", kind="figure", value=12, unit="%", by="2030", as_of="2025-05", source="s"
    )
    with store:
        tracked.keep_baseline(store, [claim], NOW)
        tracked.keep_baseline(store, [claim], NOW + timedelta(days=1))

        begun = [event for event in tracked.life(store) if event.state == "baseline"]
        assert [(event.value, event.by, event.at) for event in begun] == [(12, "2030", NOW)]


def test_an_unknown_state_is_refused(store: Store, tmp_path: Path) -> None:
    """The table holds the states that the code knows and no others."""
    store.close()
    db = sqlite3.connect(tmp_path / "bot.db")

    with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint"):
        db.execute("update claims set state = 'maybe'")
    db.close()
