"""Copies of the database: consistent, checked, few, and safe to put back."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysqlite3 as sqlite3
import pytest

from bot.errors import LockedError, StoreError
from bot.model import PollState
from bot.store import backup
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def _filled(folder: Path, *names: str) -> None:
    with Store.open(folder) as store:
        for name in names:
            store.save_poll(PollState(source_id=name))


def _polls(folder: Path) -> list[str]:
    with Store.open(folder) as store:
        return sorted(store.poll_states())


def test_a_copy_is_made_beside_a_store_at_work(tmp_path: Path) -> None:
    """It holds what was committed, for nobody but the owner to read, and the writer goes on."""
    with Store.open(tmp_path) as store:
        store.save_poll(PollState(source_id="a"))
        made = backup.make(tmp_path, now=NOW, keep=7)
        store.save_poll(PollState(source_id="b"))

    assert made.taken_at == NOW
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    with sqlite3.connect(made.path) as db:
        assert db.execute("select source_id from polls").fetchall() == [("a",)]


def test_only_the_newest_copies_are_kept(tmp_path: Path) -> None:
    """As many as asked for; a copy in the making leaves nothing behind."""
    _filled(tmp_path, "a")

    for day in range(5):
        backup.make(tmp_path, now=NOW + timedelta(days=day), keep=3)

    assert [copy.taken_at.day for copy in backup.backups(tmp_path)] == [27, 26, 25]
    assert sorted(path.suffix for path in (tmp_path / "backups").iterdir()) == [".db"] * 3


def test_a_backup_that_fails_says_so_and_leaves_the_old_ones(tmp_path: Path) -> None:
    """A damaged database gives no copy; what was there stays."""
    _filled(tmp_path, *(f"source-{n}" for n in range(2_000)))
    backup.make(tmp_path, now=NOW, keep=1)
    path = tmp_path / "bot.db"
    data = bytearray(path.read_bytes())
    data[4_096 * 3 : 4_096 * 12] = b"\xff" * 4_096 * 9
    path.write_bytes(data)

    with pytest.raises(StoreError, match="backup failed"):
        backup.make(tmp_path, now=NOW + timedelta(days=1), keep=1)

    assert [copy.taken_at for copy in backup.backups(tmp_path)] == [NOW]


def test_there_is_nothing_to_back_up_before_the_first_poll(tmp_path: Path) -> None:
    """It is said in words."""
    with pytest.raises(StoreError, match="no database yet"):
        backup.make(tmp_path, now=NOW, keep=7)


def test_a_restore_puts_the_copy_in_place_and_keeps_the_file_that_was_there(tmp_path: Path) -> None:
    """Whatever state that file is in, its log included."""
    _filled(tmp_path, "a")
    made = backup.make(tmp_path, now=NOW, keep=7)
    _filled(tmp_path, "b")
    (tmp_path / "bot.db-wal").write_bytes(b"a log that a crash left")

    done = backup.restore(tmp_path, made.path, now=NOW + timedelta(hours=1))

    assert done.replaced is not None
    assert done.replaced.exists()
    assert Path(f"{done.replaced}-wal").read_bytes() == b"a log that a crash left"
    assert not (tmp_path / "bot.db-wal").exists()
    assert _polls(tmp_path) == ["a"]


def test_nothing_is_restored_under_a_running_bot(tmp_path: Path) -> None:
    """The lock says so."""
    _filled(tmp_path, "a")
    made = backup.make(tmp_path, now=NOW, keep=7)

    with Store.open(tmp_path), pytest.raises(LockedError):
        backup.restore(tmp_path, made.path, now=NOW)


@pytest.mark.parametrize("content", [b"", b"no database", b"SQLite format 3\0" + b"\xff" * 5_000])
def test_what_is_no_copy_changes_nothing(tmp_path: Path, content: bytes) -> None:
    """It is refused in words and the database stays."""
    _filled(tmp_path, "a")
    other = tmp_path / "other.db"
    other.write_bytes(content)

    with pytest.raises(StoreError):
        backup.restore(tmp_path, other, now=NOW)

    assert _polls(tmp_path) == ["a"]
    assert not list(tmp_path.glob("bot.db.*"))


def test_a_restore_is_remembered_for_a_week(tmp_path: Path) -> None:
    """So long new alerts are looked up before they are posted."""
    _filled(tmp_path, "a")
    made = backup.make(tmp_path, now=NOW, keep=7)
    backup.restore(tmp_path, made.path, now=NOW + timedelta(hours=5))

    with Store.open(tmp_path) as store:
        assert backup.restored_since(store, NOW + timedelta(days=7)) == NOW
        assert backup.restored_since(store, NOW + timedelta(days=8)) is None
