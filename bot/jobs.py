"""The shell: poll, deliver, digest, upkeep. The only module that sees both ends and reads the clock.

Each job asks the database what is due, does it, and writes down what happened; none of them keeps state of its
own. A failed source or delivery is a stored fact and one log line, never the end of a run.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from random import random

import structlog

from bot import digests, intake, telling, watch
from bot.analyse.concepts import Rulebook
from bot.analyse.life import QUIET
from bot.articles import with_articles
from bot.config import Config
from bot.configured import Source
from bot.errors import FetchError, ParseError, StoreError
from bot.faults import fault_point
from bot.ingest.cadence import after_failure, after_success, is_due, is_unchanged
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.ingest.reading import Reading, is_same
from bot.ingest.wishes import feed_wishes, to_json
from bot.model import Delivery, Digest, Document, NotModified, PollState
from bot.notify.outbox import Channel, Drained, drain
from bot.pacing import Pacer
from bot.settings import DigestList
from bot.store import backup, stories
from bot.store.health import health_of
from bot.store.reports import waiting_elsewhere
from bot.store.seen import seen_of
from bot.store.store import Store
from bot.writer import Writer

log = structlog.get_logger("bot.jobs")
#: Far more than fetch at a time: sources that wait for a slow host or a parse hold up nobody else.
IN_WORK = 64
#: One round of deliveries begins no call after this, so that a stop does not wait behind a long queue.
ROUND = timedelta(seconds=10)


def utc_now() -> datetime:
    """The clock. Everything below is told the time."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Parts:
    """What the jobs work with; `app.py` builds it."""

    config: Config
    rulebook: Rulebook
    fetcher: Fetcher
    reader: Reader
    writer: Writer
    pacer: Pacer
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime] = utc_now
    #: Sources in work at once. More would only hold bodies in memory that wait for their turn.
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(IN_WORK))


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
    """Poll these sources side by side, each once; for those who poll by a timer of their own, the price is kept too."""
    polled = tuple(await asyncio.gather(*(poll_source(parts, source) for source in sources)))
    await parts.writer(lambda store: parts.pacer.steer(store, parts.clock()))
    return polled


async def poll_source(parts: Parts, source: Source) -> Polled:
    """One source from bytes to outbox rows. Never raises: what goes wrong is stored and logged."""
    async with parts.room:
        return await _logged(parts, source)


async def _logged(parts: Parts, source: Source) -> Polled:
    began = time.monotonic()
    try:
        polled = await _poll_source(parts, source)
    except Exception as error:
        log.exception("poll", source=source.id, status="failed")
        await _postpone(parts, source, type(error).__name__)
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


async def _postpone(parts: Parts, source: Source, fault: str) -> None:
    """Count a fault of our own as a failed poll, so that the source is not tried again at each tick."""
    error = FetchError(source.id, f"a fault in reebot itself: {fault}; the log has it")
    try:
        state = await parts.writer(lambda store: store.poll_state(source.id))
        failed = after_failure(
            state, error, parts.config.settings.ingest, now=parts.clock(), jitter=_jitter()
        )
        await parts.writer(lambda store: store.save_poll(failed))
    except Exception:
        # The store itself is at fault: what can not be written is tried again at the next tick.
        log.exception("poll", source=source.id, status="not recorded")


async def _poll_source(parts: Parts, source: Source) -> Polled:
    settings = parts.config.settings.ingest
    state, health = await parts.writer(
        lambda store: (store.poll_state(source.id), health_of(store, source.id))
    )
    fetched = await watch.fetch(parts.fetcher, source, state, health, now=parts.clock())
    judge = partial(
        watch.keep, config=parts.config, source=source, health=health, fetched=fetched, now=parts.clock()
    )
    try:
        answer = fetched.answer()
        reading = await _read(parts, source, state, answer)
        if reading is None or isinstance(answer, NotModified):
            await parts.writer.save(lambda store: _keep_unchanged(store, parts, source, state, answer, judge))
            return Polled(source_id=source.id, status="not_modified")
        state = replace(state, entries=len(reading.listings), wishes=to_json(feed_wishes(answer.body)))
    except (FetchError, ParseError) as error:
        failed = after_failure(state, error, settings, now=parts.clock(), jitter=_jitter())
        await parts.writer.save(partial(_keep, state=failed, judge=partial(judge, error=error)))
        return Polled(source_id=source.id, status="failed", error=error.reason)
    fault_point("after-fetch")
    now = parts.clock()
    found = await parts.writer(lambda store: intake.look(store, reading.items, state, parts.config, now=now))
    judged = await asyncio.to_thread(intake.judge, found, parts.rulebook)
    fuller = await with_articles(
        judged.fresh,
        source,
        parts.config,
        parts.rulebook,
        parts.fetcher,
        parts.reader,
        now=parts.clock(),
    )
    judged = replace(judged, fresh=fuller)
    batch = await parts.writer.save(
        lambda store: intake.absorb(
            store,
            judged,
            _read_well(store, parts, source, state, answer),
            parts.config,
            first_poll=state.ok_at is None,
            now=now,
            seen=reading.seen,
            rulebook=parts.rulebook,
        )
    )
    fault_point("after-save")
    await parts.writer.save(partial(judge, items=reading.listings, new=len(found.fresh)))
    alerts = sum(membership.action == "alert" for membership in batch.memberships)
    return Polled(
        source_id=source.id, status="ok", items=len(reading.listings), new=len(batch.items), alerts=alerts
    )


