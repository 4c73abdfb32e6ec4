"""Pure. What an item says of tracked claims: it confirms, revises or contradicts one, or says something new.

A figure speaks of a claim where one of the claim's patterns holds (kind, unit, concepts of its sentence or the title) and the
nearest holder is the claim's: a figure of Brazil never meets a claim about Russia. Of claims of one quantity, whoever repeats one
contradicts none. A status word speaks of a claim whose subject stands near it, unless its clause is unsure ("may") or denies it.
What stands in a clause that recalls (background.py) may confirm and never changes anything.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

from bot.analyse.claimwords import amount, change_line, confirm_line, said
from bot.analyse.folding import Folded
from bot.analyse.terms import Hit
from bot.analyse.tracking import Field, Figure, Mark, Tracking, fields_of
from bot.facts import Fact
from bot.model import Item
from bot.tracked import Claim, ClaimChange, Pattern, Verdict

#: Figures this near are one figure, rounded differently; of an "about" this near, or half a percentage point.
ROUNDING = 0.025
ABOUT = 0.06
ABOUT_POINTS = 0.5
#: A figure so many times larger or smaller than all that is known is of something else: 658 Mt of all rare metals together.
FARTHEST = 8.0
#: Characters between a status word and what it is said of; a Chinese sentence says as much in half of them.
REACH = 70
#: Words that keep a status word from counting, and how far before it a denial may stand.
UNSURE, DENIED, CHANGED, PAST = "unsure", "denied", "changed", "past"
_DENIAL_REACH = 14
#: Subjects of facts that may stand for rare earths: "редкоземельных металлов" is also "редких металлов".
_GENERAL = frozenset(("rare-metals",))
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def compare(
    item: Item,
    facts: Sequence[Fact],
    hits: Mapping[str, Sequence[Hit]],
    tracking: Tracking,
    *,
    source: str = "",
    folded: Mapping[str, Folded] | None = None,
) -> tuple[ClaimChange, ...]:
    """At most one change for each quantity or status, in the claims' order; `source` is who is named as saying it."""
    fields = fields_of(item, facts, hits, tracking, folded=folded)
    found: list[ClaimChange] = []
    keyed = sorted(enumerate(tracking.claims), key=lambda pair: (_quantity(pair[1]), pair[0]))
    order = {claim.id: number for number, claim in enumerate(tracking.claims)}
    for _, group in groupby(keyed, key=lambda pair: _quantity(pair[1])):
        claims = [claim for _, claim in group]
        if claims[0].kind == "figure":
            change = _figure_change(claims, fields, tracking, source)
        else:
            change = _status_change(claims[0], fields, tracking, source)
        if change:
            found.append(change)
    return tuple(sorted(found, key=lambda change: order[change.claim_id]))


def concerns(hits: Mapping[str, Sequence[Hit]], tracking: Tracking) -> bool:
    """Whether an item names enough to speak of any claim: a cheap test before its facts are read.

    An item without a topic may still revise a claim: "China's share of output fell to 62%" is about no lever of price.
    """
    met = {hit.concept for found in hits.values() for hit in found}
    return any(all(met & tracking.either(name) for name in conditions) for conditions in tracking.required)


def _quantity(claim: Claim) -> str:
    return claim.quantity or claim.id


# --- figures -----------------------------------------------------------------------------------------


def _figure_change(
    claims: Sequence[Claim], fields: Sequence[Field], tracking: Tracking, source: str
) -> ClaimChange | None:
    """The loudest of what the figures say; an item that repeats a known value beside another one revises only if it says so."""
    changes: list[ClaimChange] = []
    for field in fields:
        for figure in field.figures:
            if not figure.is_previous and any(
                _speaks(figure, pattern, claim, field, fields, tracking)
                for claim in claims
                for pattern in claim.match
            ):
                change = _verdict(figure, claims, field, tracking, source)
                if change:
                    changes.append(change)
    confirms = any(change.verdict == "confirms" for change in changes)
    told = [
        change
        for change in changes
        if change.verdict == "revises" or (change.verdict == "contradicts" and not confirms)
    ]
    return next(iter([*told, *changes]), None)


def _speaks(
    figure: Figure, pattern: Pattern, claim: Claim, field: Field, fields: Sequence[Field], tracking: Tracking
) -> bool:
    if figure.kind not in pattern.kinds or figure.unit != pattern.unit:
        return False
    if pattern.dated is not None and bool(figure.date) != pattern.dated:
        return False
    if claim.period == "yr" and figure.period == "mo":
        return False
    sentence = field.within(field.sentence(figure.start, figure.end))
    here = {mark.id for mark in sentence}
    title = {mark.id for mark in fields[0].marks} if fields[0].name == "title" else set()
    if any(here & tracking.either(name) for name in pattern.not_):
        return False
    if any(title & tracking.either(name) for name in pattern.not_title):
        return False
    if not all((here | title) & tracking.either(condition) for condition in pattern.all):
        return False
    if figure.subject and figure.subject not in tracking.either(pattern.all[0]) | _GENERAL:
        return False
    return not claim.holder or claim.holder in holder_of(figure, field, fields, tracking)


