"""The fault table, rows 29-32: servers that hang, bomb, lead astray or lie about who they are.

Polled over real sockets on loopback. Where loopback must count as the open internet, 127.0.0.2 plays that part and
127.0.0.1 the private network. A guard is shown to hold by taking it away.
"""

import asyncio
import gzip
import shutil
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import certifi
import pytest

from bot.configured import Source
from bot.ingest import guard
from bot.ingest.http import Fetcher
from bot.settings import IngestSettings
from tests.faults.hostile import BEHIND, LAUGHS, QUADRATIC, SPLIT, TANGLED
from tests.faults.scene import OPEN, News, Peak, Scene, feed, sanctions, scene
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

QUICK = replace(OPEN, timeout_seconds=1.5, per_host=16)
RSS = feed(*sanctions(2))


def sources(feeds: FeedServer, *paths: str) -> tuple[Source, ...]:
    """One source for each path, named like it."""
    return tuple(Source(id=path.strip("/"), url=feeds.url(path)) for path in paths)


@asynccontextmanager
async def raw_server(
    *pieces: bytes, repeat: bytes = b"", tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """A server that answers with these bytes, then with `repeat` until the other side has enough; gives its port."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            for piece in pieces:
                writer.write(piece)
            while repeat:
                writer.write(repeat)
                await writer.drain()
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, host, 0, ssl=tls)
    async with server:
        yield server.sockets[0].getsockname()[1]


# --- row 29: too much, too slow ---------------------------------------------------------------------


def bomb(megabytes: int) -> bytes:
    """Zeros, packed a thousandfold."""
    packer = zlib.compressobj(9, wbits=31)
    packed = [packer.compress(bytes(1_000_000)) for _ in range(megabytes)]
    return b"".join((*packed, packer.flush()))


async def bombed(feeds: FeedServer, folder: Path, megabytes: int) -> tuple[str, float]:
    """The error of a poll that meets a bomb of this size, and what it cost in memory."""
    feeds.serve("/bomb", bomb(megabytes), headers={"Content-Encoding": "gzip"})
    async with scene(folder, *sources(feeds, "/bomb"), ingest=replace(OPEN, timeout_seconds=20)) as stage:
        with Peak() as peak:
            polled = await stage.poll("bomb")
    return polled.error, peak.megabytes


async def test_29_a_gzip_bomb_costs_its_limit_and_no_more(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 29: 200 MB in 200 kB are stopped at 5 MB."""
    error, megabytes = await bombed(feeds, tmp_path, 200)

    assert error == "larger than 5,000,000 bytes"
    assert megabytes < 50


async def test_29_without_the_guard_the_bomb_goes_off(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 29, the guard off: unpacking all that came takes the memory that it says."""

    def unpack(self: object, chunk: bytes) -> None:
        self._body += self._stream.decompress(chunk)  # type: ignore[attr-defined]

    monkeypatch.setattr("bot.ingest.unpack.Unpacker._unpack", unpack)
    _, megabytes = await bombed(feeds, tmp_path, 100)

    assert megabytes > 80


async def test_29_a_body_without_end_is_left(tmp_path: Path) -> None:
    """Row 29: no Content-Length, no end: 100 MB are not waited for."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n\r\n"
    async with raw_server(head, repeat=b"<item>" * 10_000) as port:
        source = Source(id="one", url=f"http://127.0.0.1:{port}/")
        async with scene(tmp_path, source) as stage:
            with Peak() as peak:
                polled = await stage.poll()

    assert polled.error == "larger than 5,000,000 bytes"
    assert peak.megabytes < 50


@pytest.mark.timing
async def test_29_slow_and_endless_servers_delay_nobody(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 29: a byte now and then, headers without end, no answer: each ends in time, the others long before."""
    feeds.serve("/drip", RSS, drip=0.2).serve("/headers", endless_headers=True).serve("/hang", RSS, delay=60)
    for number in range(20):
        feeds.serve(f"/good{number}", RSS)
    good = [f"good{number}" for number in range(20)]
    everyone = sources(feeds, "/drip", "/headers", "/hang", *(f"/{name}" for name in good))
    async with scene(tmp_path, *everyone, ingest=QUICK) as stage:
        began = time.monotonic()
        bad = [asyncio.create_task(stage.poll(name)) for name in ("drip", "headers", "hang")]
        polls = await asyncio.gather(*(stage.poll(name) for name in good))
        is_hanging = not bad[2].done()
        reasons = {(await task).error for task in bad}
        took = time.monotonic() - began

    assert {polled.status for polled in polls} == {"ok"}
    assert is_hanging
    assert reasons <= {"no full answer within 1.5 s", "the connection broke (RemoteProtocolError)"}
    assert took < 8


# --- row 30: hostile documents ----------------------------------------------------------------------


@pytest.mark.timing
async def test_30_documents_that_explode_or_pry_are_refused(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 30: billion laughs, entities without end and external ones are errors at once; the next source is read."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    prying = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]><rss><channel><item><title>&x;</title></item></channel></rss>'
    hostile = {
        "laughs": LAUGHS,
        "prying": prying.encode(),
        "quadratic": QUADRATIC,
        "behind": BEHIND,
        "split": SPLIT,
    }
    for name, body in hostile.items():
        feeds.serve(f"/{name}", body)
    feeds.serve("/good", RSS)
    async with scene(tmp_path, *sources(feeds, "/good", *(f"/{name}" for name in hostile))) as stage:
        began = time.process_time()
        polls = [await stage.poll(name) for name in hostile]
        took = time.process_time() - began
        good = await stage.poll("good")
        everything = str(await stage.rows("select * from items"))

    assert [polled.error for polled in polls] == [
        "XML that declares entities of its own, which is refused"
    ] * 5
    assert took < 2
    assert good.new == 2
    assert "hunter2" not in everything


@pytest.mark.timing
@pytest.mark.parametrize("shape", TANGLED)
async def test_30_markup_of_any_depth_costs_little(feeds: FeedServer, tmp_path: Path, shape: str) -> None:
    """Row 30: an entry of 50,000 elements inside each other and the like takes less than 2 s, and is kept."""
    deep = TANGLED[shape] + "dysprosium"
    feeds.serve("/rss", feed(News(title="deep", link="https://a.example/1", summary=deep), *sanctions(1)))
    async with scene(tmp_path, Source(id="one", url=feeds.url("/rss"))) as stage:
        began = time.process_time()
        polled = await stage.poll()
        took = time.process_time() - began

    assert (polled.status, polled.new) == ("ok", 2)
    assert took < 2


# --- row 31: addresses ------------------------------------------------------------------------------

#: Under these names servers are found; 127.0.0.2 counts as public in these tests.
NAMES = {
    "good.example": ["127.0.0.2"],
    "inside.example": ["127.0.0.1"],
    "both.example": ["127.0.0.2", "127.0.0.1"],
}


@pytest.fixture
def web() -> Iterator[FeedServer]:
    """A server on the open internet."""
    with FeedServer("127.0.0.2") as server:
        yield server


def public(web: FeedServer, path: str, host: str = "good") -> Source:
    """A source on the open internet, named like its path."""
    return Source(id=path.strip("/"), url=web.url(path, host=f"{host}.example"))


@asynccontextmanager
async def guarded(
    folder: Path,
    web: FeedServer,
    inside: FeedServer,
    monkeypatch: pytest.MonkeyPatch,
    *everyone: Source,
) -> AsyncIterator[Scene]:
    """A scene whose guard works."""
    is_public = guard.is_public
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.2" or is_public(address))
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({80, web.port, inside.port}))

    async def look_up(host: str, port: int) -> Sequence[str]:
        return NAMES.get(host) or await guard.resolve(host, port)

    ingest = IngestSettings(timeout_seconds=20, per_host=16)
    async with (
        Fetcher(ingest, env={}, resolver=look_up) as fetcher,
        scene(folder, *everyone, ingest=ingest, fetcher=fetcher) as stage,
    ):
        yield stage


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "2130706433",
        "0x7f.1",
        "169.254.169.254",
        "inside.example",
        "both.example",
        "localhost",
    ],
)
async def test_31_no_redirect_leads_inside(
    web: FeedServer, feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """Row 31: refused before any connection, however the address is spelt; the reason names no query."""
    feeds.serve("/keys", RSS)
    web.redirect("/rss", f"http://{host}:{feeds.port}/keys?token=hunter2")
    async with guarded(tmp_path, web, feeds, monkeypatch, public(web, "/rss")) as stage:
        polled = await stage.poll("rss")
        state = await stage.state("rss")

    assert polled.status == "failed"
    assert polled.error.startswith("refused to connect: ")
    assert polled.error.endswith(" leads to a private address")
    assert "hunter2" not in polled.error + state.error
    assert (web.count("/rss"), feeds.requests) == (1, [])


async def test_31_without_the_guard_the_redirect_gets_inside(
    web: FeedServer, feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31, the guard off: the same redirect is followed, and what lies inside is stored."""
    feeds.serve("/keys", RSS)
    web.redirect("/rss", feeds.url("/keys"))
    async with guarded(tmp_path, web, feeds, monkeypatch, public(web, "/rss")) as stage:
        monkeypatch.setattr(guard, "is_public", lambda _: True)
        polled = await stage.poll("rss")

    assert (polled.status, polled.new) == ("ok", 2)


async def test_31_a_name_that_is_bound_anew_is_checked_anew(
    web: FeedServer, feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 31: public at the first look-up, private at the next: the second poll is refused, not the first one's fault."""
    web.serve("/rss", RSS, headers={"Connection": "close"})
    feeds.serve("/rss", RSS)
    async with guarded(tmp_path, web, feeds, monkeypatch, public(web, "/rss", "rebound")) as stage:
        monkeypatch.setitem(NAMES, "rebound.example", ["127.0.0.2"])
        first = await stage.poll("rss")
        monkeypatch.setitem(NAMES, "rebound.example", ["127.0.0.1"])
        second = await stage.poll("rss")

    assert (first.status, second.status) == ("ok", "failed")
    assert second.error == "refused to connect: rebound.example leads to a private address"
    assert feeds.requests == []


async def test_31_redirects_in_a_circle_end(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 31: five are followed, then the fetch is given up."""
    feeds.redirect("/one", "/two").redirect("/two", "/one")
    async with scene(tmp_path, *sources(feeds, "/one")) as stage:
        polled = await stage.poll()

    assert polled.error == "more than 5 redirects"
    assert len(feeds.requests) == 6


# --- row 32: certificates ---------------------------------------------------------------------------


class Authority:
    """A certificate authority of our own, by the openssl command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "ca.pem"
        self._openssl("req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ours -keyout ca.key -out ca.pem")

    def serves(self, host: str, days: int = 2) -> ssl.SSLContext:
        """A server's side of TLS with a certificate for this host; `days` below 0: expired."""
        (self.folder / "names").write_text(f"subjectAltName=DNS:{host}")
        self._openssl("req -newkey rsa:2048 -nodes -subj /CN=x -keyout x.key -out x.csr")
        self._openssl(
            f"x509 -req -in x.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days {days} -extfile names -out x.pem"
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "x.pem", self.folder / "x.key")
        return context

    def _openssl(self, arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments.split()], cwd=self.folder, check=True, capture_output=True, timeout=60
        )


@pytest.mark.parametrize(
    ("host", "days", "trusted", "error"),
    [
        ("localhost", 2, True, ""),
        ("localhost", -1, True, "its certificate is refused: certificate has expired"),
        ("other.example", 2, True, "its certificate is refused: Hostname mismatch"),
        ("localhost", 2, False, "its certificate is refused: unable to get local issuer certificate"),
    ],
    ids=["right", "expired", "wrong host", "unknown issuer"],
)
async def test_32_only_a_certificate_in_order_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, trusted: bool, error: str
) -> None:
    """Row 32: one authority, one right certificate that is read, and three wrong ones that are not."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not here")
    authority = Authority(tmp_path)
    tls = authority.serves(host, days)
    if trusted:
        monkeypatch.setattr(certifi, "where", lambda: str(authority.certificate))
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(RSS)}\r\n\r\n".encode()
    async with (
        raw_server(head, RSS, tls=tls, host="localhost") as port,
        scene(tmp_path, Source(id="one", url=f"https://localhost:{port}/")) as stage,
    ):
        polled = await stage.poll()

    assert polled.error.startswith(error)
    assert (polled.new, polled.error == "") == ((2, True) if not error else (0, False))


# --- all at once ------------------------------------------------------------------------------------


async def test_two_hundred_sources_are_polled_while_three_misbehave(
    web: FeedServer, feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One source hangs, one bombs, one redirects inside: all 200 others are read before the hanging one times out."""
    feeds.serve("/keys", RSS)
    web.serve("/hang", RSS, delay=60).redirect("/astray", feeds.url("/keys"))
    web.serve("/bomb", gzip.compress(bytes(50_000_000), 9), headers={"Content-Encoding": "gzip"})
    good = [f"good{number}" for number in range(200)]
    for number, name in enumerate(good):
        web.serve(f"/{name}", feed(News(title=f"Village news {number}", link=f"https://a.example/{number}")))
    everyone = [public(web, f"/{name}") for name in ("hang", "bomb", "astray", *good)]
    async with guarded(tmp_path, web, feeds, monkeypatch, *everyone) as stage:
        hanging = asyncio.create_task(stage.poll("hang"))
        astray, bomb_, *polls = await asyncio.gather(
            *(stage.poll(name) for name in ("astray", "bomb", *good))
        )
        is_hanging = not hanging.done()
        hanging.cancel()
        stored = len(await stage.titles())

    assert is_hanging
    assert {polled.status for polled in polls} == {"ok"}
    assert astray.error == "refused to connect: 127.0.0.1 leads to a private address"
    assert bomb_.error == "larger than 5,000,000 bytes"
    assert (stored, feeds.requests) == (200, [])
