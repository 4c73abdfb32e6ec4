"""Writes what stories compare of an item beside its words, within a transaction of the store's."""

import json

import pysqlite3 as sqlite3

from bot.model import ClassifiedItem


def keep(db: sqlite3.Connection, classified: ClassifiedItem) -> None:
    """Keep the concepts and the direction of an item with a topic; no other item can join a story."""
    found = classified.classification
    if not found.labels:
        return
    db.execute(
        "insert into traits (item_key, concepts, direction) values (?, ?, ?)"
        " on conflict (item_key) do update set concepts = excluded.concepts, direction = excluded.direction",
        [classified.item.key, json.dumps(sorted(found.concepts)), found.direction],
    )
