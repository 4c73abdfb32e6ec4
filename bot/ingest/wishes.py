"""Pure. What servers and feeds ask of those who poll them: Cache-Control, Expires; RSS ttl, skipHours, skipDays.

They are floors: a wish may only make the next poll later. What is senseless (a cache age of nothing, all hours of
the day skipped, a ttl that is no number) is no wish. How long a wish may hold us off is the caller's business,
save that `first_allowed` never goes further than a week.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?([0-9]{1,10})", re.IGNORECASE)
_NO_CACHE = re.compile(r"(?:^|[,\s])no-(?:cache|store)(?:$|[,\s])", re.IGNORECASE)
_COMMENT = re.compile(rb"<!--.{0,20000}?-->", re.DOTALL)
_ENTRY = re.compile(rb"<(?:item|entry)[\s>]", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</(?:item|entry)\s*>", re.IGNORECASE)
_TTL = re.compile(rb"<ttl\s*>\s*(?:<!\[CDATA\[)?\s*([0-9]{1,7})\s*(?:\]\]>)?\s*</ttl\s*>", re.IGNORECASE)
_SKIP_HOURS = re.compile(rb"<skipHours\s*>(.{0,4000}?)</skipHours\s*>", re.IGNORECASE | re.DOTALL)
_SKIP_DAYS = re.compile(rb"<skipDays\s*>(.{0,4000}?)</skipDays\s*>", re.IGNORECASE | re.DOTALL)
_HOUR = re.compile(rb"<hour\s*>\s*([0-9]{1,2})\s*</hour\s*>", re.IGNORECASE)
_DAY = re.compile(rb"<day\s*>\s*([A-Za-z]{3})[A-Za-z]*\s*</day\s*>", re.IGNORECASE)
_DAYS = (b"mon", b"tue", b"wed", b"thu", b"fri", b"sat", b"sun")
#: The head of a channel is short; a wish that stands further inside is not looked for.
_HEAD = 65_536


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """What a feed says of when to poll it. The hours are UTC, 0..23; the days 0 (Monday) .. 6."""

    ttl: timedelta = timedelta()
    skip_hours: frozenset[int] = frozenset()
    skip_days: frozenset[int] = frozenset()


NONE = Wishes()


def feed_wishes(body: bytes) -> Wishes:
    """What the channel of an RSS document asks, before its first entry or after its last. Never raises."""
    if body[:2] in (b"\xff\xfe", b"\xfe\xff"):
        body = body.decode("utf-16", "ignore").encode()
    first = _ENTRY.search(body)
    if first is None:
        head = body[:_HEAD]
    else:
        ends = [found.end() for found in _ENTRY_END.finditer(body, max(first.start(), len(body) - _HEAD))]
        # No end of an entry in the tail: it lies inside one, and holds nothing of the channel.
        head = body[: min(first.start(), _HEAD)] + (body[ends[-1] :] if ends else b"")
    head = _COMMENT.sub(b"", head)
    ttl = _TTL.search(head)
    hours = {int(hour) % 24 for hour in _named(_SKIP_HOURS, _HOUR, head) if int(hour) <= 24}
    days = {_DAYS.index(day.lower()) for day in _named(_SKIP_DAYS, _DAY, head) if day.lower() in _DAYS}
    return Wishes(
        ttl=timedelta(minutes=int(ttl[1])) if ttl else timedelta(),
        skip_hours=frozenset(hours) if len(hours) < 24 else frozenset(),
        skip_days=frozenset(days) if len(days) < 7 else frozenset(),
    )


def _named(block: re.Pattern[bytes], part: re.Pattern[bytes], head: bytes) -> list[bytes]:
    found = block.search(head)
    return part.findall(found[1]) if found else []


def to_json(wishes: Wishes) -> str:
    """For the database; empty when nothing is wished."""
    if wishes == NONE:
        return ""
    return json.dumps(
        {
            "ttl_minutes": wishes.ttl / timedelta(minutes=1),
            "skip_hours": sorted(wishes.skip_hours),
            "skip_days": sorted(wishes.skip_days),
        }
    )


def from_json(text: str) -> Wishes:
    """What `to_json` wrote."""
    if not text:
        return NONE
    raw = json.loads(text)
    return Wishes(
        ttl=timedelta(minutes=raw["ttl_minutes"]),
        skip_hours=frozenset(raw["skip_hours"]),
        skip_days=frozenset(raw["skip_days"]),
    )


def first_allowed(at: datetime, wishes: Wishes) -> datetime:
    """The first moment from `at` on that lies in no skipped hour or day; `at` itself if it is none."""
    moment = at.astimezone(UTC)
    for _ in range(8 * 24):
        if moment.weekday() in wishes.skip_days:
            moment = (moment + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        elif moment.hour in wishes.skip_hours:
            moment = (moment + timedelta(hours=1)).replace(minute=0, second=0, microsecond=0)
        else:
            return moment
    return at


def fresh_until(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """Until when the server's headers call its answer fresh (RFC 9111, 4.2); None when they do not.

    `max-age` less `Age` comes before `Expires`, which is read against the server's own `Date`, as clocks differ.
    Names of headers are looked up in small letters.
    """
    control = headers.get("cache-control", "")
    if _NO_CACHE.search(control):
        return None
    found = _MAX_AGE.search(control)
    if found:
        age = headers.get("age", "").strip()
        left = timedelta(seconds=int(found[1]) - (int(age) if re.fullmatch(r"[0-9]{1,10}", age) else 0))
    else:
        expires = _date(headers.get("expires", ""))
        if expires is None:
            return None
        left = expires - (_date(headers.get("date", "")) or now)
    # A century is as good as for ever, and adding more would overflow.
    return now + min(left, timedelta(days=36_500)) if left > timedelta() else None


def _date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value.strip())
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
