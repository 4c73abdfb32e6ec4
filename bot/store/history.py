"""When items came: what the rhythm of a source, and of all of them, is learnt from. Reads only."""

from datetime import datetime, timedelta

from bot.model import Sighting
from bot.store.rows import iso
from bot.store.store import Store

#: Enough for a month of the busiest feed; more rows tell no more about a rhythm.
MOST_SIGHTINGS = 10_000
#: Monday to Friday by hour (UTC), then Saturday and Sunday by hour.
HOURS = 48


def sightings(store: Store, source_id: str, since: datetime) -> tuple[Sighting, ...]:
    """A source's items first seen since then, newest first, at most `MOST_SIGHTINGS`."""
    rows = store.rows(
        "select published_at, first_seen_at,"
        " exists (select 1 from labels where item_key = items.key and sure) as relevant"
        " from items where source_id = ? and first_seen_at >= ? order by first_seen_at desc limit ?",
        [source_id, iso(since), MOST_SIGHTINGS],
    )
    # By hand: building ten thousand records through a validator takes ten times as long.
    return tuple(
        Sighting(
            published_at=datetime.fromisoformat(row["published_at"]) if row["published_at"] else None,
            first_seen_at=datetime.fromisoformat(row["first_seen_at"]),
            relevant=bool(row["relevant"]),
        )
        for row in rows
    )


def hours_of_week(store: Store, window: timedelta, now: datetime) -> tuple[tuple[int, ...], timedelta]:
    """Items of all sources by hour of publication, as `HOURS` counts, and how long they were gathered.

    Only what came out while we were watching counts: the back catalogue that a first poll brings is full of the
    last few hours. Items with the same date in one source count once; a date not before first sight tells nothing.
    """
    first = store.rows("select min(first_seen_at) as at from items")[0]["at"]
    if first is None:
        return (0,) * HOURS, timedelta()
    since = max(datetime.fromisoformat(first), now - window)
    rows = store.rows(
        "select strftime('%w', published_at) in ('0', '6') as weekend, cast(strftime('%H', published_at) as int) as hour,"
        " count(distinct source_id || ' ' || published_at) as items from items"
        " where first_seen_at >= ?1 and published_at >= ?1 and published_at < first_seen_at group by 1, 2",
        [iso(since)],
    )
    counts = [0] * HOURS
    for row in rows:
        counts[24 * row["weekend"] + row["hour"]] = row["items"]
    return tuple(counts), now - since


def requests(store: Store) -> int:
    """How many polls there were, ever, over all sources."""
    return int(store.rows("select coalesce(sum(requests), 0) as total from polls")[0]["total"])
