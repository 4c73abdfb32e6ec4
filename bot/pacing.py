"""Keeps each source's pace and the price that all share between polls, for the jobs. Runs in the store's thread.

A pace is learnt from the database when the source is polled, and then serves for an hour: a month of a busy feed's
dates takes some milliseconds to read. The price is moved once an hour by what was spent since, and survives a
restart in the `state` table.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.ingest.cadence import Next, fair_price, fair_share, limits, next_poll, steer
from bot.ingest.pace import RECENT, REMEMBERED, Pace, Profile, learn, pool
from bot.ingest.wishes import from_json
from bot.model import PollState
from bot.settings import IngestSettings
from bot.store import history
from bot.store.store import Store

_HOUR = timedelta(hours=1)
#: The hourly tick may come a little early.
_NEARLY = timedelta(minutes=55)
#: After a longer break the bot was not running, and few requests say nothing of the price.
_BREAK = timedelta(hours=2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """What the `state` table keeps under "price"."""

    #: Weighted item-days of waiting at which a source is polled; None in the first hour.
    price: float | None
    #: When the requests were last counted, and how many there had been, ever.
    counted_at: datetime
    requests: int


class Pacer:
    """Says when sources are polled next."""

    def __init__(self, settings: IngestSettings, source_ids: Sequence[str]) -> None:
        self._bounds = limits(settings, len(source_ids))
        self._source_ids = tuple(source_ids)
        #: Source id -> its pace and when it was learnt.
        self._paces: dict[str, tuple[datetime, Pace]] = {}
        self._pooled: tuple[datetime, Profile] | None = None
        #: As stored; only `steer` moves it.
        self._kept: Price | None = None

    def following(
        self, store: Store, state: PollState, *, now: datetime, jitter: float, not_before: datetime | None
    ) -> Next:
        """When a source that was read well is polled next; `jitter` is 0..1."""
        self._kept = self._kept or read_price(store)
        return next_poll(
            self._pace(store, state.source_id, now),
            self._kept.price if self._kept else None,
            self._bounds,
            now=now,
            jitter=jitter,
            entries=state.entries,
            wishes=from_json(state.wishes),
            not_before=not_before,
        )

    def steer(self, store: Store, now: datetime) -> None:
        """Move the price by what was spent in the last hour; does nothing before the hour is full."""
        kept = read_price(store)
        requests = history.requests(store)
        price = kept.price if kept else None
        if kept and timedelta() <= now - kept.counted_at <= _BREAK:
            passed = now - kept.counted_at
            if passed < _NEARLY:
                return
            paces = self._known_paces(store, now)
            allowed = self._bounds.allowed
            price = steer(
                price,
                spent=(requests - kept.requests) / (passed / timedelta(days=1)),
                allowed=allowed * fair_share(paces, now - passed / 2),
                fair=fair_price(paces, len(self._source_ids), allowed),
            )
        value = {"price": price, "counted_at": now.isoformat(), "requests": requests}
        store.remember("price", json.dumps(value))
        self._kept = Price(price=price, counted_at=now, requests=requests)

    def _pace(self, store: Store, source_id: str, now: datetime) -> Pace | None:
        known = self._paces.get(source_id)
        if known and timedelta() <= now - known[0] < _HOUR:
            return known[1]
        pace = learn(history.sightings(store, source_id, now - REMEMBERED), self._pool(store, now), now=now)
        # A source without items yet is asked about again: what its first poll brought must not wait an hour.
        if pace:
            self._paces[source_id] = (now, pace)
        return pace

    def _known_paces(self, store: Store, now: datetime) -> list[Pace]:
        """Of all sources that ever brought anything; those polled less than hourly are a little old, which is fine."""
        for source_id in self._source_ids:
            if source_id not in self._paces:
                self._pace(store, source_id, now)
        return [self._paces[source_id][1] for source_id in self._source_ids if source_id in self._paces]

    def _pool(self, store: Store, now: datetime) -> Profile:
        if self._pooled is None or not timedelta() <= now - self._pooled[0] < _HOUR:
            counts, gathered = history.hours_of_week(store, RECENT, now)
            self._pooled = now, pool(counts, gathered)
        return self._pooled[1]


def read_price(store: Store) -> Price | None:
    """The price as it is kept; None before the first hourly tick."""
    value = store.remembered("price")
    if value is None:
        return None
    raw = json.loads(value)
    return Price(
        price=raw["price"],
        counted_at=datetime.fromisoformat(raw["counted_at"]),
        requests=raw["requests"],
    )
