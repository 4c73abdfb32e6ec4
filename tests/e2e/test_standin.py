"""The bot against a Slack that was not written here."""

import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.stage import CHANNEL, STANDINS, TOKEN, Bot, call_slack, free_port, in_background, some_feeds

SEED = f"""
tokens:
  {TOKEN}:
    login: reebot
    scopes: [chat:write, channels:read, groups:read, channels:history, groups:history]
slack:
  team: {{name: Desk, domain: desk}}
  channels:
    - {{name: {CHANNEL}, topic: alerts}}
  bots:
    - {{name: reebot}}
"""


@pytest.fixture
def api_url(tmp_path: Path) -> Iterator[str]:
    """The stand-in, served on a free port."""
    if not (STANDINS / "emulate").exists():
        pytest.skip("the Slack stand-in is not here; `make standins` fetches it (needs npm)")
    port = free_port()
    seed = tmp_path / "seed.yaml"
    seed.write_text(SEED)
    with (tmp_path / "standin.log").open("wb") as log:
        process = subprocess.Popen(
            [
                STANDINS / "node",
                STANDINS / "emulate",
                *f"start --service slack --port {port} --seed {seed}".split(),
            ],
            stdout=log,
            stderr=log,
        )
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}/api/"
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("the stand-in did not start")


def test_alerts_stand_in_a_foreign_slack_once_each(tmp_path: Path, api_url: str) -> None:
    """Posted by one process, killed after an acceptance and carried on by another, each alert is there once."""
    with in_background(some_feeds(tmp_path / "feeds", ("kola-mining-wire",))) as feeds:
        bot = Bot(tmp_path, feeds, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=api_url)
        bot.run("poll", "--all")
        feeds.round = 2
        bot.run("poll", "--all")
        killed = bot.run("deliver", BOT_FAULT_POINT="after-accept")
        assert killed.returncode == -9

        finished = bot.run("deliver")
        assert finished.returncode == 0, finished.stderr

        channels = call_slack(api_url, "conversations.list")["channels"]
        channel = next(entry["id"] for entry in channels if entry["name"] == CHANNEL)
        history = call_slack(api_url, "conversations.history", channel=channel, include_all_metadata="true")
        posted = Counter(message["metadata"]["event_payload"]["id"] for message in history["messages"])
        assert set(posted) == {row["key"] for row in bot.rows("select key from outbox where state = 'sent'")}
        assert len(posted) >= 3
        assert set(posted.values()) == {1}
