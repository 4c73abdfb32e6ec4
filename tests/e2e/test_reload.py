"""SIGHUP: the running bot takes new rules, and keeps the old ones where the new are broken."""

import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pysqlite3 as sqlite3
import pytest

from bot.demofeeds import FeedServer
from tests.e2e.stage import Bot, in_background, some_feeds, wait_until


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[FeedServer]:
    """One recorded feed."""
    with in_background(some_feeds(tmp_path / "feeds", ("kola-mining-wire",))) as server:
        yield server


def hang_up(bot: Bot) -> None:
    """Send the real signal."""
    assert bot.process is not None
    bot.process.send_signal(signal.SIGHUP)


def test_a_hang_up_reloads_the_rules_and_broken_ones_are_refused(tmp_path: Path, feeds: FeedServer) -> None:
    """A broken file is named with its key and changes nothing; a sound one is the law from the next poll on."""
    bot = Bot(tmp_path, feeds)
    file = tmp_path / "config" / "topics" / "russia-ree.toml"
    sound = file.read_text(encoding="utf-8")
    bot.start()
    wait_until(lambda: "event=poll" in bot.log, seconds=30, what="a first poll")

    file.write_text(sound.replace('any = ["ree-deposit"]', 'any = ["no-such-concept"]'), encoding="utf-8")
    hang_up(bot)
    wait_until(lambda: "status=kept" in bot.log, seconds=15, what="a refusal")
    file.write_text(sound.replace("weight = 0.92", "weight = 0.93"), encoding="utf-8")
    hang_up(bot)
    wait_until(lambda: "event=reload" in bot.log and "before=" in bot.log, seconds=15, what="new rules")
    (reloaded,) = (line for line in bot.log.splitlines() if "before=" in line)
    (new,) = re.findall(r"rules=(\S+)", reloaded)
    feeds.round = 2
    with sqlite3.connect(bot.data / "bot.db") as db:
        db.execute("update polls set next_poll_at = '2000-01-01T00:00:00.000000+00:00'")
    wait_until(
        lambda: bool(bot.rows(f"select 1 from items where rules_version = '{new}'")),  # noqa: S608  hex digits
        seconds=60,
        what="an item judged by the new rules",
    )

    assert bot.stop() == 0
    (kept,) = (line for line in bot.log.splitlines() if "status=kept" in line)
    (old,) = re.findall(r"rules=(\S+)", kept)
    assert "russia-ree.toml" in kept
    assert "rule[deposit].any" in kept
    assert f"before={old}" in reloaded
    assert old != new
