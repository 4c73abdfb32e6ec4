"""What is remembered of each source's last document: one row, replaced as a whole."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from bot.seen import Seen, Slice, Traits
from bot.store.rows import Row, iso

if TYPE_CHECKING:  # it uses `to_row`
    from bot.store.store import Store


def seen_of(store: "Store", source_id: str) -> Seen | None:
    """What is remembered of a source's last document that was read well."""
    rows = store.rows("select * from documents where source_id = ?", [source_id])
    if not rows:
        return None
    row = rows[0]
    slices = tuple(_slice(*values) for values in json.loads(row["slices"]))
    return Seen(source_id=source_id, context=row["context"], items_hash=row["items_hash"], slices=slices)


def to_row(seen: Seen) -> Row:
    """The row of the `documents` table."""
    slices = [
        (
            piece.hash,
            piece.key,
            piece.traits.guid,
            piece.traits.link,
            piece.traits.title,
            # What an entry goes by is its title nearly always.
            piece.traits.name if piece.traits.name != piece.traits.title else None,
            piece.traits.language,
            iso(piece.traits.published_at) if piece.traits.published_at else None,
        )
        for piece in seen.slices
    ]
    return {
        "source_id": seen.source_id,
        "context": seen.context,
        "items_hash": seen.items_hash,
        "slices": json.dumps(slices, ensure_ascii=False, separators=(",", ":")),
    }


def _slice(
    name: str,
    key: str,
    guid: str,
    link: str,
    title: str,
    goes_by: str | None,
    language: str,
    published_at: str | None,
) -> Slice:
    return Slice(
        hash=name,
        key=key,
        traits=Traits(
            guid=guid,
            link=link,
            title=title,
            name=title if goes_by is None else goes_by,
            language=language,
            published_at=datetime.fromisoformat(published_at) if published_at else None,
        ),
    )
