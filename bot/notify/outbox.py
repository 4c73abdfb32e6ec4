"""Send what waits in the outbox, each message once.

`sending` is saved before a call, so that a crash leaves a trace; whatever is unknown is cleared up before anything
is sent again. What becomes of a row is decided in `fate.py` and done here. Within one destination the order is kept;
a fault that concerns a destination or a whole channel holds it for the rest of the round, and the others go on.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from bot.errors import DeliveryError, OutcomeUnknown
from bot.faults import fault_point
from bot.model import Delivery, Receipt
from bot.notify.fate import (
    Lane,
    accepted,
    after_error,
    after_not_found,
    after_silence,
    after_unreadable,
    begun,
    closed_lanes,
    lane,
    patience,
)

log = structlog.get_logger("bot.outbox")

#: Rows read at a time.
_BATCH = 500


class Channel(Protocol):
    """One way to reach people."""

    #: True if `find` can tell what became of a message.
    can_find: bool

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        """Hand the message over once. `mark_repeat`: say in it that it may repeat an earlier one.

        Raises `DeliveryError` with proof that nobody saw it, `OutcomeUnknown` without.
        """
        ...

    async def find(self, delivery: Delivery) -> Receipt | None:
        """The receipt of a message that was taken, None if it was not.

        Raises `DeliveryError` if that can not be told now; `permanent` if asking again will not help.
        """
        ...


class Queue(Protocol):
    """The outbox table."""

    async def due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        """Pending rows that may go, oldest first, none before an older one to its destination."""
        ...

    async def unknown(self) -> tuple[Delivery, ...]:
        """Rows in state `sending`, oldest first: a crash or a lost answer left them."""
        ...

    async def save(self, delivery: Delivery) -> None:
        """Update the row of this key; on disk when it returns."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Drained:
    """How a round went, as numbers of rows."""

    sent: int = 0
    #: Refused for now; they go out later.
    postponed: int = 0
    #: Refused for good in this round.
    dead: int = 0
    #: Nobody can tell yet whether they were taken.
    unknown: int = 0
    #: Due, but their channel is not set up (a token was taken away): they wait for it.
    stranded: int = 0


async def drain(
    queue: Queue,
    channels: Mapping[str, Channel],
    *,
    clock: Callable[[], datetime],
    unknown_after: timedelta = timedelta(hours=6),
    budget: timedelta | None = None,
) -> Drained:
    """One round: first clear up what is unknown, then send all that is due. No call is begun after `budget`.

    Destinations go side by side, the messages of one after another. Must not run twice at a time. Raises whatever
    the queue raises: what can not be recorded must not be sent.
    """
    return await _Round(queue, channels, clock, unknown_after, budget).run()