def holder_of(figure: Figure, field: Field, fields: Sequence[Field], tracking: Tracking) -> frozenset[str]:
    """Whose figure it is: the holder nearest before it in its clause, then nearest in its clause, sentence, and the title."""
    for span in (field.clause(figure.start, figure.end), field.sentence(figure.start, figure.end)):
        marks = [mark for mark in field.within(span) if mark.id in tracking.holders]
        before = [mark for mark in marks if mark.end <= figure.start]
        if before:
            nearest = max(mark.end for mark in before)
            return _holders((mark for mark in before if mark.end == nearest), tracking)
        if marks:
            first = min(mark.start for mark in marks)
            return _holders((mark for mark in marks if mark.start == first), tracking)
    if fields[0].name == "title":
        named = {tracking.holders[mark.id] for mark in fields[0].marks if mark.id in tracking.holders}
        # A title that names two countries does not say whose the figure is.
        if len(named) == 1:
            return named.pop()
    return frozenset()


def _holders(marks: Iterable[Mark], tracking: Tracking) -> frozenset[str]:
    return frozenset().union(*(tracking.holders[mark.id] for mark in marks))


def _verdict(
    figure: Figure, claims: Sequence[Claim], field: Field, tracking: Tracking, source: str
) -> ClaimChange | None:
    alike = [claim for claim in claims if claim.unit == figure.unit and _same_date(claim, figure)]
    for claim in alike:
        if agrees(claim, figure.value, figure.value_to):
            line = confirm_line(claim, said(claim), source)
            return _change(claim, "confirms", figure, field, line)
    clause = {mark.id for mark in field.within(field.clause(figure.start, figure.end))}
    # "Last year output rose to 5,200 t" looks back in form, and is how a new figure of a year comes.
    recalled = field.is_recalled(figure.start) and CHANGED not in clause
    sentence = {mark.id for mark in field.within(field.sentence(figure.start, figure.end))}
    if recalled or PAST in sentence or _is_old(field, figure):
        return None
    if alike and all(_far(claim, figure) for claim in alike):
        return None
    claim = _nearest(claims, alike, sentence, figure)
    later = bool(claim.by) and not _same_date(claim, figure)
    changed = CHANGED in sentence or any(
        other.is_previous and other.kind == figure.kind for other in field.figures
    )
    verdict: Verdict = "revises" if changed or (claim.by and claim.unit != figure.unit) else "contradicts"
    if later and not changed:
        verdict = "new"
    now = amount(figure.value, figure.value_to, figure.unit, period=claim.period if figure.unit == "t" and not figure.date else figure.period, by=figure.date)  # fmt: skip
    return _change(claim, verdict, figure, field, change_line(claim, said(claim), now, source))


def _nearest(claims: Sequence[Claim], alike: Sequence[Claim], sentence: set[str], figure: Figure) -> Claim:
    """The claim whose sayer the sentence names (its source is a word of config/claims.toml), else the nearest in value."""
    for claim in alike:
        if claim.source.casefold() in sentence:
            return claim
    return min(
        alike or claims,
        key=lambda claim: (
            abs(figure.value - claim.value) / max(abs(claim.value), 1e-9) if claim.value is not None else 1e9
        ),
    )


def _far(claim: Claim, figure: Figure) -> bool:
    if not claim.value or not figure.value:
        return False
    ratio = abs(figure.value / claim.value)
    return ratio > FARTHEST or ratio < 1 / FARTHEST


def _is_old(field: Field, figure: Figure) -> bool:
    """Whether the sentence tells of a year before the last one only."""
    years = _years(field, field.sentence(figure.start, figure.end))
    return bool(years) and max(years) < field.year - 1


def _years(field: Field, span: tuple[int, int]) -> list[int]:
    return [int(match.group()) for match in _YEAR.finditer(field.folded.text, *span)]


def _same_date(claim: Claim, figure: Figure) -> bool:
    return not claim.by or not figure.date or figure.date[:4] == claim.by[:4]


def agrees(claim: Claim, value: float, value_to: float | None) -> bool:
    """Whether a figure in the claim's unit says what the claim says, rounding aside; a range that holds it does."""
    if claim.value is None:
        return False
    low, high = value, value if value_to is None else value_to
    least, most = claim.value, claim.value if claim.value_to is None else claim.value_to
    if claim.bound == "over":
        return high >= least * (1 - ROUNDING)
    if claim.bound == "under":
        return low <= most * (1 + ROUNDING)
    slack = abs(most) * (ABOUT if claim.bound == "about" else ROUNDING)
    if claim.bound == "about" and claim.unit == "%":
        slack = max(slack, ABOUT_POINTS)
    return low <= most + slack and high >= least - slack


