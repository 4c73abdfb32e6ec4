"""Outbox rows that wait for others like them, and one row in place of several."""

from collections.abc import Sequence

from bot.model import Delivery
from bot.store.rows import from_row, iso
from bot.store.store import Store


def waiting_notices(store: Store, channel: str | None = None) -> tuple[Delivery, ...]:
    """Notices that were never tried, oldest first; of one channel, if it is named."""
    rows = store.rows(
        "select * from outbox where state = 'pending' and kind = 'notice' and attempts = 0 and error = ''"
        " and channel = coalesce(?, channel) order by created_at, rowid",
        [channel],
    )
    return tuple(from_row(Delivery, row) for row in rows)


def put_in_place(store: Store, keys: Sequence[str], row: Delivery) -> None:
    """One row in place of those of these keys, in one transaction; it keeps the first one's turn."""
    first, *others = keys
    with store.together():
        store.write_all("delete from outbox where key = :key", [{"key": key} for key in others])
        store.write_all(
            "update outbox set key = :key, message = :message, due_at = :due_at where key = :first",
            [{"key": row.key, "message": row.message, "due_at": iso(row.due_at), "first": first}],
        )
