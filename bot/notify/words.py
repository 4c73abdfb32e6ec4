"""Pure. Small pieces of text that every channel shows alike: one clean line, a time, an age, a language.

Text from feeds is hostile until it went through `line`: no line breaks, no control characters, no marks that turn
the reading direction around, no half characters that can not be encoded.
"""

import re
from datetime import UTC, datetime, tzinfo
from urllib.parse import quote, urlsplit

LANGUAGES = {"en": "English", "ru": "Russian", "zh": "Chinese"}
#: Controls, bidirectional overrides and isolates, lone surrogates, noncharacters: nothing of these is ever read.
_UNREADABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]+"
)
_LONGEST_URL = 2000


def line(text: str, limit: int) -> str:
    """The text on one line, at most `limit` UTF-16 units long (as Slack counts), cut at a word where one is near."""
    # Nobody reads past the limit, and a hostile 100 kB must not cost time.
    clean = " ".join(_UNREADABLE.sub(" ", text[: 4 * limit + 100]).split())
    if _units(clean) <= limit:
        return clean
    cut = clean[: limit - 1]
    while _units(cut) > limit - 1:
        cut = cut[: -max(1, (_units(cut) - limit + 1) // 2)]
    head, space, _ = cut.rpartition(" ")
    if space and len(head) > 0.8 * len(cut):
        cut = head
    return cut.rstrip(" ,;:.-–—") + "…"


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)


def web_address(url: str) -> str:
    """The address if it is http(s), whole and not absurdly long, safe inside quotes and brackets; else nothing."""
    safe = quote(_UNREADABLE.sub("", url).strip(), safe="%/:?#[]@!$&'()*+,;=~-._")
    try:
        parts = urlsplit(safe)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return ""
    return safe if usable and len(safe) <= _LONGEST_URL else ""


def language(code: str) -> str:
    """The language's English name; its code where we have none; nothing where it is unknown."""
    return "" if code in ("", "und") else LANGUAGES.get(code, line(code, 20))


def moment(at: datetime, zone: tzinfo = UTC, *, year: bool = True) -> str:
    """Day, time and zone: "24 Nov 2026, 08:05 UTC"."""
    local = at.astimezone(zone)
    return f"{local.day} {local:%b}{f' {local.year}' if year else ''}, {local:%H:%M} {zone_name(local)}"


def zone_name(local: datetime) -> str:
    """ "CET", "UTC"; "UTC+05:30" where the zone has no letters of its own."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{local:%z}"[:6] + ":" + f"{local:%z}"[3:5]


def age(at: datetime, now: datetime) -> str:
    """How long ago: "just now", "12 min ago", "5 h ago", "3 days ago"."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"


def count(number: int, one: str, many: str = "") -> str:
    """A number and its noun: "1 story", "2 stories"."""
    return f"{number} {one}" if number == 1 else f"{number} {many or one + 's'}"
