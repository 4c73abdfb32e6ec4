"""Answers byte by byte: what is read, what is refused, and how much is held. No sockets: bytes in, answers out."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.exchange import MOST_HEAD, Connection, Headers


class Pipe(asyncio.Transport):
    """The other end of a connection, as the event loop would play it."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self.sent = b""
        self.is_paused = self.is_closed = False
        self._connection = connection
        connection.connection_made(self)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += bytes(data)

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def abort(self) -> None:
        self.close()

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self._connection.connection_lost(None)

    def bring(self, *pieces: bytes) -> None:
        """Let these arrive, as long as the connection stands."""
        for piece in pieces:
            if piece and not self.is_closed:
                self._connection.data_received(piece)


def made() -> tuple[Connection, Pipe]:
    """A connection and its other end."""
    connection = Connection(lambda _: None)
    return connection, Pipe(connection)


async def answered(*pieces: bytes, end: bool = False) -> tuple[int, Headers, bytes, bool]:
    """Status, headers, body, whether the connection may be used again, of an answer in these pieces."""
    connection, pipe = made()
    asking = asyncio.create_task(connection.ask(b"GET"))
    await asyncio.sleep(0)
    pipe.bring(*pieces)
    if end:
        pipe.close()
    async with asyncio.timeout(1):
        status, headers = await asking
        chunks = []
        while chunk := await connection.next_chunk():
            chunks.append(chunk)
    return status, headers, b"".join(chunks), connection.is_reusable


HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    ("raw", "body", "reusable"),
    [
        (HI, b"hi", True),
        (HI.replace(b" OK", b""), b"hi", True),
        (HI.replace(b"\r\n", b"\n"), b"hi", True),
        (HI.replace(b"1.1", b"1.0"), b"hi", False),
        (HI.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"), b"hi", False),
        (HI.replace(b"OK\r\n", b"OK\r\nConnection: Upgrade\r\nUpgrade: h2,h2c\r\n"), b"hi", True),
        (HI.replace(b"OK\r\n", b"OK\r\nX-Odd: \xff\x01\r\n"), b"hi", True),
        (HI.replace(b"OK\r\n", b"OK\r\nX-Folded: a\r\n b\r\n"), b"hi", True),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HI, b"hi", True),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + HI, b"hi", True),
        (CHUNKED + b"1\r\nh\r\n1;a=b\r\ni\r\n0\r\nX-Trailer: x\r\n\r\n", b"hi", True),
        (CHUNKED.replace(b"chunked", b"Chunked") + b"2 \r\nhi\r\n0\r\n\r\n", b"hi", True),
        (CHUNKED.replace(b"OK\r\n", b"OK\r\nContent-Length: 9\r\n") + b"2\r\nhi\r\n0\r\n\r\n", b"hi", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 20\r\n\r\n", b"", True),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (HI + HI, b"hi", False),
        (HI + b"rubbish", b"hi", False),
    ],
    ids=[
        *("plain", "no reason", "bare line ends", "1.0", "close", "upgrade offered", "odd header", "folded"),
        *("early hints", "continue", "chunked", "space after size", "length and chunked", "304", "204"),
        *("a second answer", "rubbish behind"),
    ],
)
async def test_an_answer_is_read_as_its_server_meant_it(raw: bytes, body: bytes, reusable: bool) -> None:
    """Sloppy servers too; a connection on which more came than was asked for is not used again."""
    status, headers, found, is_reusable = await answered(raw)

    assert (found, is_reusable) == (body, reusable)
    assert status in (200, 304, 204)
    assert not any(name.lower() in (b"link", b"x-trailer") for name, _ in headers)


async def test_a_body_without_a_length_lasts_until_the_connection_ends() -> None:
    """As HTTP/1.0 servers send it."""
    status, _, body, is_reusable = await answered(b"HTTP/1.0 200 OK\r\n\r\nh", b"i", end=True)

    assert (status, body, is_reusable) == (200, b"hi", False)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        HI[:-1],
        CHUNKED + b"2\r\nhi\r\n",
        CHUNKED + b"2\r\nhi\r\n0\r\n",
        b"HTTP/1.1 103 Early Hints\r\n\r\n",
    ],
    ids=["nothing", "in a header", "in the body", "before the last chunk", "in the trailers", "hints only"],
)
async def test_an_answer_that_breaks_off_is_an_error(raw: bytes) -> None:
    """Half a document must not pass for a whole one."""
    with pytest.raises(httpx.RemoteProtocolError, match="broke off"):
        await answered(raw, end=True)


