"""What the store keeps of edits and of items that come under other keys."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Batch, Membership, PollState, Revision, Story
from bot.store import edits, identity, reports
from bot.store.store import Store
from tests.store.test_store import LABEL, NOW, classified, item

POLL = PollState(source_id="one", ok_at=NOW, status="ok")
OLD = item("aaaa", summary="Первое сообщение")
NEW = replace(OLD, title="Исправленный заголовок", summary="Второе", text="длинный текст", language="ru")


def revision(number: int = 0, action: str = "none") -> Revision:
    """What the item said before its edit of that number."""
    return Revision(
        item_key="aaaa",
        title=f"{OLD.title} {number}",
        summary=OLD.summary,
        text=OLD.text,
        seen_at=NOW + timedelta(minutes=number),
        action=action,  # type: ignore[arg-type]  # one of the three
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that holds the item with a label, and another one before it."""
    store = Store.open(tmp_path / "data")
    store.save(Batch(poll=POLL, items=(classified(item("before")), classified(OLD, LABEL))))
    return store


def test_an_edit_replaces_words_labels_and_search_row(store: Store) -> None:
    """The item reads as it does now and is found by that alone; what it said is kept, oldest first."""
    sure = replace(LABEL, topic_id="sanctions")
    batch = Batch(poll=POLL, edited=(classified(NEW, sure),), revisions=(revision(2, "thread"), revision(1)))

    store.save(batch)

    assert store.item("aaaa") == NEW
    assert store.classification("aaaa").labels == (sure,)
    assert [hit.key for hit in reports.search(store, "исправленный", 10)] == ["aaaa"]
    assert [hit.key for hit in reports.search(store, "длинный", 10)] == ["aaaa"]
    assert reports.search(store, '"первое сообщение"', 10) == ()
    assert identity.revisions_of(store, "aaaa") == (revision(1), revision(2, "thread"))
    assert store.item("before") == item("before")
    store.close()


def test_the_search_row_is_found_where_the_tables_went_apart(store: Store) -> None:
    """A database that was put together by hand may number its rows otherwise."""
    store._db.execute("delete from search where key = 'before'")
    store._db.execute("update search set rowid = 77 where key = 'aaaa'")

    store.save(Batch(poll=POLL, edited=(classified(NEW),)))

    assert [hit.key for hit in reports.search(store, "исправленный", 10)] == ["aaaa"]
    store.close()


def test_a_page_that_counts_its_readers_fills_no_disk(store: Store) -> None:
    """Of one item a limited number of versions is kept, the first ones; the item itself is always the latest."""
    for number in range(edits.MOST_REVISIONS + 5):
        latest = replace(NEW, summary=f"{number} читателей")
        store.save(Batch(poll=POLL, edited=(classified(latest),), revisions=(revision(number),)))

    assert identity.revisions_of(store, "aaaa") == tuple(map(revision, range(edits.MOST_REVISIONS)))
    assert store.item("aaaa") == latest
    store.close()


def test_an_alias_names_the_stored_item_until_too_many_follow(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Known and aliased keys give the stored item, others nothing; the oldest aliases of a source go first."""
    monkeypatch.setattr(edits, "MOST_ALIASES", 3)
    for number in range(5):
        store.save(Batch(poll=POLL, aliases={f"alias{number}": "aaaa"}))
    other = replace(POLL, source_id="two")
    store.save(Batch(poll=other, aliases={"theirs": "before"}))

    found = identity.stored(store, ["aaaa", *(f"alias{n}" for n in range(5)), "theirs", "unknown"])

    assert {key: value.key for key, value in found.items()} == {
        "aaaa": "aaaa",
        "alias2": "aaaa",
        "alias3": "aaaa",
        "alias4": "aaaa",
        "theirs": "before",
    }
    store.close()


def test_titles_are_looked_for_within_their_source(store: Store) -> None:
    """Two items of the source have this title; of another source none does."""
    found = identity.with_titles(store, "one", [OLD.title, "x"])

    assert {entry.key for entry in found} == {"before", "aaaa"}
    assert identity.with_titles(store, "two", [OLD.title]) == ()
    store.close()


def test_what_a_source_usually_brings_leaves_its_first_poll_out(store: Store) -> None:
    """Ten items in four days after the first poll are two and a half a day; of an unknown source nothing is known."""
    later = [classified(item(f"l{n}", first_seen_at=NOW + timedelta(hours=n + 1))) for n in range(10)]
    store.save(Batch(poll=POLL, items=tuple(later)))

    assert identity.usual_per_day(store, "one", NOW + timedelta(days=4)) == 2.5
    assert identity.usual_per_day(store, "two", NOW) == 0
    store.close()


def test_an_edit_may_turn_a_place_in_a_story_into_an_alert(store: Store) -> None:
    """The item stands in its story once, with what came of it in the end."""
    story = Story(id="s", title="t", url="", topics=(), first_seen_at=NOW, last_seen_at=NOW, level="today")
    place = Membership(story_id="s", item_key="aaaa", reason="first", action="digest")
    store.save(Batch(poll=POLL, stories=(story,), memberships=(place,)))
    told = replace(story, level="now")

    store.save(Batch(poll=POLL, stories=(told,), memberships=(replace(place, action="alert"),)))

    assert identity.places(store, ["aaaa", "before"]) == {"aaaa": (told, replace(place, action="alert"))}
    store.close()
