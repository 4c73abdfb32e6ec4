"""An httpx transport: HTTP/1.1 over TCP and TLS, to addresses that the guard allows and to no others.

Stands in for httpx's own, which costs ten times the CPU and takes a guard only by a private attribute. Each
connection is opened here, to an IP address that `guard.py` gave, by which nothing is looked up again; the host's name
goes into TLS and into the request. A connection is kept for a few seconds after an answer that was read to its end.
"""

import asyncio
import re
import ssl
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import NamedTuple

import httpx

from bot.ingest.exchange import Connection
from bot.ingest.guard import Resolve

#: Seconds for which a connection is kept. Servers close theirs after five or more.
_KEEP_SECONDS = 5.0
#: Nothing that could begin a line of its own.
_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(rb"[\x21-\x7e]+")


class _Origin(NamedTuple):
    scheme: str
    host: str
    port: int


class Wire(httpx.AsyncBaseTransport):
    """Opens connections to what `addresses` says of a host, each tried for its share of `connect_seconds`.

    Raises `httpx.TransportError`, and what `addresses` raises besides `OSError`. Whoever asks bounds the time of an
    answer and how many there are at once; at most `kept` connections wait for a next request.
    """

    def __init__(self, addresses: Resolve, *, connect_seconds: float, kept: int) -> None:
        self._addresses = addresses
        self._connect_seconds = connect_seconds
        self._most_kept = kept
        self._open: set[Connection] = set()
        self._all_closed = asyncio.Event()
        #: Idle ones, the longest kept first, each with its origin and when it is given up, by the loop's clock.
        self._kept: OrderedDict[Connection, tuple[_Origin, float]] = OrderedDict()
        self._tls: ssl.SSLContext | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """One answer to one GET; its body is still to be read, then closed."""
        head = _head(request)
        url = request.url
        origin = _Origin(
            url.scheme, url.raw_host.decode("ascii"), url.port or (443 if url.scheme == "https" else 80)
        )
        connection = self._take(origin)
        was_kept = connection is not None
        if connection is None:
            connection = await self._connect(origin)
        try:
            try:
                status, headers = await connection.ask(head)
            except httpx.TransportError:
                # A server may close a kept connection just when we ask: nothing is known to have failed then.
                if not was_kept or connection.is_answering:
                    raise
                connection.abort()
                connection = await self._connect(origin)
                status, headers = await connection.ask(head)
        except BaseException:
            connection.abort()
            raise
        body = _Body(connection, lambda: self._give_back(connection, origin))
        return httpx.Response(status, headers=headers, stream=body)

    async def aclose(self) -> None:
        """Close all connections, at once."""
        for connection in tuple(self._open):
            connection.abort()
        if self._open:
            self._all_closed.clear()
            await self._all_closed.wait()

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def _connect(self, origin: _Origin) -> Connection:
        try:
            addresses = await self._addresses(origin.host, origin.port)
        except OSError as error:
            raise httpx.ConnectError("the look-up failed") from error
        except UnicodeError as error:
            raise httpx.ConnectError("not a host name") from error
        failure: httpx.TransportError = httpx.ConnectError("the name has no address")
        for address in addresses:
            try:
                async with asyncio.timeout(self._connect_seconds / len(addresses)):
                    return await self._open_to(address, origin)
            except ssl.SSLError as error:
                raise httpx.ConnectError("TLS failed") from error
            except TimeoutError as error:
                failure = httpx.ConnectTimeout("no connection in time")
                failure.__cause__ = error
            except OSError as error:
                failure = httpx.ConnectError("no connection")
                failure.__cause__ = error
        raise failure

    async def _open_to(self, address: str, origin: _Origin) -> Connection:
        connection = Connection(self._forget)
        is_secure = origin.scheme == "https"
        # The address is an IP address: the event loop looks nothing up.
        await asyncio.get_running_loop().create_connection(
            lambda: connection,
            address,
            origin.port,
            ssl=self._context() if is_secure else None,
            server_hostname=origin.host if is_secure else None,
            ssl_shutdown_timeout=1.0 if is_secure else None,
        )
        if connection.is_open:
            self._open.add(connection)
        return connection

    def _context(self) -> ssl.SSLContext:
        """What httpx trusts, read when the first https address is met: it takes 20 ms."""
        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls

    # --- kept connections ---------------------------------------------------------------------------

    def _take(self, origin: _Origin) -> Connection | None:
        self._sweep()
        # The newest: the others grow old and are closed.
        for connection, (its_origin, _) in reversed(self._kept.items()):
            if its_origin == origin:
                del self._kept[connection]
                return connection
        return None

    def _give_back(self, connection: Connection, origin: _Origin) -> None:
        if not connection.is_reusable:
            connection.abort()
            return
        self._kept[connection] = (origin, asyncio.get_running_loop().time() + _KEEP_SECONDS)
        self._sweep()

    def _sweep(self) -> None:
        """Close those that were kept for long enough, and the longest kept of too many."""
        now = asyncio.get_running_loop().time()
        while self._kept:
            connection, (_, until) = next(iter(self._kept.items()))
            if until > now and len(self._kept) <= self._most_kept:
                return
            del self._kept[connection]
            connection.abort()

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        self._kept.pop(connection, None)
        if not self._open:
            self._all_closed.set()


class _Body(httpx.AsyncByteStream):
    """The body of an answer as it comes, packed."""

    def __init__(self, connection: Connection, give_back: Callable[[], None]) -> None:
        self._connection = connection
        self._give_back: Callable[[], None] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._connection.next_chunk():
            yield chunk

    async def aclose(self) -> None:
        if self._give_back:
            give_back, self._give_back = self._give_back, None
            give_back()


def _head(request: httpx.Request) -> bytes:
    """The head of a GET. Raises `httpx.LocalProtocolError` for what would break out of its line."""
    target = request.url.raw_path
    lines = [b"%b: %b" % header for header in request.headers.raw]
    if request.method != "GET" or not _TARGET.fullmatch(target) or not all(map(_LINE.fullmatch, lines)):
        raise httpx.LocalProtocolError("a request that can not be sent")
    return b"\r\n".join((b"GET %b HTTP/1.1" % target, *lines, b"", b""))
