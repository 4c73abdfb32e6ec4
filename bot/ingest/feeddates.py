"""Pure. A date in a feed to the moment that feedparser makes of it; the usual two spellings without its help."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], start=1
    )
}
_MAIL = re.compile(
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun),? +)?(\d\d?) +([a-z]{3}) +((?:19|20)\d\d) +(\d\d):(\d\d):(\d\d)"
    r" +(?:gmt|ut|z|([+-])(\d\d):?(\d\d))",
    re.IGNORECASE | re.ASCII,
)
_ISO = re.compile(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|([+-])(\d\d):(\d\d))", re.ASCII
)


def as_feedparser(written: str) -> datetime | None:
    """The moment in UTC, a date without a zone taken as such; None for what feedparser can not read."""
    try:
        if found := _MAIL.fullmatch(written):
            day, name, year, *rest = found.groups()
            if month := _MONTHS.get(name.lower()):
                return _moment((int(year), month, int(day)), rest)
        elif found := _ISO.fullmatch(written):
            year, digits, day, *rest = found.groups()
            return _moment((int(year), int(digits), int(day)), rest)
    except ValueError:
        pass  # no such day or hour; feedparser may find one all the same
    from feedparser.datetimes import _parse_date

    return from_struct(_parse_date(written))


def from_struct(value: Any) -> datetime | None:
    """A moment from the nine figures that feedparser gives."""
    try:
        return datetime(*value[:6]).replace(tzinfo=UTC) if value else None  # noqa: DTZ001  the zone follows
    except (ValueError, TypeError, OverflowError):
        return None


def _moment(day: tuple[int, int, int], rest: list[Any]) -> datetime:
    hour, minute, second, sign, hours, minutes = rest
    at = datetime(*day, int(hour), int(minute), int(second), tzinfo=UTC)
    if not sign:
        return at
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    return at - ahead if sign == "+" else at + ahead