class _Round:
    """What one call of `drain` knows and does."""

    def __init__(
        self,
        queue: Queue,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
        unknown_after: timedelta,
        budget: timedelta | None,
    ) -> None:
        self._queue = queue
        self._channels = channels
        self._clock = clock
        self._unknown_after = unknown_after
        self._now = asyncio.get_running_loop().time
        self._ends = self._now() + budget.total_seconds() if budget else None
        #: Key -> the row as this round left it.
        self._ended: dict[str, Delivery] = {}
        #: Channel name -> the row that met a fault of the whole channel.
        self._faulty: dict[str, Delivery] = {}
        #: Lanes in which an unknown outcome is still to be cleared up.
        self._closed: set[Lane] = set()
        self._stranded: set[str] = set()
        self._gates: dict[str, asyncio.Semaphore] = {}

    async def run(self) -> Drained:
        unknown = await self._queue.unknown()
        await self._side_by_side(unknown, self._clear_up)
        left = [self._ended.get(delivery.key, delivery) for delivery in unknown]
        self._closed = closed_lanes((row for row in left if row.state == "sending"), self._clock())
        seen: set[str] = set()
        while not self._is_over():
            due = await self._queue.due(self._clock(), _BATCH)
            fresh = [delivery for delivery in due if delivery.key not in seen]
            if not fresh:
                break
            seen.update(delivery.key for delivery in fresh)
            await self._side_by_side(fresh, self._send_due)
        states = [delivery.state for delivery in self._ended.values()]
        return Drained(
            sent=states.count("sent"),
            postponed=states.count("pending"),
            dead=states.count("dead"),
            unknown=states.count("sending"),
            stranded=len(self._stranded),
        )

    def _is_over(self) -> bool:
        return self._ends is not None and self._now() >= self._ends

    async def _side_by_side(
        self, deliveries: Iterable[Delivery], work: Callable[[Channel, list[Delivery]], Awaitable[None]]
    ) -> None:
        """Do the work of each lane at the same time."""
        lanes: dict[Lane, list[Delivery]] = {}
        for delivery in deliveries:
            if delivery.channel in self._channels:
                lanes.setdefault(lane(delivery), []).append(delivery)
            else:
                self._stranded.add(delivery.key)
        try:
            async with asyncio.TaskGroup() as group:
                for (name, _), rows in lanes.items():
                    group.create_task(self._in_lane(name, rows, work))
        except ExceptionGroup as errors:
            # The first one tells why; the lanes beside it were stopped by it.
            raise errors.exceptions[0] from errors

    async def _in_lane(
        self, name: str, rows: list[Delivery], work: Callable[[Channel, list[Delivery]], Awaitable[None]]
    ) -> None:
        if name not in self._gates:
            self._gates[name] = asyncio.Semaphore(patience(name).lanes or sys.maxsize)
        async with self._gates[name]:
            await work(self._channels[name], rows)

    async def _clear_up(self, channel: Channel, rows: list[Delivery]) -> None:
        """Find out what became of the unknown rows of one lane."""
        unreadable: DeliveryError | None = None
        for row in rows:
            now = self._clock()
            if self._is_over() or row.channel in self._faulty:
                return
            if row.due_at > now:
                continue
            again: Delivery | None
            if not channel.can_find:
                again = after_silence(row, now)
            else:
                if unreadable is None:
                    receipt, unreadable = await self._ask(channel, row)
                    if receipt is not None:
                        await self._record(accepted(row, receipt, now))
                        continue
                if unreadable is None:
                    again = after_not_found(row, now)
                else:
                    again = after_unreadable(row, unreadable, now, unknown_after=self._unknown_after)
            if again is not None:
                await self._record(again)
            else:
                await self._attempt(channel, row, mark_repeat=unreadable is not None)

    async def _send_due(self, channel: Channel, rows: list[Delivery]) -> None:
        """Send the rows of one lane, until one of them has to wait."""
        for row in rows:
            if self._is_over() or lane(row) in self._closed:
                return
            if fault := self._faulty.get(row.channel):
                # The first row of each lane waits with the one that met the fault; the rest waits behind it.
                held = replace(row, due_at=fault.due_at, error=fault.error)
                await self._queue.save(held)
                self._ended[row.key] = held
                return
            ended = await self._attempt(channel, row)
            if ended.state not in ("sent", "dead"):
                return

    async def _attempt(self, channel: Channel, row: Delivery, *, mark_repeat: bool = False) -> Delivery:
        fault_point("before-sending")
        row = begun(row, self._clock())
        await self._queue.save(row)
        fault_point("after-sending")
        try:
            receipt = await channel.send(row, mark_repeat=mark_repeat)
        except DeliveryError as error:
            ended = after_error(row, error, self._clock())
            if error.scope == "channel" and ended.state == "pending":
                self._faulty[row.channel] = ended
        except Exception as error:
            # A fault of our own, met at a point we do not know. It must not stop the other messages.
            log.exception("deliver", key=row.key, channel=row.channel)
            ended = after_error(row, OutcomeUnknown(row.channel, type(error).__name__), self._clock())
        else:
            fault_point("after-accept")
            ended = accepted(row, receipt, self._clock())
        return await self._record(ended)

    async def _ask(self, channel: Channel, row: Delivery) -> tuple[Receipt | None, DeliveryError | None]:
        try:
            return await channel.find(row), None
        except DeliveryError as error:
            return None, error
        except Exception as error:
            log.exception("look up", key=row.key, channel=row.channel)
            return None, DeliveryError(row.channel, type(error).__name__)

    async def _record(self, row: Delivery) -> Delivery:
        await self._queue.save(row)
        self._ended[row.key] = row
        say = {"sent": log.info, "pending": log.warning, "sending": log.warning, "dead": log.error}[row.state]
        say(
            "deliver",
            key=row.key,
            state="unknown" if row.state == "sending" else row.state,
            attempts=row.attempts,
            error=row.error or None,
        )
        return row
