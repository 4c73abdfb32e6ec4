"""The store: one transaction per write, nothing doubled, clear refusals."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysqlite3 as sqlite3
import pytest
from sqlite_utils import Database

from bot.configured import Source
from bot.errors import LockedError, StoreError
from bot.model import (
    Batch,
    Classification,
    ClassifiedItem,
    Delivery,
    Evidence,
    Item,
    Label,
    Membership,
    PollState,
    Story,
)
from bot.store import reports
from bot.store.identity import stored
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
EVIDENCE = Evidence(term="Томтор", field="title", start=0, end=6, concept="tomtor", gloss="Tomtor")
LABEL = Label(
    topic_id="russia-ree",
    score=0.1 + 0.2,
    sure=True,
    evidence=(EVIDENCE,),
    rule_ids=("deposit",),
    why="names one",
)


def item(key: str, title: str = "Томтор: новая лицензия", **changes: object) -> Item:
    """An item of source "one"."""
    values = {
        "url": f"https://news.example/{key}",
        "language": "ru",
        "published_at": NOW,
        "first_seen_at": NOW,
    }
    return Item(key=key, source_id="one", title=title, **{**values, **changes})  # type: ignore[arg-type]


def classified(found: Item, *labels: Label) -> ClassifiedItem:
    """The item with these labels."""
    scores = {"russia-ree": 0.1 + 0.2, "sanctions": 0.0}
    return ClassifiedItem(
        item=found, classification=Classification(scores=scores, labels=labels, rules_version="v1")
    )


def alert(key: str, **changes: object) -> Delivery:
    """A delivery that waits."""
    values = {
        "kind": "alert",
        "channel": "slack",
        "destination": "#x",
        "message": "{}",
        "created_at": NOW,
        "due_at": NOW,
    }
    return Delivery(key=key, **{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "data"


def test_a_batch_comes_back_as_it_was_saved(folder: Path) -> None:
    """Items, labels, stories and deliveries read back equal to what was written, floats to the last digit."""
    story = Story(id="s1", title="t", url="", topics=("russia-ree",), first_seen_at=NOW, last_seen_at=NOW)
    entry = classified(item("abcdef"), LABEL)
    batch = Batch(
        poll=PollState(source_id="one", ok_at=NOW, status="ok"),
        items=(entry,),
        stories=(story,),
        memberships=(Membership(story_id="s1", item_key="abcdef", reason="first", action="alert"),),
        deliveries=(alert("k1"),),
    )

    with Store.open(folder) as store:
        store.save(batch)
    with Store.open(folder) as store:
        assert store.item("abcdef") == entry.item
        assert store.classification("abcdef") == entry.classification
        assert store.poll_states() == {"one": batch.poll}
        assert store.due(NOW, 10) == (alert("k1"),)
        assert reports.story_of(store, "abcdef") == (story, "first", "alert")


def test_a_failing_write_leaves_nothing_behind(folder: Path) -> None:
    """When one row of a batch can not be written, none of it is: no item without its delivery."""
    broken = Batch(
        poll=PollState(source_id="one", ok_at=NOW),
        items=(classified(item("abcdef")),),
        deliveries=(alert("k1", state="nonsense"),),
    )

    with Store.open(folder) as store:
        with pytest.raises(Exception, match="CHECK"):
            store.save(broken)

        assert store.counts()["items"] == 0
        assert store.poll_states() == {}


def test_an_alert_is_queued_once(folder: Path) -> None:
    """A delivery whose key was ever queued is not queued again, also when it was sent long ago."""
    batch = Batch(poll=PollState(source_id="one"), deliveries=(alert("k1"),))

    with Store.open(folder) as store:
        store.save(batch)
        store.save_delivery(alert("k1", state="sent", sent_at=NOW))
        store.save(batch)

        assert store.due(NOW, 10) == ()
        assert store.unknown() == ()


def test_items_are_known_by_their_keys(folder: Path) -> None:
    """What is stored is found, what is new is not."""
    with Store.open(folder) as store:
        store.save(Batch(poll=PollState(source_id="one"), items=(classified(item("aaaa")),)))

        assert stored(store, ["aaaa", "bbbb", "bbbb"]) == {"aaaa": item("aaaa")}


def test_an_item_is_found_by_key_start_or_address(folder: Path) -> None:
    """A key, its unambiguous beginning and an address in any of its spellings name the item."""
    with Store.open(folder) as store:
        store.save(
            Batch(
                poll=PollState(source_id="one"), items=(classified(item("aaaa1")), classified(item("aaaa2")))
            )
        )

        for name in ("aaaa1", "http://news.example/aaaa1?utm_source=x"):
            assert store.item(name) == item("aaaa1")
        for name in ("aaaa", "aaa", "nothing", "https://news.example/nothing"):
            assert store.item(name) is None


def test_deliveries_are_due_in_order_and_not_before_their_time(folder: Path) -> None:
    """The oldest row goes first; a row that waits for its time is left out; "sending" rows are unknown."""
    later = alert("later", due_at=NOW + timedelta(minutes=5))
    rows = (
        alert("b", created_at=NOW + timedelta(seconds=1), destination="#y"),
        alert("a"),
        later,
        alert("c", state="sending", attempts=1),
    )

    with Store.open(folder) as store:
        store.save(Batch(poll=PollState(source_id="one"), deliveries=rows))

        assert [row.key for row in store.due(NOW, 10)] == ["a", "b"]
        assert [row.key for row in store.due(NOW + timedelta(minutes=5), 10)] == ["a", "later", "b"]
        assert [row.key for row in store.unknown()] == ["c"]
        assert store.counts()["waiting"] == 4


def test_a_delivery_does_not_overtake_one_that_waits(folder: Path) -> None:
    """While an older row to the same destination waits to be tried again, younger ones wait behind it."""
    waits = alert("waits", due_at=NOW + timedelta(minutes=5), attempts=1, error="slack: ratelimited")
    behind = alert("behind", created_at=NOW + timedelta(seconds=1))
    elsewhere = alert("elsewhere", created_at=NOW + timedelta(seconds=1), destination="#y")

    with Store.open(folder) as store:
        store.save(Batch(poll=PollState(source_id="one"), deliveries=(waits, behind, elsewhere)))

        assert [row.key for row in store.due(NOW + timedelta(minutes=1), 10)] == ["elsewhere"]
        later = [row.key for row in store.due(NOW + timedelta(minutes=5), 10)]
        assert later == ["waits", "behind", "elsewhere"]


def test_a_delivery_that_was_never_tried_holds_up_nobody(folder: Path) -> None:
    """A notice that waits to be folded with others of its kind does not keep alerts from the same channel."""
    waits = alert("waits", due_at=NOW + timedelta(minutes=5))
    behind = alert("behind", created_at=NOW + timedelta(seconds=1))

    with Store.open(folder) as store:
        store.save(Batch(poll=PollState(source_id="one"), deliveries=(waits, behind)))

        assert [row.key for row in store.due(NOW + timedelta(minutes=1), 10)] == ["behind"]


def test_a_second_process_is_refused(folder: Path) -> None:
    """Two writers would send everything twice: the second is told so and leaves the database alone."""
    with Store.open(folder), pytest.raises(LockedError, match="another reebot"):
        Store.open(folder)

    Store.open(folder).close()


def test_a_damaged_database_is_refused_with_the_way_out(folder: Path) -> None:
    """A file that is no sound database is neither used nor replaced."""
    Store.open(folder).close()
    path = folder / "bot.db"
    path.write_bytes(b"SQLite format 3\0" + b"\xff" * 8000)
    before = path.read_bytes()

    with pytest.raises(StoreError, match=r"damaged.*backup"):
        Store.open(folder)

    assert path.read_bytes() == before


def test_a_file_that_was_left_in_order_is_not_read_through_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check, which reads the whole file, is spared after a clean end, and made after any other touch."""
    checks: list[Path] = []
    monkeypatch.setattr(Store, "_check", lambda store, path: checks.append(path))
    Store.open(folder).close()
    checks.clear()

    with Store.open(folder) as store:
        store.save_poll(PollState(source_id="a"))
    Store.open(folder).close()
    assert checks == []

    with sqlite3.connect(folder / "bot.db") as other:
        other.execute("update polls set status = 'touched'")
    other.close()
    Store.open(folder).close()
    assert checks == [folder / "bot.db"]


