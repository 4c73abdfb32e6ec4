"""The shell: poll, deliver, digest, upkeep. The only module that sees both ends and reads the clock.

Each job asks the database what is due, does it, and writes down what happened; none of them keeps state of its
own. A failed source or delivery is a stored fact and one log line, never the end of a run.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import random
from typing import TypeVar

import structlog

from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.analyse.stories import headline
from bot.analyse.triage import triage
from bot.config import Config
from bot.errors import FetchError, ParseError
from bot.faults import fault_point
from bot.ingest.cadence import after_failure, after_success, is_due
from bot.ingest.feed import parse
from bot.ingest.http import Fetcher
from bot.model import Batch, ClassifiedItem, Delivery, Document, Item, NotModified, PollState, Source
from bot.notify.messages import alert_deliveries, alert_for
from bot.notify.outbox import Channel, Drained, drain
from bot.store.reports import open_stories
from bot.store.store import Store

log = structlog.get_logger("bot.jobs")
Answer = TypeVar("Answer")
#: Not every failure is worth a line of its own while a source stays down: these in a row are, then each tenth.
_LOUD_FAILURES = 3


def utc_now() -> datetime:
    """The clock. Everything below is told the time."""
    return datetime.now(UTC)


class Writer:
    """The store in a thread of its own, as SQLite has one writer and the event loop must not wait for disks."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._store: Store | None = None

    async def open(self) -> None:
        """Open the store. Raises `StoreError`."""
        self._store = await asyncio.get_running_loop().run_in_executor(self._pool, self._open)

    async def __call__(self, work: Callable[[Store], Answer]) -> Answer:
        """Do something with the store, after all that was asked before."""
        if self._store is None:
            raise RuntimeError("the store is not open")
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, self._store)

    async def close(self) -> None:
        """Finish what was asked and let go of the file."""
        if self._store is not None:
            await self(lambda store: store.close())
        self._pool.shutdown(wait=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the jobs work with; `app.py` builds it."""

    config: Config
    rulebook: Rulebook
    fetcher: Fetcher
    writer: Writer
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime] = utc_now


# --- poll -------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Polled:
    """How one poll went."""

    source_id: str
    #: "ok", "not_modified" or "failed".
    status: str
    items: int = 0
    new: int = 0
    alerts: int = 0
    error: str = ""


async def due_sources(parts: Parts) -> tuple[Source, ...]:
    """Enabled sources whose time has come."""
    states = await parts.writer(Store.poll_states)
    now = parts.clock()
    return tuple(
        source
        for source in parts.config.sources
        if source.enabled and is_due(states.get(source.id, PollState(source_id=source.id)), now)
    )


async def poll(parts: Parts, sources: Iterable[Source]) -> tuple[Polled, ...]:
    """Poll these sources side by side, each once."""
    return tuple(await asyncio.gather(*(poll_source(parts, source) for source in sources)))


async def poll_source(parts: Parts, source: Source) -> Polled:
    """One source from bytes to outbox rows. Never raises: what goes wrong is stored and logged."""
    began = time.monotonic()
    try:
        polled = await _poll_source(parts, source)
    except Exception as error:  # noqa: BLE001  the one place around a unit of work: the others must go on
        log.exception("poll", source=source.id, status="failed")
        return Polled(source_id=source.id, status="failed", error=f"{type(error).__name__}: {error}")
    level = log.warning if polled.error else log.info
    level(
        "poll",
        source=source.id,
        status=polled.status,
        items=polled.items,
        new=polled.new,
        alerts=polled.alerts,
        error=polled.error or None,
        took=round(time.monotonic() - began, 2),
    )
    return polled


async def _poll_source(parts: Parts, source: Source) -> Polled:
    settings = parts.config.settings.ingest
    states = await parts.writer(Store.poll_states)
    state = states.get(source.id, PollState(source_id=source.id))
    jitter = random()  # noqa: S311  spreads polls, guards nothing
    try:
        answer = await parts.fetcher.fetch(source, state, now=parts.clock())
        document = answer if isinstance(answer, Document) else None
        after = after_success(state, source, settings, now=parts.clock(), document=document, jitter=jitter)
        if document is None or after.body_hash == state.body_hash:
            await parts.writer(lambda store: store.save_poll(replace(after, status="not_modified")))
            return Polled(source_id=source.id, status="not_modified")
        # Off the loop: a large feed takes seconds, and everything else waits for none of it.
        items = await asyncio.to_thread(partial(parse, document, source, now=parts.clock()))
    except (FetchError, ParseError) as error:
        failed = after_failure(state, error, settings, now=parts.clock(), jitter=jitter)
        await parts.writer(lambda store: store.save_poll(failed))
        return Polled(source_id=source.id, status="failed", error=error.reason)
    fault_point("after-fetch")
    unseen = await parts.writer(lambda store: store.unseen(items))
    classified = await asyncio.to_thread(classify_all, unseen, parts.rulebook)
    now = parts.clock()
    batch = await parts.writer(
        lambda store: absorb(store, classified, after, parts.config, first_poll=state.ok_at is None, now=now)
    )
    fault_point("after-save")
    alerts = sum(membership.action == "alert" for membership in batch.memberships)
    return Polled(source_id=source.id, status="ok", items=len(items), new=len(batch.items), alerts=alerts)


def classify_all(items: Iterable[Item], rulebook: Rulebook) -> tuple[ClassifiedItem, ...]:
    """Each item with what the rules say of it."""
    return tuple(ClassifiedItem(item=item, classification=classify(item, rulebook)) for item in items)


def absorb(
    store: Store,
    items: Sequence[ClassifiedItem],
    poll_state: PollState,
    config: Config,
    *,
    first_poll: bool,
    now: datetime,
) -> Batch:
    """Group new items into stories, decide on alerts, and save it all in one transaction.

    Runs in the store's thread from its first read to its commit, so that two sources that report one event at
    the same moment find each other.
    """
    settings = config.settings
    batch = Batch(poll=poll_state, items=tuple(items))
    if any(entry.classification.labels for entry in items):
        stories, members = open_stories(store, now - timedelta(hours=settings.stories.window_hours))
        found = triage(
            items,
            stories,
            [
                headline(m.story_id, m.item_key, url=m.canonical_url, language=m.language, title=m.title)
                for m in members
            ],
            first_poll=first_poll,
            ingest=settings.ingest,
            grouping=settings.stories,
            now=now,
        )
        deliveries: list[Delivery] = []
        for entry, story in found.alerts:
            deliveries += _deliveries(entry, story.id, story.level, config, now)
        batch = replace(
            batch, stories=found.stories, memberships=found.memberships, deliveries=tuple(deliveries)
        )
    store.save(batch)
    return batch