@pytest.mark.parametrize(
    "raw",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nhi",
        CHUNKED + b"x\r\nhi\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nhi",
    ],
    ids=["another protocol", "no header", "two lengths", "negative length", "no size", "switched"],
)
async def test_what_is_not_http_is_an_error(raw: bytes) -> None:
    """And at once, not when the time is over."""
    with pytest.raises(httpx.RemoteProtocolError):
        await answered(raw)


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X-More: " + b"x" * 1_000 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nX-More: ", b"x" * 1_000),
        (b"HTTP/1.1 200 ", b"x" * 1_000),
        (b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"),
        (CHUNKED + b"2\r\nhi\r\n0\r\n", b"X-More: " + b"x" * 1_000 + b"\r\n"),
        (CHUNKED + b"2\r\nhi\r\n0\r\nX-More: ", b"x" * 1_000),
        (CHUNKED + b"2;a=", b"x" * 1_000),
    ],
    ids=["headers", "one header", "reason", "hints", "trailers", "one trailer", "chunk extension"],
)
@pytest.mark.parametrize("at_once", [False, True])
async def test_what_stands_around_a_body_is_bounded(start: bytes, more: bytes, at_once: bool) -> None:
    """Without end it would fill the memory, however it arrives."""
    pieces = [more] * (4 * MOST_HEAD // len(more))

    with pytest.raises(httpx.RemoteProtocolError):
        await answered(start, *([b"".join(pieces)] if at_once else pieces))


async def test_tiny_chunks_are_no_attack() -> None:
    """A body in chunks of one byte is mostly sizes and line ends, and is read."""
    body = await answered(CHUNKED, *[b"1\r\nx\r\n"] * 50_000, b"0\r\n\r\n")

    assert body[2] == b"x" * 50_000


async def test_a_body_comes_no_faster_than_it_is_taken() -> None:
    """Who does not read makes the other side wait, and reading lets it go on."""
    connection, pipe = made()
    asking = asyncio.create_task(connection.ask(b"GET"))
    await asyncio.sleep(0)
    pipe.bring(b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n", b"x" * 200_000)
    await asking

    states = [pipe.is_paused]
    pipe.bring(b"x" * 100_000)
    states.append(pipe.is_paused)
    await connection.next_chunk()
    states.append(pipe.is_paused)

    assert states == [False, True, False]


async def test_bytes_that_nobody_asked_for_close_the_connection() -> None:
    """They would be taken for the answer to the next question."""
    connection, pipe = made()
    asking = asyncio.create_task(connection.ask(b"GET"))
    await asyncio.sleep(0)
    pipe.bring(HI)
    await asking
    reusable = [connection.is_reusable]

    pipe.bring(HI)
    reusable.append(connection.is_reusable)

    assert reusable == [True, False]
    assert pipe.is_closed
    with pytest.raises(httpx.ReadError):
        await connection.ask(b"GET")


@settings(max_examples=60, deadline=None)
@given(cuts=st.lists(st.integers(0, 300), max_size=8))
def test_it_does_not_matter_where_an_answer_is_cut(cuts: Sequence[int]) -> None:
    """The network cuts where it likes."""
    raw = (
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
        + CHUNKED
        + b"5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX: y\r\n\r\n"
    )
    edges = [0, *sorted(cut for cut in cuts if cut < len(raw)), len(raw)]
    pieces = [raw[start:stop] for start, stop in pairwise(edges)]

    assert asyncio.run(answered(*pieces)) == asyncio.run(answered(raw))
    assert asyncio.run(answered(raw))[2] == b"hello!"


@settings(max_examples=100, deadline=None)
@given(
    pieces=st.lists(
        st.one_of(
            st.binary(max_size=20),
            st.sampled_from(
                [
                    HI,
                    CHUNKED,
                    b"2\r\nhi\r\n",
                    b"0\r\n\r\n",
                    b"HTTP/1.1 ",
                    b"200 OK\r\n",
                    b"Content-Length: 3\r\n",
                    b"\r\n",
                ]
            ),
        ),
        max_size=8,
    )
)
def test_whatever_comes_is_an_answer_or_an_error(pieces: Sequence[bytes]) -> None:
    """Nothing else is raised, and nothing waits once the connection has ended."""
    try:
        status, *_ = asyncio.run(answered(*pieces, end=True))
    except httpx.TransportError:
        return
    assert status >= 200
