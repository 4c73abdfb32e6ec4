"""Pure. A digest as mail: HTML, the same in plain words, and the finished message around both.

One column, readable on a phone, light and dark, below 80 kB as some mail programs cut what is longer. Every text
from a feed is escaped; only http and https become links. Headers are built by the library from clean lines, never
by putting strings together.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.model import Digest, DigestEntry
from bot.notify.words import count, language, line, moment, web_address

if TYPE_CHECKING:
    from jinja2 import Template

MOST_HTML = 80_000
_MOST_UNREAD = 12
#: A digest that covers more says so: the bot was down at its hour.
_USUAL_SPAN = timedelta(hours=36)
#: Every byte stays ASCII, so that a message can be kept as text and passes any relay unchanged.
_POLICY = SMTP.clone(cte_type="7bit")


def render_html(digest: Digest) -> str:
    """The digest as one HTML page, shortened until it is below 80 kB."""
    return _render("digest.html.j2", digest)


def render_text(digest: Digest) -> str:
    """The digest in plain words, with the same stories as the HTML."""
    return _render("digest.txt.j2", digest)


def build_message(digest: Digest, to: str, sender: str, now: datetime) -> EmailMessage:
    """The whole message for one reader. Equal arguments give equal bytes, the Message-ID depends on list, date and reader."""
    address = parseaddr(sender)[1]
    domain = address.rpartition("@")[2] or "localhost"
    message = EmailMessage(policy=_POLICY)
    message["From"] = line(sender, 200)
    message["To"] = line(to, 900)
    message["Subject"] = subject(digest)
    message["Date"] = format_datetime(now.astimezone(UTC))
    seed = f"{digest.list_id}\0{to}"
    message["Message-ID"] = (
        f"<digest.{digest.local_date.isoformat()}.{hashlib.sha256(seed.encode('utf-8', 'replace')).hexdigest()[:20]}@{domain}>"
    )
    message["List-Id"] = f"<{digest.list_id}.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(render_text(digest))
    message.add_alternative(render_html(digest), subtype="html")
    # The library draws a part boundary by chance; equal bytes need an equal one.
    boundary = hashlib.sha256(str(message["Message-ID"]).encode()).hexdigest()[:32]
    message.set_boundary(f"={boundary}=")
    return message


def finished(digest: Digest, to: str, sender: str, now: datetime) -> str:
    """The bytes of the message, all of them ASCII, as text for the outbox."""
    return build_message(digest, to, sender, now).as_bytes().decode("ascii")


def subject(digest: Digest) -> str:
    """What the inbox shows: the day, how much, and the first headline."""
    day = f"{digest.local_date.day} {digest.local_date:%b %Y}"
    total = _total(digest)
    if not total:
        return f"{day}: nothing today"
    return line(f"{day}: {count(total, 'story', 'stories')} · {digest.sections[0].entries[0].title}", 150)


def _total(digest: Digest) -> int:
    return sum(len(section.entries) + section.more for section in digest.sections)


def _render(name: str, digest: Digest) -> str:
    """Both forms are cut to what fits into the HTML, so that they tell the same."""
    most = max((len(section.entries) for section in digest.sections), default=0)
    while True:
        shown = _cut(digest, most)
        html = _template("digest.html.j2").render(_view(shown))
        if len(html.encode()) <= MOST_HTML or most <= 1:
            break
        most = most * 3 // 4
    return html if name == "digest.html.j2" else _template(name).render(_view(shown))


def _cut(digest: Digest, most: int) -> Digest:
    """The digest with at most so many entries under each topic."""
    sections = (
        replace(s, entries=s.entries[:most], more=s.more + max(0, len(s.entries) - most))
        for s in digest.sections
    )
    return replace(digest, sections=tuple(sections))


def _view(digest: Digest) -> dict[str, object]:
    """What the templates show: words only."""
    zone = ZoneInfo(digest.timezone)
    coverage = digest.coverage
    unread = coverage.sources_unread
    span = digest.until_at - digest.since_at
    return {
        "subject": subject(digest),
        "title": f"{digest.local_date:%A}, {digest.local_date.day} {digest.local_date:%B %Y}",
        "list_id": digest.list_id,
        "headline": count(_total(digest), "story", "stories") if _total(digest) else "Nothing today",
        "window": f"{moment(digest.since_at, zone)} to {moment(digest.until_at, zone)}",
        "gap": f"This digest covers {_span(span)}: none was sent in between." if span > _USUAL_SPAN else "",
        "sections": [
            {
                "name": line(section.topic_name, 80),
                "count": len(section.entries) + section.more,
                "entries": [_entry(entry, digest, zone) for entry in section.entries],
                "more": f"and {section.more} more, found with reebot search" if section.more else "",
            }
            for section in digest.sections
        ],
        "coverage": (
            f"{count(coverage.items, 'item')} read from {count(coverage.sources_read, 'source')}; "
            f"{coverage.hits} on a topic, in {count(coverage.stories, 'story', 'stories')}."
        ),
        "unread_count": count(len(unread), "source"),
        "unread": [(line(name, 80), line(why, 100)) for name, why in unread[:_MOST_UNREAD]],
        "unread_more": max(0, len(unread) - _MOST_UNREAD),
    }


def _entry(entry: DigestEntry, digest: Digest, zone: ZoneInfo) -> Mapping[str, object]:
    at = entry.published_at or entry.first_seen_at
    others = len(entry.sources) - 1
    source = line(entry.sources[0], 80) if entry.sources else ""
    if others > 0:
        source += f" and {count(others, 'other')}"
    year = at.astimezone(zone).year != digest.local_date.year
    facts = [source, moment(at, zone, year=year), language(entry.language)]
    return {
        "title": line(entry.title, 300) or "(no headline)",
        "url": web_address(entry.url),
        "lang": entry.language if entry.language.isalpha() and entry.language != "und" else "",
        "facts": " · ".join(fact for fact in facts if fact),
        "summary": line(entry.summary, 280),
        "why": line(entry.why, 200),
        "terms": [line(term, 130) for term in entry.terms[:8]],
        "sure": entry.sure,
        "also": ", ".join(line(name, 80) for name in entry.also),
    }


def _span(span: timedelta) -> str:
    hours = round(span.total_seconds() / 3600)
    return count(hours // 24, "day") if hours >= 48 else count(hours, "hour")


@cache
def _template(name: str) -> "Template":
    # Imported at the first digest: a poll has no use for it.
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=".html." in name,  # noqa: S701  off for the plain text alone, where nothing is markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    return environment.get_template(name)
