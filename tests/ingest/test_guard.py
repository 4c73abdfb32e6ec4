"""The guards of a connection: nothing private is reached, however it is spelt, and no false certificate passes."""

import asyncio
import shutil
import socket
import ssl
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.configured import Source
from bot.errors import FetchError
from bot.ingest import guard
from bot.ingest.http import Fetcher
from bot.model import PollState
from bot.settings import IngestSettings
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NEW = PollState(source_id="one")
GUARDED = IngestSettings(timeout_seconds=5)
RSS = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


async def refusal(fetcher: Fetcher, source: Source) -> FetchError:
    """The error that fetching this source ends with."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(source, NEW, now=NOW)
    return caught.value


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody else signed."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate, and is not here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    command += f" -keyout {key} -out {certificate}"
    subprocess.run(command.split(), check=True, capture_output=True, timeout=60)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


async def test_certificate_that_nobody_signed_is_refused(self_signed: ssl.SSLContext) -> None:
    """There is no way to switch the check off: not for a host that signed for itself either."""
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=self_signed)

    async with server, Fetcher(replace(GUARDED, allow_private_addresses=True), env={}) as fetcher:
        port = server.sockets[0].getsockname()[1]
        error = await refusal(fetcher, Source(id="one", url=f"https://localhost:{port}/"))

    assert error.reason == "its certificate is refused: self-signed certificate"


def names(**known: Sequence[str]) -> guard.Resolve:
    """A name server that knows these names."""

    async def answer(host: str, port: int) -> Sequence[str]:
        return known[host.partition(".")[0]]

    return answer


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "169.254.169.254",
    ],
)
async def test_guard_refuses_private_addresses_however_spelt(host: str) -> None:
    """Each of these leads to this machine or its network, see below."""
    async with Fetcher(GUARDED, env={}) as fetcher:
        error = await refusal(fetcher, Source(id="one", url=f"http://{host}/feed?key=s3cret"))

    assert error.reason.startswith("refused to connect: ")
    assert error.reason.endswith(" leads to a private address")
    assert "s3cret" not in error.reason


async def test_guard_is_asked_before_any_connection(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that listens on loopback, on a port that is allowed, sees nothing of us."""
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({feeds.port}))
    feeds.serve("/rss", RSS)

    async with Fetcher(GUARDED, env={}, resolver=names(evil=["127.0.0.1"])) as fetcher:
        error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss", host="evil.example")))

    assert error.reason == "refused to connect: evil.example leads to a private address"
    assert feeds.requests == []


async def test_one_private_address_among_public_ones_is_enough() -> None:
    """A name that leads to both is refused whole: who answers first must not matter."""
    async with Fetcher(GUARDED, env={}, resolver=names(mixed=["93.184.215.14", "10.0.0.1"])) as fetcher:
        error = await refusal(fetcher, Source(id="one", url="http://mixed.example/"))

    assert error.reason == "refused to connect: mixed.example leads to a private address"


async def test_redirect_into_a_private_network_is_refused(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard stands before each hop. Here the first hop is let through by hand."""
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({feeds.port, 80}))
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    feeds.redirect("/rss", "http://metadata.example/latest")
    resolver = names(open=["127.0.0.1"], metadata=["169.254.169.254"])

    async with Fetcher(GUARDED, env={}, resolver=resolver) as fetcher:
        error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss", host="open.example")))

    assert feeds.count("/rss") == 1
    assert error.reason == "refused to connect: metadata.example leads to a private address"


async def test_connection_goes_to_the_address_that_was_checked(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that changes its mind after the look-up changes nothing: it is looked up once."""
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({feeds.port}))
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    feeds.serve("/rss", RSS)
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])

    async def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    async with Fetcher(GUARDED, env={}, resolver=rebinding) as fetcher:
        await fetcher.fetch(Source(id="one", url=feeds.url("/rss", host="twice.example")), NEW, now=NOW)

    assert feeds.count("/rss") == 1
    assert next(answers) == ["10.0.0.1"]


