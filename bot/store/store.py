"""The only SQL: one transaction per write, plain records in and out.

One `Store` that writes exists per data folder (a lock file sees to it) and stays in the thread that opened it.
Every write is `BEGIN IMMEDIATE ... COMMIT` with synchronous=FULL: what a method has returned from survives a
power cut, and an item never stands without the deliveries that it causes.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import pysqlite3 as sqlite3

from bot.address import canonical_url
from bot.configured import Source
from bot.errors import StoreError
from bot.facts import Fact
from bot.model import Batch, Classification, ClassifiedItem, Delivery, Digest, Item, PollState
from bot.store import edits, seen, tracked, traits
from bot.store.connection import clear_errors, configured, connect, corrupt, stamp, take_lock
from bot.store.facts import fact_from, keep_facts
from bot.store.labels import label_from, label_row
from bot.store.rows import Row, from_row, iso, to_row
from bot.store.schema import migrate
from bot.store.search import index_text

#: The first SQLite in which two connections can not lose a committed write to each other (WAL-reset bug).
SAFE_SQLITE = (3, 51, 3)
#: The fewest characters of an item's key by which it may be named.
SHORTEST_KEY = 4
#: An item stands in a story once; an edit may change what that led to.
_OVER_ACTION = "on conflict (story_id, item_key) do update set action = excluded.action"


class Store:
    """Open with `Store.open` to write or `Store.open_read_only` to look."""

    def __init__(self, db: sqlite3.Connection, lock: IO[str] | None = None) -> None:
        self._db = db
        self._lock = lock
        #: How often writes were taken back: what was concluded from them in memory is wrong since then.
        self.undone = 0

    # --- life -----------------------------------------------------------------------------------------

    @classmethod
    def open(cls, folder: Path) -> Self:
        """The writing store of a data folder, made if missing. Raises `LockedError` or `StoreError`."""
        if sqlite3.sqlite_version_info < SAFE_SQLITE:
            raise StoreError(
                f"SQLite {sqlite3.sqlite_version} can lose writes in WAL mode; install pysqlite3 as locked "
                "in requirements.txt"
            )
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(f"{folder}: the data folder can not be made: {error.strerror}") from error
        lock = take_lock(folder / "bot.lock")
        path = folder / "bot.db"
        try:
            if not path.exists():
                path.touch(mode=0o600)
            with clear_errors(path):
                store = cls(connect(path), lock)
                store._db.execute("pragma journal_mode = wal")
                # The check reads the whole file, which takes minutes when it has grown for years.
                if lock.read() != stamp(path):
                    store._check(path)
                migrate(store._db)
        except BaseException:
            lock.close()
            raise
        return store

    @classmethod
    def in_memory(cls) -> Self:
        """A store that is gone when closed: for replays and trials."""
        store = cls(configured(sqlite3.connect(":memory:")))
        migrate(store._db)
        return store

    @classmethod
    def open_read_only(cls, folder: Path) -> Self:
        """A store to look at while another process may write. Raises `StoreError` if there is none."""
        path = folder / "bot.db"
        if not path.exists():
            raise StoreError(f"{path}: no database yet; `reebot poll` or `reebot run` makes it")
        with clear_errors(path):
            store = cls(connect(path, read_only=True))
            store._db.execute("select count(*) from items").fetchone()
        return store

    def close(self) -> None:
        """Let go of the file and the lock, and note in the lock how the file was left."""
        path = Path(self._lock.name).with_name("bot.db") if self._lock else None
        self._db.close()
        if self._lock and path:
            self._lock.truncate(0)
            self._lock.write(stamp(path))
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check(self, path: Path) -> None:
        verdict = self._db.execute("pragma quick_check(1)").fetchone()[0]
        if verdict != "ok":
            raise corrupt(path, str(verdict))

    def upkeep(self) -> None:
        """Fold the write-ahead log into the file and refresh what the query planner knows."""
        self._db.execute("pragma wal_checkpoint(truncate)").fetchone()
        self._db.execute("pragma optimize")

    @contextmanager
    def together(self) -> Iterator[None]:
        """All that is written inside is one transaction: all of it or nothing. May be nested."""
        if self._db.in_transaction:
            opened, undone, done = "savepoint part", "rollback to part", "release part"
        else:
            # IMMEDIATE: a plain BEGIN that turns into a write later fails at once when another process wrote.
            opened, undone, done = "begin immediate", "", "commit"
        self._db.execute(opened)
        try:
            yield
        except BaseException:
            self.undone += 1
            if undone:
                self._db.execute(undone)
                self._db.execute(done)
            else:
                self._db.rollback()
            raise
        self._db.execute(done)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        """What a query finds, for this folder's own modules."""
        cursor = self._db.execute(sql, parameters)
        names = [column[0] for column in cursor.description or ()]
        # To the end, as an unfinished query keeps a read snapshot that makes our next write fail.
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def write_all(self, sql: str, rows: Iterable[Row]) -> None:
        """One statement for each of these rows in one transaction, for this folder's own modules."""
        with self.together():
            for row in rows:
                self._db.execute(sql, row)

    # --- sources and polls ----------------------------------------------------------------------------

    def keep_sources(self, sources: Iterable[Source]) -> None:
        """Mirror the configured sources into the database, for people who browse it."""
        with self.together():
            self._db.execute("delete from sources")
            for source in sources:
                row = asdict(source)
                for unkept in ("user_agent", "fallback_url", "headers", "page", "article", "owner"):
                    del row[unkept]
                row["topics"] = json.dumps(row["topics"])
                self._put("sources", row)

    def poll_states(self) -> dict[str, PollState]:
        """Source id -> what we remember of it."""
        return {row["source_id"]: from_row(PollState, row) for row in self.rows("select * from polls")}

    def poll_state(self, source_id: str) -> PollState:
        """What we remember of one source."""
        rows = self.rows("select * from polls where source_id = ?", [source_id])
        return from_row(PollState, rows[0]) if rows else PollState(source_id=source_id)

    def save_poll(self, state: PollState) -> None:
        """Remember a poll that brought no items."""
        with self.together():
            self._put_over("polls", "source_id", to_row(state))

    def change_poll(self, source_id: str, row: Row, deliveries: Iterable[Delivery] = ()) -> None:
        """Set some columns of a source's poll, together with the deliveries that this causes."""
        changes = ", ".join(f"{column} = ?" for column in row)
        with self.together():
            self._db.execute(
                f"update polls set {changes} where source_id = ?",  # noqa: S608  our own columns
                [*row.values(), source_id],
            )
            for delivery in deliveries:
                self._put("outbox", to_row(delivery), "on conflict (key) do nothing")

    def remembered(self, name: str) -> str | None:
        """What `remember` was last given under this name."""
        rows = self.rows("select value from state where name = ?", [name])
        return str(rows[0]["value"]) if rows else None

    def remember(self, name: str, value: str) -> None:
        """Keep a small thing that belongs to no other table."""
        with self.together():
            self._put_over("state", "name", {"name": name, "value": value})

    # --- items ----------------------------------------------------------------------------------------

    def save(self, batch: Batch) -> None:
        """Write a poll's outcome: all of it or nothing."""
        with self.together():
            for classified in batch.items:
                self._put_item(classified)
            for revision in batch.revisions:
                edits.keep_revision(self._db, revision)
            for classified in batch.edited:
                edits.replace_item(self._db, classified)
                for table in ("labels", "facts"):
                    self._db.execute(f"delete from {table} where item_key = ?", [classified.item.key])  # noqa: S608
                self._put_labels(classified)
            edits.keep_aliases(self._db, batch.poll.source_id, batch.aliases)
            for classified in (*batch.items, *batch.edited):
                traits.keep(self._db, classified)
            for story in batch.stories:
                self._put_over("stories", "id", {**to_row(story), "topics": json.dumps(story.topics)})
            for membership in batch.memberships:
                self._put("story_items", to_row(membership), _OVER_ACTION)
            for delivery in batch.deliveries:
                # The key is unique: an alert that was ever queued is not queued again.
                self._put("outbox", to_row(delivery), "on conflict (key) do nothing")
            self._put_over("polls", "source_id", to_row(batch.poll))
            tracked.keep(self._db, batch)
            if batch.seen:
                self._put_over("documents", "source_id", seen.to_row(batch.seen))

    def _put_item(self, classified: ClassifiedItem) -> None:
        item, found = classified.item, classified.classification
        row = {
            **to_row(item),
            "canonical_url": canonical_url(item.url),
            "scores": json.dumps(dict(found.scores)),
            "rules_version": found.rules_version,
        }
        self._put("items", row)
        self._db.execute(
            "insert into search (key, title, body) values (?, ?, ?)",
            [item.key, index_text(item.title), index_text(f"{item.summary}\n{item.text}")],
        )
        self._put_labels(classified)

    def _put_labels(self, classified: ClassifiedItem) -> None:
        for label in classified.classification.labels:
            self._put("labels", {"item_key": classified.item.key, **label_row(label)})
        keep_facts(self._db, classified.item.key, classified.facts)

    def _put(self, table: str, row: Row, on_conflict: str = "") -> None:
        columns = ", ".join(row)
        marks = ", ".join("?" for _ in row)
        # The names come from our own records, never from outside.
        sql = f"insert into {table} ({columns}) values ({marks}) {on_conflict}"  # noqa: S608
        self._db.execute(sql, list(row.values()))

    def _put_over(self, table: str, key: str, row: Row) -> None:
        changes = ", ".join(f"{column} = excluded.{column}" for column in row if column != key)
        self._put(table, row, f"on conflict ({key}) do update set {changes}")

    def item(self, name: str) -> Item | None:
        """The item with this key, the only one whose key begins so, or the newest with this address."""
        rows = self.rows("select * from items where key = ?", [name])
        if not rows and "://" in name:
            newest = "select * from items where canonical_url = ? order by first_seen_at desc limit 1"
            rows = self.rows(newest, [canonical_url(name)])
        elif not rows and len(name) >= SHORTEST_KEY:
            rows = self.rows("select * from items where key >= ? and key < ? limit 2", [name, name + "~"])
        return from_row(Item, rows[0]) if len(rows) == 1 else None

    def classification(self, item_key: str) -> Classification:
        """What the rules said of an item when it was stored."""
        row = self.rows("select scores, rules_version from items where key = ?", [item_key])[0]
        labels = self.rows(
            "select * from labels where item_key = ? order by score desc, topic_id", [item_key]
        )
        return Classification(
            scores=json.loads(row["scores"]),
            labels=tuple(label_from(label) for label in labels),
            rules_version=row["rules_version"],
        )

    def facts(self, item_key: str) -> tuple[Fact, ...]:
        """The figures of a stored item, in order of reading."""
        rows = self.rows("select * from facts where item_key = ? order by number", [item_key])
        return tuple(fact_from(row) for row in rows)

    def counts(self) -> dict[str, int]:
        """How many items, labelled items ("hits"), stories and waiting deliveries there are."""
        row = self.rows(
            "select (select count(*) from items) as items,"
            " (select count(distinct item_key) from labels where sure) as hits,"
            " (select count(*) from stories) as stories,"
            " (select count(*) from outbox where state in ('pending', 'sending')) as waiting,"
            " (select count(*) from outbox where state = 'dead') as dead"
        )[0]
        return {name: int(value) for name, value in row.items()}

    # --- outbox ---------------------------------------------------------------------------------------

    def due(self, now: datetime, limit: int, channel: str | None = None) -> tuple[Delivery, ...]:
        """Deliveries that may go now, oldest first; of one channel, if it is named.

        None overtakes an older one to its destination that waits, unless that one waits for others to join it.
        """
        rows = self.rows(
            "select * from outbox as mine where state = 'pending' and due_at <= ?1"
            " and channel = coalesce(?3, channel) and not exists ("
            "  select 1 from outbox as older where older.state = 'pending' and older.due_at > ?1"
            "  and (older.attempts > 0 or older.error <> '')"
            "  and older.channel = mine.channel and older.destination = mine.destination"
            "  and (older.created_at, older.rowid) < (mine.created_at, mine.rowid)"
            ") order by created_at, rowid limit ?2",
            [iso(now), limit, channel],
        )
        return tuple(from_row(Delivery, row) for row in rows)

    def unknown(self, channel: str | None = None) -> tuple[Delivery, ...]:
        """Deliveries whose call was begun and whose outcome was not recorded; of one channel, if it is named."""
        rows = self.rows(
            "select * from outbox where state = 'sending' and channel = coalesce(?, channel)"
            " order by created_at, rowid",
            [channel],
        )
        return tuple(from_row(Delivery, row) for row in rows)

    def save_delivery(self, delivery: Delivery) -> None:
        """Record how far a delivery got."""
        row = to_row(delivery)
        key = row.pop("key")
        changes = ", ".join(f"{column} = ?" for column in row)
        with self.together():
            self._db.execute(f"update outbox set {changes} where key = ?", [*row.values(), key])  # noqa: S608

    # --- digests --------------------------------------------------------------------------------------

    def save_digest(self, digest: Digest, deliveries: Iterable[Delivery]) -> None:
        """Record that a list's digest of a date was made, together with its deliveries."""
        with self.together():
            self._put(
                "digests",
                {
                    "list_id": digest.list_id,
                    "local_date": digest.local_date.isoformat(),
                    "since_at": iso(digest.since_at),
                    "until_at": iso(digest.until_at),
                },
            )
            for delivery in deliveries:
                self._put("outbox", to_row(delivery), "on conflict (key) do nothing")
