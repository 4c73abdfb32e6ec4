"""Alerts to Slack: one post each, and proof of what became of it.

The library's own retries are off, as they post twice. Each post carries its outbox key twice: as `client_msg_id`,
by which Slack seems to recognise a repeat, and in its metadata, by which `find` reads it back from the history.
What Slack refuses is proven unseen; a time-out, a lost connection, a 5xx or an answer that is no answer is not, and
becomes `OutcomeUnknown`. Rendering is in `blocks.py`.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any, cast
from uuid import NAMESPACE_URL, uuid5

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Alert, Delivery, Receipt
from bot.notify.blocks import REPEAT, Json, escape, plain, render
from bot.notify.messages import load
from bot.notify.notices import load_notice, notice_words
from bot.notify.words import line

__all__ = ["SCOPES", "SlackChannel", "render"]

#: What the token must be allowed; config/slack-app.json asks for exactly this.
SCOPES = ("chat:write", "channels:read", "groups:read", "channels:history", "groups:history")
EVENT_TYPE = "news_alert"

#: Nothing gets through with this token: the whole channel waits for a person.
_TOKEN = {
    "account_inactive", "invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type", "not_authed",
    "org_login_required", "team_access_not_granted", "token_expired", "token_revoked",
}  # fmt: skip
#: The same words as plain text may pass.
_CONTENT = {
    "attachment_payload_limit_exceeded", "invalid_arguments", "invalid_attachments", "invalid_blocks",
    "invalid_blocks_format", "message_too_long", "msg_blocks_too_long", "msg_too_long", "no_text",
    "too_many_attachments",
}  # fmt: skip
#: Slack says of these that part of the work may have been done.
_DOUBTFUL = {
    "duplicate_message_not_found", "fatal_error", "internal_error", "request_timeout", "service_unavailable",
}  # fmt: skip
#: The history is closed to us for good, so that asking again is of no use.
_CLOSED = {
    "channel_not_found",
    "method_not_supported_for_channel_type",
    "missing_scope",
    "no_permission",
    "not_in_channel",
}
_ID = re.compile(r"[CGD][A-Z0-9]{7,}")
#: All that the library lets out; AttributeError where Slack, or something before it, answers 200 with plain text.
_FOREIGN = (SlackClientError, aiohttp.ClientError, OSError, ValueError, AttributeError)
_PAGE = 200
_MOST_PAGES = 50
#: Clocks differ, and our time of the attempt is taken before Slack's.
_SLACKNESS = timedelta(seconds=60)


class SlackChannel:
    """One workspace. About one message a second goes to each Slack channel, after a small burst."""

    can_find = True

    def __init__(
        self,
        token: str,
        api_url: str = "https://slack.com/api/",
        *,
        timeout: int = 10,
        per_second: float = 1.0,
        burst: int = 3,
    ) -> None:
        self._client = AsyncWebClient(token=token, base_url=api_url, timeout=timeout, retry_handlers=[])
        self._pace = _Pace(per_second, burst)
        #: Slack channel's name -> its id, learnt from answers.
        self._ids: dict[str, str] = {}
        #: Destinations that were looked for in vain.
        self._unlisted: set[str] = set()
        self._bot_id: str | None = None

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        """Post one alert, as text alone if Slack refuses its blocks; a notice is text from the beginning."""
        try:
            if delivery.kind == "notice":
                text = escape(notice_words(load_notice(delivery.message)))
                message: Json = {"text": f"{text}\n{REPEAT}" if mark_repeat else text, "mrkdwn": False}
            else:
                alert = load(delivery.message)
                message = render(alert, mark_repeat=mark_repeat)
        except ValueError as error:
            raise DeliveryError("slack", f"the row holds no {delivery.kind}", permanent=True) from error
        await self._pace.wait(delivery.destination)
        try:
            return await self._post(delivery, message)
        except _ContentError as error:
            if delivery.kind == "notice":
                raise DeliveryError("slack", error.reason, permanent=True) from error
            # A refusal is proof that nobody saw it, so that a second post is safe.
            return await self._post_plain(delivery, alert, error, mark_repeat=mark_repeat)

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Look for the post in the channel's history, by the key in its metadata."""
        landed = delivery.landed or await self._channel_id(delivery.destination)
        bot_id = await self._own_bot_id()
        since = (delivery.first_attempt_at or delivery.created_at) - _SLACKNESS
        asked = {
            "channel": landed,
            "oldest": f"{since.timestamp():.6f}",
            "include_all_metadata": "true",
            "limit": str(_PAGE),
        }
        async for message in self._pages("conversations.history", asked, "messages"):
            metadata = message.get("metadata") or {}
            # A key in someone else's message is no proof.
            ours = (not bot_id or message.get("bot_id") in (None, bot_id)) and metadata.get(
                "event_type"
            ) == EVENT_TYPE
            if ours and (metadata.get("event_payload") or {}).get("id") == delivery.key:
                return Receipt(id=str(message.get("ts", "")), landed=landed)
        return None

    async def probe(self, destinations: tuple[str, ...] = ()) -> None:
        """Check the token, and that the bot is in these channels. Posts nothing. Raises `DeliveryError`."""
        await self._ask("auth.test", {})
        for destination in destinations:
            answer = await self._ask("conversations.info", {"channel": await self._channel_id(destination)})
            if not (answer.get("channel") or {}).get("is_member", True):
                reason = f"{destination}: the bot is not in the channel; invite it there"
                raise DeliveryError("slack", reason, scope="destination")

    # --- posting ------------------------------------------------------------------------------------

    async def _post(self, delivery: Delivery, message: Mapping[str, Any]) -> Receipt:
        try:
            answer = await self._client.chat_postMessage(
                channel=await self._place(delivery.destination),
                **message,
                unfurl_links=False,
                unfurl_media=False,
                metadata={"event_type": EVENT_TYPE, "event_payload": {"id": delivery.key}},
                client_msg_id=str(uuid5(NAMESPACE_URL, delivery.key)),
            )
        except _FOREIGN as error:
            raise _post_error(error) from error
        landed, ts = str(answer.get("channel") or ""), str(answer.get("ts") or "")
        if answer.get("ok") is not True or not ts:
            raise OutcomeUnknown("slack", "an answer without proof", scope="destination")
        if landed:
            self._ids[delivery.destination] = landed
        return Receipt(id=ts, landed=landed)

    async def _place(self, destination: str) -> str:
        """What to post to: the channel's id, as a name may be taken over by another channel.

        Where the channels can not be listed the name has to do; that is found out once.
        """
        if destination not in self._unlisted:
            try:
                return await self._channel_id(destination)
            except DeliveryError:
                self._unlisted.add(destination)
        return destination

    async def _post_plain(
        self, delivery: Delivery, alert: Alert, refused: DeliveryError, *, mark_repeat: bool
    ) -> Receipt:
        text = plain(alert, mark_repeat=mark_repeat)
        try:
            return await self._post(delivery, {"text": text, "mrkdwn": False})
        except _ContentError as error:
            raise DeliveryError(
                "slack", f"{refused.reason}; as text alone: {error.reason}", permanent=True
            ) from error

    # --- reading ------------------------------------------------------------------------------------

    async def _channel_id(self, destination: str) -> str:
        name = destination.lstrip("#")
        if _ID.fullmatch(name):
            return name
        if destination not in self._ids:
            asked = {"types": "public_channel,private_channel", "exclude_archived": "false", "limit": "1000"}
            async for channel in self._pages("conversations.list", asked, "channels"):
                self._ids[f"#{channel.get('name')}"] = str(channel.get("id", ""))
        found = self._ids.get(destination) or self._ids.get(f"#{name}")
        if not found:
            reason = f"{destination}: no such channel, or the bot can not see it"
            raise DeliveryError("slack", reason, permanent=True, scope="destination")
        return found

    async def _own_bot_id(self) -> str:
        """Ours, or empty where Slack does not tell: then the key alone has to do."""
        if self._bot_id is None:
            try:
                self._bot_id = str((await self._ask("auth.test", {})).get("bot_id") or "")
            except DeliveryError:
                return ""
        return self._bot_id

    async def _pages(
        self, method: str, asked: Mapping[str, str], listed: str
    ) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        for _ in range(_MOST_PAGES):
            answer = await self._ask(method, {**asked, "cursor": cursor} if cursor else asked)
            for entry in answer.get(listed) or ():
                yield entry
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return
        # Half an answer would be taken for a no.
        raise DeliveryError("slack", f"{method}: more than {_MOST_PAGES} pages", scope="destination")

    async def _ask(self, method: str, asked: Mapping[str, str]) -> Mapping[str, Any]:
        try:
            # By POST: Slack takes both, stand-ins only this.
            answer = await self._client.api_call(method, http_verb="POST", data=dict(asked))
        except _FOREIGN as error:
            raise _read_error(method, error) from error
        if answer.get("ok") is not True:
            raise DeliveryError("slack", f"{method}: an answer that is none", scope="destination")
        data: Any = answer.data
        return cast("Mapping[str, Any]", data)


