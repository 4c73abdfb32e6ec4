"""Pure. When a digest is due, and what time it covers.

A digest belongs to a list and a local date. It is due from the list's local time on; whether it was made already
is a question to the database, so that neither downtime nor a repeated hour loses or doubles one.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.settings import DigestList

#: What a list's first digest covers, and one that is made for a past date.
DAY = timedelta(hours=24)


def local_date(entry: DigestList, now: datetime) -> date:
    """Today, where the list lives."""
    return now.astimezone(ZoneInfo(entry.timezone)).date()


def is_time(entry: DigestList, now: datetime) -> bool:
    """True from the list's local time of day on."""
    local = now.astimezone(ZoneInfo(entry.timezone))
    return local.time() >= entry.at


def window(
    entry: DigestList, on: date, *, last_end: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """What the digest of that date covers, as (since, until].

    Today's goes on where the last one ended, however long ago that was: a gap is told, not skipped. One for a
    past date covers the day up to its own hour.
    """
    if on == local_date(entry, now):
        return last_end or now - DAY, now
    until = datetime.combine(on, entry.at, tzinfo=ZoneInfo(entry.timezone))
    return until - DAY, until
