"""Polls over real HTTP and a real database: verdicts are kept, told once, and the right address is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot import jobs
from bot.app import probe
from bot.config import Config
from bot.configured import Source
from bot.jobs import Parts, Polled
from bot.model import Delivery
from bot.notify.notices import load_notice
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, ModelSettings, Settings, SlackSettings
from bot.store.day import unread_sources
from bot.store.health import health_of
from bot.verdicts import Notice, SourceHealth
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WALL = b"<!DOCTYPE html><html><head><title>HTTP 403</title></head><body></body></html>"


def rss(*numbers: int, at: datetime = START) -> bytes:
    """A feed with these items, each published an hour before the one before it."""
    entries = "".join(
        f"<item><title>Neodymium report number {n}</title><link>https://news.example/report-{n}-of-the-week</link>"
        f"<pubDate>{format_datetime(at - timedelta(hours=place))}</pubDate></item>"
        for place, n in enumerate(numbers)
    )
    return f"<rss version='2.0'><channel><title>t</title>{entries}</channel></rss>".encode()


class Scene:
    """One source, polled at times of our choice."""

    def __init__(self, parts: Parts, source: Source) -> None:
        self.now = START
        self.source = source
        self.config = parts.config
        self._parts = replace(parts, clock=lambda: self.now)

    async def poll(self, after: timedelta = timedelta(minutes=20)) -> Polled:
        """One poll, some time after the one before."""
        polled = await jobs.poll_source(self._parts, self.source)
        self.now += after
        return polled

    async def health(self) -> SourceHealth:
        """What is kept."""
        return await self._parts.writer(lambda store: health_of(store, self.source.id))

    async def rows(self) -> tuple[Delivery, ...]:
        """The notices in the outbox."""
        due = await self._parts.writer(lambda store: store.due(self.now + timedelta(days=999), 100))
        return tuple(row for row in due if row.kind == "notice")

    async def notices(self) -> list[Notice]:
        """What they say."""
        return [load_notice(row.message) for row in await self.rows()]

    async def unread(self) -> tuple[tuple[str, str], ...]:
        """What a digest would say of sources that were not read in the last hour."""
        since = self.now - timedelta(hours=1)
        return await self._parts.writer(lambda store: unread_sources(store, [self.source.id], since))


@asynccontextmanager
async def scene(
    tmp_path: Path, source: Source, *, operator: str = "#ops", has_token: bool = True
) -> AsyncIterator[Scene]:
    """A scene with an operator channel, unless it says otherwise."""
    config = Config(
        folder=tmp_path,
        settings=Settings(
            model=ModelSettings(embedding="none"),
            ingest=IngestSettings(allow_private_addresses=True, timeout_seconds=5),
            slack=SlackSettings(operator_channel=operator),
        ),
        sources=(source,),
        topics=(),
        concepts=(),
        env=Environment(
            data=tmp_path / "data", slack_bot_token=SecretStr("xoxb-none") if has_token else None
        ),
    )
    async with open_parts(config) as parts:
        yield Scene(parts, source)


async def test_wall_is_told_once_and_its_end_once(feeds: FeedServer, tmp_path: Path) -> None:
    """However many polls it lasts, the operator gets one notice of the wall and one of the recovery."""
    source = Source(id="kom", name="Kommersant", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", rss(1))
        await stage.poll()
        feeds.serve("/rss", WALL, "text/html", status=403, headers={"Server": "QRATOR"})
        await stage.poll()
        first = await stage.notices()
        for _ in range(6):
            await stage.poll()
        told = await stage.notices()
        kept = await stage.health()
        unread = await stage.unread()
        feeds.serve("/rss", rss(2, 1))
        for _ in range(4):
            await stage.poll()
        after = await stage.notices()

    assert first == []
    assert [notice.title for notice in told] == [
        "Kommersant: blocked by Qrator (HTTP 403), 2 times in 20 min"
    ]
    assert (kept.kind, kept.since_at) == ("blocked", START + timedelta(minutes=20))
    assert unread == (("kom", "blocked by Qrator (HTTP 403), 7 times in 2 h"),)
    assert [(notice.title, notice.good) for notice in after[1:]] == [("Kommersant: well again", True)]
    assert "blocked" in after[1].lines[0]


async def test_single_failure_is_no_news(feeds: FeedServer, tmp_path: Path) -> None:
    """A poll that fails between good ones is kept as a verdict and told to nobody."""
    source = Source(id="one", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        for status in (200, 503, 200, 503, 503, 200, 200):
            feeds.serve("/rss", rss(1), status=status)
            await stage.poll()
            assert (await stage.health()).kind in (("failing",) if status == 503 else ("ok", "not_modified"))

        assert await stage.notices() == []


async def test_notice_goes_to_the_operator_channel_or_to_the_log(feeds: FeedServer, tmp_path: Path) -> None:
    """With a channel and a token it is one outbox row; without either there is none, and the verdict is kept."""
    source = Source(id="one", url=feeds.url("/nowhere"))
    settings: tuple[tuple[str, bool, list[str]], ...] = (
        ("#ops", True, ["#ops"]),
        ("", True, []),
        ("#ops", False, []),
    )
    for number, (operator, has_token, expected) in enumerate(settings):
        async with scene(tmp_path / str(number), source, operator=operator, has_token=has_token) as stage:
            for _ in range(4):
                await stage.poll()

            rows = await stage.rows()
            assert [row.destination for row in rows] == expected
            assert (await stage.health()).told == "failing"


async def test_fallback_takes_over_after_repeated_failure_and_says_so(
    feeds: FeedServer, tmp_path: Path
) -> None:
    """Two refusals by a wall are enough; then the fallback alone is asked, and the address again after hours."""
    source = Source(id="kom", url=feeds.url("/rss"), fallback_url=feeds.url("/search"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", WALL, "text/html", status=403, headers={"Server": "QRATOR"})
        feeds.serve("/search", rss(5, 4), etag='"f"')
        first = await stage.poll()
        second = await stage.poll()
        for _ in range(3):
            await stage.poll()
        asked = feeds.count("/rss"), feeds.count("/search")
        kept = await stage.health()
        notices = await stage.notices()
        unread = await stage.unread()
        await stage.poll(timedelta(hours=6))
        await stage.poll()
        retried = feeds.count("/rss")
        feeds.serve("/rss", rss(6, 5))
        await stage.poll(timedelta(hours=6))
        await stage.poll()
        await stage.poll()
        well = await stage.health()

    assert (first.status, second.status, second.items) == ("failed", "ok", 2)
    assert asked == (2, 4)
    assert (kept.kind, kept.memory.route) == ("blocked", "fallback")
    assert "its fallback is read instead" in kept.detail
    assert [notice.title for notice in notices] == [f"kom: blocked by {kept.detail}"]
    assert unread == ()
    assert retried == 3
    assert (well.kind, well.memory.route, well.told) == ("not_modified", "direct", "ok")
    # The fallback's validators are never sent to the source's own address, nor the other way round.
    assert all(
        "if-none-match" not in request.headers
        for path in ("/rss", "/search")
        for request in feeds.asked(path)
    )


async def test_host_that_asks_us_to_wait_is_waited_for(feeds: FeedServer, tmp_path: Path) -> None:
    """The fallback is no way round Retry-After within a poll."""
    source = Source(id="one", url=feeds.url("/rss"), fallback_url=feeds.url("/search"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", status=429, headers={"Retry-After": "600"})
        feeds.serve("/search", rss(1))
        for _ in range(3):
            await stage.poll()

    assert feeds.count("/search") == 0


async def test_both_reasons_are_told_when_the_fallback_fails_too(feeds: FeedServer, tmp_path: Path) -> None:
    """The operator sees what each address said, and both are tried again."""
    source = Source(id="one", url=feeds.url("/rss"), fallback_url=feeds.url("/nowhere"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", status=500)
        polls = [await stage.poll() for _ in range(4)]
        kept = await stage.health()

    assert polls[2].error == "HTTP 500 server error; its fallback: HTTP 404 not found"
    assert kept.kind == "failing"
    assert "HTTP 500 server error" in kept.detail
    assert kept.detail.endswith("; its fallback: HTTP 404 not found")
    assert kept.detail.count("HTTP 500") == 1


async def test_permanent_redirect_is_followed_straight_only_once_it_proved_itself(
    feeds: FeedServer, tmp_path: Path
) -> None:
    """Three good polls over a day make it "moved"; from then on the new address is asked, until it fails."""
    source = Source(id="one", url=feeds.url("/old"))
    async with scene(tmp_path, source) as stage:
        feeds.redirect("/old", "/new", 301).serve("/new", rss(1))
        for _ in range(3):
            await stage.poll(timedelta(hours=11))
        early = await stage.health()
        await stage.poll(timedelta(hours=11))
        believed = await stage.health()
        await stage.poll()
        straight = feeds.count("/old")
        notices = await stage.notices()
        feeds.serve("/new", status=404)
        await stage.poll()
        forgotten = await stage.health()
        feeds.serve("/old", rss(2))
        await stage.poll()

    assert early.kind in ("ok", "not_modified")
    assert (believed.kind, believed.memory.moved_to) == ("moved", feeds.url("/new"))
    assert [notice.title for notice in notices] == [f"one: moved {believed.detail}"]
    assert straight == 4
    assert (forgotten.kind, forgotten.memory.moved_to) == ("failing", "")
    assert feeds.count("/old") == 5


async def test_corrected_address_starts_anew(feeds: FeedServer, tmp_path: Path) -> None:
    """Faults and redirects of an address do not count against the one that replaces it."""
    source = Source(id="one", url=feeds.url("/rss"), fallback_url=feeds.url("/search"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", status=404).serve("/search", rss(1)).serve("/better", rss(2, 1))
        for _ in range(4):
            await stage.poll()
        stage.source = replace(source, url=feeds.url("/better"))
        await stage.poll()
        kept = await stage.health()

    assert feeds.count("/better") == 1
    assert (kept.kind, kept.memory.route, kept.memory.failures) == ("ok", "direct", 0)


async def test_items_that_slip_between_polls_are_noticed(feeds: FeedServer, tmp_path: Path) -> None:
    """Two polls without an entry in common are a window too short, also beside a pinned old entry."""
    source = Source(id="one", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        for step in range(4):
            newest = 100 + 10 * step
            pinned = rss(1, at=START - timedelta(days=90)).partition(b"<title>t</title>")[2]
            body = rss(*range(newest, newest - 8, -1), at=stage.now).replace(b"</channel></rss>", pinned)
            feeds.serve("/rss", body)
            await stage.poll()
        kept = await stage.health()

    assert kept.memory.overlaps == "000"
    assert kept.kind == "truncated"


async def test_page_in_place_of_a_feed_is_told_by_its_title(feeds: FeedServer, tmp_path: Path) -> None:
    """The verdict on a body that is no feed comes from the body."""
    source = Source(id="one", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", "<!doctype html><title>Новости дня</title><p>…".encode(), "text/html")
        await stage.poll()
        kept = await stage.health()

    assert (kept.kind, kept.detail) == ("html", 'a web page, "Новости дня", in place of a feed')


async def test_poll_that_brings_nothing_new_writes_no_health(feeds: FeedServer, tmp_path: Path) -> None:
    """A well source costs no second transaction at each poll."""
    source = Source(id="one", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", rss(1), etag='"1"')
        for _ in range(4):
            await stage.poll()
        before = await stage.health()
        await stage.poll()

        assert await stage.health() == before


async def test_first_look_names_what_is_wrong(feeds: FeedServer, tmp_path: Path) -> None:
    """`check --live` tells walls and dead feeds; a source whose fallback answers is none to worry about."""
    feeds.serve("/wall", WALL, "text/html", status=403, headers={"Server": "QRATOR"})
    feeds.serve("/good", rss(3, 2, 1, at=datetime.now(UTC)))
    feeds.serve("/dead", rss(3, 2, 1, at=START - timedelta(days=900)))
    urls = {name: feeds.url(f"/{name}") for name in ("wall", "good", "dead")}
    sources = (
        *(Source(id=name, url=url) for name, url in urls.items()),
        Source(id="stands-in", url=urls["wall"], fallback_url=urls["good"]),
        Source(id="both-fail", url=urls["wall"], fallback_url=feeds.url("/nowhere")),
    )
    async with scene(tmp_path, sources[0], has_token=False) as stage:
        told = dict(await probe(replace(stage.config, sources=sources)))

    assert told["wall"] == "blocked by Qrator (HTTP 403)"
    assert told["good"] == told["stands-in"] == ""
    assert told["dead"].startswith("answers, but its newest item is")
    assert told["both-fail"] == "blocked by Qrator (HTTP 403); its fallback: HTTP 404 not found"


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<!doctype html><title>News</title>", "html"),
        (200, b'{"error": "moved"}', "failing"),
        (200, b"", "failing"),
        (200, b"<?xml version='1.0'?><rss version='2.0'><channel><item><title>brok", "failing"),
        (404, b"not here", "failing"),
        (410, b"", "gone"),
        (403, b"<html><title>Just a moment...</title><script>window._cf_chl_opt={}</script>", "blocked"),
    ],
)
async def test_answer_that_is_no_feed_costs_nothing_that_was_there(
    feeds: FeedServer, tmp_path: Path, status: int, body: bytes, kind: str
) -> None:
    """The failure is named, items and validators stay, and the next good document is read in full."""
    source = Source(id="one", url=feeds.url("/rss"))
    async with scene(tmp_path, source) as stage:
        feeds.serve("/rss", rss(2, 1), etag='"good"')
        await stage.poll()
        feeds.serve("/rss", body, "text/html", status=status, etag='"bad"')
        failed = await stage.poll()
        kept = await stage.health()
        feeds.serve("/rss", rss(3, 2, 1), etag='"better"')
        again = await stage.poll()

    assert (failed.status, kept.kind) == ("failed", kind)
    assert [request.headers.get("if-none-match") for request in feeds.asked("/rss")] == [
        None,
        '"good"',
        '"good"',
    ]
    assert (again.status, again.items, again.new) == ("ok", 3, 1)
