"""The bot as a process, between real servers on loopback: recorded feeds, a Slack stand-in, a mail sink."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, TypeVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from bot.demofeeds import FEEDS, FeedServer, demo_config
from bot.errors import StoreError
from bot.store.store import Store

Server = TypeVar("Server")
Result = TypeVar("Result")
ROOT = Path(__file__).resolve().parents[2]
#: Where `make standins` puts what npm brings.
STANDINS = ROOT / ".venv" / "standins" / "node_modules" / ".bin"
TOKEN = "xoxb-stand-in-token"
CHANNEL = "rare-earths"

#: A few of the recorded feeds: enough for all languages, few enough to post at Slack's pace.
SOME_FEEDS = ("kola-mining-wire", "rynok-metallov", "xitu-kuaixun")


def free_port() -> int:
    """A port on loopback that nobody holds just now."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


class MailSink:
    """Takes every mail and keeps it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        # The controller looks its own port up by connecting to it, so it can not be asked for any free one.
        self._controller = Controller(self, hostname="127.0.0.1", port=free_port())

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        """Keep it."""
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode()
        self.mails.append(message_from_bytes(raw, policy=policy.default))
        return "250 OK"

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the SMTP_URL."""
        self._controller.start()
        try:
            yield f"smtp://127.0.0.1:{self._controller.port}"
        finally:
            self._controller.stop()


@contextmanager
def in_background(server: AbstractAsyncContextManager[Server]) -> Iterator[Server]:
    """An asynchronous server, served by a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    def wait(work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, loop).result(10)

    async def enter() -> Server:
        return await server.__aenter__()

    async def leave() -> None:
        await server.__aexit__(None, None, None)

    entered = wait(enter())
    try:
        yield entered
    finally:
        wait(leave())
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


def some_feeds(folder: Path, names: tuple[str, ...] = SOME_FEEDS) -> FeedServer:
    """A server of a few of the recorded feeds, from copies in `folder`."""
    shutil.copytree(FEEDS, folder)
    path = folder / "manifest.toml"
    head, *tables = path.read_text().split("[[feed]]")
    kept = [table for table in tables if any(f'"{name}"' in table for name in names)]
    assert len(kept) == len(names)
    path.write_text(head + "".join(f"[[feed]]{table}" for table in kept))
    return FeedServer(folder, now=datetime.now(UTC))


class Bot:
    """`reebot` on a configuration of its own."""

    def __init__(self, folder: Path, server: FeedServer, **env: str) -> None:
        self.data = folder / "data"
        demo_config(folder / "config", server)
        settings = folder / "config" / "settings.toml"
        settings.write_text(settings.read_text() + f'\n[slack]\nchannel = "#{CHANNEL}"\n')
        self._log = folder / "log"
        self._env = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("SLACK_", "SMTP_", "BOT_"))
            },
            "BOT_CONFIG": str(folder / "config"),
            "BOT_DATA": str(self.data),
            **env,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def lists(self, *addresses: str) -> None:
        """Mail the digest to these, from midnight on."""
        settings = self.data.parent / "config" / "settings.toml"
        text = settings.read_text().replace(
            'id = "demo"', f'id = "demo"\nto = {json.dumps(addresses)}\nat = "00:00"'
        )
        settings.write_text(text)

    def start(self, **env: str) -> None:
        """Start `reebot run`."""
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bot", "run"],
                cwd=ROOT,
                env={**self._env, **env},
                stdout=log,
                stderr=log,
            )

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run another command to its end."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env={**self._env, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def kill(self) -> None:
        """SIGKILL: no chance to clean up."""
        self._end(signal.SIGKILL)

    def stop(self) -> int:
        """SIGTERM; gives the exit code."""
        return self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(30)
        self.process = None
        return code

    @property
    def log(self) -> str:
        """All that was logged so far."""
        return self._log.read_text() if self._log.exists() else ""

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query finds in the database."""
        with Store.open_read_only(self.data) as store:
            return store.rows(sql)

    def count(self, where: str) -> int:
        """How many outbox rows there are of a kind; 0 before there is a database."""
        try:
            return int(self.rows(f"select count(*) as n from outbox where {where}")[0]["n"])  # noqa: S608
        except StoreError:
            return 0


def wait_until(claim: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait for something to become true."""
    ends = time.monotonic() + seconds
    while not claim():
        assert time.monotonic() < ends, f"not within {seconds} s: {what}"
        time.sleep(0.1)


def call_slack(api_url: str, method: str, **arguments: str) -> dict[str, Any]:
    """One call of a Slack method, as a third party would make it."""
    request = urllib.request.Request(  # noqa: S310  an address of our own making
        api_url + method,
        data=urllib.parse.urlencode(arguments).encode(),
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return dict(json.load(answer))