async def test_next_address_is_tried_when_one_is_dead(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A host with two addresses is up while one of them is."""
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({feeds.port}))
    monkeypatch.setattr(guard, "is_public", lambda address: True)
    feeds.serve("/rss", RSS)

    async with Fetcher(GUARDED, env={}, resolver=names(two=["::1", "127.0.0.1"])) as fetcher:
        await fetcher.fetch(Source(id="one", url=feeds.url("/rss", host="two.example")), NEW, now=NOW)

    assert feeds.count("/rss") == 1


@pytest.mark.parametrize(
    ("failure", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), "the host name is not known"),
        (UnicodeError("label too long"), "no connection"),
        (OSError("no route"), "no connection"),
        (None, "no connection"),
    ],
)
async def test_name_that_leads_nowhere_is_an_ordinary_failure(failure: Exception | None, reason: str) -> None:
    """What the name server says ends in a reason, as without the guard."""

    async def lost(host: str, port: int) -> Sequence[str]:
        if failure:
            raise failure
        return []

    async with Fetcher(GUARDED, env={}, resolver=lost) as fetcher:
        error = await refusal(fetcher, Source(id="one", url="http://lost.example/"))

    assert error.reason == reason


async def test_dead_host_is_a_failure_after_its_last_address(monkeypatch: pytest.MonkeyPatch) -> None:
    """When every address refuses, so does the fetch."""
    with FeedServer() as gone:
        port = gone.port
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({port}))
    monkeypatch.setattr(guard, "is_public", lambda address: True)

    async with Fetcher(GUARDED, env={}, resolver=names(dead=["127.0.0.1", "127.0.0.1"])) as fetcher:
        error = await refusal(fetcher, Source(id="one", url=f"http://dead.example:{port}/"))

    assert error.reason == "connection refused"


async def test_unusual_ports_are_refused() -> None:
    """A feed does not live beside a database."""
    async with Fetcher(GUARDED, env={}) as fetcher:
        error = await refusal(fetcher, Source(id="one", url="http://news.example:6379/"))

    assert error.reason == "refused to connect: port 6379 is not a usual one"


async def test_the_event_loop_is_given_addresses_and_no_names(
    feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system's resolver changes its mind after one answer, nobody hears it: what was checked is connected to."""
    monkeypatch.setattr("bot.ingest.http._PORTS", frozenset({feeds.port}))
    monkeypatch.setattr(guard, "is_public", lambda address: address == "127.0.0.1")
    feeds.serve("/rss", RSS, headers={"Connection": "close"})
    asked: list[object] = []

    def rebinding(host: object, port: int, *rest: object, **more: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    source = Source(id="one", url=feeds.url("/rss", host="twice.example"))
    async with Fetcher(GUARDED, env={}) as fetcher:
        await fetcher.fetch(source, NEW, now=NOW)
        asked_once = list(asked)
        error = await refusal(fetcher, source)

    assert asked_once == ["twice.example"]
    assert error.reason == "refused to connect: twice.example leads to a private address"
    assert feeds.count("/rss") == 1


@pytest.mark.parametrize("spelling", ["2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "127.0.0.1"])
async def test_without_the_guard_each_spelling_gets_inside(feeds: FeedServer, spelling: str) -> None:
    """What the tests above refuse are addresses that do lead here: only the guard keeps them out."""
    feeds.serve("/rss", RSS)

    async with Fetcher(replace(GUARDED, allow_private_addresses=True), env={}) as fetcher:
        await fetcher.fetch(Source(id="one", url=feeds.url("/rss", host=spelling)), NEW, now=NOW)

    assert feeds.count("/rss") == 1


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "192.88.99.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:93.184.215.14",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2001:0:4136:e378::",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "not-an-address",
    ],
)
def test_private_and_detour_addresses_are_not_public(address: str) -> None:
    """Nor is what only wraps another address: NAT64, 6to4, Teredo, mapped ones."""
    assert not guard.is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::200e"]
)
def test_ordinary_addresses_are_public(address: str) -> None:
    """The open internet stays open."""
    assert guard.is_public(address)
