"""Stories as stored: which are open, what is compared of their items, what a person pinned; merging and splitting them."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.configured import Pin
from bot.errors import StoreError
from bot.model import Item, Story
from bot.store.reports import story_from
from bot.store.rows import Row, from_row, iso, to_row
from bot.store.store import Store

#: Of an item's text, what may be compared.
_HEAD = 600
#: The fewest characters of a story's id by which it may be named.
SHORTEST_ID = 4
_RANK = {"archive": 0, "today": 1, "now": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """An item of a story, its text cut to what is compared."""

    story_id: str
    item: Item
    concepts: tuple[str, ...]
    direction: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """An item of a story, for people: what it says and why it is there."""

    item: Item
    reason: str
    action: str
    copy_of: str | None


def open_stories(store: Store, now: datetime, hours: float, longest: timedelta) -> tuple[Story, ...]:
    """Stories that an item may join: so many hours after their last one, or as long as they lived, up to `longest`; oldest first."""
    rows = store.rows(
        "select * from stories where merged_into = '' and julianday(?1) - julianday(last_seen_at)"
        " <= max(?2 / 24.0, min(julianday(last_seen_at) - julianday(first_seen_at), ?3 / 24.0))"
        " and last_seen_at >= ?4 order by first_seen_at, id",
        [iso(now), hours, longest / timedelta(hours=1), iso(now - max(longest, timedelta(hours=hours)))],
    )
    return tuple(story_from(row) for row in rows)


def members(store: Store, story_ids: Iterable[str]) -> Iterator[Member]:
    """The items of these stories, in the order in which they came."""
    rows = store.rows(
        "select story_id, items.key, source_id, guid, url, title, substr(summary, 1, ?2) as summary,"
        " substr(text, 1, ?2) as text, language, published_at, first_seen_at, concepts, direction"
        " from story_items join items on items.key = story_items.item_key"
        " left join traits on traits.item_key = items.key"
        " where story_id in (select value from json_each(?1)) order by items.first_seen_at, items.rowid",
        [json.dumps(list(story_ids)), _HEAD],
    )
    for row in rows:
        yield Member(
            story_id=row["story_id"],
            item=from_row(Item, row),
            concepts=tuple(json.loads(row["concepts"] or "[]")),
            direction=row["direction"] or b"",
        )


def pins(store: Store) -> tuple[Pin, ...]:
    """What people said of pairs of items."""
    return tuple(
        from_row(Pin, row) for row in store.rows("select * from story_pins order by pinned_at, rowid")
    )


def mark_quiet(store: Store, now: datetime, after: timedelta) -> None:
    """Write down which stories have gone quiet: nothing came for so long."""
    store.write_all(
        "update stories set life = 'quiet' where life <> 'quiet' and last_seen_at < :since",
        [{"since": iso(now - after)}],
    )


def story(store: Store, name: str) -> Story | None:
    """The story with this id, the only one whose id begins so, or the one into which it was merged."""
    rows = store.rows("select * from stories where id = ?", [name])
    if not rows and len(name) >= SHORTEST_ID:
        rows = store.rows("select * from stories where id >= ? and id < ? limit 2", [name, name + "~"])
    if len(rows) != 1:
        return None
    return story(store, rows[0]["merged_into"]) if rows[0]["merged_into"] else story_from(rows[0])


def told(store: Store, story_id: str) -> tuple[Told, ...]:
    """A story's items, in the order in which they came."""
    rows = store.rows(
        "select items.*, reason, action, copy_of from story_items join items on items.key = item_key"
        " where story_id = ? order by items.first_seen_at, items.rowid",
        [story_id],
    )
    return tuple(
        Told(item=from_row(Item, row), reason=row["reason"], action=row["action"], copy_of=row["copy_of"])
        for row in rows
    )


def merge(store: Store, into: Story, other: Story, *, source_count: int, now: datetime) -> Story:
    """Move all items of another story into this one, and pin them together. An alert that either had stays sent.

    `source_count` is that of both together. Raises `StoreError` where both are the same.
    """
    if into.id == other.id:
        raise StoreError(f"{into.id}: a story can not be merged with itself")
    ours, theirs = told(store, into.id), told(store, other.id)
    whole = replace(
        into,
        topics=into.topics + tuple(topic for topic in other.topics if topic not in into.topics),
        first_seen_at=min(into.first_seen_at, other.first_seen_at),
        last_seen_at=max(into.last_seen_at, other.last_seen_at),
        item_count=len(ours) + len(theirs),
        source_count=source_count,
        level=max(into.level, other.level, key=_RANK.__getitem__),
    )
    with store.together():
        store.rows(
            "update story_items set story_id = ?, reason = 'merged' where story_id = ?", [into.id, other.id]
        )
        store.rows("update stories set merged_into = ?, item_count = 0 where id = ?", [into.id, other.id])
        _put(store, whole)
        for entry in theirs:
            for mine in ours[:1]:
                _pin(store, mine.item.key, entry.item.key, together=True, now=now)
    return whole


def split(store: Store, old: Story, item: Item, new_id: str, *, source_count: int, now: datetime) -> Story:
    """Take an item out of its story into one of its own, and pin it apart from those that stay. Nobody is alerted.

    `source_count` is that of what stays. Raises `StoreError` where the item is all there is.
    """
    stay = [entry for entry in told(store, old.id) if entry.item.key != item.key]
    if not stay:
        raise StoreError(f"{item.key}: is its story's only item")
    if store.rows("select 1 from stories where id = ?", [new_id]):
        # The item opened the old story, whose id and alert come from it: the others keep both.
        new_id = f"{new_id[:-1]}{'0' if new_id[-1] != '0' else '1'}"
    alone = Story(
        id=new_id,
        title=item.title,
        url=item.url,
        topics=old.topics,
        first_seen_at=item.first_seen_at,
        last_seen_at=item.first_seen_at,
        level=old.level,
    )
    first = stay[0].item
    rest = replace(
        old,
        title=old.title if old.title != item.title else first.title,
        url=old.url if old.title != item.title else first.url,
        first_seen_at=min(entry.item.first_seen_at for entry in stay),
        item_count=len(stay),
        source_count=source_count,
    )
    with store.together():
        _put(store, alone)
        _put(store, rest)
        store.rows(
            "update story_items set story_id = ?, reason = 'split', copy_of = null where item_key = ?",
            [alone.id, item.key],
        )
        for entry in stay:
            _pin(store, entry.item.key, item.key, together=False, now=now)
    return alone


def _put(store: Store, row_of: Story) -> None:
    row: Row = {**to_row(row_of), "topics": json.dumps(row_of.topics)}
    columns, marks = ", ".join(row), ", ".join("?" for _ in row)
    changes = ", ".join(f"{column} = excluded.{column}" for column in row if column != "id")
    store.rows(
        f"insert into stories ({columns}) values ({marks}) on conflict (id) do update set {changes}",  # noqa: S608  our own columns
        list(row.values()),
    )


def _pin(store: Store, one: str, other: str, *, together: bool, now: datetime) -> None:
    first, second = sorted((one, other))
    store.rows(
        "insert into story_pins (item_key, other_key, together, pinned_at) values (?, ?, ?, ?)"
        " on conflict (item_key, other_key) do update set together = excluded.together, pinned_at = excluded.pinned_at",
        [first, second, int(together), iso(now)],
    )
