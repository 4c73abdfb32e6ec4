"""Pure. When to poll each source next, and why then.

Each source gathers expected waiting: `W` grows by the expected items not yet fetched, `A`, and `A` by the source's
weight times its rate at that hour. It is polled when `W` reaches the price that all sources share. With a steady
rate that is the interval `sqrt(2 price / (weight rate))`, which for a given number of requests makes the weighted
delay of all items least (Cauchy-Schwarz; bot/lab/simulate.py measures it). `steer` moves the price, so that the
requests keep to their budget.

Bounds, the later ones win: the longest interval; half of the source's own window, so that no entry slips through
between two polls; jitter, so that sources do not march in step; the shortest interval; what the feed asks (ttl),
what the server asks (Cache-Control, Expires, Retry-After), each up to the longest interval; hours and days that
the feed asks to skip. A source of unknown pace is polled at the configured interval.

A source that fails waits twice as long after each failure in a row, up to the longest backoff, and is never given
up. A server's Retry-After is a floor, up to a day: a longer one is a mistake more often than a wish.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.configured import Source
from bot.errors import FetchError, ParseError
from bot.ingest.fingerprint import fingerprint_of, is_same_body
from bot.ingest.pace import Pace
from bot.ingest.whole import is_whole
from bot.ingest.wishes import NONE, Wishes, first_allowed
from bot.model import Document, PollState
from bot.settings import IngestSettings

DAY = timedelta(days=1)
#: Share of the wait that jitter may add or take away.
_SPREAD = 0.1
_LONGEST_RETRY_AFTER = timedelta(days=1)
#: "Gone for good" comes back now and then after a move of servers: asked again, but seldom.
_GONE = 410
#: How fast the price follows the requests: slow enough not to swing with day and night.
_GAIN = 0.1
#: One hour counts as at most so many times its budget: a morning after an outage is no trend.
_MOST = 5.0
#: The price stays within this factor of what the paces alone would make it, so that an hour's outage or a
#: hundred sources with a wish of their own can not drive the others to their bounds.
_LEEWAY = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """Between which bounds sources are polled, and how many requests that may take."""

    #: Between two polls of a source whose pace is not known.
    cold: timedelta
    shortest: timedelta
    longest: timedelta
    #: Requests a day, over all sources.
    allowed: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Next:
    """When a source is polled next, and why then, for people."""

    at: datetime
    why: str


def limits(settings: IngestSettings, sources: int) -> Limits:
    """The bounds for so many sources. Where the budget is less than the interval would spend, the interval gives."""
    interval = timedelta(minutes=settings.interval_minutes)
    allowed = min(float(settings.requests_per_day), max(1, sources) * (DAY / interval))
    cold = max(1, sources) * DAY / allowed
    return Limits(
        cold=cold,
        shortest=min(timedelta(seconds=settings.shortest_interval_seconds), cold),
        longest=max(timedelta(hours=settings.longest_interval_hours), cold),
        allowed=allowed,
    )


def next_poll(
    pace: Pace | None,
    price: float | None,
    bounds: Limits,
    *,
    now: datetime,
    jitter: float,
    entries: int = 0,
    wishes: Wishes = NONE,
    not_before: datetime | None = None,
) -> Next:
    """When a source that is well is polled next.

    `price` is in weighted item-days of waiting; None, or no pace, means that it is not known yet. `entries` is
    how many the source's document lists, 0 if unknown. `jitter` is 0..1.
    """
    if pace is None or price is None:
        wait, bound = bounds.cold, f"at first every {in_words(bounds.cold)}"
    else:
        wait, bound = _gathered(pace, price, entries, now, bounds.longest)
    wait = min(_spread(wait, jitter), bounds.longest)
    if wait < bounds.shortest:
        wait, bound = bounds.shortest, f"{in_words(bounds.shortest)} at least"
    ttl = min(wishes.ttl, bounds.longest)
    if wait < ttl:
        wait, bound = ttl, f"the feed asks for {in_words(ttl)}"
    asked = min(not_before - now, bounds.longest) if not_before else timedelta()
    if wait < asked:
        wait, bound = asked, f"the server asks for {in_words(asked)}"
    at = first_allowed(now + wait, wishes)
    if at > now + wait:
        bound = "the feed asks not to be read before"
    return Next(at=at, why="; ".join(part for part in (_expectation(pace), bound) if part))


def _gathered(
    pace: Pace, price: float, entries: int, now: datetime, longest: timedelta
) -> tuple[timedelta, str]:
    """How long until the expected waiting reaches the price, or half the window is full; and what ended it."""
    half = entries / 2 if entries else math.inf
    waiting = items = 0.0
    wait = 0.0
    most = longest / DAY
    at = now
    while wait < most:
        hour_end = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        length = min((hour_end - at) / DAY, most - wait)
        rate = pace.at(at)
        # waiting + w (items t + rate t^2 / 2) = price, for t
        left = (price - waiting) / pace.weight
        to_price = 2 * left / (items + math.sqrt(items * items + 2 * rate * left))
        to_half = (half - items) / rate
        if min(to_price, to_half) <= length:
            bound = "half its window" if to_half < to_price else ""
            return (wait + min(to_price, to_half)) * DAY, bound
        waiting += pace.weight * (items * length + rate * length * length / 2)
        items += rate * length
        wait += length
        at = hour_end
    return longest, f"{in_words(longest)} at most"


def _expectation(pace: Pace | None) -> str:
    """What a source brings, in words: "about 12 items a day, 1 in 40 relevant"."""
    if pace is None:
        return "pace not known yet"
    if pace.per_day >= 0.95:
        amount, unit = pace.per_day, "a day"
    elif pace.per_day * 7 >= 0.95:
        amount, unit = pace.per_day * 7, "a week"
    else:
        amount, unit = pace.per_day * 30, "a month"
    number = max(1, round(amount))
    items = f"about {number} {'item' if number == 1 else 'items'} {unit}"
    if not pace.relevant:
        return f"{items}, none relevant so far"
    one_in = round(pace.items / pace.relevant)
    return f"{items}, " + (f"1 in {one_in} relevant" if one_in > 1 else "most of them relevant")


def in_words(wait: timedelta) -> str:
    """A wait as people say it: "45 s", "10 min", "6 h"."""
    seconds = wait.total_seconds()
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.0f} h"


# --- the price --------------------------------------------------------------------------------------


def fair_price(paces: Collection[Pace], sources: int, allowed: float) -> float | None:
    """The price at which these sources, standing for all of them, take the allowed requests a day.

    Closed form, without bounds: `(sum pull / allowed)^2 / 2`. None without paces.
    """
    if not paces:
        return None
    total = sum(pace.pull for pace in paces) * max(1.0, sources / len(paces))
    return (total / allowed) ** 2 / 2


def fair_share(paces: Collection[Pace], moment: datetime) -> float:
    """How many requests the hour of this moment should take, 1 being the mean of the week.

    At a steady price a working morning takes several times the requests of a night. A budget spread evenly over
    the hours would make the price swing against that, and cost a part of what knowing the hours gains.
    """
    total = sum(pace.pull for pace in paces)
    return sum(pace.pull_at(moment) for pace in paces) / total if total else 1.0


def steer(price: float | None, *, spent: float, allowed: float, fair: float | None) -> float | None:
    """The price for the next hour, from the requests a day spent and allowed in the last one.

    Near the budget this is `price x (spent / allowed)^0.1`, but in a form whose mean is right: a power would take
    hours of half and of one and a half the requests for too few. The first price is the fair one (see
    `fair_price`), and the price never strays far from it.
    """
    if price is None:
        return fair
    moved = price * math.exp(_GAIN * (min(_MOST, spent / allowed) - 1))
    return moved if fair is None else min(fair * _LEEWAY, max(fair / _LEEWAY, moved))


# --- what is remembered of a poll -------------------------------------------------------------------


def after_success(
    state: PollState, source: Source, following: Next, *, now: datetime, document: Document | None
) -> PollState:
    """The state once the source was read well; `document` is None when it said that nothing changed.

    Store it only after the document was parsed and its items are saved: it holds the new validators and body hash,
    and with them stored the same bytes are not looked at again. A document that broke off gives no validators.
    """
    well = replace(
        state,
        source_id=source.id,
        next_poll_at=following.at,
        reason=following.why,
        polled_at=now,
        ok_at=now,
        failures=0,
        status="not_modified" if document is None else "ok",
        error="",
        requests=state.requests + 1,
    )
    if document is None:
        return well
    whole = is_whole(document.body)
    return replace(
        well,
        etag=document.etag if whole else None,
        last_modified=document.last_modified if whole else None,
        body_hash=fingerprint_of(document),
    )


def is_unchanged(state: PollState, document: Document) -> bool:
    """Whether a document holds the very bytes that were read last."""
    return is_same_body(state.body_hash, document)


def after_failure(
    state: PollState,
    error: FetchError | ParseError,
    settings: IngestSettings,
    *,
    now: datetime,
    jitter: float,
) -> PollState:
    """The state once the source could not be fetched or parsed.

    Validators and body hash stay as they were: bytes that could not be read must be served again. `jitter` is 0..1.
    """
    failures = state.failures + 1
    interval = timedelta(minutes=settings.interval_minutes)
    longest = max(interval, timedelta(hours=settings.longest_backoff_hours))
    wait = longest
    # Doubled twenty times, any interval is past any backoff; doubled for ever, it would overflow.
    if failures <= 20 and getattr(error, "status", None) != _GONE:
        wait = min(longest, interval * 2 ** (failures - 1))
    wait = _spread(wait, jitter)
    reason = f"failed {failures} times in a row" if failures > 1 else "failed"
    asked = getattr(error, "retry_after", None)
    if asked is not None and min(asked, _LONGEST_RETRY_AFTER) > wait:
        wait = min(asked, _LONGEST_RETRY_AFTER)
        reason = f"{reason}; the server asks for {in_words(wait)}"
    return replace(
        state,
        next_poll_at=now + wait,
        reason=reason,
        polled_at=now,
        failures=failures,
        status="failed",
        error=error.reason,
        requests=state.requests + 1,
    )


def is_due(state: PollState, now: datetime) -> bool:
    """Whether the time for the next poll has come.

    A source that was never polled is due. So is one whose last poll lies in the future: the clock was set back,
    and waiting for it to catch up could take a day.
    """
    if state.next_poll_at is None or state.next_poll_at <= now:
        return True
    return state.polled_at is not None and state.polled_at > now


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 + _SPREAD * (2 * jitter - 1))
