"""Reads documents off the event loop, within bounds of time and memory; what to read is decided in reading.py.

An ordinary document is read in a thread. A large, damaged or tangled one goes to a process of its own, where
feedparser's loose parser may take 5 s for each MB and a hostile feed or page any time and memory: it is killed when the
time is up, and the next such document gets a new one. There are none of these processes until the first such document,
and two at most. What reads a document raises `DubiousError` if `careful`, before what may take long.
"""

import asyncio
import os
import pickle
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from datetime import datetime
from functools import partial
from subprocess import DEVNULL
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest.article import article_text
from bot.ingest.discover import Candidates, discover
from bot.ingest.markup import DubiousError
from bot.ingest.reading import Reading, read
from bot.model import Document
from bot.seen import Seen

#: For one document, its process' start included.
SECONDS = 10.0
Answer = TypeVar("Answer")
_WORKERS = 2
_COMMAND = (sys.executable, "-m", "bot.ingest.worker")
#: What a process that reads hostile documents may know of our environment: none of the secrets.
_ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "PYTHONUTF8", "LANG", "LC_ALL", "TMPDIR")


class Reader:
    """Reads documents; one for the whole program, as an async context manager."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._slots = asyncio.Semaphore(_WORKERS)
        self._idle: list[Process] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        while self._idle:
            await _end(self._idle.pop())

    async def read(self, document: Document, source: Source, seen: Seen | None, *, now: datetime) -> Reading:
        """What a document says; `seen` is what is remembered of the one before it. Raises `ParseError`."""
        return await self._bounded(document.source_id, partial(read, document, source, seen, now=now))

    async def candidates(self, page: Document) -> Candidates:
        """Where the feeds of a page may be. Raises `ParseError` where that can not be found out within bounds."""
        return await self._bounded(page.source_id, partial(discover, page.body, page.url, page.content_type))

    async def article(self, page: Document) -> str:
        """The prose of an article page, empty where it has none. Raises `ParseError` where it can not be read."""
        return await self._bounded(
            page.source_id, partial(article_text, page.body, page.content_type, page.url)
        )

    async def _bounded(self, source_id: str, work: partial[Answer]) -> Answer:
        """What the work gives: in a thread, or in a process of its own. It must be a function of a module's."""
        try:
            return await asyncio.to_thread(work, careful=True)
        except DubiousError:
            return await self._apart(source_id, work)

    async def _apart(self, source_id: str, work: partial[Answer]) -> Answer:
        async with self._slots:
            worker = None
            try:
                async with asyncio.timeout(self._seconds):
                    worker = self._idle.pop() if self._idle else await _start()
                    answer: tuple[Answer, str] = await _ask(worker, pickle.dumps(work))
            except BaseException as error:
                # Whatever it is, the process is in the middle of something.
                if worker:
                    await asyncio.shield(_end(worker))
                if isinstance(error, TimeoutError):
                    reason = f"it could not be parsed within {self._seconds:g} s"
                    raise ParseError(source_id, reason) from error
                if isinstance(error, asyncio.IncompleteReadError | ConnectionError):
                    raise ParseError(source_id, "a document that breaks the parser") from error
                raise
            self._idle.append(worker)
        given, refusal = answer
        if refusal:
            raise ParseError(source_id, refusal)
        return given


async def _start() -> Process:
    env = {name: value for name, value in os.environ.items() if name in _ENVIRONMENT}
    env |= {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return await asyncio.create_subprocess_exec(*_COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env=env)


async def _ask(worker: Process, question: bytes) -> Any:
    assert worker.stdin  # noqa: S101  both are pipes
    assert worker.stdout  # noqa: S101
    worker.stdin.write(len(question).to_bytes(8, "big") + question)
    await worker.stdin.drain()
    size = int.from_bytes(await worker.stdout.readexactly(8), "big")
    return pickle.loads(await worker.stdout.readexactly(size))  # noqa: S301  our own process


async def _end(worker: Process) -> None:
    with suppress(ProcessLookupError):
        worker.kill()
    await worker.wait()
    if worker.stdin:
        worker.stdin.close()
