"""The bench's made-up feeds are what its figures take them for."""

from datetime import UTC, datetime

import pytest

from bench.documents import DAMAGES, make_feed
from bot.configured import Source
from bot.ingest.feed import parse
from bot.model import Document

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def titles(body: bytes) -> list[str]:
    """What we read in a body."""
    document = Document(source_id="f", url="https://f.example/", body=body, fetched_at=NOW)
    return [item.title for item in parse(document, Source(id="f", url="https://f.example/"), now=NOW)]


@pytest.mark.parametrize("number", [0, 1, 2, 3, 13, 7, 32, 57, 82])
def test_a_made_up_feed_holds_the_titles_that_it_promises(number: int) -> None:
    """In each state; of damaged ones only the damaged entry differs."""
    feed = make_feed(number)

    for state, wanted in feed.titles.items():
        found = titles(feed.bodies[state])
        if feed.damage in ("", "windows-1251", "gb18030"):
            assert found == list(wanted)
        else:
            assert found[:-1] == list(wanted[: len(found) - 1])
            assert len(found) == len(wanted) - (feed.damage == "broken off")
    assert feed == make_feed(number)


def test_one_feed_in_25_is_damaged_and_one_in_ten_has_news() -> None:
    """The mix that the figures are for."""
    feeds = [make_feed(number) for number in range(100)]

    assert sorted(feed.damage for feed in feeds if feed.damage) == sorted(DAMAGES)
    assert sum(feed.bodies["tick"] != feed.bodies["base"] for feed in feeds) == 10
    assert all(feed.bodies["churn"] != feed.bodies["tick"] for feed in feeds)
