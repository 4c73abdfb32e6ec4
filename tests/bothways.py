"""A feed read both ways: what the quick way makes of it, and what feedparser does."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest.entries import Entry
from bot.ingest.feed import by_feedparser, text_of, xml_bytes
from bot.ingest.quick import NotOrdinaryError, UnusualError, quick_entries
from bot.model import Document

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class Ways:
    """Entries by each way."""

    #: None where the document is left to feedparser.
    quick: list[Entry] | None
    #: None where it was not asked, as it would be alone; or the reason why it refuses the document.
    by_feedparser: list[Entry] | str | None

    def difference(self) -> str:
        """What differs, in words; nothing where the quick way was not taken."""
        if self.quick is None or self.quick == self.by_feedparser:
            return ""
        if isinstance(self.by_feedparser, str) or self.by_feedparser is None:
            return f"{len(self.quick)} entries instead of: {self.by_feedparser}"
        for one, other in zip(self.quick, self.by_feedparser, strict=False):
            for name in Entry.__slots__:
                if getattr(one, name) != getattr(other, name):
                    return f"{name} {getattr(one, name)!r} instead of {getattr(other, name)!r}"
        return f"{len(self.quick)} entries instead of {len(self.by_feedparser)}"


def both_ways(body: bytes | str, language: str = "en", content_type: str = "text/xml") -> Ways:
    """Read it both ways. Raises `ParseError` where it is empty."""
    source = Source(id="one", url="https://news.example/feeds/rss", language=language)
    raw = body.encode() if isinstance(body, str) else body
    document = Document(source_id="one", url=source.url, body=raw, content_type=content_type, fetched_at=NOW)
    text = text_of(document, source)
    if not text.startswith("<"):
        return Ways(quick=None, by_feedparser=None)
    pure = xml_bytes(text)
    base = source.url if "xml:base" in text else ""
    try:
        quick = quick_entries(pure, language, base=base, now=NOW)
    except (UnusualError, NotOrdinaryError):
        return Ways(quick=None, by_feedparser=None)
    try:
        entries, sound = by_feedparser(pure, base, document, source)
        return Ways(quick=quick, by_feedparser=list(entries) if sound else "damage")
    except ParseError as error:
        return Ways(quick=quick, by_feedparser=error.reason)
