"""Questions asked of the store: open stories, a day's news, search. Reads only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Story
from bot.store.rows import Row, from_row
from bot.store.search import match_expression
from bot.store.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One answer to a search, best first."""

    key: str
    title: str
    url: str
    source_id: str
    language: str
    first_seen_at: datetime
    published_at: datetime | None = None
    #: Topic ids that it carries.
    topics: tuple[str, ...] = ()


def search(store: Store, query: str, limit: int) -> tuple[Hit, ...]:
    """Items that hold each word of the query, best first; titles count most."""
    expression = match_expression(query)
    if not expression:
        return ()
    rows = store.rows(
        "select items.key, items.title, url, source_id, language, first_seen_at, published_at,"
        " (select json_group_array(topic_id) from labels where item_key = items.key and sure) as topics"
        " from search join items on items.key = search.key"
        " where search match ? order by bm25(search, 0, 5.0, 1.0), first_seen_at desc limit ?",
        [expression, limit],
    )
    return tuple(from_row(Hit, {**row, "topics": json.loads(row["topics"])}) for row in rows)


def story_of(store: Store, item_key: str) -> tuple[Story, str, str] | None:
    """The story an item stands in, why it joined, and the action that followed."""
    rows = store.rows(
        "select stories.*, reason, action from story_items join stories on stories.id = story_id where item_key = ?",
        [item_key],
    )
    return (story_from(rows[0]), rows[0]["reason"], rows[0]["action"]) if rows else None


def deliveries_of(store: Store, item_key: str) -> tuple[Row, ...]:
    """Outbox rows of alerts about this item: channel, destination, state, sent_at, error."""
    return tuple(
        store.rows(
            "select channel, destination, state, attempts, sent_at, error from outbox"
            " where kind = 'alert' and json_extract(message, '$.item_key') = ? order by rowid",
            [item_key],
        )
    )


def sources_of(store: Store, story_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Story id -> ids of the sources that carried it, first one first."""
    found: dict[str, list[str]] = {}
    rows = store.rows(
        "select story_id, source_id from story_items join items on items.key = item_key"
        " where story_id in (select value from json_each(?)) order by items.first_seen_at, items.rowid",
        [json.dumps(list(story_ids))],
    )
    for row in rows:
        names = found.setdefault(row["story_id"], [])
        if row["source_id"] not in names:
            names.append(row["source_id"])
    return {story_id: tuple(names) for story_id, names in found.items()}


def last_digest_end(store: Store, list_id: str) -> datetime | None:
    """Until when this list has been told."""
    rows = store.rows("select max(until_at) as until_at from digests where list_id = ?", [list_id])
    return datetime.fromisoformat(rows[0]["until_at"]) if rows[0]["until_at"] else None


def has_digest(store: Store, list_id: str, local_date: str) -> bool:
    """True when the digest of this list and local date was made."""
    return bool(
        store.rows("select 1 from digests where list_id = ? and local_date = ?", [list_id, local_date])
    )


def story_from(row: Row) -> Story:
    """The story that a row of `stories` holds."""
    return from_row(Story, {**row, "topics": json.loads(row["topics"])})


def source_activity(store: Store) -> dict[str, tuple[int, datetime | None]]:
    """Source id -> how many items it brought, and the date of its newest."""
    rows = store.rows(
        "select source_id, count(*) as items, max(coalesce(published_at, first_seen_at)) as newest"
        " from items group by source_id"
    )
    return {row["source_id"]: (row["items"], datetime.fromisoformat(row["newest"])) for row in rows}


def waiting_elsewhere(store: Store, channels: Sequence[str]) -> int:
    """How many deliveries wait for a channel that is none of these."""
    row = store.rows(
        "select count(*) as n from outbox where state in ('pending', 'sending')"
        " and channel not in (select value from json_each(?))",
        [json.dumps(list(channels))],
    )[0]
    return int(row["n"])
