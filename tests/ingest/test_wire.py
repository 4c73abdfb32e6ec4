"""Connections over real sockets: whom they are kept for, when they are given up, and what is sent on them."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
import pytest

from bot.ingest.wire import Wire

HI = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@dataclass
class Peer:
    """A server that answers each request of a connection with the next of `answers`; empty: it hangs up instead."""

    port: int = 0
    #: Connection by connection, the requests that came on it.
    asked: list[list[bytes]] = field(default_factory=list)
    #: Once for each connection that ended.
    closed: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    def url(self, path: str = "/", host: str = "127.0.0.1") -> httpx.URL:
        """The address of a path."""
        return httpx.URL(f"http://{host}:{self.port}{path}")


@asynccontextmanager
async def peer(*answers: bytes, hang_up_after: int = 0) -> AsyncIterator[Peer]:
    """A server; the last answer is repeated. After so many it closes the connection."""
    it = Peer()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests: list[bytes] = []
        it.asked.append(requests)
        try:
            while True:
                requests.append(await reader.readuntil(b"\r\n\r\n"))
                count = sum(map(len, it.asked))
                reply = answers[min(count, len(answers)) - 1]
                if not reply:
                    break
                writer.write(reply)
                await writer.drain()
                if count == hang_up_after:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            it.closed.release()
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    it.port = server.sockets[0].getsockname()[1]
    async with server:
        yield it


async def here(host: str, port: int) -> Sequence[str]:
    """A look-up in which all names lead to this machine."""
    return ["127.0.0.1"]


def wire(kept: int = 8) -> Wire:
    """One for these tests."""
    return Wire(here, connect_seconds=5, kept=kept)


async def get(wire: Wire, url: httpx.URL, **headers: str) -> bytes:
    """The body of an answer."""
    response = await wire.handle_async_request(httpx.Request("GET", url, headers=headers))
    try:
        return b"".join([chunk async for chunk in response.aiter_raw()])
    finally:
        await response.aclose()


async def test_a_connection_is_kept_for_the_next_request_to_its_origin() -> None:
    """One connection for two requests; another host gets one of its own, though the address is the same."""
    async with peer(HI) as server, wire() as one:
        for host in ("a.example", "a.example", "b.example"):
            await get(one, server.url(host=host))

        assert [len(requests) for requests in server.asked] == [2, 1]
        assert b"\r\nhost: b.example" in server.asked[1][0].lower()


async def test_two_requests_at_a_time_are_two_connections() -> None:
    """An answer that is still being read is in nobody else's way."""
    async with peer(HI) as server, wire() as one:
        await asyncio.gather(*(get(one, server.url()) for _ in range(5)))

        assert len(server.asked) == 5


@pytest.mark.parametrize(
    "answer",
    [
        HI.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n"),
        HI + HI,
        HI.replace(b"Length: 2", b"Length: 2\r\nX: y").replace(b"1.1", b"1.0"),
    ],
    ids=["close", "two answers", "HTTP/1.0"],
)
async def test_a_connection_that_can_not_be_trusted_further_is_closed(answer: bytes) -> None:
    """The next request takes another, and what came too much is nobody's answer."""
    async with peer(answer, HI.replace(b"hi", b"ho")) as server, wire() as one:
        bodies = [await get(one, server.url()) for _ in range(2)]

        assert len(server.asked) == 2
    assert bodies == [b"hi", b"ho"]


async def test_an_answer_that_is_left_half_read_ends_its_connection() -> None:
    """The rest of it must not meet the next request."""
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + bytes(2_000_000)
    async with peer(long, HI) as server, wire() as one:
        response = await one.handle_async_request(httpx.Request("GET", server.url()))
        async for _ in response.aiter_raw():
            break
        await response.aclose()

        assert await get(one, server.url()) == b"hi"
        assert len(server.asked) == 2


async def test_a_kept_connection_that_dies_as_we_ask_is_replaced() -> None:
    """A server hangs up on a kept connection when it likes; that is no failure of the source."""
    async with peer(HI, b"", HI) as server, wire() as one:
        bodies = [await get(one, server.url()) for _ in range(2)]

        assert [len(requests) for requests in server.asked] == [2, 1]
    assert bodies == [b"hi", b"hi"]


@pytest.mark.parametrize("answers", [[b""], [HI, b"HTTP/1.1 200"]], ids=["new", "begun"])
async def test_other_connections_are_not_tried_again(answers: list[bytes]) -> None:
    """A new one that brings nothing has failed, and so has an answer that had begun."""
    async with peer(*answers, hang_up_after=len(answers)) as server, wire() as one:
        for _ in answers[1:]:
            await get(one, server.url())
        with pytest.raises(httpx.RemoteProtocolError):
            await get(one, server.url())

        assert len(server.asked) == 1


async def test_too_many_connections_are_not_kept() -> None:
    """The one that was kept longest goes."""
    async with peer(HI) as server, wire(kept=2) as one:
        for host in ("a.example", "b.example", "c.example", "c.example", "b.example", "a.example"):
            await get(one, server.url(host=host))

        assert [len(requests) for requests in server.asked] == [1, 2, 2, 1]


