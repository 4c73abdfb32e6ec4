"""Health beside the poll: kept whole, and in one transaction with its notice."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlite_utils import Database

from bot.model import Delivery, PollState
from bot.store.health import health_of, healths, save_health
from bot.store.store import Store
from bot.verdicts import Memory, SourceHealth, Verdict

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
HEALTH = SourceHealth(
    source_id="one",
    kind="html",
    detail='a web page, "Новости"',
    since_at=NOW,
    times=2,
    told="html",
    told_at=NOW,
    memory=Memory(
        route="fallback",
        fault=Verdict(kind="html", detail="x"),
        overlaps="1101",
        moved_to="https://new.example/",
    ),
)
NOTICE = Delivery(
    key="notice:1",
    kind="notice",
    channel="slack",
    destination="#ops",
    message="{}",
    created_at=NOW,
    due_at=NOW,
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in which source "one" was polled."""
    with Store.open(tmp_path) as made:
        made.save_poll(PollState(source_id="one", etag='"1"', failures=2))
        yield made


def test_health_is_kept_and_leaves_the_poll_as_it_was(store: Store) -> None:
    """What was saved comes back; neither a poll nor a verdict overwrites the other."""
    save_health(store, HEALTH)
    store.save_poll(PollState(source_id="one", etag='"2"', failures=3))
    store.save_poll(PollState(source_id="two"))

    assert healths(store) == {"one": HEALTH, "two": SourceHealth(source_id="two")}
    assert health_of(store, "one") == HEALTH
    assert health_of(store, "unknown") == SourceHealth(source_id="unknown")
    assert store.poll_states()["one"].etag == '"2"'


def test_verdict_and_address_stand_in_columns_of_their_own(store: Store) -> None:
    """What people browse needs no JSON."""
    save_health(store, HEALTH)

    (row,) = store.rows("select verdict, verdict_detail, read_via, moved_to from polls")
    assert row == {
        "verdict": "html",
        "verdict_detail": HEALTH.detail,
        "read_via": "fallback",
        "moved_to": "https://new.example/",
    }


def test_verdict_and_notice_are_saved_together_or_not_at_all(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A crash between the two would tell the operator twice, or never."""

    def broken(*args: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(Store, "_put", broken)
        with pytest.raises(RuntimeError):
            save_health(store, HEALTH, [NOTICE])
    assert health_of(store, "one").told == "ok"

    save_health(store, HEALTH, [NOTICE])
    save_health(store, HEALTH, [NOTICE])

    assert [row.key for row in store.due(NOW, 10)] == ["notice:1"]


def test_database_of_the_version_before_gets_the_columns(tmp_path: Path) -> None:
    """Polls that were stored before are sources without a verdict yet."""
    with Store.open(tmp_path) as store:
        store.save_poll(PollState(source_id="one"))
    db = Database(tmp_path / "bot.db")
    for column in ("verdict", "verdict_detail", "verdict_since_at", "read_via", "moved_to", "health"):
        db.execute(f"alter table polls drop column {column}")
    db.execute("delete from _sqlite_migrations where name = '0003_health'")
    db.conn.commit()
    db.close()

    with Store.open(tmp_path) as store:
        assert health_of(store, "one") == SourceHealth(source_id="one")
