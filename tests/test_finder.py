"""From a site's address to its feed, and the command that adds it, over a real server on loopback."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.config import load_sources
from bot.finder import find_feeds
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.settings import IngestSettings
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RSS = b'<rss version="2.0"><channel><title>t</title><item><title>One</title></item></channel></rss>'


def page(*links: str) -> bytes:
    """A site's front page that names feeds."""
    named = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
    return (
        f"<!doctype html><html><head><title>Site</title>{named}</head><body><p>Hello</body></html>".encode()
    )


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configuration that may reach loopback; gives the path of its sources."""
    folder = tmp_path / "config"
    (folder / "topics").mkdir(parents=True)
    (folder / "concepts").mkdir()
    (folder / "settings.toml").write_text("[ingest]\nallow_private_addresses = true\n")
    (folder / "sources.toml").write_text('[[source]]\nid = "one"\nurl = "https://news.example/feed"\n')
    (folder / "concepts" / "m.toml").write_text('[neodymium]\nen = ["neodymium"]\n')
    (folder / "topics" / "p.toml").write_text(
        'name = "P"\n[[rule]]\nid = "m"\nweight = 0.8\nwhy = "w"\nall = ["neodymium"]\n'
    )
    monkeypatch.setenv("BOT_CONFIG", str(folder))
    monkeypatch.setenv("BOT_DATA", str(tmp_path / "data"))
    return folder / "sources.toml"


def add(*arguments: str) -> Result:
    """`reebot sources add ...`."""
    return CliRunner().invoke(cli, ["sources", "add", *arguments])


def urls(path: Path) -> list[str]:
    """The addresses in a file of sources."""
    return [source.url for source in load_sources(path)]


def test_the_address_of_a_feed_is_added_as_it_is(config: Path, feeds: FeedServer) -> None:
    """What is a feed already is asked for once and kept."""
    feeds.serve("/rss", RSS)

    done = add(feeds.url("/rss"), "--id", "new")

    assert done.exit_code == 0
    assert urls(config)[-1] == feeds.url("/rss")
    assert len(feeds.requests) == 1


def test_a_site_with_one_feed_is_added_by_it(config: Path, feeds: FeedServer) -> None:
    """The feed that the page names is taken; its feed of comments, and one that is gone, are not."""
    feeds.serve("/", page("/gone", "/comments/feed/", "/all.xml"), "text/html")
    feeds.serve("/all.xml", RSS).serve("/comments/feed/", RSS)

    done = add(feeds.url("/"))

    assert done.exit_code == 0
    assert f"its feed is {feeds.url('/all.xml')}" in done.output
    assert urls(config)[-1] == feeds.url("/all.xml")


def test_a_site_with_several_feeds_is_a_choice_for_people(config: Path, feeds: FeedServer) -> None:
    """All that were read are listed as commands, nothing is added, and the exit code says so."""
    feeds.serve("/", page("/metals.xml", "/sport.xml"), "text/html")
    feeds.serve("/metals.xml", RSS).serve("/sport.xml", RSS)

    done = add(feeds.url("/"))

    assert done.exit_code == 1
    for path in ("/metals.xml", "/sport.xml"):
        assert f"reebot sources add '{feeds.url(path)}'" in done.output
    assert len(urls(config)) == 1


def test_the_usual_addresses_are_tried_where_the_page_names_none(config: Path, feeds: FeedServer) -> None:
    """One after the other, and no more once one was found."""
    feeds.serve("/news", page(), "text/html").serve("/feed/", page(), "text/html").serve("/rss", RSS)

    done = add(feeds.url("/news"))

    assert done.exit_code == 0
    assert urls(config)[-1] == feeds.url("/rss")
    assert [request.path for request in feeds.requests] == ["/news", "/feed/", "/rss"]


def test_a_site_without_a_feed_is_refused_with_the_ways_out(config: Path, feeds: FeedServer) -> None:
    """Nothing is added; the message names list pages and --as-given, which then adds it."""
    feeds.serve("/", page(), "text/html")

    done = add(feeds.url("/"))

    assert done.exit_code == 1
    assert 'an HTML page titled "Site", and no feed was found from there' in done.output
    assert 'kind = "page"' in done.output
    assert len(urls(config)) == 1

    asked = len(feeds.requests)
    assert add(feeds.url("/"), "--as-given").exit_code == 0
    assert urls(config)[-1] == feeds.url("/")
    assert len(feeds.requests) == asked


def test_an_address_that_does_not_answer_now_is_added_with_a_word(config: Path, feeds: FeedServer) -> None:
    """A server that is down today may be the right one, so the source is added and the reason told."""
    feeds.serve("/rss", b"", status=503)

    done = add(feeds.url("/rss"))

    assert done.exit_code == 0
    assert "could not be looked at (HTTP 503 unavailable)" in done.output
    assert urls(config)[-1] == feeds.url("/rss")


async def test_a_page_can_not_send_us_to_a_private_address(feeds: FeedServer) -> None:
    """What a page names is fetched through the guard: with it on, not even loopback's own page is read."""
    feeds.serve("/", page("/feed"), "text/html")
    feeds.serve("/feed", RSS)

    async with Fetcher(IngestSettings(), env={}) as fetcher, Reader() as reader:
        found = await find_feeds(fetcher, reader, feeds.url("/"), now=NOW)

    assert found.feeds == ()
    assert "refused to connect" in found.reason
    assert feeds.requests == []
