"""Fetch a source: polite, bounded in size and time, and unable to reach private networks (see guard.py).

Order of a fetch: wait for a slot of the host and an overall one, ask with the stored validators, follow redirects
by our own rules, unpack while counting, unless the very bytes came before. Whatever goes wrong is a `FetchError` with
a short reason; neither reasons nor logs hold query strings, credentials or header values. What health.py judges by
comes along: a few headers, the beginning of a refusal, the time it took, where permanent redirects lead.
"""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx

from bot.configured import Source
from bot.errors import FetchError
from bot.ingest.fingerprint import hash_of, is_same_received
from bot.ingest.guard import RefusedAddressError, Resolve, guarded, resolve
from bot.ingest.unpack import TooLargeError, Unpacker, UnpackError
from bot.ingest.wire import Wire
from bot.ingest.wishes import fresh_until
from bot.model import Document, NotModified, PollState
from bot.settings import IngestSettings

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.9, */*;q=0.5"
#: Bytes of a refusal that are read, and the time that they may take.
_HEAD = 8_000
_HEAD_SECONDS = 3.0
#: Headers that tell a wall from a web server.
_TELLING = ("server", "cf-mitigated", "cf-ray", "x-datadome", "www-authenticate", "content-type")
_PORTS = frozenset({80, 443, 8080, 8443})
_MEANINGS = {
    400: "bad request",
    401: "log-in needed",
    403: "refused",
    404: "not found",
    410: "gone for good",
    429: "too many requests",
    451: "blocked for legal reasons",
    500: "server error",
    502: "bad gateway",
    503: "unavailable",
    504: "gateway timed out",
}
#: Longer validators, or ones with odd bytes, are not worth sending back.
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1000}")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Redirect:
    url: httpx.URL
    is_permanent: bool
    #: The answer itself, if it sets cookies.
    cookies: httpx.Response | None


class Fetcher:
    """Fetches sources; one for the whole process, as an async context manager.

    `env` holds the values of the headers that sources name. `transport` replaces the network, guard included;
    `resolver` replaces the name server behind the guard. Both are for tests.
    """

    def __init__(
        self,
        settings: IngestSettings,
        *,
        env: Mapping[str, str],
        transport: httpx.AsyncBaseTransport | None = None,
        resolver: Resolve = resolve,
    ) -> None:
        self._settings = settings
        self._env = env
        # Without httpx's client: what it adds is not wanted here (redirects, cookies, a log of every address).
        self._transport = transport or Wire(
            resolver if settings.allow_private_addresses else guarded(resolver),
            connect_seconds=settings.timeout_seconds,
            kept=settings.concurrency,
        )
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._host_slots: dict[str, asyncio.Semaphore] = {}

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(
        self, source: Source, state: PollState, *, now: datetime, url: str | None = None
    ) -> Document | NotModified:
        """What the source serves now, or that nothing changed since `state`. Raises `FetchError`.

        `url` is asked in place of the source's own address; the validators of `state` must belong to it.
        """
        try:
            return await self._follow(source, url or source.url, state, now)
        except TimeoutError as error:
            raise FetchError(source.id, self._too_slow()) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise FetchError(source.id, self._reason(error)) from error
        except RefusedAddressError as error:
            raise FetchError(source.id, f"refused to connect: {error}") from error
        except TooLargeError as error:
            raise FetchError(source.id, f"larger than {self._settings.max_bytes:,} bytes") from error
        except UnpackError as error:
            raise FetchError(source.id, str(error)) from error
        except ValueError as error:  # what httpx makes of some malformed addresses and headers
            raise FetchError(source.id, "an address or header that is not valid") from error

    async def _follow(
        self, source: Source, start: str, state: PollState, now: datetime
    ) -> Document | NotModified:
        """Ask, and follow redirects; only the time spent outside queues counts."""
        loop = asyncio.get_running_loop()
        left = self._settings.timeout_seconds
        url = httpx.URL(start)
        home = url if start == source.url else httpx.URL(source.url)
        cookies: httpx.Cookies | None = None
        #: How far permanent redirects lead; what comes after a temporary one may change tomorrow.
        moved_to, is_permanent = "", True
        for _ in range(self._settings.max_redirects + 1):
            self._check(source, url)
            request = self._request(source, url, state, with_secrets=_may_keep_secrets(home, url))
            if cookies is not None:
                cookies.set_cookie_header(request)
            async with self._slot(url.host):
                began = loop.time()
                async with asyncio.timeout(left):
                    answer = await self._ask(source, request, state, now)
                left -= loop.time() - began
            if not isinstance(answer, _Redirect):
                took = timedelta(seconds=self._settings.timeout_seconds - left)
                return replace(answer, took=took, moved_to=moved_to)
            if answer.cookies:
                cookies = cookies or httpx.Cookies()
                cookies.extract_cookies(answer.cookies)
            # A name and password in an address stay with the host that they were written for.
            to = answer.url
            url = to if _may_keep_secrets(url, to) else to.copy_with(userinfo=b"")
            is_permanent = is_permanent and answer.is_permanent
            if is_permanent and not url.userinfo:
                moved_to = str(url.copy_with(fragment=None))
        raise FetchError(source.id, f"more than {self._settings.max_redirects} redirects")

    async def _ask(
        self, source: Source, request: httpx.Request, state: PollState, now: datetime
    ) -> "Document | NotModified | _Redirect":
        """One request: the document, or that it did not change, or where to go instead."""
        response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            status = response.status_code
            if status == 304 and (
                "if-none-match" in request.headers or "if-modified-since" in request.headers
            ):
                return NotModified(source_id=source.id, fetched_at=now, not_before=_not_before(response, now))
            if response.has_redirect_location:
                to = request.url.join(response.headers["location"])
                cookies = response if "set-cookie" in response.headers else None
                return _Redirect(url=to, is_permanent=status in (301, 308), cookies=cookies)
            if status not in (200, 203):
                reason = f"HTTP {status} {_MEANINGS.get(status, '')}".rstrip()
                retry_after = parse_retry_after(response.headers.get("retry-after", ""), now)
                raise FetchError(
                    source.id,
                    reason,
                    status=status,
                    retry_after=retry_after,
                    headers=_telling(response),
                    head=await self._read_head(response),
                    url=_without_secrets(request.url),
                )
            unpacker, received = await self._read(response)
        finally:
            await response.aclose()
        etag, last_modified = _validator(response, "etag"), _validator(response, "last-modified")
        received_hash = hash_of(received)
        # Where only the validators are new, they must get into the state: the document is made, and known again later.
        says_the_same = (etag, last_modified) == (state.etag, state.last_modified)
        if says_the_same and is_same_received(state.body_hash, received_hash):
            return NotModified(source_id=source.id, fetched_at=now, not_before=_not_before(response, now))
        for chunk in received:
            unpacker.feed(chunk)
        return Document(
            source_id=source.id,
            url=_without_secrets(request.url),
            body=unpacker.finish(),
            packed_hash=received_hash if unpacker.is_packed else "",
            content_type=response.headers.get("content-type", "")[:200],
            etag=etag,
            last_modified=last_modified,
            fetched_at=now,
            not_before=_not_before(response, now),
            headers=_telling(response),
        )

    async def _read(self, response: httpx.Response) -> tuple[Unpacker, list[bytes]]:
        """The body as it came, and what unpacks it. Raises `TooLargeError`, `UnpackError`."""
        most = self._settings.max_bytes
        length = response.headers.get("content-length", "")
        if length.isdecimal() and len(length) < 19 and int(length) > most:
            raise TooLargeError
        unpacker = Unpacker(response.headers.get("content-encoding", ""), most)
        received: list[bytes] = []
        # Raw: httpx would unpack a whole chunk of a bomb before we could count it.
        async for chunk in response.aiter_raw():
            # Packed bytes count like others: there are streams that unpack to nothing for ever.
            most -= len(chunk)
            if most < 0:
                raise TooLargeError
            received.append(chunk)
        return unpacker, received

    async def _read_head(self, response: httpx.Response) -> bytes:
        """As much of a refusal's body as tells whose it is; nothing where that can not be had soon."""
        unpacker = Unpacker(response.headers.get("content-encoding", ""), 4 * _HEAD)
        with suppress(TimeoutError, httpx.HTTPError, TooLargeError, UnpackError):
            async with asyncio.timeout(_HEAD_SECONDS):
                async for chunk in response.aiter_raw():
                    unpacker.feed(chunk)
                    if len(unpacker.so_far) >= _HEAD:
                        break
        return unpacker.so_far[:_HEAD]

    def _check(self, source: Source, url: httpx.URL) -> None:
        """Raise `FetchError` unless the address is one that we ask at all."""
        if url.scheme not in ("http", "https") or not url.host:
            raise FetchError(source.id, f"not a web address: {url.scheme or 'no scheme'}")
        port = url.port or (443 if url.scheme == "https" else 80)
        if port not in _PORTS and not self._settings.allow_private_addresses:
            raise FetchError(source.id, f"refused to connect: port {port} is not a usual one")

    def _request(
        self, source: Source, url: httpx.URL, state: PollState, *, with_secrets: bool
    ) -> httpx.Request:
        validators = {"If-None-Match": state.etag, "If-Modified-Since": state.last_modified}
        headers = {
            "User-Agent": source.user_agent or self._settings.user_agent,
            "Accept": _ACCEPT,
            "Accept-Encoding": "gzip, deflate",
            "Connection": "keep-alive",
            **{name: value for name, value in validators.items() if value and _VALIDATOR.fullmatch(value)},
        }
        if with_secrets:
            for name, variable in source.headers.items():
                if not self._env.get(variable):
                    raise FetchError(source.id, f"environment variable {variable} is not set")
                headers[name] = self._env[variable]
        request = httpx.Request("GET", url, headers=headers)
        if url.userinfo:
            request = next(httpx.BasicAuth(url.username, url.password).auth_flow(request))
        return request

    @asynccontextmanager
    async def _slot(self, host: str) -> AsyncIterator[None]:
        """A place in both queues. The host's comes first: who waits for a host holds up nobody else."""
        host_slots = self._host_slots.setdefault(host, asyncio.Semaphore(self._settings.per_host))
        async with host_slots, self._slots:
            yield

    def _too_slow(self) -> str:
        return f"no full answer within {self._settings.timeout_seconds:g} s"

    def _reason(self, error: Exception) -> str:
        """A short reason in words; httpx's own may hold the address, query string included."""
        cause: BaseException | None = error
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return f"its certificate is refused: {cause.verify_message}"
            if isinstance(cause, ssl.SSLError):
                return "no secure connection"
            if isinstance(cause, socket.gaierror):
                return "the host name is not known"
            if isinstance(cause, ConnectionRefusedError):
                return "connection refused"
            cause = cause.__cause__ or cause.__context__
        if isinstance(error, httpx.TimeoutException):
            return self._too_slow()
        if isinstance(error, httpx.ConnectError):
            return "no connection"
        if isinstance(error, httpx.InvalidURL | httpx.UnsupportedProtocol):
            return "not a web address"
        return f"the connection broke ({type(error).__name__})"


def parse_retry_after(value: str, now: datetime) -> timedelta | None:
    """Pure. What a Retry-After header asks for, in seconds or as a date; None when it says nothing usable."""
    value = value.strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return timedelta(seconds=int(value))
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None
    return max(timedelta(), (at if at.tzinfo else at.replace(tzinfo=UTC)) - now)


def _not_before(response: httpx.Response, now: datetime) -> datetime | None:
    """Before when a server that answered well would rather not be asked again."""
    wait = parse_retry_after(response.headers.get("retry-after", ""), now)
    asked = [fresh_until(response.headers, now), now + wait if wait else None]
    return max((at for at in asked if at), default=None)


def _may_keep_secrets(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether two addresses are of one origin, or the second is the first one's step up to https."""
    if one.host != other.host:
        return False
    if one.scheme == other.scheme:
        return one.port == other.port
    return (one.scheme, other.scheme, one.port, other.port) == ("http", "https", None, None)


def _without_secrets(url: httpx.URL) -> str:
    return str(url.copy_with(userinfo=b"") if url.userinfo else url)


def _telling(response: httpx.Response) -> dict[str, str]:
    """The headers that health needs; of cookies the names alone, as their values are secrets."""
    found = {name: response.headers[name][:200] for name in _TELLING if name in response.headers}
    cookies = [line.partition("=")[0].strip() for line in response.headers.get_list("set-cookie")[:20]]
    return {**found, "set-cookie": "; ".join(cookies)[:500]} if cookies else found


def _validator(response: httpx.Response, name: str) -> str | None:
    value = response.headers.get(name, "").strip()
    return value if _VALIDATOR.fullmatch(value) else None
