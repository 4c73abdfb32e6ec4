"""Pure. When an entry was published, from the date as its feed wrote it and the feed's language.

Many a Chinese site writes its local time without a zone, and some Russian ones do. Read as UTC such news lies eight
or three hours in the future. So a date without a zone is taken as one of the language's home; "CST" is China's time
in a Chinese feed, not Chicago's. A date that names a zone is never moved.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone

from bot.ingest.dates import read_date

_HOMES: Mapping[str, timezone] = {"zh": timezone(timedelta(hours=8)), "ru": timezone(timedelta(hours=3))}
#: What the home's time is called where it is named.
_HOME_NAMES = {
    "zh": re.compile(r"\s*\b(?:CST|BJT)\b|\s*(?:北京时间)\s*"),
    "ru": re.compile(r"\s*\b(?:MSK|МСК)\b|\s*\(?по московскому времени\)?", re.IGNORECASE),
}
#: A zone stands behind the time, in figures or as a name that is not the half of the day.
_ZONE = re.compile(
    r"\d:\d\d.*?(?:[+-]\d{1,2}(?::?\d\d)?|\d\s?Z|\s(?!(?:am|pm|a\.m|p\.m)\b)[A-Z]{2,5})\s*(?:\([^)]*\))?\s*(?:\d{4})?$",
    re.IGNORECASE,
)
#: Year first, in a form of which feedparser takes the month and forgets the day.
_YEAR_FIRST = re.compile(r"\s*\d{4}\s*[/.年]")


def published(written: str, parsed: datetime | None, language: str, *, now: datetime) -> datetime | None:
    """The moment in UTC, or None. `parsed` is what the feed parser made of it, a date without a zone taken as UTC."""
    written = written[:100]
    name = _HOME_NAMES.get(language)
    local = name.sub("", written) if name else written
    if not written or _ZONE.search(local.strip()):
        return parsed
    home = _HOMES.get(language)
    if home is None and not _YEAR_FIRST.match(local):
        return parsed
    return read_date(local, zone=home or UTC, now=now) or parsed
