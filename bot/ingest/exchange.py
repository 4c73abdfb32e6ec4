"""One connection of HTTP/1.1 and the answer that is being read from it. Parsed by llhttp, fed by the event loop.

Promises: an answer that breaks off is an error, however it was to end; headers, trailers and chunk sizes are bounded,
bodies come as they are (packed, chunk by chunk) and never faster than they are taken. Whatever goes wrong is an
`httpx.TransportError`. Redirects, cookies, packing and the size of a body are the business of those who ask.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TypeAlias

import httptools
import httpx

Headers: TypeAlias = list[tuple[bytes, bytes]]

#: Bytes of a head, or of anything else that brings no body along (interim answers, chunk extensions, trailers).
MOST_HEAD = 100_000
#: Bytes of a body that are held before the other side is made to wait.
_MOST_HELD = 256_000


class Connection(asyncio.Protocol):
    """A connection; `ask`, then `next_chunk` until it gives nothing, then ask again if `is_reusable`.

    `gone` is called once, when the connection has closed.
    """

    def __init__(self, gone: Callable[["Connection"], None]) -> None:
        self._gone = gone
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        #: While an answer is being read; without it, nothing may come.
        self._parser: httptools.HttpResponseParser | None = None
        self._begin()

    def _begin(self) -> None:
        self._error: httpx.TransportError | None = None
        self._status = 0
        self._headers: Headers = []
        self._has_head = self._is_done = self._keeps_alive = False
        self._head_size = self._bodiless_bytes = self._held = 0
        self._chunks: deque[bytes] = deque()
        #: Whether a byte of the answer came.
        self.is_answering = False

    # --- for those who ask --------------------------------------------------------------------------

    @property
    def is_open(self) -> bool:
        """Whether it has not closed yet."""
        return self._transport is not None

    @property
    def is_reusable(self) -> bool:
        """Whether the answer is over and the connection can take the next question."""
        return self._is_done and self._keeps_alive and self.is_open

    async def ask(self, head: bytes) -> tuple[int, Headers]:
        """Send a request without a body; the status and headers of its answer. Raises `httpx.TransportError`."""
        self._begin()
        self._parser = httptools.HttpResponseParser(self)
        # As browsers and other clients: sloppy servers are read too. We pass nothing on, so nobody can be deceived.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True,
            lenient_chunked_length=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )
        if self._transport is None:
            raise httpx.ReadError("the connection was closed")
        self._transport.write(head)
        while not self._has_head:
            await self._more()
        return self._status, self._headers

    async def next_chunk(self) -> bytes:
        """The next piece of the body as it came, empty at its end. Raises `httpx.TransportError`."""
        while not self._chunks:
            if self._is_done:
                return b""
            await self._more()
        chunk = self._chunks.popleft()
        was_full = self._held > _MOST_HELD
        self._held -= len(chunk)
        if was_full and self._held <= _MOST_HELD and self._transport:
            self._transport.resume_reading()
        return chunk

    def abort(self) -> None:
        """Close at once."""
        if self._transport:
            self._transport.abort()

    async def _more(self) -> None:
        if self._error:
            raise self._error
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def _fail(self, error: httpx.TransportError) -> None:
        self._error = self._error or error
        self.abort()

    # --- for the event loop -------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  what a stream protocol is given
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        parser = self._parser
        if parser is None:
            self.abort()  # an answer to what nobody asked
            return
        if self._error:
            return
        self.is_answering = True
        self._bodiless_bytes += len(data)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if self._is_done:
                self._keeps_alive = False  # rubbish after the end
            else:
                self._fail(_broken("an answer that is not HTTP", error))
        if self._bodiless_bytes > MOST_HEAD and not self._is_done:
            self._fail(_broken("too much around the body"))
        if self._held > _MOST_HELD and not self._is_done and self._transport:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        """The connection closed; a body that was to last until then is complete."""
        self._transport = None
        if self._parser and not self._error:
            if error:
                self._error = httpx.ReadError("the connection was lost")
                self._error.__cause__ = error
            elif self._has_head and self._lasts_until_the_end():
                self._is_done = True
            else:
                self._error = _broken("an answer that broke off")
        self._wake()
        self._gone(self)

    def _lasts_until_the_end(self) -> bool:
        return not any(name.lower() in (b"content-length", b"transfer-encoding") for name, _ in self._headers)

    # --- for the parser -----------------------------------------------------------------------------

    def on_message_begin(self) -> None:
        """A second answer in the bytes of the first: nobody asked for it."""
        if self._parser is None:
            self._keeps_alive = False

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer, which nobody needs."""
        if self._has_head:
            return
        self._head_size += len(name) + len(value)
        if self._head_size > MOST_HEAD:
            raise OverflowError
        self._headers.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is over. Interim answers ("103 Early Hints") are not what was asked for."""
        if self._parser is None:
            return
        self._status = self._parser.get_status_code()
        if self._status < 200:
            self._headers = []
        else:
            self._has_head = True

    def on_body(self, chunk: bytes) -> None:
        """A piece of the body."""
        if self._parser is None:
            return
        self._bodiless_bytes = 0
        self._held += len(chunk)
        self._chunks.append(chunk)

    def on_message_complete(self) -> None:
        """The answer is over."""
        if self._parser and self._has_head:
            self._keeps_alive = self._parser.should_keep_alive()
            self._is_done = True
            self._parser = None


def _broken(reason: str, error: BaseException | None = None) -> httpx.RemoteProtocolError:
    broken = httpx.RemoteProtocolError(reason)
    broken.__cause__ = error
    return broken
