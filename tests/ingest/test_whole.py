"""A document that broke off is told from one that came to its end."""

import pytest

from bot.ingest.whole import is_whole
from tests.ingest.test_feed import ATOM, JSON_FEED, RDF, entry, rss


@pytest.mark.parametrize(
    "body",
    [
        rss(entry()),
        rss(),
        ATOM,
        RDF,
        JSON_FEED,
        "<rss/>",
        "<feed/>",
        "",
        "<html><feed>",
        rss(entry()) + "<!-- 0.1 s -->",
    ],
)
def test_feeds_and_pages_are_whole(body: str) -> None:
    """With their closing tag, whatever follows it; empty ones, JSON and pages too."""
    assert is_whole(body.encode())


@pytest.mark.parametrize("body", [rss(entry(), entry()), ATOM, RDF])
def test_a_feed_without_its_end_is_not_whole(body: str) -> None:
    """Wherever it breaks off after its root has begun and before that is closed."""
    first = body.index("<title")
    last = min(body.rindex("</"), body.rindex("</channel") if "</channel" in body[-40:] else len(body))

    assert not any(
        is_whole(body[:cut].encode()) for cut in range(first, last) if "</channel" not in body[:cut]
    )
