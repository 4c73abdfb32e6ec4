"""Claims' lives, price series and weights: rows and back. The only SQL on `claims`, `prices` and `severities`.

What a poll brings is written by `keep` within the store's own transaction; the rest is for commands and the jobs.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import pysqlite3 as sqlite3
from pydantic import TypeAdapter

from bot.model import Batch
from bot.store.rows import Row, iso, to_row
from bot.tracked import Claim, ClaimEvent, Price, PriceKey, Severity, Weight

if TYPE_CHECKING:  # the store imports this module
    from bot.store.store import Store

_EVENT, _PRICE, _SEVERITY = TypeAdapter(ClaimEvent), TypeAdapter(Price), TypeAdapter(Severity)
_KEY = ("material", "form", "unit", "basis")


def keep(db: sqlite3.Connection, batch: Batch) -> None:
    """Write what a poll's items say of claims, their prices and their weights."""
    for event in batch.claims:
        _insert(db, "insert", "claims", _event_row(event))
    for price in batch.prices:
        _insert(db, "insert or replace", "prices", _price_row(price))
    for weight in batch.weights:
        row = {
            "item_key": weight.item_key,
            "score": weight.severity.score,
            "level": weight.severity.level,
            "parts": json.dumps([asdict(part) for part in weight.severity.parts], ensure_ascii=False),
            "at": iso(weight.at),
        }
        _insert(db, "insert or replace", "severities", row)


def _insert(db: sqlite3.Connection, verb: str, table: str, row: Row) -> None:
    marks = ", ".join("?" for _ in row)
    db.execute(f"{verb} into {table} ({', '.join(row)}) values ({marks})", list(row.values()))


# --- claims ------------------------------------------------------------------------------------------


def keep_baseline(store: "Store", claims: Iterable[Claim], now: datetime) -> None:
    """Open the life of each claim that has none yet, for people who browse the table."""
    known = {row["claim_id"] for row in store.rows("select claim_id from claims where state = 'baseline'")}
    rows = [
        _event_row(
            ClaimEvent(
                claim_id=claim.id,
                state="baseline",
                value=claim.value,
                value_to=claim.value_to,
                unit=claim.unit,
                period=claim.period,
                by=claim.by,
                status=claim.status,
                source=claim.source,
                at=now,
            )
        )
        for claim in claims
        if claim.id not in known
    ]
    if rows:
        names = ", ".join(rows[0])
        marks = ", ".join(f":{name}" for name in rows[0])
        store.write_all(f"insert into claims ({names}) values ({marks})", rows)  # noqa: S608  our own columns


def life(store: "Store") -> tuple[ClaimEvent, ...]:
    """All that became of all claims; decided ones in the order of the decision, so that the last accepted one holds."""
    rows = store.rows("select * from claims order by coalesce(decided_at, at), number")
    return tuple(_event(row) for row in rows)


def decide(store: "Store", event: ClaimEvent) -> None:
    """Keep a person's answer to a proposal."""
    store.write_all(
        "update claims set state = :state, decided_by = :decided_by, decided_at = :decided_at where number = :number",
        [{**_event_row(event), "number": event.number}],
    )


def _event_row(event: ClaimEvent) -> Row:
    row = to_row(event)
    del row["number"]
    row["due"] = row.pop("by")
    return row


def _event(row: Row) -> ClaimEvent:
    kept = dict(row)
    kept["by"] = kept.pop("due")
    return _EVENT.validate_python(kept)


# --- prices ------------------------------------------------------------------------------------------


def series(store: "Store", keys: Iterable[PriceKey], most: int = 40) -> dict[PriceKey, Sequence[Price]]:
    """The last points of each of these series, oldest first, held ones included."""
    sql = (
        "select * from (select * from prices where material = ? and form = ? and unit = ? and basis = ?"
        " order by at desc, rowid desc limit ?) order by at, rowid"
    )
    found: dict[PriceKey, Sequence[Price]] = {}
    for key in keys:
        rows = store.rows(
            sql.replace("select * from prices", "select rowid, * from prices"),
            [*(getattr(key, name) for name in _KEY), most],
        )
        found[key] = tuple(_price(row) for row in rows)
    return found


def _price_row(price: Price) -> Row:
    row = to_row(price)
    del row["key"]
    return {**{name: getattr(price.key, name) for name in _KEY}, **row}


def _price(row: Mapping[str, object]) -> Price:
    kept = {name: value for name, value in row.items() if name not in _KEY and name != "rowid"}
    return _PRICE.validate_python({**kept, "key": {name: row[name] for name in _KEY}})


# --- weights -----------------------------------------------------------------------------------------


def weight(store: "Store", item_key: str) -> Weight | None:
    """What an item weighed when it came; None for items of before there were weights."""
    rows = store.rows("select * from severities where item_key = ?", [item_key])
    if not rows:
        return None
    row = rows[0]
    severity = _SEVERITY.validate_python(
        {"score": row["score"], "level": row["level"], "parts": json.loads(row["parts"])}
    )
    return Weight(item_key=item_key, severity=severity, at=datetime.fromisoformat(row["at"]))
