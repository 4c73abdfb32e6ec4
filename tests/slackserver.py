"""A small Slack on loopback: it keeps what is posted, tells its history, and fails on request.

Faults are scripted: `slack.fail("chat.postMessage", "429", "drop-after")` spends one on each of the next calls,
`slack.always("chat.postMessage", "error:not_in_channel", channel="C2")` on all of them. What a fault does before or
after the post was kept is in its name, as that is all that matters to a sender.
"""

import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web

TOKEN = "xoxb-on-loopback-only"
BOT_ID = "B0REEBOT00"
#: What `fail` and `always` understand, beside "error:CODE" for an `ok: false` answer.
FAULTS = (
    "429",  # refused, Retry-After from the server's `retry_after`
    "500-before",
    "500-after",
    "drop-before",  # connection cut without an answer
    "drop-after",
    "hang-before",  # no answer until the client gives up
    "hang-after",
    "garbage-after",  # 200 with a page of HTML
    "plain-after",  # 200 with plain text, which the library trips over
    "fatal-after",  # ok: false with fatal_error, though the post was kept
)


@dataclass(frozen=True, kw_only=True)
class Post:
    """A message that stands in a channel."""

    channel: str
    ts: str
    text: str
    blocks: list[dict[str, Any]]
    metadata: dict[str, Any]
    sent: dict[str, Any] = field(repr=False)

    @property
    def key(self) -> str:
        """The outbox key it carries."""
        return str(self.metadata.get("event_payload", {}).get("id", ""))


class SlackServer:
    """Use it as `async with SlackServer() as slack:`; the address for the client is `slack.url`."""

    def __init__(
        self,
        *names: str,
        token: str = TOKEN,
        retry_after: int = 30,
        page: int = 200,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.retry_after = retry_after
        self.page = page
        #: Seconds since 1970: what a post made now is stamped with.
        self.clock = clock
        #: Name -> id.
        self.channels = {name: f"C000000000{number}" for number, name in enumerate(names or ("rare-earths",))}
        self.posts: list[Post] = []
        #: (method, channel) of every call that arrived.
        self.calls: list[tuple[str, str]] = []
        #: (method, channel id or "") -> fault.
        self._always: dict[tuple[str, str], str] = {}
        self._next: dict[str, deque[str]] = defaultdict(deque)
        self._released = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self.url = ""

    def fail(self, method: str, *faults: str) -> None:
        """The next calls of this method meet these faults; "" is none."""
        self._next[method].extend(faults)

    def always(self, method: str, fault: str, channel: str = "") -> None:
        """Every call meets the fault (of this channel, name or id, if one is given); "" ends it."""
        self._always[(method, self.channels.get(channel.lstrip("#"), channel))] = fault

    def texts(self, channel: str = "") -> list[str]:
        """First lines of what was posted, oldest first."""
        wanted = self.channels.get(channel.lstrip("#"), channel)
        return [post.text.splitlines()[0] for post in self.posts if wanted in ("", post.channel)]

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self._answer)
        # A hanging answer must not hold the test's end.
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{port}/api/"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        if self._runner:
            await self._runner.cleanup()

    # --- the API ------------------------------------------------------------------------------------

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        asked = await _arguments(request)
        channel = str(asked.get("channel", ""))
        channel = self.channels.get(channel.lstrip("#"), channel)
        self.calls.append((method, channel))
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return _refused("invalid_auth")
        waiting = self._next[method]
        fault = self._always.get((method, channel)) or self._always.get((method, ""), "")
        fault = waiting.popleft() if waiting else fault
        if fault.startswith("error:"):
            return _refused(fault.removeprefix("error:"))
        if fault == "429":
            headers = {"Retry-After": str(self.retry_after)}
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)
        if fault.endswith("-before"):
            return await self._break(request, fault)
        answer = self._act(method, channel, asked)
        return await self._break(request, fault) if fault else answer

    async def _break(self, request: web.Request, fault: str) -> web.StreamResponse:
        match fault.rpartition("-")[0]:
            case "500":
                return web.Response(status=500, text="<html>oops</html>", content_type="text/html")
            case "hang":
                await self._released.wait()
            case "garbage":
                return web.Response(text="<html>a captive portal</html>", content_type="text/html")
            case "plain":
                return web.Response(text="fine, thanks")
            case "fatal":
                return _refused("fatal_error")
            case "drop":
                pass
            case _:
                raise AssertionError(f"no such fault: {fault}")
        if request.transport:
            request.transport.abort()
        return web.Response()

    def _act(self, method: str, channel: str, asked: dict[str, Any]) -> web.StreamResponse:
        match method:
            case "auth.test":
                return _ok(bot_id=BOT_ID, user_id="U0REEBOT00", team="loopback", user="reebot")
            case "conversations.list":
                listed = [{"id": name_id, "name": name} for name, name_id in self.channels.items()]
                return _ok(channels=listed, response_metadata={"next_cursor": ""})
            case "conversations.info":
                return _ok(channel={"id": channel, "is_member": True})
            case "chat.postMessage":
                return self._post(channel, asked)
            case "conversations.history":
                return self._history(channel, asked)
        return _refused("unknown_method")

    def _post(self, channel: str, asked: dict[str, Any]) -> web.StreamResponse:
        if channel not in self.channels.values():
            return _refused("channel_not_found")
        post = Post(
            channel=channel,
            # Never equal, as Slack's are not.
            ts=f"{self.clock() + len(self.posts) / 1e4:.6f}",
            text=str(asked.get("text", "")),
            blocks=_json(asked.get("blocks"), []),
            metadata=_json(asked.get("metadata"), {}),
            sent=asked,
        )
        self.posts.append(post)
        # As Slack does: only the type comes back with the post.
        echo = {"metadata": {"event_type": post.metadata.get("event_type")}}
        return _ok(channel=channel, ts=post.ts, message={"text": post.text, "bot_id": BOT_ID, **echo})

    def _history(self, channel: str, asked: dict[str, Any]) -> web.StreamResponse:
        if channel not in self.channels.values():
            return _refused("channel_not_found")
        oldest = float(asked.get("oldest") or 0)
        newest_first = [
            post for post in reversed(self.posts) if post.channel == channel and float(post.ts) > oldest
        ]
        start = int(asked.get("cursor") or 0)
        full = str(asked.get("include_all_metadata", "")).lower() in ("true", "1")
        messages = [
            {
                "type": "message",
                "ts": post.ts,
                "text": post.text,
                "bot_id": BOT_ID,
                "metadata": post.metadata if full else {"event_type": post.metadata.get("event_type")},
            }
            for post in newest_first[start : start + self.page]
        ]
        more = start + self.page < len(newest_first)
        cursor = str(start + self.page) if more else ""
        return _ok(messages=messages, has_more=more, response_metadata={"next_cursor": cursor})


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        return dict(await request.json())
    return {**request.query, **await request.post()}


def _json(value: object, default: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value or default


def _ok(**answer: object) -> web.Response:
    return web.json_response({"ok": True, **answer})


def _refused(code: str) -> web.Response:
    return web.json_response({"ok": False, "error": code})
