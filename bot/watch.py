"""Keeps watch over the sources, for the jobs: asks the right address, judges what came, tells the operator once.

`fetch` runs on the event loop, `keep` in the store's thread. What to do is decided in bot/ingest/track.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.config import Config
from bot.configured import Source
from bot.errors import FetchError, ParseError
from bot.ingest import track
from bot.ingest.health import Answer
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.ingest.reading import Listing
from bot.ingest.silence import WINDOW
from bot.model import Document, Item, NotModified, PollState
from bot.notify.notices import notice_deliveries
from bot.notify.words import moment
from bot.store.health import save_health
from bot.store.history import sightings
from bot.store.store import Store
from bot.verdicts import Kind, Notice, Route, SourceHealth, in_words, name_of

log = structlog.get_logger("bot.watch")
#: Of a body, so much is kept for the verdict on why it is no feed.
_HEAD = 8_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetched:
    """What a source's addresses gave in one poll."""

    result: Document | NotModified | FetchError
    #: Where the result came from.
    route: Route
    #: What the configured address answered, where the fallback was asked after it.
    refusal: FetchError | None = None

    def answer(self) -> Document | NotModified:
        """The document, or that nothing changed. Raises the `FetchError` that came in its place."""
        if isinstance(self.result, FetchError):
            raise self.result
        return self.result


async def fetch(
    fetcher: Fetcher, source: Source, state: PollState, health: SourceHealth, *, now: datetime
) -> Fetched:
    """Ask the source's address, or its fallback where the address has failed for long enough. Raises nothing."""
    route = track.route(source, health.memory, now)
    if route == "fallback":
        return await _fallback(fetcher, source, state, None, now)
    try:
        url = track.address(source, health.memory, route)
        return Fetched(result=await fetcher.fetch(source, state, now=now, url=url), route=route)
    except FetchError as error:
        refused = track.Poll(now=now, route=route, answer=_failure(error))
        # A fallback is no way round a host that asks us to wait.
        if error.retry_after is None and track.takes_over(source, health, refused):
            return await _fallback(fetcher, source, state, error, now)
        return Fetched(result=error, route=route)


async def _fallback(
    fetcher: Fetcher, source: Source, state: PollState, refusal: FetchError | None, now: datetime
) -> Fetched:
    # Validators belong to the source's own address: the fallback gets none, and its own are not kept.
    bare = replace(state, etag=None, last_modified=None)
    url = track.address(source, SourceHealth(source_id=source.id).memory, "fallback")
    try:
        answer = await fetcher.fetch(source, bare, now=now, url=url)
    except FetchError as error:
        first = f"{refusal.reason}; " if refusal else ""
        told = FetchError(
            source.id,
            f"{first}its fallback: {error.reason}",
            status=error.status,
            retry_after=error.retry_after,
            headers=error.headers,
            head=error.head,
            url=error.url,
        )
        told.__cause__ = error
        return Fetched(result=told, route="fallback", refusal=refusal)
    if isinstance(answer, Document):
        answer = replace(answer, etag=None, last_modified=None)
    return Fetched(result=answer, route="fallback", refusal=refusal)


@dataclass(frozen=True, kw_only=True, slots=True)
class Look:
    """What a first look at a source shows."""

    kind: Kind
    detail: str
    #: It brought entries, by its own address or by its fallback.
    brings: bool


async def look(fetcher: Fetcher, reader: Reader, source: Source, *, now: datetime) -> Look:
    """Ask a source, and its fallback where it refuses; nothing is kept, and nothing raised."""
    unknown = SourceHealth(source_id=source.id)
    state = PollState(source_id=source.id)
    fetched = await fetch(fetcher, source, state, unknown, now=now)
    if isinstance(fetched.result, FetchError) and source.fallback_url:
        fetched = await _fallback(fetcher, source, state, fetched.result, now)
    error: ParseError | None = None
    items: Sequence[Listing] = ()
    if isinstance(fetched.result, Document):
        try:
            items = (await reader.read(fetched.result, source, None, now=now)).listings
        except ParseError as caught:
            error = caught
    judged = track.judge(unknown, source, _poll(fetched, now, error, items, len(items)))
    return Look(kind=judged.kind, detail=judged.detail, brings=bool(items))


def keep(
    store: Store,
    config: Config,
    source: Source,
    health: SourceHealth,
    fetched: Fetched,
    *,
    now: datetime,
    error: ParseError | FetchError | None = None,
    items: Sequence[Item | Listing] | None = None,
    new: int = 0,
) -> SourceHealth:
    """Judge a poll and keep the verdict, with the notice that it causes, in one transaction.

    `items` are the document's, `new` counts those not stored before the poll; None when nothing was parsed. Call it
    after the poll itself is stored.
    """
    poll = _poll(fetched, now, error, items, new)
    before = health
    if not poll.answer.error and track.is_time_to_learn(health.memory, now):
        seen = sightings(store, source.id, now - WINDOW)
        health = replace(health, memory=track.learned(health.memory, seen, now))
    after, is_news = track.announce(track.judge(health, source, poll), now)
    if not is_news:
        if after != before:
            save_health(store, after)
        return after
    notice = _notice(source, before, after, now)
    slack, has_token = config.settings.slack, config.env.slack_bot_token is not None
    save_health(store, after, notice_deliveries(notice, slack=slack, has_slack_token=has_token, now=now))
    level = log.info if notice.good else log.warning
    level("source", source=source.id, verdict=after.told, detail=after.detail or None, before=before.told)
    return after


def _notice(source: Source, before: SourceHealth, after: SourceHealth, now: datetime) -> Notice:
    name = source.name or source.id
    since = moment(after.since_at or now)
    if after.told == "ok":
        told = f"; you were told at {moment(before.told_at)}" if before.told_at else ""
        title, lines = f"{name}: well again", (f"It was {name_of(before.told)}{told}.",)
    else:
        title, lines = (
            f"{name}: {in_words(after.kind, after.detail)}",
            (f"Since {since}. Source {source.id}.",),
        )
    return Notice(
        about=f"source:{source.id}:{after.told}:{now.isoformat(timespec='seconds')}",
        title=title,
        lines=lines,
        good=after.told == "ok",
        at=now,
        state="well again" if after.told == "ok" else name_of(after.told),
    )


def _poll(
    fetched: Fetched,
    now: datetime,
    error: ParseError | FetchError | None,
    items: Sequence[Item | Listing] | None,
    new: int,
) -> track.Poll:
    result = fetched.result
    if isinstance(result, FetchError) and isinstance(result.__cause__, FetchError):
        result = result.__cause__  # what the fallback said, alone
    return track.Poll(
        now=now,
        route=fetched.route,
        answer=_failure(result) if isinstance(result, FetchError) else _answer(result, error, items),
        refusal=_failure(fetched.refusal) if fetched.refusal else None,
        took=timedelta() if isinstance(result, FetchError) else result.took,
        moved_to="" if isinstance(result, FetchError) else result.moved_to,
        window=None if items is None else track.window_of(items, new),
    )


def _failure(error: FetchError) -> Answer:
    return Answer(
        status=error.status, headers=error.headers, head=error.head, url=error.url, error=error.reason
    )


def _answer(
    result: Document | NotModified,
    error: ParseError | FetchError | None,
    items: Sequence[Item | Listing] | None,
) -> Answer:
    if isinstance(result, NotModified):
        return Answer(status=304, not_modified=True)
    return Answer(
        status=200,
        headers={**result.headers, "content-type": result.content_type},
        head=result.body[:_HEAD],
        url=result.url,
        error=error.reason if error else "",
        not_modified=error is None and items is None,
    )
