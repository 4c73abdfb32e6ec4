"""Facts to rows and back, within a transaction of the store's; `number` keeps them in order of reading."""

import json
from collections.abc import Iterable

import pysqlite3 as sqlite3
from pydantic import TypeAdapter

from bot.facts import Fact
from bot.store.rows import Row, to_row

_FACT = TypeAdapter(Fact)


def keep_facts(db: sqlite3.Connection, item_key: str, facts: Iterable[Fact]) -> None:
    """Write an item's facts; the caller has removed those it had."""
    for number, fact in enumerate(facts):
        row = {"item_key": item_key, "number": number, **to_row(fact), "assumed": json.dumps(fact.assumed)}
        marks = ", ".join("?" for _ in row)
        db.execute(f"insert into facts ({', '.join(row)}) values ({marks})", list(row.values()))  # noqa: S608  our own columns


def fact_from(row: Row) -> Fact:
    """The fact that a row of `facts` holds."""
    kept = {name: value for name, value in row.items() if name not in ("item_key", "number")}
    return _FACT.validate_python(
        {**kept, "is_previous": bool(row["is_previous"]), "assumed": tuple(json.loads(row["assumed"]))}
    )
