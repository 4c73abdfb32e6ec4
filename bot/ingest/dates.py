"""Pure. Dates as people write them on web pages, in English, Russian and Chinese, to moments in UTC.

Order: ISO 8601 and mail dates; "just now"; a day in words or figures, with a time if one stands beside it; a span
before now ("2 часа назад"); a time alone; today and yesterday ("昨天 10:20"). Text around a date does no harm ("Опубликовано: 5 мая 2026 г."). What names no
day gives None, never a guess; a day without a time is midnight. A year that is left out is the one that makes the
date the latest not after tomorrow; a time that stands alone is today's, or yesterday's if it is still to come.

Own code because dateparser (1.5.0, tried), the library for it, finds no date in "November 23, 2026 - Sanctions List
Updates", in "Опубликовано: 5 мая 2026 г." and in "11月24日", and one in a lone "May".
"""

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta, tzinfo

from bot.ingest.entries import moment
from bot.text import clean

_MAX = 200
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan января январь янв",
            "february feb февраля февраль фев февр",
            "march mar марта март мар",
            "april apr апреля апрель апр",
            "may мая май",
            "june jun июня июнь июн",
            "july jul июля июль июл",
            "august aug августа август авг",
            "september sept sep сентября сентябрь сен сент",
            "october oct октября октябрь окт",
            "november nov ноября ноябрь ноя нояб",
            "december dec декабря декабрь дек",
        ),
        start=1,
    )
    for name in names.split()
}
_NAME = "|".join(sorted(_MONTHS, key=len, reverse=True))
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = rf"(?P<name>{_NAME})\b\.?"
_DAY = r"(?P<day>[0-3]?\d)"
_FIGURE = r"(?P<month>[01]?\d)"
#: Tried in this order; the first that fits a real day wins.
_DAYS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}\s*年\s*{_FIGURE}\s*月\s*{_DAY}\s*[日号]",
        rf"(?<!\d){_YEAR}[-/.]{_FIGURE}[-/.]{_DAY}(?!\d)",
        rf"(?<!\d){_DAY}(?:st|nd|rd|th|-?го)?(?:\s+of)?[\s-]+{_MONTH},?[\s-]+{_YEAR}(?!\d)",
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)",
        rf"(?<!\d){_FIGURE}\s*月\s*{_DAY}\s*[日号]",
        rf"(?<![\d.:]){_DAY}(?:st|nd|rd|th|-?го)?\s+{_MONTH}(?!\w)",
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?(?![\d:])",
    )
)
_FIGURES = re.compile(r"(?<![\d.])([0-3]?\d)(?P<mark>[./-])([0-3]?\d)(?P=mark)((?:19|20)\d\d)(?!\d)")
_EXACT = re.compile(r"\d{4}-?\d\d-?\d\d(?:$|[T ])|.*\d:\d\d:\d\d\s+(?:[+-]\d{4}|GMT|UTC|Z)")
_ZONE = re.compile(r"(?:Z|GMT|UTC|[+-]\d\d:?\d\d)$")
_TIME = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])[:：]([0-5]\d)(?::[0-5]\d)?(?!\d)\s*([ap]\.?m\b)?", re.IGNORECASE
)
_AGO = re.compile(
    r"(?P<count>\d{1,3}|an?|полтора)?\s*(?P<unit>"
    r"sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?"
    r"|сек(?:унд[уы]?)?|мин(?:ут[уы]?)?|час(?:а|ов)?|дн(?:я|ей)|день|недел[юиь]"
    r"|秒钟?|分钟?|小时|天|日|周)\.?\s*(?:ago\b|назад|[之以]?前)",
    re.IGNORECASE,
)
_UNITS = (
    (timedelta(seconds=1), ("sec", "сек", "秒")),
    (timedelta(minutes=1), ("min", "мин", "分")),
    (timedelta(hours=1), ("h", "час", "小时")),
    (timedelta(days=1), ("d", "дн", "ден", "天", "日")),
    (timedelta(weeks=1), ("w", "нед", "周")),
)
_DAYS_BACK = (
    (0, re.compile(r"\btoday\b|\bсегодня\b|今[天日]", re.IGNORECASE)),
    (2, re.compile(r"\bпозавчера\b|前[天日]", re.IGNORECASE)),
    (1, re.compile(r"\byesterday\b|\bвчера\b|昨[天日]", re.IGNORECASE)),
)
_JUST_NOW = re.compile(r"\bjust now\b|\bтолько что\b|刚刚", re.IGNORECASE)


def read_date(text: str, *, zone: tzinfo, now: datetime, month_first: bool = False) -> datetime | None:
    """The moment that a text names, in UTC, or None.

    `zone` is where a time without one of its own is meant; `month_first` reads 5/6/2026 as 6 May. Never raises.
    """
    text = clean(text[:_MAX])
    try:
        return _read(text, zone, now.astimezone(zone), month_first)
    except (ValueError, OverflowError):
        return None


def _read(text: str, zone: tzinfo, now: datetime, month_first: bool) -> datetime | None:
    if _EXACT.match(text) and (exact := moment(text)):
        has_zone = len(text) > 10 and _ZONE.search(text)
        return exact if has_zone else exact.replace(tzinfo=zone).astimezone(UTC)
    if _JUST_NOW.search(text):
        return now.astimezone(UTC)
    day = _written_day(text, now, month_first)
    if day is None and (ago := _AGO.search(text)):
        return (now - _span(ago)).astimezone(UTC)
    if day is None and _TIME.fullmatch(text):
        hour, minute = _time(text)
        at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (at if at <= now else at - timedelta(days=1)).astimezone(UTC)
    if day is None:
        back = next((days for days, pattern in _DAYS_BACK if pattern.search(text)), None)
        if back is None:
            return None
        day = now - timedelta(days=back)
    hour, minute = _time(text)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    return local.astimezone(UTC)


def _span(ago: re.Match[str]) -> timedelta:
    unit = ago["unit"].lower()
    size = next(size for size, names in _UNITS if unit.startswith(names))
    count = ago["count"] or "1"
    return size * (1.5 if count == "полтора" else int(count) if count.isdecimal() else 1)


def _written_day(text: str, now: datetime, month_first: bool) -> datetime | None:
    for pattern in _DAYS:
        if found := pattern.search(text):
            parts = found.groupdict()
            month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
            year = parts.get("year")
            return _real_day(int(year) if year else None, month, int(parts["day"]), now)
    if found := _FIGURES.search(text):
        day, month = int(found[1]), int(found[3])
        # 11.05.2026 is day first everywhere; with slashes it is the page's habit, unless only one order fits.
        if month > 12 or (month_first and found["mark"] != "." and day <= 12):
            day, month = month, day
        return _real_day(int(found[4]), month, day, now)
    return None


def _real_day(year: int | None, month: int, day: int, now: datetime) -> datetime:
    """Raises `ValueError` for a day that no calendar has."""
    if year is not None:
        return datetime(year, month, day, tzinfo=now.tzinfo)
    for candidate in (now.year + 1, now.year, now.year - 1):
        with suppress(ValueError):  # 29 February
            at = datetime(candidate, month, day, tzinfo=now.tzinfo)
            if at <= now + timedelta(days=1):
                return at
    raise ValueError("no such day in these years")


def _time(text: str) -> tuple[int, int]:
    found = _TIME.search(text)
    if not found:
        return 0, 0
    hour, half = int(found[1]), (found[3] or "").lower().replace(".", "")
    if half and 1 <= hour <= 12:
        hour = hour % 12 + (12 if half == "pm" else 0)
    return hour, int(found[2])