def _change(claim: Claim, verdict: Verdict, figure: Figure, field: Field, line: str) -> ClaimChange:
    start, end = field.folded.original(figure.start, max(figure.end, figure.start + 1))
    comparable = claim.unit == figure.unit and claim.value and _same_date(claim, figure)
    share = abs(figure.value - claim.value) / abs(claim.value) if comparable and claim.value else None
    return ClaimChange(
        claim_id=claim.id,
        verdict=verdict,
        value=figure.value,
        value_to=figure.value_to,
        unit=figure.unit,
        period=figure.period,
        by=figure.date,
        share=share,
        line=line,
        field=field.name,
        start=start,
        end=end,
    )


# --- status words ------------------------------------------------------------------------------------


def _status_change(
    claim: Claim, fields: Sequence[Field], tracking: Tracking, source: str
) -> ClaimChange | None:
    """What the first field that speaks of the claim says; where one field says both, nothing is sure."""
    for field in fields:
        said_here: list[ClaimChange] = []
        for mark in field.marks:
            verdict = _status_verdict(claim, mark, field, fields, tracking)
            if verdict:
                said_here.append(_status(claim, verdict, mark, field, tracking, source))
        if len({change.verdict for change in said_here}) > 1 and not _one_clause(said_here, field):
            return next((change for change in said_here if change.verdict == "confirms"), None)
        # Of two words in one clause the first is the verb: "stripped of its coordinating role".
        if said_here:
            return said_here[0]
    return None


def _one_clause(changes: Sequence[ClaimChange], field: Field) -> bool:
    originals = [field.folded.original(mark.start, mark.end)[0] for mark in field.marks]
    places = dict(zip(originals, field.marks, strict=True))
    return len({field.clause(places[one.start].start, places[one.start].end) for one in changes}) == 1


def _status_verdict(
    claim: Claim, mark: Mark, field: Field, fields: Sequence[Field], tracking: Tracking
) -> Verdict | None:
    words = tracking.words.get(mark.id)
    if words is None or not (words.confirms or words.ends):
        return None
    confirms = claim.status == words.id or claim.status in words.confirms
    if not confirms and claim.status not in words.ends:
        return None
    if not _is_about(claim, mark, field, fields, tracking):
        return None
    recalled = field.is_recalled(mark.start)
    clause = [
        other for other in field.within(field.clause(mark.start, mark.end)) if not _overlap(other, mark)
    ]
    if any(other.id == DENIED for other in clause):
        near = any(other.id == DENIED and 0 <= mark.start - other.end <= _DENIAL_REACH for other in clause)
        return "contradicts" if confirms and near and not recalled else None
    if any(other.id == UNSURE for other in clause):
        return None
    if confirms:
        return "confirms"
    years = _years(field, field.clause(mark.start, mark.end))
    # "Built in 2028" is a plan, "launched in 2019" is history.
    at_hand = not years or field.year - 1 <= max(years) <= field.year
    return "revises" if at_hand and not recalled else None


def _is_about(claim: Claim, mark: Mark, field: Field, fields: Sequence[Field], tracking: Tracking) -> bool:
    sentence = field.within(field.sentence(mark.start, mark.end))
    here = {other.id for other in sentence}
    if any(here & tracking.either(name) for name in claim.not_):
        return False
    title = {other.id for other in fields[0].marks} if fields[0].name == "title" else set()
    subject, *rest = claim.all
    if not all((here | title) & tracking.either(condition) for condition in rest):
        return False
    subjects = tracking.either(subject)
    # A summary may say "the plant" of what its title names.
    return any(other.id in subjects and _gap(other, mark) <= REACH for other in sentence)


def _gap(one: Mark, other: Mark) -> int:
    return max(one.start - other.end, other.start - one.end, 0)


def _overlap(one: Mark, other: Mark) -> bool:
    return one.start < other.end and other.start < one.end


def _status(
    claim: Claim, verdict: Verdict, mark: Mark, field: Field, tracking: Tracking, source: str
) -> ClaimChange:
    words = tracking.words[mark.id]
    told = words.gloss or words.id.replace("-", " ")
    if verdict == "contradicts":
        told = f"not {told}"
    was = said(claim, tracking.words[claim.status].gloss if claim.status in tracking.words else "")
    line = (
        confirm_line(claim, was, source) if verdict == "confirms" else change_line(claim, was, told, source)
    )
    start, end = field.folded.original(mark.start, mark.end)
    return ClaimChange(
        claim_id=claim.id,
        verdict=verdict,
        status=words.id if verdict != "contradicts" else f"not {words.id}",
        line=line,
        field=field.name,
        start=start,
        end=end,
    )
