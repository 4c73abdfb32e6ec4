"""Facts in the store: written with their item, replaced by its edit, read back whole."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.facts import Fact
from bot.model import Batch, Classification, ClassifiedItem, Delivery, Item, PollState
from bot.store.store import Store

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ITEM = Item(key="abcdef", source_id="one", title="Quota at 270,000 t", language="en", first_seen_at=NOW)
PRICE = Fact(
    kind="price",
    subject="dysprosium",
    item="dysprosium oxide",
    value=0.1 + 0.2,
    value_to=7.0,
    unit="CNY/t",
    currency="CNY",
    per="t",
    vat="out",
    is_previous=True,
    assumed=("currency", "per"),
    field="title",
    start=3,
    end=9,
)
QUOTA = Fact(
    kind="quota", value=270_000, unit="t", period="yr", date="2030", of="the world", field="title", end=4
)
POLL = PollState(source_id="one", ok_at=NOW)


def entry(*facts: Fact) -> ClassifiedItem:
    """The item with these facts."""
    nothing = Classification(scores={}, labels=(), rules_version="v1")
    return ClassifiedItem(item=ITEM, classification=nothing, facts=facts)


def test_facts_come_back_as_they_were_saved(tmp_path: Path) -> None:
    """In order of reading, floats to the last digit, also from the file."""
    with Store.open(tmp_path) as store:
        store.save(Batch(poll=POLL, items=(entry(PRICE, QUOTA),)))
    with Store.open_read_only(tmp_path) as store:
        assert store.facts("abcdef") == (PRICE, QUOTA)
        assert store.facts("other") == ()


def test_an_edit_replaces_the_facts() -> None:
    """What an item no longer says is gone."""
    with Store.in_memory() as store:
        store.save(Batch(poll=POLL, items=(entry(PRICE, QUOTA),)))
        store.save(Batch(poll=POLL, edited=(entry(replace(QUOTA, value=280_000)),)))

        assert store.facts("abcdef") == (replace(QUOTA, value=280_000),)


def test_facts_are_of_the_same_transaction_as_their_item() -> None:
    """When a batch can not be written, no fact of it stays behind."""
    bad = Delivery(
        key="k", kind="alert", channel="slack", destination="#x", message="{}", created_at=NOW, due_at=NOW
    )
    bad = replace(bad, state="nonsense")  # type: ignore[arg-type]  # what the table refuses

    with Store.in_memory() as store:
        with pytest.raises(Exception, match="CHECK"):
            store.save(Batch(poll=POLL, items=(entry(PRICE),), deliveries=(bad,)))

        assert store.rows("select count(*) as n from facts") == [{"n": 0}]
