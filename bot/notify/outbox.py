"""Send what waits, each message once, and decide what becomes of it.

A row goes `pending -> sending -> sent | dead`. `sending` is saved before the call, so a crash leaves a trace. A call
ends in one of three ways. Accepted: `sent`. Refused, with proof that nobody saw it: `pending` again with a time not
to be tried before, or `dead` if the same message can never pass. Unknown (time-out, lost connection, crash): the row
stays `sending`, and the channel is asked whether it has the message before anything is sent again.

The functions that decide are pure; `drain` acts. Within one destination the order is kept; a fault that concerns a
destination or a whole channel holds it for the rest of the round, and the others go on.
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

log = structlog.get_logger("bot.outbox")

#: History may lag behind a post. So long after an attempt the channel is asked again, and after the last of these a
#: message that it does not have is sent again.
LOOK_AFTER = (timedelta(seconds=5), timedelta(seconds=35))
LONGEST_WAIT = timedelta(minutes=15)
_BATCH = 500
#: Channel and destination.
Lane = tuple[str, str]


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
class Patience:
    """How long a kind of channel is waited for."""

    first_wait: timedelta = timedelta(seconds=5)
    longest_wait: timedelta = LONGEST_WAIT
    #: A message that is refused for so long is given up; None: never.
    gives_up: timedelta | None = None
    #: Where the channel can not be asked: send again so long after an attempt without answer ...
    resend_after: timedelta = timedelta(0)
    #: ... but only once.
    resends_once: bool = False
    #: Destinations that are served at the same time; None: all.
    lanes: int | None = None


#: Mail has no read-back, and its servers ask for patience in minutes and hours. The rest is Slack's pace.
PATIENCE: Mapping[str, Patience] = {
    "email": Patience(
        first_wait=timedelta(minutes=5),
        longest_wait=timedelta(hours=6),
        gives_up=timedelta(days=2),
        resend_after=timedelta(minutes=30),
        resends_once=True,
        # Relays dislike many connections. A row must not be "sending" while it only waits for one.
        lanes=2,
    )
}
_ORDINARY = Patience()


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


# --- decisions, pure --------------------------------------------------------------------------------


def begun(delivery: Delivery, now: datetime) -> Delivery:
    """The row just before a call."""
    return replace(
        delivery,
        state="sending",
        attempts=delivery.attempts + 1,
        first_attempt_at=delivery.first_attempt_at or now,
        last_attempt_at=now,
        due_at=now,
    )


def accepted(delivery: Delivery, receipt: Receipt, now: datetime) -> Delivery:
    """The row after proof that the message was taken."""
    return replace(
        delivery, state="sent", sent_at=now, receipt=receipt.id, landed=receipt.landed, due_at=now, error=""
    )


def after_error(delivery: Delivery, error: DeliveryError, now: datetime) -> Delivery:
    """The row after a call that failed.

    Only a message that can never pass dies, or one that a mail server refuses for two days; what is wrong with the
    channel is not the message's fault, however long it takes.
    """
    patience = PATIENCE.get(delivery.channel, _ORDINARY)
    if isinstance(error, OutcomeUnknown):
        # Asked at once: an answer that got lost on its way is mostly in the history already.
        return replace(delivery, state="sending", due_at=now, error=str(error))
    tired = patience.gives_up is not None and now - delivery.created_at >= patience.gives_up
    if error.permanent or (tired and error.scope == "message"):
        return replace(delivery, state="dead", error=str(error))
    wait = max(backoff(delivery.attempts, patience), error.retry_after or timedelta())
    # Where nothing can be read back, "first" means since the last proof: it tells a lost answer from a second one.
    first = None if patience.resends_once else delivery.first_attempt_at
    return replace(delivery, state="pending", due_at=now + wait, first_attempt_at=first, error=str(error))


def backoff(attempts: int, patience: Patience = _ORDINARY) -> timedelta:
    """How long to wait after so many attempts: doubling, with a ceiling."""
    # The exponent has a ceiling too, as 2**10000 is no duration.
    doublings = min(max(attempts - 1, 0), 20)
    return min(patience.first_wait * (1 << doublings), patience.longest_wait)


def after_not_found(delivery: Delivery, now: datetime) -> Delivery | None:
    """The row after the channel says that it does not have the message: when to ask again, or None to send again.

    History may lag, so a first no is not believed; after repeated attempts it is doubted for longer.
    """
    elapsed = now - _last_attempt(delivery)
    doubted = max(LOOK_AFTER[-1], backoff(delivery.attempts))
    for wait in (*LOOK_AFTER[:-1], doubted):
        if elapsed < wait:
            return replace(delivery, due_at=_last_attempt(delivery) + wait)
    return None


def after_unreadable(
    delivery: Delivery, error: DeliveryError, now: datetime, *, unknown_after: timedelta
) -> Delivery | None:
    """The row after the channel could not be asked: when to ask again, or None to send again, marked.

    The longer the row is unknown the rarer it asks, as a lost alert is worse than a marked repeat only in the end.
    """
    elapsed = now - _last_attempt(delivery)
    if elapsed >= unknown_after:
        return None
    wait = max(LOOK_AFTER[0], min(elapsed, LONGEST_WAIT), error.retry_after or timedelta())
    due_at = min(now + wait, max(now, _last_attempt(delivery) + unknown_after))
    return replace(delivery, due_at=due_at, error=f"outcome unknown; {error}")


def after_silence(delivery: Delivery, now: datetime) -> Delivery | None:
    """The row of a channel that can not be asked: how long to wait, None to send again, or the end of patience."""
    patience = PATIENCE.get(delivery.channel, _ORDINARY)
    if patience.resends_once and delivery.first_attempt_at != delivery.last_attempt_at:
        error = f"{delivery.channel}: the answer was lost twice; the message was probably taken"
        return replace(delivery, state="dead", error=error)
    due_at = _last_attempt(delivery) + patience.resend_after
    return replace(delivery, due_at=due_at) if now < due_at else None


def lane(delivery: Delivery) -> Lane:
    """What shares an order: a channel's one destination."""
    return delivery.channel, delivery.destination


def closed_lanes(unknown: Iterable[Delivery], now: datetime) -> set[Lane]:
    """Where nothing new is sent yet, so that an unknown message is not overtaken by the one after it.

    Only for a short while, as later news must not wait for hours behind it. The more of a lane is unknown, the
    longer it stays closed: a channel that answers nothing is not fed the whole queue.
    """
    by_lane: dict[Lane, list[datetime]] = {}
    for delivery in unknown:
        by_lane.setdefault(lane(delivery), []).append(_last_attempt(delivery))
    closed = set()
    for key, attempts in by_lane.items():
        wait = min(LOOK_AFTER[-1] * (1 << min(len(attempts) - 1, 20)), LONGEST_WAIT)
        if now < max(attempts) + wait:
            closed.add(key)
    return closed


def _last_attempt(delivery: Delivery) -> datetime:
    return delivery.last_attempt_at or delivery.created_at


# --- acting -----------------------------------------------------------------------------------------


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
            self._gates[name] = asyncio.Semaphore(PATIENCE.get(name, _ORDINARY).lanes or sys.maxsize)
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
