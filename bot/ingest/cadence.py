"""Pure. When to poll each source next.

A source that is well is polled at the configured interval. One that fails waits twice as long after each failure
in a row, up to the longest backoff, and is never given up. Jitter spreads polls so that sources do not march in
step. A server's Retry-After is a floor, up to a day: a longer one is a mistake more often than a wish.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from bot.errors import FetchError, ParseError
from bot.model import Document, PollState, Source
from bot.settings import IngestSettings

#: Share of the wait that jitter may add or take away.
_SPREAD = 0.1
_LONGEST_RETRY_AFTER = timedelta(days=1)
#: "Gone for good" comes back now and then after a move of servers: asked again, but seldom.
_GONE = 410


def after_success(
    state: PollState,
    source: Source,
    settings: IngestSettings,
    *,
    now: datetime,
    document: Document | None,
    jitter: float,
) -> PollState:
    """The state once the source was read well; `document` is None when it said that nothing changed.

    `jitter` is 0..1. Store it only after the document was parsed and its items are saved: it holds the new
    validators and body hash, and with them stored the same bytes are not looked at again.
    """
    interval = timedelta(minutes=settings.interval_minutes)
    well = replace(
        state,
        source_id=source.id,
        next_poll_at=now + _spread(interval, jitter),
        polled_at=now,
        ok_at=now,
        failures=0,
        status="not_modified" if document is None else "ok",
        error="",
    )
    if document is None:
        return well
    return replace(
        well,
        etag=document.etag,
        last_modified=document.last_modified,
        body_hash=sha256(document.body).hexdigest(),
    )


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
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        wait = max(wait, min(asked, _LONGEST_RETRY_AFTER))
    return replace(
        state,
        next_poll_at=now + wait,
        polled_at=now,
        failures=failures,
        status="failed",
        error=error.reason,
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
