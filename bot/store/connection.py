"""Opening the database file: the connection, the lock of its folder, and what its errors mean to an operator."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pysqlite3 as sqlite3

from bot.errors import LockedError, StoreError


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """A connection as every part of the store has it. Raises `sqlite3.Error`."""
    if read_only:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
    else:
        db = sqlite3.connect(str(path), timeout=30)
    return configured(db)


def configured(db: sqlite3.Connection) -> sqlite3.Connection:
    """The same connection, as durable and as strict as all of the store's."""
    # A statement of its own commits by itself; `together` says when several belong together.
    db.isolation_level = None
    db.execute("pragma synchronous = full")
    db.execute("pragma foreign_keys = on")
    return db


def stamp(path: Path) -> str:
    """What tells a file that was left by a clean end from one that a crash or somebody else touched."""
    log = path.with_name(f"{path.name}-wal")
    found = path.stat()
    return f"{found.st_size} {found.st_mtime_ns} {log.stat().st_size if log.exists() else 0}"


def take_lock(path: Path) -> IO[str]:
    """The lock of a data folder, held until it is closed. Raises `LockedError`."""
    lock = path.open("a+")
    lock.seek(0)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise LockedError(
            f"{path}: another reebot is at work in this folder; stop it first, or set BOT_DATA to another one"
        ) from error
    return lock


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """What SQLite says of a file as a `StoreError` with the way out."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        text = str(error)
        if "malformed" in text or "not a database" in text:
            raise corrupt(path, text) from error
        raise StoreError(f"{path}: {text}") from error


def corrupt(path: Path, detail: str) -> StoreError:
    """The error of a damaged file."""
    return StoreError(
        f"{path}: the database is damaged ({detail}). Nothing was changed. Move the file away (keep it) and put "
        "the newest backup in its place, or start with an empty folder: set BOT_DATA"
    )
