"""The whole ingest on loopback for the fault tests: real fetcher, parser, rules and database, a clock of our own."""

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any, TypeVar

from pydantic import SecretStr

from bot import jobs
from bot.config import Config, load_rules
from bot.configured import Source
from bot.ingest.http import Fetcher
from bot.jobs import Parts, Polled
from bot.model import PollState
from bot.notify.notices import load_notice
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, ModelSettings, Settings, SlackSettings
from bot.store import reports
from bot.store.store import Store
from bot.verdicts import Notice

Answer = TypeVar("Answer")

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
OPEN = IngestSettings(allow_private_addresses=True, timeout_seconds=5)
#: What is tested is how news gets in; to load the model would cost each process seconds.
RULES_ALONE = ModelSettings(embedding="none")
TOPICS, CONCEPTS = load_rules(Path(__file__).parents[2] / "config")


@dataclass(frozen=True, kw_only=True)
class News:
    """One entry as a feed gives it; markup of its own in `inside`."""

    title: str
    link: str = ""
    guid: str = ""
    summary: str = ""
    #: Hours before `START`; None: no date.
    hours: float | None = 1.0
    inside: str = ""


def feed(*news: News) -> bytes:
    """An RSS document."""
    return "".join(_pieces(news)).encode()


def _pieces(news: Sequence[News]) -> list[str]:
    pieces = ['<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>t</title>']
    for entry in news:
        date = format_datetime(START - timedelta(hours=entry.hours)) if entry.hours is not None else ""
        parts = {"title": entry.title, "link": entry.link, "description": entry.summary, "pubDate": date}
        inside = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in parts.items() if value)
        if entry.guid:
            inside += f'<guid isPermaLink="false">{escape(entry.guid)}</guid>'
        pieces.append(f"<item>{inside}{entry.inside}</item>")
    return [*pieces, "</channel></rss>"]


def sanctions(count: int, *, hours: float | None = 1.0, host: str = "http://news.example") -> list[News]:
    """Entries that each alert by themselves: no two figures are equal, so no two are one story."""
    return [
        News(
            title=f"US Treasury sanctions Russian rare earth miner in case {n + 1}",
            link=f"{host}/2026/11/treasury-sanctions-{n}",
            guid=f"{host}/id/{n}",
            summary=f"The Office of Foreign Assets Control adds it to its list by order {n + 1}.",
            hours=hours,
        )
        for n in range(count)
    ]


class Scene:
    """Sources that are polled at times of our choice."""

    def __init__(self, parts: Parts) -> None:
        self.now = START
        self._parts = replace(parts, clock=lambda: self.now)

    async def poll(self, source_id: str = "one", after: timedelta = timedelta(minutes=20)) -> Polled:
        """One poll, some time after the one before."""
        source = next(source for source in self._parts.config.sources if source.id == source_id)
        polled = await jobs.poll_source(self._parts, source)
        self.now += after
        return polled

    async def state(self, source_id: str = "one") -> PollState:
        """What is remembered of a source."""
        states = await self._parts.writer(lambda store: store.poll_states())
        return states[source_id]

    async def rows(self, sql: str) -> list[dict[str, Any]]:
        """What a query finds."""
        return await self._parts.writer(lambda store: store.rows(sql))

    async def ask(self, work: Callable[[Store], Answer]) -> Answer:
        """What the store's own questions give."""
        return await self._parts.writer(work)

    async def search(self, query: str) -> tuple[reports.Hit, ...]:
        """What a person would find."""
        return await self.ask(lambda store: reports.search(store, query, 100))

    async def titles(self) -> list[str]:
        """All stored items, in the order in which they came."""
        return [row["title"] for row in await self.rows("select title from items order by rowid")]

    async def alerts(self) -> list[str]:
        """The messages of all alerts in the outbox."""
        return [
            row["message"]
            for row in await self.rows("select message from outbox where kind = 'alert' order by rowid")
        ]

    async def notices(self) -> list[Notice]:
        """What the operator was told of floods."""
        rows = await self.rows("select message from outbox where kind = 'notice' and key like '%:flood:%'")
        return [load_notice(row["message"]) for row in rows]


@asynccontextmanager
async def scene(
    folder: Path,
    *sources: Source,
    ingest: IngestSettings = OPEN,
    fetcher: Fetcher | None = None,
) -> AsyncIterator[Scene]:
    """A scene with the shipped rules and an operator channel; `fetcher` replaces its own."""
    config = Config(
        folder=folder,
        settings=Settings(ingest=ingest, model=RULES_ALONE, slack=SlackSettings(operator_channel="#ops")),
        sources=sources,
        topics=TOPICS,
        concepts=CONCEPTS,
        env=Environment(data=folder / "data", slack_bot_token=SecretStr("xoxb-none")),
    )
    async with open_parts(config) as parts:
        yield Scene(replace(parts, fetcher=fetcher) if fetcher else parts)


class Peak:
    """How far this process' memory rises within a `with` block."""

    def __enter__(self) -> "Peak":
        # Sets the kernel's high-water mark back to what is in use now.
        Path("/proc/self/clear_refs").write_text("5")
        self._before = _memory("VmRSS")
        return self

    def __exit__(self, *_: object) -> None:
        self.megabytes = max(0, _memory("VmHWM") - self._before) / 1000


def _memory(name: str) -> int:
    """Kilobytes."""
    found = re.search(rf"^{name}:\s+(\d+) kB", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])