def test_a_newer_schema_is_refused_with_the_way_out(folder: Path) -> None:
    """A database that a later version migrated is not touched by an older one."""
    Store.open(folder).close()
    Database(folder / "bot.db")["_sqlite_migrations"].insert(  # type: ignore[union-attr]
        {"migration_set": "reebot", "name": "9999_future", "applied_at": "x"}
    )

    with pytest.raises(StoreError, match=r"newer schema.*9999_future.*update reebot"):
        Store.open(folder)


def test_looking_before_there_is_anything_says_what_to_do(folder: Path) -> None:
    """A reading command on an empty folder names the commands that fill it, and makes no file."""
    with pytest.raises(StoreError, match="reebot poll"):
        Store.open_read_only(folder)

    assert not folder.exists()


def test_the_database_is_for_its_owner_only(folder: Path) -> None:
    """The file may hold addresses and messages: others on the machine can not read it."""
    Store.open(folder).close()

    assert (folder / "bot.db").stat().st_mode & 0o077 == 0


def test_sources_are_mirrored_without_their_secrets_names(folder: Path) -> None:
    """The sources table follows the configuration: what left it is gone from the table."""
    source = Source(id="one", url="https://news.example/feed", topics=("sanctions",))

    with Store.open(folder) as store:
        store.keep_sources([source, Source(id="two", url="https://b.example")])
        store.keep_sources([source])
        rows = store.rows("select * from sources")

    assert [row["id"] for row in rows] == ["one"]
    assert "headers" not in rows[0]


@pytest.mark.parametrize(
    "query",
    [
        "稀土",
        "氧化镨钕",
        "价",
        "санкци",
        "САНКЦИОННЫЙ",
        "редкоземельные",
        '"rare earth"',
        "licence dysprosium",
        "120,000",
    ],
)
def test_search_finds_words_in_any_form(folder: Path, query: str) -> None:
    """Han pairs, stems and phrases are found in any case and inflection; other items are not."""
    wanted = item(
        "wanted",
        title="稀土与氧化镨钕价",
        summary="Санкционного списка редкоземельных металлов нет.",
        text="A rare earth licence: 120,000 t of dysprosium",
    )
    other = item("other", title="土稀 镨氧化", summary="Погода", text="earth so rare, a license plate")

    with Store.open(folder) as store:
        store.save(Batch(poll=PollState(source_id="one"), items=(classified(wanted), classified(other))))

        assert [hit.key for hit in reports.search(store, query, 10)] == ["wanted"]


@pytest.mark.parametrize("query", ["", "   ", '"', "*", "AND", 'x" OR "y', "(((", "NEAR(", "-", "\x00"])
def test_no_query_is_an_error(folder: Path, query: str) -> None:
    """What a person types is never read as the search engine's own language."""
    with Store.open(folder) as store:
        assert reports.search(store, query, 10) == ()
