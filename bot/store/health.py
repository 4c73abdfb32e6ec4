"""What is kept of each source's health, in the columns of `polls`: the verdict for people, the rest as JSON."""

import json
from collections.abc import Iterable

from pydantic import TypeAdapter

from bot.model import Delivery
from bot.store.rows import Row, iso
from bot.store.store import Store
from bot.verdicts import SourceHealth

_COLUMNS = "source_id, verdict, verdict_detail, verdict_since_at, health"
_HEALTH = TypeAdapter(SourceHealth)
#: Kept in columns of their own.
_SHOWN = {"source_id", "kind", "detail", "since_at"}


def health_of(store: Store, source_id: str) -> SourceHealth:
    """What is known of one source; of a source that was never polled, nothing."""
    rows = store.rows(f"select {_COLUMNS} from polls where source_id = ?", [source_id])  # noqa: S608  a constant
    return _health(rows[0]) if rows else SourceHealth(source_id=source_id)


def healths(store: Store) -> dict[str, SourceHealth]:
    """Source id -> what is known of it, of all that were polled."""
    return {row["source_id"]: _health(row) for row in store.rows(f"select {_COLUMNS} from polls")}  # noqa: S608


def save_health(store: Store, health: SourceHealth, deliveries: Iterable[Delivery] = ()) -> None:
    """Keep it, in one transaction with the notices that it causes. The source must have been polled before."""
    row: Row = {
        "verdict": health.kind,
        "verdict_detail": health.detail,
        "verdict_since_at": iso(health.since_at) if health.since_at else None,
        "read_via": health.memory.route,
        "moved_to": health.memory.moved_to,
        "health": _HEALTH.dump_json(health, exclude=_SHOWN, exclude_defaults=True).decode(),
    }
    store.change_poll(health.source_id, row, deliveries)


def _health(row: Row) -> SourceHealth:
    shown = {
        "source_id": row["source_id"],
        "kind": row["verdict"],
        "detail": row["verdict_detail"],
        "since_at": row["verdict_since_at"],
    }
    return _HEALTH.validate_python({**json.loads(row["health"]), **shown})
