"""Lines of JSON -> items: what `classify`, `replay` and `evaluate` read.

A line holds `id` and any of `title summary text url source published lang`; a labelled one also `topics`.
Reading a line is pure; `read_labelled` opens files.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.errors import InputError
from bot.language import detect_language
from bot.model import Item

#: Stands for the time of arrival where a line gives no usable date.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Labelled:
    """An item and the topics a person gave it."""

    id: str
    item: Item
    topics: frozenset[str]
    #: The event it reports: items of one event must not be both learnt from and asked. The id where none is given.
    story: str


def item_from(line: str, *, where: str) -> tuple[object, Item]:
    """(id as written, item) of one line; the language is found out where `lang` is not given.

    Raises `InputError` that names `where`.
    """
    row = _row(line, where)
    return row.get("id"), _item(row, where)


def labelled_from(line: str, *, where: str) -> Labelled:
    """One labelled line. Raises `InputError` that names `where`."""
    row = _row(line, where)
    topics = row.get("topics")
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        raise InputError(where, "topics: expected a list of topic ids, [] for none")
    name = str(row.get("id", where))
    return Labelled(
        id=name,
        item=_item(row, where),
        topics=frozenset(topics),
        story=str(row.get("story") or name),
    )


def read_labelled(files: Iterable[Path]) -> tuple[Labelled, ...]:
    """All labelled lines of files, in order; empty lines are passed over.

    Raises `InputError` with every bad line, each with file and line.
    """
    rows: list[Labelled] = []
    bad: list[InputError] = []
    for path in files:
        try:
            text = path.read_text(encoding="utf-8-sig")
        except OSError as error:
            bad.append(InputError(str(path), f"can not be read: {error.strerror}"))
            continue
        except UnicodeDecodeError:
            bad.append(InputError(str(path), "is not UTF-8 text"))
            continue
        # Not splitlines: a JSON string may hold a line separator of Unicode's own.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    rows.append(labelled_from(line, where=f"{path}:{number}"))
                except InputError as error:
                    bad.append(error)
    if len(bad) == 1:
        raise bad[0]
    if bad:
        raise InputError(f"{len(bad)} problems", "\n" + "\n".join(str(error) for error in bad))
    return tuple(rows)


def _row(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError(where, f"not valid JSON: {error}") from error
    if not isinstance(row, dict):
        raise InputError(where, f"expected a JSON object, got {type(row).__name__}")
    return row


def _item(row: dict[str, Any], where: str) -> Item:
    def text(key: str) -> str:
        value = row.get(key)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise InputError(where, f"{key}: expected text, got {type(value).__name__}")
        # Half of a surrogate pair can be written in JSON but stored nowhere.
        return value.encode(errors="replace").decode()

    if not any(text(key).strip() for key in ("title", "summary", "text")):
        raise InputError(where, "expected at least one of title, summary, text")
    title, summary = text("title"), text("summary")
    published_at = _time(text("published"), where)
    name = str(row.get("id") or where)
    return Item(
        key=name,
        source_id=text("source"),
        guid=name,
        url=text("url"),
        title=title,
        summary=summary,
        text=text("text"),
        language=text("lang") or detect_language(f"{title} {summary} {text('text')[:500]}"),
        published_at=published_at,
        first_seen_at=published_at or EPOCH,
    )


def _time(written: str, where: str) -> datetime | None:
    if not written:
        return None
    try:
        parsed = datetime.fromisoformat(written)
    except ValueError as error:
        raise InputError(
            where, f'published: expected a date such as 2026-11-23T08:00:00Z, got "{written[:40]}"'
        ) from error
    aware = parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:
        raise InputError(where, f'published: "{written[:40]}" is out of range') from error
