"""What a fetch may take: bytes, time, connections; and what is told, and not told, of one that fails."""

import asyncio
import gzip
import logging
import ssl
import time
import zlib
from dataclasses import replace

import httpx
import pytest

from bot.configured import Source
from bot.ingest.http import Fetcher
from bot.model import Document
from tests.feedserver import FeedServer, feeds
from tests.ingest.test_http import NEW, NOW, OPEN, RSS, fetcher, refusal

__all__ = ["feeds", "fetcher"]


def raw_deflate(body: bytes) -> bytes:
    """Deflate without the zlib head, as some servers send it."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(RSS)),
        ("x-gzip", gzip.compress(RSS)),
        ("gzip", gzip.compress(RSS[:20]) + gzip.compress(RSS[20:]) + b"\0\0\0"),
        ("deflate", zlib.compress(RSS)),
        ("deflate", raw_deflate(RSS)),
        ("identity", RSS),
        ("", gzip.compress(RSS)),
    ],
    ids=["gzip", "x-gzip", "two members and rubbish", "zlib", "bare deflate", "identity", "gzip file"],
)
async def test_packed_bodies_are_unpacked(
    feeds: FeedServer, fetcher: Fetcher, encoding: str, packed: bytes
) -> None:
    """All that we ask for, in the spellings that servers use."""
    feeds.serve("/rss", packed, headers={"Content-Encoding": encoding} if encoding else {})

    document = await fetcher.fetch(Source(id="one", url=feeds.url("/rss")), NEW, now=NOW)

    assert isinstance(document, Document)
    assert document.body == RSS


@pytest.mark.parametrize(
    ("encoding", "packed", "reason"),
    [
        ("gzip", gzip.compress(bytes(50_000_000), 9), "larger than 100,000 bytes"),
        ("gzip", gzip.compress(RSS)[:-9], "cut short"),
        ("gzip", RSS, "damaged packing"),
        ("deflate", b"\xff" * 100, "damaged packing"),
        ("br", b"x", "packed as br, which we did not ask for"),
        ("gzip, gzip", b"x", "packed as gzip, gzip, which we did not ask for"),
        ("identity", bytes(200_000), "larger than 100,000 bytes"),
    ],
    ids=["bomb", "cut", "not gzip", "not deflate", "brotli", "twice", "large"],
)
async def test_unusable_bodies_are_refused(
    feeds: FeedServer, fetcher: Fetcher, encoding: str, packed: bytes, reason: str
) -> None:
    """Bombs, damage and packings of which we said nothing end in a reason."""
    feeds.serve("/rss", packed, headers={"Content-Encoding": encoding})

    assert (await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))).reason == reason


async def test_body_that_breaks_off_is_refused(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Half a feed with its validators would hide the other half."""
    feeds.serve("/rss", RSS, cut=30)

    reason = (await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))).reason

    assert reason == "the connection broke (RemoteProtocolError)"


@pytest.mark.parametrize("how", [{"drip": 0.1}, {"delay": 30}, {"endless_headers": True}])
async def test_slow_server_is_left_in_time(feeds: FeedServer, how: dict[str, float]) -> None:
    """A byte now and then never trips a read time-out: the whole fetch is bounded, headers too."""
    feeds.serve("/rss", RSS, **how)  # type: ignore[arg-type]
    began = time.monotonic()

    async with Fetcher(replace(OPEN, timeout_seconds=0.4), env={}) as fetcher:
        error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))

    assert error.reason in ("no full answer within 0.4 s", "the connection broke (RemoteProtocolError)")
    assert time.monotonic() - began < 2


async def test_one_host_never_gets_more_than_its_share(feeds: FeedServer) -> None:
    """Ten sources of one host are asked two at a time, and waiting in line is not held against them."""
    for number in range(10):
        feeds.serve(f"/{number}", RSS, delay=0.1)
    sources = [Source(id=f"s{number}", url=feeds.url(f"/{number}")) for number in range(10)]

    async with Fetcher(replace(OPEN, per_host=2, timeout_seconds=0.4), env={}) as fetcher:
        answers = await asyncio.gather(*(fetcher.fetch(source, NEW, now=NOW) for source in sources))

    assert len(answers) == 10
    assert feeds.busiest == 2


async def test_overall_limit_holds_across_hosts(feeds: FeedServer) -> None:
    """However many hosts there are, only so many requests are in flight."""
    feeds.serve("/rss", RSS, delay=0.05)
    urls = [feeds.url("/rss", host=f"127.0.0.{number}") for number in range(1, 2)]
    urls += [feeds.url("/rss", host="localhost")] * 3 + urls * 3
    sources = [Source(id=f"s{number}", url=url) for number, url in enumerate(urls)]

    async with Fetcher(replace(OPEN, per_host=9, concurrency=3), env={}) as fetcher:
        await asyncio.gather(*(fetcher.fetch(source, NEW, now=NOW) for source in sources))

    assert feeds.busiest == 3


async def test_dead_and_unknown_hosts_are_told_apart(fetcher: Fetcher) -> None:
    """The reason says what failed, and nothing of the address."""
    with FeedServer() as gone:
        url = gone.url("/rss?key=s3cret")
    refused = await refusal(fetcher, Source(id="one", url=url))
    unknown = await refusal(fetcher, Source(id="one", url="http://no-such-host.invalid/rss"))

    assert refused.reason == "connection refused"
    assert unknown.reason == "the host name is not known"


@pytest.mark.parametrize(
    "url", ["http://exa mple.com/", "http://x:99999999/", "nonsense", "http://\ud800/", ""]
)
async def test_addresses_that_are_none_end_in_a_reason(fetcher: Fetcher, url: str) -> None:
    """Whatever stands in the source list, the fetch ends in a FetchError."""
    error = await refusal(fetcher, Source(id="one", url=url))

    assert len(error.reason) < 100


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (httpx.ReadError("while reading https://x.example/?key=s3cret"), "the connection broke (ReadError)"),
        (httpx.ConnectError("https://x.example/?key=s3cret"), "no connection"),
        (httpx.ReadTimeout("https://x.example/?key=s3cret"), "no full answer within 5 s"),
        (ssl.SSLError(1, "wrong version number"), "no secure connection"),
    ],
)
async def test_fault_of_the_wire_is_named_without_its_text(fault: Exception, reason: str) -> None:
    """An exception's own message may hold the address, so it is told in our words."""

    def fail(request: httpx.Request) -> httpx.Response:
        if isinstance(fault, httpx.HTTPError):
            raise fault
        raise httpx.ConnectError("https://x.example/?key=s3cret") from fault

    async with Fetcher(OPEN, env={}, transport=httpx.MockTransport(fail)) as fetcher:
        error = await refusal(fetcher, Source(id="one", url="https://x.example/?key=s3cret"))

    assert error.reason == reason


async def test_nothing_secret_is_logged(
    feeds: FeedServer, caplog: pytest.LogCaptureFixture, fetcher: Fetcher
) -> None:
    """httpx would log the address with its key at INFO."""
    caplog.set_level(logging.INFO)
    feeds.serve("/rss", RSS)

    await fetcher.fetch(Source(id="one", url=feeds.url("/rss?key=s3cret")), NEW, now=NOW)

    assert "s3cret" not in caplog.text
