"""Articles behind thin items: which are read, and what that changes, over a real feed server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import jobs
from bot.articles import ENOUGH, worth_reading
from bot.config import Config
from bot.configured import Concept, PageSelectors, Rule, Source, Topic
from bot.jobs import Parts
from bot.model import Classification, ClassifiedItem, Item, Label
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, Settings
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TOPIC = Topic(
    id="prices",
    name="Prices",
    rules=(
        Rule(id="metal", weight=0.4, why="names a metal", all=("neodymium",)),
        Rule(id="metal-price", weight=0.9, why="a metal and its price", all=("neodymium", "price")),
    ),
)
CONCEPTS = (Concept(id="neodymium", en=("neodymium",)), Concept(id="price", en=("price",)))
SOURCE = Source(id="wire", url="https://a.example/feed", article=True)

PROSE = "".join(
    f"<p>{text}</p>"
    for text in (
        "Traders in three ports said on Tuesday that the neodymium price rose for a fifth week in a row.",
        "Stocks at the largest separator fell to the lowest level since spring, two people said.",
        "Buyers expect the next round of contracts to be signed before the holidays begin.",
    )
)


def entry(
    key: str, score: float, *, summary: str = "", url: str = "https://a.example/1", text: str = ""
) -> ClassifiedItem:
    """An item that one topic scored."""
    label = Label(topic_id="prices", score=score, sure=score >= TOPIC.threshold, evidence=())
    item = Item(key=key, source_id="wire", url=url, summary=summary, text=text, first_seen_at=NOW)
    labels = (label,) if score >= TOPIC.possible else ()
    return ClassifiedItem(
        item=item, classification=Classification(scores={"prices": score}, labels=labels, rules_version="1")
    )


def test_only_thin_items_near_a_threshold_are_worth_reading() -> None:
    """From half of possible to below sure, with less than a line or two, and an address that leads to the article."""
    half = TOPIC.possible / 2
    entries = [
        entry("far", half - 0.01),
        entry("near", half),
        entry("possible", 0.5),
        entry("sure", 0.6),
        entry("long summary", 0.5, summary="x" * ENOUGH),
        entry("long text", 0.5, text="x" * ENOUGH),
        entry("google", 0.5, url="https://news.google.com/rss/articles/x"),
        entry("no address", 0.5, url=""),
    ]

    assert worth_reading(entries, SOURCE, [TOPIC], most=9) == ("possible", "near")
    assert worth_reading(entries, SOURCE, [TOPIC], most=1) == ("possible",)
    assert worth_reading(entries, SOURCE, [TOPIC], most=0) == ()


def test_no_article_is_read_unless_the_source_asks_for_it() -> None:
    """`article` is off by default."""
    assert (
        worth_reading([entry("possible", 0.5)], Source(id="a", url="https://a.example"), [TOPIC], most=9)
        == ()
    )


@asynccontextmanager
async def polling(folder: Path, source: Source) -> AsyncIterator[Parts]:
    """The parts of a bot that polls one source on loopback."""
    config = Config(
        folder=folder,
        settings=Settings(ingest=IngestSettings(allow_private_addresses=True, timeout_seconds=1)),
        sources=(source,),
        topics=(TOPIC,),
        concepts=CONCEPTS,
        env=Environment(data=folder / "data"),
    )
    async with open_parts(config) as parts:
        yield replace(parts, clock=lambda: NOW)


def serve_feed(feeds: FeedServer, *titles: str) -> Source:
    """A feed of items without a word of summary, each with an article of its own."""
    items = "".join(
        f"<item><title>{title}</title><link>{feeds.url(f'/2026/{number}')}</link>"
        "<pubDate>Tue, 24 Nov 2026 11:00:00 GMT</pubDate></item>"
        for number, title in enumerate(titles, start=1)
    )
    feeds.serve("/feed", f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode())
    return replace(SOURCE, url=feeds.url("/feed"))


def serve_article(feeds: FeedServer, number: int) -> None:
    """The article of an item."""
    page = f"<html><body><nav><a href=/>Home</a></nav><article><h1>News</h1>{PROSE}</article></body></html>"
    feeds.serve(f"/2026/{number}", page.encode(), "text/html")


async def test_an_article_turns_a_possible_item_into_an_alert(tmp_path: Path, feeds: FeedServer) -> None:
    """The title alone is possible; with the article it is sure, alerts, and the text is stored and searchable."""
    source = serve_feed(feeds, "Neodymium market talk", "Football results")
    serve_article(feeds, 1)
    serve_article(feeds, 2)

    async with polling(tmp_path, source) as parts:
        polled = await jobs.poll_source(parts, source)
        again = await jobs.poll_source(parts, source)
        rows = await parts.writer(
            lambda store: store.rows("select title, text from items order by title desc")
        )

    assert (polled.status, polled.new, polled.alerts) == ("ok", 2, 1)
    assert again.new == 0
    assert "neodymium price rose" in rows[0]["text"]
    assert rows[1]["text"] == ""
    assert feeds.count("/2026/1") == 1
    assert feeds.count("/2026/2") == 0


async def test_the_article_stays_when_the_feed_comes_again(tmp_path: Path, feeds: FeedServer) -> None:
    """A later poll, in which the feed lists the same thin item beside a new one, takes nothing away and alerts no more."""
    source = serve_feed(feeds, "Neodymium market talk")
    serve_article(feeds, 1)

    async with polling(tmp_path, source) as parts:
        await jobs.poll_source(parts, source)
        serve_feed(feeds, "Neodymium market talk", "Football results")
        again = await jobs.poll_source(parts, source)
        rows = await parts.writer(lambda store: store.rows("select text from items order by title desc"))

    assert (again.new, again.alerts) == (1, 0)
    assert "neodymium price rose" in rows[0]["text"]
    assert feeds.count("/2026/1") == 1


@pytest.mark.parametrize("fault", ["missing", "hanging", "no prose", "not a page"])
async def test_an_article_that_fails_changes_nothing(tmp_path: Path, feeds: FeedServer, fault: str) -> None:
    """Whatever the article's server does, the item is stored as its feed had it, and the source is well."""
    source = serve_feed(feeds, "Neodymium market talk")
    match fault:
        case "hanging":
            feeds.serve("/2026/1", b"x", "text/html", delay=30)
        case "no prose":
            feeds.serve("/2026/1", b"<html><body><p>Log in</p></body></html>", "text/html")
        case "not a page":
            feeds.serve("/2026/1", bytes(range(256)) * 40, "application/pdf")

    async with polling(tmp_path, source) as parts:
        polled = await jobs.poll_source(parts, source)
        (row,) = await parts.writer(lambda store: store.rows("select text, scores from items"))
        states = await parts.writer(lambda store: store.poll_states())

    assert (polled.status, polled.new, polled.alerts) == ("ok", 1, 0)
    assert (row["text"], row["scores"]) == ("", '{"prices": 0.4}')
    assert states["wire"].failures == 0


