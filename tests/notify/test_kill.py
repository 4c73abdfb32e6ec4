"""kill -9 at each step of a delivery: after a restart every alert stands in Slack exactly once."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model import Batch, PollState
from bot.store.store import Store
from tests.notify.made import NOW, delivery
from tests.slackserver import TOKEN, SlackServer

ROOT = Path(__file__).parent.parent.parent
#: One round in a process of its own: folder, Slack's address and the time are told.
ROUND = """
import asyncio, sys
from datetime import datetime
from pathlib import Path
from bot.notify.outbox import drain
from bot.notify.slack import SlackChannel
from bot.store.store import Store

folder, url, token, now = sys.argv[1:]

class Queue:
    def __init__(self, store): self.store = store
    async def due(self, now, limit): return self.store.due(now, limit)
    async def unknown(self): return self.store.unknown()
    async def save(self, delivery): self.store.save_delivery(delivery)

with Store.open(Path(folder)) as store:
    slack = SlackChannel(token, url, per_second=1000.0)
    asyncio.run(drain(Queue(store), {"slack": slack}, clock=lambda: datetime.fromisoformat(now)))
"""


async def one_round(folder: Path, slack: SlackServer, minutes: int, fault_point: str = "") -> int:
    """The exit code of a process that does one round."""
    now = NOW + timedelta(minutes=minutes)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        ROUND,
        str(folder),
        slack.url,
        TOKEN,
        now.isoformat(),
        cwd=ROOT,
        env={**os.environ, "BOT_FAULT_POINT": fault_point},
        stdout=asyncio.subprocess.DEVNULL,
    )
    return await process.wait()


@pytest.mark.parametrize(
    ("point", "state", "posted"),
    [
        ("before-sending:2", "pending", 1),
        ("after-sending:2", "sending", 1),
        ("after-accept:2", "sending", 2),
    ],
)
async def test_a_kill_at_any_step_neither_loses_nor_doubles(
    tmp_path: Path, point: str, state: str, posted: int
) -> None:
    """The process dies while it sends the second of three alerts; the next ones finish the work, in order."""
    rows = [delivery(name, created_at=NOW - timedelta(seconds=9 - index)) for index, name in enumerate("abc")]
    with Store.open(tmp_path) as store:
        store.save(Batch(poll=PollState(source_id="one"), deliveries=tuple(rows)))

    async with SlackServer(clock=(NOW + timedelta(days=9)).timestamp) as slack:
        code = await one_round(tmp_path, slack, 0, point)
        with Store.open_read_only(tmp_path) as store:
            left = {row["key"]: row["state"] for row in store.rows("select key, state from outbox")}
        seen = len(slack.posts)
        for minutes in (1, 2):
            assert await one_round(tmp_path, slack, minutes) == 0

    assert code == -9
    assert left == {rows[0].key: "sent", rows[1].key: state, rows[2].key: "pending"}
    assert seen == posted
    assert [post.key for post in slack.posts] == [row.key for row in rows]