class _ContentError(DeliveryError):
    """Slack refuses how the message is made."""


class _Pace:
    """A bucket of tokens for each Slack channel."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        #: Destination -> (tokens, when they were counted).
        self._buckets: dict[str, tuple[float, float]] = {}

    async def wait(self, destination: str) -> None:
        """Take a token, which may go below zero, and sleep until it is paid for."""
        now = asyncio.get_running_loop().time()
        tokens, counted = self._buckets.get(destination, (float(self._burst), now))
        tokens = min(self._burst, tokens + (now - counted) * self._per_second) - 1
        self._buckets[destination] = tokens, now
        if tokens < 0:
            await asyncio.sleep(-tokens / self._per_second)


# --- what an error means, pure ----------------------------------------------------------------------


def _post_error(error: Exception) -> DeliveryError:
    """What a failed post proves."""
    if isinstance(error, aiohttp.ClientConnectorError):
        return DeliveryError("slack", "no connection", scope="channel")
    if not isinstance(error, SlackApiError):
        return OutcomeUnknown("slack", f"no answer: {type(error).__name__}", scope="destination")
    status, code, retry_after = _answer(error)
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return DeliveryError("slack", "asks to slow down", retry_after=retry_after, scope="channel")
    if not code and 400 <= status < 500 and status != 408:
        # Something before Slack refuses us: a proxy, a wrong address.
        return DeliveryError("slack", f"HTTP {status}", scope="channel")
    if status >= 500 or not code or code in _DOUBTFUL:
        return OutcomeUnknown("slack", code or f"HTTP {status}", scope="destination")
    if code in _TOKEN:
        return DeliveryError("slack", code, scope="channel")
    if code in _CONTENT:
        return _ContentError("slack", code)
    # channel_not_found, not_in_channel, is_archived and whatever Slack will think of: a person can mend it.
    return DeliveryError("slack", code, retry_after=retry_after, scope="destination")


def _read_error(method: str, error: Exception) -> DeliveryError:
    """Why the history can not be read; `permanent` if it will not be."""
    if not isinstance(error, SlackApiError):
        return DeliveryError("slack", f"{method}: no answer: {type(error).__name__}", scope="channel")
    status, code, retry_after = _answer(error)
    return DeliveryError(
        "slack",
        f"{method}: {code or f'HTTP {status}'}",
        permanent=code in _CLOSED,
        retry_after=retry_after,
        scope="channel" if code in _TOKEN else "destination",
    )


def _answer(error: SlackApiError) -> tuple[int, str, timedelta | None]:
    """HTTP status (0 if unknown), Slack's error code (empty if it gave none), and the wait it asks for."""
    response: Any = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None) or 0
    data = getattr(response, "data", None)
    code = line(str(data.get("error") or ""), 80) if isinstance(data, dict) else ""
    headers = getattr(response, "headers", None) or {}
    seconds = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    wait = timedelta(seconds=min(int(seconds), 3600)) if str(seconds).isdigit() else None
    return int(status), code, wait
