"""Pure. What becomes of a delivery after each thing that can happen to it.

A row goes `pending -> sending -> sent | dead`. A call ends in one of three ways. Accepted: `sent`. Refused, with
proof that nobody saw it: `pending` again with a time not to be tried before, or `dead` if the same message can never
pass. Unknown: it stays `sending` until the channel tells, or until patience ends. Where a function gives None the
message is to be sent again now.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Delivery, Receipt

#: History may lag behind a post. So long after an attempt the channel is asked again, and after the last of these a
#: message that it does not have is sent again.
LOOK_AFTER = (timedelta(seconds=5), timedelta(seconds=35))
LONGEST_WAIT = timedelta(minutes=15)
#: Channel and destination.
Lane = tuple[str, str]


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


def patience(channel: str) -> Patience:
    """How long this channel is waited for."""
    return PATIENCE.get(channel, _ORDINARY)


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
    ours = patience(delivery.channel)
    if isinstance(error, OutcomeUnknown):
        # Asked at once: an answer that got lost on its way is mostly in the history already.
        return replace(delivery, state="sending", due_at=now, error=str(error))
    tired = ours.gives_up is not None and now - delivery.created_at >= ours.gives_up
    if error.permanent or (tired and error.scope == "message"):
        return replace(delivery, state="dead", error=str(error))
    wait = max(backoff(delivery.attempts, ours), error.retry_after or timedelta())
    # Where nothing can be read back, "first" means since the last proof: it tells a lost answer from a second one.
    first = None if ours.resends_once else delivery.first_attempt_at
    return replace(delivery, state="pending", due_at=now + wait, first_attempt_at=first, error=str(error))


def backoff(attempts: int, by: Patience = _ORDINARY) -> timedelta:
    """How long to wait after so many attempts: doubling, with a ceiling."""
    # The exponent has a ceiling too, as 2**10000 is no duration.
    doublings = min(max(attempts - 1, 0), 20)
    return min(by.first_wait * (1 << doublings), by.longest_wait)


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


def doubted(delivery: Delivery, since: datetime) -> Delivery:
    """A new row of which the like may have been sent since then: looked up before it is posted; only Slack can be asked."""
    if delivery.channel != "slack":
        return delivery
    return replace(delivery, state="sending", first_attempt_at=since, last_attempt_at=since)


def after_silence(delivery: Delivery, now: datetime) -> Delivery | None:
    """The row of a channel that can not be asked: how long to wait, None to send again, or the end of patience."""
    ours = patience(delivery.channel)
    if ours.resends_once and delivery.first_attempt_at != delivery.last_attempt_at:
        error = f"{delivery.channel}: the answer was lost twice; the message was probably taken"
        return replace(delivery, state="dead", error=error)
    due_at = _last_attempt(delivery) + ours.resend_after
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
