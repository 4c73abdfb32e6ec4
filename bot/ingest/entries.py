"""Pure. Entries of a document, whatever its kind, to items: what identifies one, how long its parts may be.

Identity (`Item.key`), always within its source:
1. an article's address, canonical, where no other entry of the document has it: GUIDs may repeat, flip or vanish;
2. else address + GUID + title, with a GUID that several entries share left out.
A page that is no article (a front page, a price page) may carry other news tomorrow, so it never stands alone.
Repeats of one entry are numbered: each is kept, and as all have one address they are one story and one alert.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from hashlib import sha256
from urllib.parse import urljoin, urlsplit

from bot.address import canonical_url, is_article_url
from bot.configured import Source
from bot.language import detect_language
from bot.model import Item
from bot.seen import Traits
from bot.text import clean

#: Of an item's parts, in characters.
MAX_TITLE = 500
MAX_SUMMARY = 2_000
MAX_TEXT = 20_000
MAX_GUID = 1_000
_MAX_URL = 2_000
_TITLE_WORDS = 12
_OLDEST = datetime(1990, 1, 1, tzinfo=UTC)
#: Clocks of servers differ; a date further ahead than this is wrong.
_AHEAD = timedelta(hours=1)
#: Most links, which joining to a base leaves as they are.
_ABSOLUTE = re.compile(
    r"https?://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/%=&+,:@!$*()-]*(?:\?[A-Za-z0-9._~/%=&+,:@!$*()-]+)?)?"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry of a document; plain text and an absolute link by the time it becomes an item."""

    guid: str
    link: str
    title: str
    summary: str
    content: str
    published_at: datetime | None


def moment(value: str) -> datetime | None:
    """A date in ISO 8601 or as in mail; without a zone it is taken as UTC."""
    value = clean(value)[:60]
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            at = read(value)
            return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def absolute(link: str, base: str) -> str:
    """The link as an absolute http or https address, else empty."""
    if len(link) <= _MAX_URL and _ABSOLUTE.fullmatch(link):
        return link
    link = clean(link)
    if not link:
        return ""
    try:
        url = urljoin(base, link).replace(" ", "%20")
    except ValueError:
        return ""
    return url if is_web(url) and len(url) <= _MAX_URL else ""


def is_web(url: str) -> bool:
    """Whether this is an http or https address with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def is_empty(entry: Entry) -> bool:
    """Whether an entry says nothing at all."""
    return not (entry.title or entry.link or entry.summary or entry.content)


def items_from(entries: Sequence[Entry], source: Source, *, now: datetime) -> tuple[Item, ...]:
    """One item for each entry of a document, in its order; the entries' parts are plain text."""
    traits = [traits_of(entry, source) for entry in entries]
    return tuple(
        item_from(entry, known, key, source, now=now)
        for entry, known, key in zip(entries, traits, keys(traits, source), strict=True)
    )


def traits_of(entry: Entry, source: Source) -> Traits:
    """What identity and health look at in an entry of plain text."""
    name = entry.title or " ".join((entry.summary or entry.content).split()[:_TITLE_WORDS]) or entry.link
    return Traits(
        guid=entry.guid,
        link=entry.link,
        title=entry.title,
        name=name,
        language=detect_language(f"{name}\n{_summary(entry)}", source.language),
        published_at=entry.published_at,
    )


def keys(entries: Sequence[Traits], source: Source) -> Iterator[str]:
    """The key of each entry of a document, which must be all of its entries, in their order."""
    addresses = [canonical_url(entry.link) for entry in entries]
    guids = [canonical_url(entry.guid) if entry.guid else "" for entry in entries]
    # Of exact repeats one counts, as they do not make an address or a GUID ambiguous.
    distinct = {
        (address, guid, entry.title) for address, guid, entry in zip(addresses, guids, entries, strict=True)
    }
    address_counts = Counter(address for address, _, _ in distinct)
    guid_counts = Counter(guid for _, guid, _ in distinct)
    repeats: Counter[str] = Counter()
    for address, guid, entry in zip(addresses, guids, entries, strict=True):
        if is_article_url(address) and address_counts[address] == 1:
            identity = [address]
        else:
            identity = [address, guid if guid_counts[guid] == 1 else "", entry.name]
        key = _key(source.id, *identity)
        repeats[key] += 1
        yield key if repeats[key] == 1 else _key(key, str(repeats[key]))


def item_from(entry: Entry, traits: Traits, key: str, source: Source, *, now: datetime) -> Item:
    """The item that an entry becomes under this key."""
    summary = _summary(entry)
    text = capped(entry.content, MAX_TEXT)
    return Item(
        key=key,
        source_id=source.id,
        guid=entry.guid,
        url=entry.link,
        title=capped(traits.name, MAX_TITLE),
        summary=summary,
        text=text if len(text) > len(summary) else "",
        language=traits.language,
        published_at=believable(entry.published_at, now),
        first_seen_at=now,
    )


def _summary(entry: Entry) -> str:
    return capped(entry.summary or entry.content, MAX_SUMMARY)


def _key(*identity: str) -> str:
    return sha256("\n".join(identity).encode()).hexdigest()[:16]


def capped(text: str, most: int) -> str:
    """At most so many characters, cut between words where there are any."""
    if len(text) <= most:
        return text
    head = text[: most - 1]
    words = head.rpartition(" ")[0]
    return (words if len(words) > most * 0.9 else head) + "…"


def believable(at: datetime | None, now: datetime) -> datetime | None:
    """A date as it may be shown and sorted by: never ahead of the clock, None where it is nonsense."""
    if at is None or at < _OLDEST:
        return None
    return now if at > now + _AHEAD else at
