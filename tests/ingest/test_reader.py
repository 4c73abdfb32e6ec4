"""Reading within bounds: a parse that hangs or eats memory ends, and stops nothing else."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import ParseError
from bot.ingest.quick import is_ordinary
from bot.ingest.reader import Reader
from tests.ingest.test_feed import NOW, SOURCE, rss
from tests.ingest.test_reading import document, news

#: Well-formed, 400 kB, and 20 s of work for the parser: the standard library looks each attribute up among all.
HANGING = rss(news(1, "<x " + " ".join(f'a{n}="x"' for n in range(38_000)) + "/>"))
DAMAGED = rss(news(1, "<description>5 < 6 & 7</description>"), news(2))


@pytest.fixture
def workers() -> Callable[[], list[int]]:
    """Asks for the processes this test has started; one left by an earlier test (multiprocessing's) is not its own."""
    before = set(_children())
    return lambda: [pid for pid in _children() if pid not in before]


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    """A reader that gives a document three seconds."""
    async with Reader(seconds=3) as made:
        yield made


async def test_a_hanging_parse_ends_in_time_and_the_next_document_is_read(reader: Reader) -> None:
    """It is a `ParseError` that says so, its process is gone, and a new one takes its place."""
    began = time.monotonic()

    with pytest.raises(ParseError, match="could not be parsed within 3 s"):
        await reader.read(document(HANGING), SOURCE, None, now=NOW)
    after = await reader.read(document(DAMAGED), SOURCE, None, now=NOW)

    assert time.monotonic() - began < 9
    assert [listing.key for listing in after.listings] == [item.key for item in after.items]
    assert len(after.items) == 2


async def test_others_are_read_while_a_parse_hangs(reader: Reader) -> None:
    """Ordinary documents wait for nothing, damaged ones have a second process, and the event loop keeps turning."""
    hanging = asyncio.create_task(reader.read(document(HANGING), SOURCE, None, now=NOW))
    longest = timedelta()

    for body in (rss(news(1)), DAMAGED, rss(news(2))) * 3:
        began = time.monotonic()
        assert (await reader.read(document(body), SOURCE, None, now=NOW)).items
        longest = max(longest, timedelta(seconds=time.monotonic() - began))

    assert not hanging.done()
    assert longest < timedelta(seconds=2.5)
    with pytest.raises(ParseError):
        await hanging


async def test_a_parse_that_eats_memory_is_an_error_of_its_own_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With an allowance that the parser alone exceeds, the document is refused in words; the reader lives on."""
    limited = "import bot.ingest.worker as worker; worker.MEMORY = 110_000_000; worker.main()"
    monkeypatch.setattr("bot.ingest.reader._COMMAND", (sys.executable, "-c", limited))
    big = DAMAGED.replace("5 <", "5 " + "<b>x</b> &" * 300_000)

    async with Reader(seconds=60) as reader:
        with pytest.raises(ParseError, match="too much memory"):
            await reader.read(document(big), SOURCE, None, now=NOW)

        assert (await reader.read(document(DAMAGED), SOURCE, None, now=NOW)).items


async def test_a_worker_that_dies_is_an_error_of_its_own_document(
    reader: Reader, workers: Callable[[], list[int]]
) -> None:
    """Killed from outside in the middle of its work: the document failed, nothing else."""
    reading = asyncio.create_task(reader.read(document(HANGING), SOURCE, None, now=NOW))
    await asyncio.sleep(1)
    started = workers()
    assert started
    for pid in started:
        os.kill(pid, 9)

    with pytest.raises(ParseError, match="breaks the parser"):
        await reading

    assert (await reader.read(document(DAMAGED), SOURCE, None, now=NOW)).items


def _children() -> list[int]:
    return [int(pid) for pid in Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()]


def _environment(pid: int) -> str:
    return Path(f"/proc/{pid}/environ").read_text()


async def test_no_process_outlives_the_reader(workers: Callable[[], list[int]]) -> None:
    """Closing it ends what it started, idle or at work."""
    async with Reader() as reader:
        await reader.read(document(DAMAGED), SOURCE, None, now=NOW)
        assert workers()
        busy = asyncio.create_task(reader.read(document(HANGING), SOURCE, None, now=NOW))
        await asyncio.sleep(0.3)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy

    assert workers() == []


async def test_secrets_stay_out_of_the_process_that_reads_hostile_documents(
    reader: Reader, workers: Callable[[], list[int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its environment holds what Python needs and no token."""
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-made-up-secret")

    await reader.read(document(DAMAGED), SOURCE, None, now=NOW)

    (worker,) = workers()
    assert "made-up-secret" not in _environment(worker)


@pytest.mark.parametrize(
    ("body", "ordinary"),
    [
        (rss(news(1)), True),
        (DAMAGED, False),
        (HANGING, False),
        (rss(news(1, "".join(f'<p{n}:x xmlns:p{n}="u{n}"/>' for n in range(200)))), False),
        (rss(*(news(n, '<m:x xmlns:m="u" a="1"/>') for n in range(200))), True),
    ],
    ids=["plain", "damaged", "attributes", "namespaces", "one namespace, often"],
)
def test_what_may_take_long_is_told_by_its_form(body: str, ordinary: bool) -> None:
    """Only what the parser reads in a time that grows with the size alone is read in our own process."""
    assert is_ordinary(body.encode()) is ordinary
