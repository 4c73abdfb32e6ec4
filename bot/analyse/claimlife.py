"""Pure. A claim's life: what stands after accepted revisions, what an item proposes, which deadlines come near."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.analyse.claims import ROUNDING
from bot.facts import Fact
from bot.tracked import Claim, ClaimChange, ClaimEvent, Deadline, Verdict

#: Verdicts that a reader should hear of.
TOLD: frozenset[Verdict] = frozenset(("revises", "contradicts"))


def current(claims: Iterable[Claim], life: Sequence[ClaimEvent]) -> tuple[Claim, ...]:
    """The claims as they stand: each with the last accepted revision in place of its first value."""
    accepted: dict[str, ClaimEvent] = {}
    for event in life:
        if event.state == "accepted":
            accepted[event.claim_id] = event
    return tuple(_with(claim, accepted.get(claim.id)) for claim in claims)


def _with(claim: Claim, event: ClaimEvent | None) -> Claim:
    if event is None:
        return claim
    day = (event.decided_at or event.at).date().isoformat()
    base = replace(claim, as_of=day, source=event.source or claim.source)
    if claim.kind == "status":
        return replace(base, status=event.status)
    return replace(
        base, value=event.value, value_to=event.value_to, unit=event.unit, by=event.by or claim.by, bound=""
    )


def untold(changes: Iterable[ClaimChange], life: Sequence[ClaimEvent]) -> tuple[ClaimChange, ...]:
    """Those to tell of: revisions and contradictions that no earlier item proposed, whatever became of the proposal."""
    told = [event for event in life if event.state in ("proposed", "accepted", "rejected")]
    return tuple(
        change
        for change in changes
        if change.verdict in TOLD and not any(_is_told(change, event) for event in told)
    )


def _is_told(change: ClaimChange, event: ClaimEvent) -> bool:
    if (change.claim_id, change.unit, change.by[:4], change.status) != (
        event.claim_id,
        event.unit,
        event.by[:4],
        event.status,
    ):
        return False
    if change.value is None or event.value is None:
        return change.value == event.value
    return abs(change.value - event.value) <= ROUNDING * max(abs(change.value), abs(event.value))


def proposed(change: ClaimChange, *, source: str, item_key: str, at: datetime) -> ClaimEvent:
    """The row that an item's change becomes: a proposal for a person, or a note that the claim was confirmed."""
    return ClaimEvent(
        claim_id=change.claim_id,
        state="proposed" if change.verdict in TOLD else "confirmed",
        verdict=change.verdict,
        value=change.value,
        value_to=change.value_to,
        unit=change.unit,
        period=change.period,
        by=change.by,
        status=change.status,
        source=source,
        item_key=item_key,
        line=change.line,
        at=at,
    )


def decided(event: ClaimEvent, *, accept: bool, by: str, at: datetime) -> ClaimEvent:
    """A proposal with a person's answer."""
    return replace(event, state="accepted" if accept else "rejected", decided_by=by, decided_at=at)


# --- deadlines ---------------------------------------------------------------------------------------


def deadlines(facts: Iterable[Fact], what: str, item_key: str = "") -> tuple[Deadline, ...]:
    """The days that an item's facts announce; `what` is its title. A month or year stands for its last day."""
    found: dict[date, Deadline] = {}
    for fact in facts:
        if fact.kind in ("deadline", "effective") and (on := _last_day(fact.date)):
            what_is = f"{fact.item}: {what}" if fact.item else what
            found.setdefault(on, Deadline(on=on, what=what_is, item_key=item_key))
    return tuple(found[on] for on in sorted(found))


def _last_day(written: str) -> date | None:
    parts = written.split("-")
    try:
        year, month, day = (*(int(part) for part in parts), 0, 0)[:3]
        if day:
            return date(year, month, day)
        if month:
            return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        return date(year, 12, 31)
    except ValueError:
        return None


def due(deadlines: Iterable[Deadline], now: datetime, days: int) -> tuple[Deadline, ...]:
    """Those that come within `days` of the day of `now` (0: today), the nearest first; past ones are left out."""
    today = now.date()
    near = [one for one in deadlines if today <= one.on <= today + timedelta(days=days)]
    return tuple(sorted(near, key=lambda one: (one.on, one.what)))
