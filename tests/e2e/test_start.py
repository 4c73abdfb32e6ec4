"""Signals to a bot that has only just been started."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.demofeeds import FeedServer
from tests.e2e.stage import Bot, in_background, some_feeds


@pytest.fixture
def feeds(tmp_path: Path) -> Iterator[FeedServer]:
    """Recorded feeds."""
    with in_background(some_feeds(tmp_path / "feeds")) as server:
        yield server


def hold(path: Path) -> int:
    """Wait until a process reads this pipe, and let it wait for what is written: a descriptor to let it go."""
    until = time.monotonic() + 30
    while True:
        try:
            return os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.02)


def test_a_stop_before_the_service_stands_is_a_clean_end(tmp_path: Path, feeds: FeedServer) -> None:
    """While the configuration is read a reload changes nothing, and SIGTERM ends the process with 0."""
    bot = Bot(tmp_path, feeds)
    settings = tmp_path / "config" / "settings.toml"
    settings.unlink()
    os.mkfifo(settings)
    bot.start()
    assert bot.process is not None

    held = hold(settings)
    os.kill(bot.process.pid, signal.SIGHUP)
    time.sleep(0.2)
    is_running = bot.process.poll() is None
    code = bot.stop()
    os.close(held)

    assert is_running
    assert code == 0
    assert "Traceback" not in bot.log