async def test_no_more_articles_are_read_than_one_poll_may(tmp_path: Path, feeds: FeedServer) -> None:
    """Of five items that would be worth it three are read, and the host is asked for two at a time at most."""
    source = serve_feed(
        feeds, *(f"Neodymium talk {name}" for name in ("one", "two", "three", "four", "five"))
    )
    for number in range(1, 6):
        serve_article(feeds, number)

    async with polling(tmp_path, source) as parts:
        await jobs.poll_source(parts, source)

    assert sum(feeds.count(f"/2026/{number}") for number in range(1, 6)) == 3
    assert feeds.busiest <= 2


async def test_the_source_s_secret_header_is_not_sent_to_articles(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that opens the feed is the feed's alone, even where the article is on the same host."""
    monkeypatch.setenv("WIRE_KEY", "very-hidden")
    source = replace(serve_feed(feeds, "Neodymium market talk"), headers={"X-Key": "WIRE_KEY"})
    serve_article(feeds, 1)

    async with polling(tmp_path, source) as parts:
        await jobs.poll_source(parts, source)

    assert feeds.asked("/feed")[0].headers["x-key"] == "very-hidden"
    assert "x-key" not in feeds.asked("/2026/1")[0].headers


async def test_a_list_page_is_polled_like_a_feed(tmp_path: Path, feeds: FeedServer) -> None:
    """The kind of a source chooses its parser; a page that lost its list is a failure with its reason."""
    source = Source(id="list", url=feeds.url("/list"), kind="page", page=PageSelectors(item="li"))
    feeds.serve("/list", b'<ul><li><a href="/2026/11/neodymium">Neodymium price up</a></ul>', "text/html")

    async with polling(tmp_path, source) as parts:
        first = await jobs.poll_source(parts, source)
        feeds.serve("/list", b"<p>We have moved to an app", "text/html")
        second = await jobs.poll_source(parts, source)

    assert (first.status, first.new) == ("ok", 1)
    assert second.status == "failed"
    assert second.error == 'nothing on the page fits "li": was the site rebuilt?'
