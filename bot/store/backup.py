"""Backups of the database: consistent copies, each opened and checked, and one put back in place of the file.

A copy is made by `VACUUM INTO` over a connection of its own, so the bot may write meanwhile. What a restored copy does not know is
what was sent after it was made; `restore` sees to it that nothing of that is sent again.
"""

import contextlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pysqlite3 as sqlite3

from bot.errors import StoreError
from bot.store.connection import connect, take_lock
from bot.store.rows import iso
from bot.store.schema import migrate
from bot.store.store import Store

FOLDER = "backups"
#: In the `state` table: when the copy was taken that was put back, and when that was. For a while after it a new alert may be
#: one that was posted before (`bot/intake.py`).
RESTORED = "restored"
#: After a restore feeds bring again what they list: for so long an alert may be one that was posted before.
_DOUBTED = timedelta(days=7)
_TAKEN_AT = "%Y%m%dT%H%M%SZ"
#: Slack can be asked what it took: such a row is looked up before anything is posted. A post that was not begun yet when
#: the copy was made may have been begun since.
_LOOK_UP = (
    "update outbox set state = 'sending', due_at = :now, first_attempt_at = coalesce(first_attempt_at, created_at),"
    " last_attempt_at = coalesce(last_attempt_at, created_at)"
    " where channel = 'slack' and state in ('pending', 'sending')"
)
#: Nobody can tell of the others, and most of what waited in an old copy went out long ago.
_LET_LIE = (
    "update outbox set state = 'dead', error = 'waited when a backup was made that has been restored since; probably sent'"
    " where channel in ('email', 'file') and state in ('pending', 'sending')"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A copy on disk."""

    path: Path
    taken_at: datetime
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Restored:
    """What a restore found and did."""

    backup: Backup
    #: Where the file that was in place is kept; None if there was none.
    replaced: Path | None
    items: int
    #: Deliveries that will be looked up in Slack's history before they are posted.
    to_look_up: int
    #: Mails that waited and are taken as sent.
    let_lie: int


def make(data: Path, *, now: datetime, keep: int) -> Backup:
    """Copy the database of a data folder and check the copy; of the copies the `keep` newest stay. Raises `StoreError`."""
    source = data / "bot.db"
    if not source.exists():
        raise StoreError(f"{source}: no database yet, so there is nothing to back up")
    folder = data / FOLDER
    path = folder / f"bot-{now.astimezone(UTC):{_TAKEN_AT}}.db"
    part = path.with_suffix(".part")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        part.unlink(missing_ok=True)
        # SQLite takes an empty file for a database to fill; so nobody else can ever read it.
        os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
        with contextlib.closing(
            sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        ) as db:
            db.execute("vacuum into ?", [str(part)])
        check(part)
        _to_disk(part)
        part.rename(path)
        _to_disk(folder)
        for old in sorted(folder.glob("bot-*.db"), reverse=True)[keep:]:
            old.unlink()
    except (sqlite3.Error, OSError) as error:
        part.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{path}: the backup failed: {reason}. The database itself is as it was") from error
    return Backup(path=path, taken_at=_taken_at(path), size=path.stat().st_size)


def backups(data: Path) -> tuple[Backup, ...]:
    """The copies of a data folder, newest first."""
    found = sorted((data / FOLDER).glob("bot-*.db"), reverse=True)
    return tuple(Backup(path=path, taken_at=_taken_at(path), size=path.stat().st_size) for path in found)


def check(path: Path) -> int:
    """Read a copy from end to end; how many items it holds. Raises `StoreError` if it is damaged or no database of ours."""
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            verdict = db.execute("pragma integrity_check(1)").fetchone()[0]
            if verdict != "ok":
                raise StoreError(f"{path}: the copy is damaged ({verdict})")
            return int(db.execute("select count(*) from items").fetchone()[0])
    except sqlite3.Error as error:
        raise StoreError(f"{path}: this is no database of reebot's that could be used: {error}") from error


def restore(
    data: Path, path: Path, *, now: datetime, digests_sent: Sequence[tuple[str, str]] = ()
) -> Restored:
    """Put a copy in the database's place; the file that was there is kept beside it. The bot must not run.

    Whatever may have been sent since the copy was made is not sent again: Slack is asked first (see `RESTORED`), mails
    that waited are let lie, and `digests_sent` (list, local date) are taken as made.
    Raises `LockedError` while a bot runs, `StoreError` if the copy can not be used; then nothing has changed.
    """
    items = check(path)
    backup = Backup(path=path, taken_at=_taken_at(path), size=path.stat().st_size)
    target, part = data / "bot.db", data / "bot.db.part"
    lock = take_lock(data / "bot.lock")
    try:
        part.unlink(missing_ok=True)
        os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
        shutil.copyfile(path, part)
        looked_up, let_lie = _doubt(part, backup, now, digests_sent)
        _to_disk(part)
        replaced = None
        if target.exists():
            replaced = data / f"bot.db.replaced-{now.astimezone(UTC):{_TAKEN_AT}}"
            # Its log goes first: beside another file it would be read as that file's.
            for suffix in ("-wal", "-shm"):
                with contextlib.suppress(FileNotFoundError):
                    Path(f"{target}{suffix}").rename(f"{replaced}{suffix}")
            os.link(target, replaced)
        part.replace(target)
        _to_disk(data)
    except (sqlite3.Error, OSError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"{target}: the restore failed: {reason}") from error
    finally:
        part.unlink(missing_ok=True)
        lock.close()
    return Restored(backup=backup, replaced=replaced, items=items, to_look_up=looked_up, let_lie=let_lie)


def restored_since(store: Store, now: datetime) -> datetime | None:
    """If a copy was put back lately: when it was taken. What happened since then, the database can not know."""
    kept = store.remembered(RESTORED)
    if kept is None:
        return None
    told = json.loads(kept)
    is_late = now - datetime.fromisoformat(told["restored_at"]) > _DOUBTED
    return None if is_late else datetime.fromisoformat(told["taken_at"])


def _doubt(
    part: Path, backup: Backup, now: datetime, digests_sent: Sequence[tuple[str, str]]
) -> tuple[int, int]:
    """Mark in a copy what may have been sent since it was made; how many rows are looked up, and let lie."""
    db = connect(part)
    try:
        migrate(db)
        db.execute("begin immediate")
        with db:
            looked_up = db.execute(_LOOK_UP, {"now": iso(now)}).rowcount
            let_lie = db.execute(_LET_LIE).rowcount
            for list_id, local_date in digests_sent:
                db.execute(
                    "insert into digests (list_id, local_date, since_at, until_at) values (?, ?, ?, ?)"
                    " on conflict (list_id, local_date) do nothing",
                    [list_id, local_date, iso(backup.taken_at), iso(backup.taken_at)],
                )
            value = json.dumps({"taken_at": iso(backup.taken_at), "restored_at": iso(now)})
            db.execute("insert or replace into state (name, value) values (?, ?)", [RESTORED, value])
    finally:
        db.close()
    return looked_up, let_lie


def _taken_at(path: Path) -> datetime:
    """By its name; a file that somebody renamed, by its time of change."""
    try:
        return datetime.strptime(path.stem, f"bot-{_TAKEN_AT}").replace(tzinfo=UTC)
    except ValueError:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _to_disk(path: Path) -> None:
    """A rename of what is not on disk yet may survive a power cut alone."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
