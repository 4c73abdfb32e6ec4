"""From many sources that fall ill to one message in the operator's channel, over real HTTP, a database and a Slack."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr
from rich.console import Console

from bot import jobs
from bot.config import Config
from bot.configured import Source
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, ModelSettings, Settings, SlackSettings
from tests.feedserver import FeedServer, feeds
from tests.slackserver import TOKEN, SlackServer

__all__ = ["feeds"]

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
RSS = b"<rss version='2.0'><channel><title>t</title><item><title>One</title><pubDate>Tue, 24 Nov 2026 07:00:00 GMT</pubDate></item></channel></rss>"


async def test_a_new_installation_behind_a_wall_tells_its_operator_once(
    feeds: FeedServer, tmp_path: Path
) -> None:
    """Twelve blocked sources are one message, told once however long it lasts; so is the recovery of all of them."""
    sources = tuple(Source(id=f"s{number}", url=feeds.url("/rss")) for number in range(12))
    now = START
    async with SlackServer("ops", clock=lambda: now.timestamp()) as slack:
        config = Config(
            folder=tmp_path,
            settings=Settings(
                model=ModelSettings(embedding="none"),
                ingest=IngestSettings(allow_private_addresses=True, timeout_seconds=5, per_host=16),
                slack=SlackSettings(operator_channel="#ops"),
            ),
            sources=sources,
            topics=(),
            concepts=(),
            env=Environment(
                data=tmp_path / "data", slack_bot_token=SecretStr(TOKEN), slack_api_url=slack.url
            ),
        )
        async with open_parts(config, Console()) as opened:
            parts = replace(opened, clock=lambda: now)
            counts = []
            for page in (
                {"body": b"<title>no</title>", "status": 403, "headers": {"Server": "QRATOR"}},
            ) * 4 + ({"body": RSS},) * 4:
                feeds.serve("/rss", **page)
                for source in sources:
                    await jobs.poll_source(parts, source)
                    await jobs.deliver(parts, "slack")
                    now += timedelta(seconds=20)
                now += timedelta(minutes=15)
                await jobs.deliver(parts, "slack")
                counts.append(len(slack.posts))

        assert counts == [0, 1, 1, 1, 1, 2, 2, 2]
        ill, well = (post.text.splitlines() for post in slack.posts)

    assert ill[0] == "⚠️ 12 sources: blocked"
    assert [line.partition(" (")[0] for line in ill[1:-1]] == [f"s{n}: blocked by Qrator" for n in range(10)]
    assert ill[-1].startswith("and 2 more")
    assert (well[0], well[1]) == ("✅ 12 sources: well again", "s0: well again")