async def test_connections_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """When its time is over a connection is closed, and not used again."""
    monkeypatch.setattr("bot.ingest.wire._KEEP_SECONDS", 0.0)
    async with peer(HI) as server, wire() as one:
        for _ in range(2):
            await get(one, server.url())

        assert len(server.asked) == 2
        await asyncio.wait_for(server.closed.acquire(), 5)


async def test_a_wire_that_closes_leaves_nothing_open() -> None:
    """Kept connections and those in use."""
    async with peer(HI, b"HTTP/1.1 200 OK\r\n") as server:
        async with wire() as one:
            await get(one, server.url(host="a.example"))
            asking = asyncio.create_task(get(one, server.url(host="b.example")))
            while len(server.asked) < 2 or not server.asked[1]:  # noqa: ASYNC110  until the request has arrived
                await asyncio.sleep(0)

        for _ in range(2):
            await asyncio.wait_for(server.closed.acquire(), 5)
        with pytest.raises(httpx.TransportError):
            await asking


async def test_a_request_that_is_given_up_closes_its_connection() -> None:
    """Time-outs leave nothing open behind."""
    async with peer(b"HTTP/1.1 200 OK\r\n") as server, wire() as one:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await get(one, server.url())

        await asyncio.wait_for(server.closed.acquire(), 5)


async def test_the_first_address_that_answers_is_taken() -> None:
    """Each has its share of the time; when all fail the last failure is told."""

    async def several(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.9", "::1", "127.0.0.1"] if host == "some.example" else ["127.0.0.9", "127.0.0.8"]

    async with peer(HI) as server, Wire(several, connect_seconds=5, kept=1) as one:
        assert await get(one, server.url(host="some.example")) == b"hi"
        with pytest.raises(httpx.ConnectError) as caught:
            await get(one, server.url(host="none.example"))

    assert isinstance(caught.value.__cause__, ConnectionRefusedError)


async def test_the_request_is_what_was_meant_and_nothing_more() -> None:
    """Path, query and headers as given; the fragment and the password of the address stay here."""
    async with peer(HI) as server, wire() as one:
        url = httpx.URL(f"http://user:secret@a.example:{server.port}/a%20b?c=d#e")
        await get(one, url, **{"X-Key": "v", "Connection": "keep-alive"})

        first, *rest = server.asked[0][0].split(b"\r\n")
    assert first == b"GET /a%20b?c=d HTTP/1.1"
    assert {b"x-key: v", b"connection: keep-alive", b"host: a.example:%d" % server.port} <= {
        line.lower() for line in rest
    }
    assert b"secret" not in b"".join(rest)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\x00b", "a\x7fb"])
async def test_nothing_breaks_out_of_its_header(value: str) -> None:
    """Nothing is sent of a request whose header would become two."""
    async with peer(HI) as server, wire() as one:
        with pytest.raises(httpx.LocalProtocolError):
            await get(one, server.url(), **{"X-Key": value})

        assert server.asked == []


async def test_tls_asks_for_the_host_and_trusts_what_httpx_trusts() -> None:
    """Certificate and host name are checked, by a context that is made once, when it is needed."""
    async with wire() as one:
        assert one._tls is None
        context = one._context()

        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
        assert one._context() is context


#: Answers of servers in the wild.
ZOO = {
    "plain": HI,
    "http 1.0": b"HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\nhi",
    "bare line ends": HI.replace(b"\r\n", b"\n"),
    "no reason": HI.replace(b" OK", b""),
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "upper case": b"HTTP/1.1 200 OK\r\nTRANSFER-ENCODING: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "chunk extension": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;a=b\r\nhi\r\n0\r\nX: y\r\n\r\n",
    "early hints": b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + HI,
    "latin-1": HI.replace(b"OK\r\n", b"OK\r\nX-Name: caf\xe9\r\n"),
    "empty header": HI.replace(b"OK\r\n", b"OK\r\nX-Empty:\r\n"),
    "twice": HI.replace(b"OK\r\n", b"OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n"),
    "upgrade": HI.replace(b"OK\r\n", b"OK\r\nUpgrade: h2\r\nConnection: Upgrade\r\n"),
    "304 with length": b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: x\r\n\r\n",
    "redirect": b"HTTP/1.1 301 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n",
    "length and chunked": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
    "cut": HI[:-1],
    "nothing": b"\r\n",
    "not http": b"SSH-2.0-x\r\n\r\n",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi",
    "no colon": b"HTTP/1.1 200 OK\r\nhuh\r\n\r\n",
}


@pytest.mark.parametrize("name", ZOO)
async def test_answers_are_read_as_httpx_reads_them(name: str) -> None:
    """The transport that this one stands in for is the judge: same status, headers, body, or an error of both."""
    seen: list[object] = []
    for transport in (wire(), httpx.AsyncHTTPTransport(trust_env=False)):
        async with peer(ZOO[name], hang_up_after=1) as server, transport:
            try:
                response = await transport.handle_async_request(httpx.Request("GET", server.url()))
                body = b"".join([chunk async for chunk in response.aiter_raw()])
                seen.append((response.status_code, response.headers.raw, body))
                await response.aclose()
            except httpx.RemoteProtocolError:
                seen.append("error")

    assert seen[0] == seen[1]
