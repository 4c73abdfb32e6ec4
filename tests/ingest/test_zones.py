"""Dates without a zone are of the feed's home; a zone that is named is never moved."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configured import Source
from bot.ingest.zones import published
from tests.ingest.test_feed import entry, read, rss

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
#: What a parser makes of a date that names no zone.
PARSED = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "language", "expected"),
    [
        ("2026-11-24 16:00:00", "zh", at(24, 8)),
        ("2026-11-24T16:00:00", "zh", at(24, 8)),
        ("2026-11-24 16:00", "ru", at(24, 13)),
        ("2026-11-24", "zh", at(23, 16)),
        ("2026/11/24 16:00:00", "zh", at(24, 8)),
        ("2026年11月24日 16:00", "zh", at(24, 8)),
        ("24.11.2026 16:00", "ru", at(24, 13)),
        ("24 ноября 2026, 16:00 МСК", "ru", at(24, 13)),
        ("Tue, 24 Nov 2026 16:00:00 CST", "zh", at(24, 8)),
        ("Tue, 24 Nov 2026 16:00:00", "zh", at(24, 8)),
        ("2026/11/24 16:00", "en", at(24, 16)),
    ],
)
def test_date_without_a_zone_is_of_the_languages_home(
    written: str, language: str, expected: datetime
) -> None:
    """Chinese feeds live at UTC+8, Russian ones at UTC+3, others at UTC."""
    assert published(written, PARSED, language, now=NOW) == expected


@pytest.mark.parametrize("language", ["zh", "ru", "en"])
@pytest.mark.parametrize(
    "written",
    [
        "Tue, 24 Nov 2026 16:00:00 GMT",
        "Tue, 24 Nov 2026 16:00:00 +0000",
        "Tue, 24 Nov 2026 16:00:00 +0000 (UTC)",
        "2026-11-24T16:00:00Z",
        "2026-11-24T16:00:00.123+00:00",
        "2026-11-24 16:00:00 UTC",
        "Tue Nov 24 16:00:00 UTC 2026",
        "2026-11-24T16:00:00+00",
        "",
        "never",
    ],
)
def test_date_with_a_zone_is_as_it_was_parsed(written: str, language: str) -> None:
    """Whatever the feed's language; and what is no date stays what the parser made of it."""
    assert published(written, PARSED, language, now=NOW) == PARSED


@settings(max_examples=200)
@given(
    st.text(max_size=40) | st.from_regex(r"[0-9:T/ Z+.\-年月日]{1,30}"),
    st.sampled_from(["zh", "ru", "en", ""]),
)
def test_no_date_is_an_error(written: str, language: str) -> None:
    """Any text gives a moment with a zone, or what the parser gave."""
    found = published(written, None, language, now=NOW)

    assert found is None or found.tzinfo is not None


@pytest.mark.parametrize(("language", "hour"), [("zh", 0), ("ru", 5), ("en", 8)])
def test_items_of_a_feed_are_dated_so(language: str, hour: int) -> None:
    """In RSS and in JSON Feed, by the source's language."""
    source = Source(id="one", url="https://news.example/rss", language=language)
    xml = rss(entry(more="<pubDate>2026-11-23 08:00:00</pubDate>"))
    feed = '{"version": "https://jsonfeed.org/version/1", "items": [{"title": "A", "date_published": "2026-11-23T08:00:00"}]}'

    found = [read(body, source=source)[0].published_at for body in (xml, feed)]

    assert found == [at(23, hour)] * 2
