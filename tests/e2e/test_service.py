"""The whole bot as a process: each alert and each digest once, whatever moment it dies at."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demofeeds import FeedServer
from tests.e2e.stage import Bot, MailSink, in_background, some_feeds, wait_until
from tests.slackserver import TOKEN, SlackServer


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[FeedServer]:
    """Three recorded feeds, one in each language."""
    with in_background(some_feeds(tmp_path / "feeds")) as server:
        yield server


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    """A Slack that keeps what is posted."""
    with in_background(SlackServer("rare-earths")) as server:
        yield server


@pytest.fixture
def sink() -> MailSink:
    """A mail server that keeps what it is given."""
    return MailSink()


def is_told(bot: Bot, slack: SlackServer) -> bool:
    """True when there were alerts, none waits, and each stands in Slack."""
    waiting, sent = (
        bot.count("state in ('pending', 'sending')"),
        bot.count("kind = 'alert' and state = 'sent'"),
    )
    return waiting == 0 and sent >= 5 and len(slack.posts) >= sent


def assert_each_once(bot: Bot, slack: SlackServer, sink: MailSink) -> None:
    """What stands in Slack and in the mailbox is what the outbox says, each once."""
    posted = Counter(post.key for post in slack.posts)
    queued = {row["key"] for row in bot.rows("select key from outbox where kind = 'alert'")}
    assert set(posted) == queued
    assert set(posted.values()) == {1}
    assert len(sink.mails) == 1
    assert [row["state"] for row in bot.rows("select state from outbox where state != 'sent'")] == []


def test_the_service_posts_each_alert_and_mails_one_digest(
    tmp_path: Path, feeds: FeedServer, slack: SlackServer, sink: MailSink
) -> None:
    """Feeds in, alerts in Slack and one digest out; SIGTERM ends it cleanly, and a restart repeats nothing."""
    with sink.running() as smtp_url:
        bot = Bot(tmp_path, feeds, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url, SMTP_URL=smtp_url)
        bot.lists("anna@example.org")
        bot.start()
        wait_until(lambda: "status=ok" in bot.log, seconds=30, what="a first poll")
        feeds.round = 2

        wait_until(lambda: is_told(bot, slack), seconds=60, what="all alerts in Slack")
        assert bot.stop() == 0

        # What a feed had not served by then goes out now; after it there is nothing new to tell.
        for command in (("poll", "--all"), ("deliver",), ("poll", "--all")):
            assert bot.run(*command).returncode == 0
        posts = len(slack.posts)
        bot.start()
        wait_until(lambda: bot.log.count("event=started") == 2, seconds=30, what="the restart")
        time.sleep(3)  # a round of each job
        assert bot.stop() == 0

        assert len(slack.posts) == posts
        assert_each_once(bot, slack, sink)
        assert TOKEN not in bot.log


@pytest.mark.parametrize(
    "point", ["after-fetch", "after-save", "before-sending", "after-sending", "after-accept"]
)
def test_a_kill_at_any_point_loses_and_doubles_nothing(
    tmp_path: Path, feeds: FeedServer, slack: SlackServer, sink: MailSink, point: str
) -> None:
    """Killed at each step between a fetch and the record of a post, the bot catches up after a restart."""
    with sink.running() as smtp_url:
        bot = Bot(tmp_path, feeds, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url, SMTP_URL=smtp_url)
        bot.lists("anna@example.org")
        # The digest of the day goes out before, so that the kill meets an alert.
        feeds_seen = bot.run("poll", "--all")
        assert feeds_seen.returncode == 0, feeds_seen.stderr
        bot.run("digest")
        bot.run("deliver")
        feeds.round = 2

        bot.start(BOT_FAULT_POINT=f"{point}:2")
        assert bot.process is not None
        assert bot.process.wait(60) == -9

        bot.start()
        wait_until(lambda: is_told(bot, slack), seconds=90, what="all alerts in Slack")
        assert bot.stop() == 0
        assert_each_once(bot, slack, sink)
