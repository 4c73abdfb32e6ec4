"""What is stored of the entries that a document lists, and how their source usually behaves. Reads only."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bot.model import Item, Membership, Revision, Story
from bot.store.reports import story_from
from bot.store.rows import from_row, iso
from bot.store.store import Store

#: So far back the usual is looked for.
_USUAL = timedelta(days=14)


def stored(store: Store, keys: Iterable[str]) -> dict[str, Item]:
    """Key -> the stored item that has it, or that came under it once; what is new has none."""
    wanted = json.dumps(list(keys))
    rows = store.rows(
        "select items.*, keys.value as known_as from json_each(?) as keys"
        " left join aliases on aliases.key = keys.value"
        " join items on items.key = coalesce(aliases.item_key, keys.value)",
        [wanted],
    )
    return {row["known_as"]: from_row(Item, row) for row in rows}


def with_titles(store: Store, source_id: str, titles: Iterable[str]) -> tuple[Item, ...]:
    """A source's items that have one of these titles, newest first."""
    rows = store.rows(
        "select * from items where source_id = ? and title in (select value from json_each(?))"
        " order by first_seen_at desc, rowid desc",
        [source_id, json.dumps(list(titles))],
    )
    return tuple(from_row(Item, row) for row in rows)


def usual_per_day(store: Store, source_id: str, now: datetime) -> float:
    """New items that a source brings in a day, without those of its first poll; 0 where that is not known."""
    row = store.rows(
        "select min(first_seen_at) as first from items where source_id = ?",
        [source_id],
    )[0]
    if row["first"] is None:
        return 0.0
    since = max(datetime.fromisoformat(row["first"]), now - _USUAL)
    found = store.rows(
        "select count(*) as items from items where source_id = ? and first_seen_at > ?",
        [source_id, iso(since)],
    )[0]
    # A source that we know for an hour has shown us nothing of its days.
    return float(found["items"]) / max(1.0, (now - since) / timedelta(days=1))


def places(store: Store, item_keys: Sequence[str]) -> dict[str, tuple[Story, Membership]]:
    """Item key -> its story and its place there, for those that stand in one."""
    rows = store.rows(
        "select stories.*, item_key, reason, action, copy_of from story_items"
        " join stories on stories.id = story_id where item_key in (select value from json_each(?))",
        [json.dumps(list(item_keys))],
    )
    return {
        row["item_key"]: (story_from(row), from_row(Membership, {**row, "story_id": row["id"]}))
        for row in rows
    }


def revisions_of(store: Store, item_key: str) -> tuple[Revision, ...]:
    """What an item said before its edits, oldest first."""
    rows = store.rows("select * from revisions where item_key = ? order by seen_at", [item_key])
    return tuple(from_row(Revision, row) for row in rows)
