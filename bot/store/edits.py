"""Writes what edits change, within a transaction of the store's: revisions, aliases, the item and its search row."""

import json
from collections.abc import Mapping

import pysqlite3 as sqlite3

from bot.model import ClassifiedItem, Revision
from bot.store.rows import iso, to_row
from bot.store.search import index_text

#: Of one item. Some pages count their readers in the summary: their later versions replace each other unkept.
MOST_REVISIONS = 20
#: Of one source. A feed that makes up new GUIDs at each poll must not fill the disk; the oldest go.
MOST_ALIASES = 5_000


def keep_revision(db: sqlite3.Connection, revision: Revision) -> None:
    """Keep an item's words as they were, unless very many versions are kept."""
    row = to_row(revision)
    db.execute(
        f"insert into revisions ({', '.join(row)}) select {', '.join('?' for _ in row)}"  # noqa: S608  our own columns
        " where (select count(*) from revisions where item_key = ?) < ?"
        " on conflict (item_key, seen_at) do nothing",
        [*row.values(), revision.item_key, MOST_REVISIONS],
    )


def replace_item(db: sqlite3.Connection, classified: ClassifiedItem) -> None:
    """Give a stored item its new words, scores and search row; the caller replaces its labels."""
    item, found = classified.item, classified.classification
    changes = {
        "title": item.title,
        "summary": item.summary,
        "text": item.text,
        "language": item.language,
        "published_at": iso(item.published_at) if item.published_at else None,
        "scores": json.dumps(dict(found.scores)),
        "rules_version": found.rules_version,
    }
    columns = ", ".join(f"{column} = ?" for column in changes)
    db.execute(f"update items set {columns} where key = ?", [*changes.values(), item.key])  # noqa: S608
    db.execute(
        "update search set title = ?, body = ? where rowid = ?",
        [index_text(item.title), index_text(f"{item.summary}\n{item.text}"), _search_row(db, item.key)],
    )


def keep_aliases(db: sqlite3.Connection, source_id: str, aliases: Mapping[str, str]) -> None:
    """Remember under which other keys a source's items come."""
    for key, item_key in aliases.items():
        db.execute(
            "insert into aliases (key, item_key, source_id) values (?, ?, ?) on conflict (key) do nothing",
            [key, item_key, source_id],
        )
    if aliases:
        db.execute(
            "delete from aliases where source_id = ?1 and rowid not in"
            " (select rowid from aliases where source_id = ?1 order by rowid desc limit ?2)",
            [source_id, MOST_ALIASES],
        )


def _search_row(db: sqlite3.Connection, item_key: str) -> int | None:
    # Both tables grow row by row together. Where that was ever broken, the full-text table is read through.
    for sql in (
        "select search.rowid from search join items on search.rowid = items.rowid"
        " where items.key = ? and search.key = items.key",
        "select rowid from search where key = ?",
    ):
        row = db.execute(sql, [item_key]).fetchone()
        if row:
            return int(row[0])
    return None
