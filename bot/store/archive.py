"""Reads stored items in bulk, for the lab: with what the rules once said of them, in order of arrival."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.model import Item
from bot.store.rows import iso
from bot.store.store import Store

#: Rows held at a time.
_PAGE = 2_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A stored item and its verdicts."""

    item: Item
    #: Topic id -> 0..1, as stored.
    scores: dict[str, float]
    #: Topic id -> whether it was sure; topics without a label are not in it.
    labels: dict[str, bool]
    rules_version: str


def count_kept(store: Store, since: datetime | None = None) -> int:
    """How many items were first seen since then."""
    return int(store.rows("select count(*) as n from items where first_seen_at >= ?", [_from(since)])[0]["n"])


def kept(store: Store, since: datetime | None = None) -> Iterator[Kept]:
    """Items first seen since then, oldest first, page by page."""
    at, rowid = _from(since), -1
    while True:
        rows = store.rows(
            "select rowid, *, (select json_group_object(topic_id, sure) from labels where item_key = items.key)"
            " as labels from items where (first_seen_at, rowid) > (?, ?) and first_seen_at >= ?"
            " order by first_seen_at, rowid limit ?",
            [at if rowid >= 0 else "", rowid, _from(since), _PAGE],
        )
        for row in rows:
            yield _kept(row)
        if len(rows) < _PAGE:
            return
        at, rowid = rows[-1]["first_seen_at"], rows[-1]["rowid"]


def _from(since: datetime | None) -> str:
    return iso(since) if since else ""


def _kept(row: dict[str, Any]) -> Kept:
    # By hand: a validator takes several times as long, and a backtest reads a hundred thousand.
    item = Item(
        key=row["key"],
        source_id=row["source_id"],
        guid=row["guid"],
        url=row["url"],
        title=row["title"],
        summary=row["summary"],
        text=row["text"],
        language=row["language"],
        published_at=datetime.fromisoformat(row["published_at"]) if row["published_at"] else None,
        first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
    )
    labels = {topic: bool(sure) for topic, sure in json.loads(row["labels"]).items()}
    return Kept(
        item=item, scores=json.loads(row["scores"]), labels=labels, rules_version=row["rules_version"]
    )
