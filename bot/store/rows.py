"""Pure. Records to rows and back: times as ISO text, the rest as it is."""

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import TypeAdapter

Row = dict[str, Any]
Record = TypeVar("Record")


def iso(moment: datetime) -> str:
    """UTC text that sorts as time does."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def to_row(record: Any) -> Row:
    """The fields of a flat record as SQLite takes them; tuples and maps are for the caller to encode."""
    row: Row = {}
    for field in fields(record):
        value = getattr(record, field.name)
        row[field.name] = iso(value) if isinstance(value, datetime) else value
    return row


def from_row(record: type[Record], row: Row) -> Record:
    """The record that a row holds; columns that it does not know are left out."""
    if record not in _SHAPES:
        _SHAPES[record] = tuple(field.name for field in fields(record)), TypeAdapter(record)  # type: ignore[arg-type]  # all records are dataclasses
    names, adapter = _SHAPES[record]
    built: Record = adapter.validate_python({name: row[name] for name in names if name in row})
    return built


#: Record class -> its field names and the validator that builds it.
_SHAPES: dict[type[Any], tuple[tuple[str, ...], TypeAdapter[Any]]] = {}
