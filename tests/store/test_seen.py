"""What is remembered of documents: it comes back as it was, and stands or falls with the items."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pysqlite3 as sqlite3
import pytest

from bot.model import Batch, PollState
from bot.seen import Seen, Slice, Traits
from bot.store.identity import stored
from bot.store.seen import seen_of
from bot.store.store import Store
from tests.store.test_store import classified, item

TRAITS = Traits(
    guid="g",
    link="https://news.example/n/1",
    title="稀土",
    name="稀土",
    language="zh",
    published_at=datetime(2026, 11, 23, 8, 0, 0, 5, tzinfo=UTC),
)
SEEN = Seen(
    source_id="one",
    context="c",
    items_hash="i",
    slices=(
        Slice(hash="1", key="aaaa", traits=TRAITS),
        Slice(hash="2", key="bbbb", traits=replace(TRAITS, title="", name="A lead", published_at=None)),
    ),
)
BATCH = Batch(poll=PollState(source_id="one"), items=(classified(item("aaaa")),), seen=SEEN)


def test_memory_of_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    """Every field of every slice, and each source its own; a later document takes the place of the earlier."""
    with Store.open(tmp_path) as store:
        assert seen_of(store, "one") is None
        store.save(BATCH)
        assert seen_of(store, "one") == SEEN
        assert seen_of(store, "two") is None

        later = replace(SEEN, items_hash="j", slices=SEEN.slices[1:])
        store.save(Batch(poll=PollState(source_id="one"), seen=later))

        assert seen_of(store, "one") == later


def test_a_document_is_not_remembered_without_its_items(tmp_path: Path) -> None:
    """Where the items can not be saved the document stays unknown, or they would never be looked at again."""
    twice = replace(BATCH, items=BATCH.items * 2)

    with Store.open(tmp_path) as store:
        with pytest.raises(sqlite3.IntegrityError):
            store.save(twice)

        assert seen_of(store, "one") is None
        assert stored(store, ["aaaa"]) == {}