async def _read(
    parts: Parts, source: Source, state: PollState, answer: Document | NotModified
) -> Reading | None:
    """What a document says; None where that is what it said before. Raises `ParseError`."""
    if isinstance(answer, NotModified) or is_unchanged(state, answer):
        return None
    seen = await parts.writer(lambda store: seen_of(store, source.id))
    if is_same(answer, source, seen):
        return None
    return await parts.reader.read(answer, source, seen, now=parts.clock())


def _keep_unchanged(
    store: Store,
    parts: Parts,
    source: Source,
    state: PollState,
    answer: Document | NotModified,
    judge: Callable[[Store], object],
) -> None:
    _keep(store, replace(_read_well(store, parts, source, state, answer), status="not_modified"), judge)


def _keep(store: Store, state: PollState, judge: Callable[[Store], object]) -> None:
    store.save_poll(state)
    judge(store)


def _read_well(
    store: Store, parts: Parts, source: Source, state: PollState, answer: Document | NotModified
) -> PollState:
    now = parts.clock()
    following = parts.pacer.following(store, state, now=now, jitter=_jitter(), not_before=answer.not_before)
    document = answer if isinstance(answer, Document) else None
    return after_success(state, source, following, now=now, document=document)


def _jitter() -> float:
    return random()  # noqa: S311  spreads polls, guards nothing


# --- deliver ----------------------------------------------------------------------------------------


class _Outbox:
    """The outbox table, or one channel's rows of it, as `drain` asks for them."""

    def __init__(self, writer: Writer, channel: str | None) -> None:
        self._writer = writer
        self._channel = channel

    async def due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        return await self._writer(lambda store: store.due(now, limit, self._channel))

    async def unknown(self) -> tuple[Delivery, ...]:
        return await self._writer(lambda store: store.unknown(self._channel))

    async def save(self, delivery: Delivery) -> None:
        await self._writer(lambda store: store.save_delivery(delivery))


async def deliver(parts: Parts, channel: str | None = None, *, budget: timedelta | None = None) -> Drained:
    """Send what is due, over all channels or one; every row's fate is stored and logged.

    Must not run twice at a time for one channel.
    """
    await parts.writer(partial(telling.fold_notices, channel=channel, now=parts.clock()))
    drained = await drain(
        _Outbox(parts.writer, channel),
        parts.channels,
        clock=parts.clock,
        unknown_after=timedelta(hours=parts.config.settings.slack.unknown_hours),
        budget=budget,
    )
    if drained.stranded:
        log.warning("deliver", status="stranded", rows=drained.stranded, hint="their channel is not set up")
    return drained


# --- digest -----------------------------------------------------------------------------------------


async def make_due_digests(parts: Parts) -> None:
    """Put the digest of each list whose hour has come into the outbox, unless today's is there."""
    now = parts.clock()
    for entry in parts.config.settings.digest:
        if await parts.writer(partial(digests.is_due, config=parts.config, entry=entry, now=now)):
            await make_digest(parts, entry)


async def make_digest(parts: Parts, entry: DigestList, on: date | None = None) -> bool:
    """Put a list's digest into the outbox: of the given local date, else today's. False if it was made before."""
    now = parts.clock()
    made = await parts.writer(lambda store: digests.make(store, parts.config, entry, on, now))
    if made:
        stories = sum(len(section.entries) + section.more for section in made.sections)
        log.info("digest", list=entry.id, date=str(made.local_date), stories=stories)
    return made is not None


async def preview_digest(parts: Parts, entry: DigestList, on: date | None = None) -> Digest:
    """A list's digest as it would be now; nothing is recorded or sent."""
    now = parts.clock()
    return await parts.writer(lambda store: digests.preview(store, parts.config, entry, on, now))


# --- upkeep -----------------------------------------------------------------------------------------


async def upkeep(parts: Parts) -> None:
    """What the database and the budget of requests need once an hour; rows that nothing can send are told of."""
    await parts.writer(Store.upkeep)
    await parts.writer(lambda store: stories.mark_quiet(store, parts.clock(), QUIET))
    stranded = await parts.writer(lambda store: waiting_elsewhere(store, tuple(parts.channels)))
    if stranded:
        log.warning("deliver", status="stranded", rows=stranded, hint="their channel is not set up")
    await parts.writer(lambda store: parts.pacer.steer(store, parts.clock()))


async def back_up(parts: Parts) -> None:
    """Copy the database if the newest copy is old enough; what goes wrong is logged and tried again in an hour."""
    settings, now = parts.config.settings.backup, parts.clock()
    newest = next(iter(backup.backups(parts.config.env.data)), None)
    if not settings.every_hours or (newest and now - newest.taken_at < timedelta(hours=settings.every_hours)):
        return
    try:
        made = await asyncio.to_thread(backup.make, parts.config.env.data, now=now, keep=settings.keep)
    except StoreError as error:
        log.error("backup", status="failed", error=str(error))
    else:
        log.info("backup", status="ok", file=made.path.name, size=made.size)
