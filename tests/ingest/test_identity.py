"""Identity: an item keeps its key from poll to poll, and no two news share one."""

import io
from collections.abc import Callable
from pathlib import Path

import feedparser
import pytest

from bot.configured import Source
from tests.ingest.test_feed import SOURCE, entry, read, rss

#: Feed documents as real sites served them; they stay outside the project.
REAL_FILES = sorted((Path(__file__).parents[3] / "shared" / "data" / "real-feeds").glob("*.xml"))


def keys(*entries: str, source: Source = SOURCE) -> list[str]:
    """The keys of an RSS document with these entries."""
    return [item.key for item in read(rss(*entries), source=source)]


def test_article_keeps_its_key_when_everything_else_changes() -> None:
    """Edited title, new or missing GUID, https, tracking, another neighbour: the address is the same article."""
    plain = entry("Quota raised", "http://news.example/n/17", "guid-a")
    versions = [
        entry("Quota raised, ministry says", "https://www.news.example/n/17/", "guid-a"),
        entry("Quota raised", "https://news.example/n/17?utm_source=rss", "guid-b"),
        entry("Quota raised", "https://m.news.example/n/17#top"),
    ]

    found = {keys(version, entry("Other", "https://news.example/n/18"))[0] for version in versions}

    assert found == set(keys(plain))


@pytest.mark.parametrize(
    "flip",
    [
        lambda guid: guid.replace("http:", "https:"),
        lambda guid: guid + "?utm_source=rss",
        lambda guid: guid + "/",
    ],
)
def test_guid_that_flips_keeps_the_key(flip: Callable[[str], str]) -> None:
    """Where the GUID counts, its spelling as an address does not."""
    guid = "http://news.example/id/77"

    before = keys(entry("Price of the day", "https://news.example/prices", guid))
    after = keys(entry("Price of the day", "https://news.example/prices", flip(guid)))

    assert before == after


def test_guid_shared_by_all_entries_says_nothing() -> None:
    """One GUID on everything neither merges entries nor changes them."""
    links = [f"https://news.example/n/{number}" for number in range(9)]

    shared = keys(*(entry(f"News {link[-1]}", link, "same") for link in links))

    assert len(set(shared)) == 9
    assert shared == keys(*(entry(f"News {link[-1]}", link) for link in links))


def test_news_on_a_page_that_stays_are_told_apart() -> None:
    """A price page has one address and new figures each day: each is an item, even when it stands alone."""
    monday = keys(entry("NdPr oxide at 505,000", "https://news.example/prices"))
    tuesday = keys(entry("NdPr oxide at 512,000", "https://news.example/prices"))
    same_title = keys(
        entry("Prices", "https://news.example/prices", "a"),
        entry("Prices", "https://news.example/prices", "b"),
    )

    assert monday != tuesday
    assert len(set(same_title)) == 2


def test_entries_that_share_an_article_address_are_told_apart() -> None:
    """A live blog's posts link to one article."""
    posts = [entry(f"Post {number}", "https://news.example/live/2026", f"p{number}") for number in range(5)]

    assert len(set(keys(*posts))) == 5


def test_each_repeat_of_an_entry_keeps_a_key_of_its_own() -> None:
    """Same GUID, link and title twice: both are kept under keys that hold; an entry that says nothing is none."""
    once = keys(entry("A", guid="g"), entry("B", guid="g"), "<title></title>")
    twice = keys(entry("A", guid="g"), entry("A", guid="g"), entry("B", guid="g"))

    assert len(once) == 2
    assert [twice[0], twice[2]] == once
    assert len(set(twice)) == 3


def test_key_belongs_to_its_source() -> None:
    """Two sources that carry one article have an item each; the story joins them."""
    other = Source(id="two", url="https://other.example/rss")

    assert keys(entry()) != keys(entry(), source=other)


@pytest.mark.skipif(not REAL_FILES, reason="the real feeds are not beside the project")
def test_every_entry_of_real_feeds_becomes_an_item() -> None:
    """As many items as feedparser finds entries, each with a key of its own, exact repeats included."""
    entries = 0
    for path in REAL_FILES:
        body = path.read_bytes()
        found = feedparser.parse(io.BytesIO(body)).entries

        items = read(body)

        assert len({item.key for item in items}) == len(items) == len(found), path.name
        assert all(item.title and item.url for item in items), path.name
        entries += len(found)
    assert (len(REAL_FILES), entries) == (53, 897)


@pytest.mark.skipif(not REAL_FILES, reason="the real feeds are not beside the project")
def test_keys_of_real_feeds_hold_when_entries_leave() -> None:
    """The next poll shows a feed without its newest or oldest entry; the rest keep their keys."""
    for path in REAL_FILES:
        text = path.read_text(encoding="utf-8")
        tag = "entry" if "</entry>" in text else "item"
        first = text.index(f"<{tag}")
        shorter = text[:first] + text[text.index(f"</{tag}>", first) + len(tag) + 3 :]

        before, after = read(text), read(shorter)

        assert {item.key for item in after} <= {item.key for item in before}, path.name
