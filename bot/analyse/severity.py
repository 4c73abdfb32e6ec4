"""Pure. How much a story matters, part by part: the parts add up to a score, and two thresholds make a level of it.

Weights are set by hand and stand in one table (`WEIGHTS`), the points of kinds of events in config/events.toml. Independent sources count
by their logarithm, and copies never, as syndication measures a wire contract. Novelty is the share of an item's names, figures and words
that its story has not told before (after Gabrilovich, Dumais and Horvitz, "Newsjunkie", WWW 2004, who compare with what the reader has
seen). Recency halves every 24 hours. Without a sure label nothing is "now", without any label nothing is more than "archive".
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log2
from types import MappingProxyType

from bot.analyse.claimlife import TOLD
from bot.analyse.prices import is_move, move_line, new_quota
from bot.analyse.tracking import Tracking
from bot.facts import Fact
from bot.model import Label
from bot.settings import SeveritySettings
from bot.text import normalise_title, shingles
from bot.tracked import ClaimChange, EventKind, Level, Part, Price, Severity

#: What each part can bring, in points; event kinds have points of their own.
WEIGHTS: Mapping[str, float] = MappingProxyType(
    {
        "topic sure": 30.0,  # times the score of the surest label
        "topic possible": 10.0,
        "novelty": 10.0,  # times the share that is new
        "move": 10.0,  # a price or quota that moved by the set share ...
        "move doubled": 5.0,  # ... and as much again for each doubling of it
        "move most": 20.0,
        "quota": 10.0,  # a quota without an older figure beside it
        "sources": 6.0,  # for each doubling of independent sources
        "sources most": 18.0,
        "trust": 12.0,  # times the source's weight above or below ordinary press
        "trust most": 8.0,
        "recency": 10.0,  # at once; halves every 24 hours
        "revises": 25.0,
        "contradicts": 15.0,
    }
)
HALF_LIFE = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """What one item tells, as novelty compares it."""

    concepts: frozenset[str]
    #: "price:dysprosium:1620000", ...
    figures: frozenset[str]
    #: Letter groups of the headline.
    wording: frozenset[str]

    @classmethod
    def of(cls, title: str, concepts: Iterable[str], facts: Iterable[Fact]) -> "Telling":
        """What an item with this headline, these concepts and facts tells."""
        return cls(
            concepts=frozenset(concepts),
            figures=frozenset(
                f"{fact.kind}:{fact.subject}:{fact.value:.6g}" for fact in facts if not fact.is_previous
            ),
            wording=frozenset(shingles(normalise_title(title))),
        )


def novelty(telling: Telling, earlier: Sequence[Telling]) -> float:
    """0..1: how much of an item its story has not told; 1.0 for the first. Concepts and figures weigh as much as the wording.

    Another language shares no letter groups, so between languages only concepts and figures are compared.
    """
    if not earlier:
        return 1.0
    marks = telling.concepts | telling.figures
    known = frozenset[str]().union(*(one.concepts | one.figures for one in earlier))
    shares = [len(marks - known) / len(marks)] if marks else []
    wording = frozenset[str]().union(*(one.wording for one in earlier))
    common = len(telling.wording & wording)
    if telling.wording and (common or not shares):
        shares.append(1 - common / len(telling.wording))
    # A new figure among old names is real news however small its share is.
    if telling.figures - known:
        shares.append(1.0)
    return sum(shares) / len(shares) if shares else 0.0


def events(
    title: Collection[str], lead: Collection[str], kinds: Iterable[EventKind], tracking: Tracking
) -> tuple[EventKind, ...]:
    """The kinds of events that an item tells of, heaviest first; `title` and `lead` are ids of concepts and words there."""
    everywhere = frozenset(title) | frozenset(lead)
    headline = frozenset(title)
    met = [
        kind
        for kind in kinds
        if all(headline & tracking.either(condition) for condition in kind.title)
        and all(everywhere & tracking.either(condition) for condition in kind.all)
        and not any(headline & tracking.either(condition) for condition in kind.not_)
    ]
    return tuple(sorted(met, key=lambda kind: (-kind.points, kind.id)))


def weigh(
    labels: Sequence[Label],
    kinds: Sequence[EventKind],
    *,
    novelty: float = 1.0,
    facts: Sequence[Fact] = (),
    moves: Sequence[Price] = (),
    sources: int = 1,
    trust: float = 1.0,
    published_at: datetime | None,
    changes: Sequence[ClaimChange] = (),
    settings: SeveritySettings,
    now: datetime,
) -> Severity:
    """How much an item matters to its story's readers now.

    `kinds` are those met, `moves` the prices with their change, `sources` counts independent owners, `trust` is the source's weight,
    `changes` are those not told before. An item without a date counts as new.
    """
    parts = [
        _topic(labels),
        *_events(kinds),
        _part("novelty", WEIGHTS["novelty"] * novelty, "first of its story" if novelty >= 1 else f"{novelty:.0%} not told before"),
        _figures(facts, moves, settings),
        _sources(sources),
        _trust(trust),
        _recency(published_at, now),
        _claims(changes),
    ]  # fmt: skip
    kept = tuple(part for part in parts if part is not None and part.points)
    score = round(sum(part.points for part in kept), 2)
    is_raised = any(part.name == "figure" for part in kept)
    return Severity(score=score, level=_level(score, labels, is_raised, settings), parts=kept)


def _level(score: float, labels: Sequence[Label], is_raised: bool, settings: SeveritySettings) -> Level:
    """By the thresholds; a price that moved enough or a new quota raises it by one."""
    if not labels:
        return "archive"
    is_sure = any(label.sure for label in labels)
    if score >= settings.now or (is_raised and score >= settings.today):
        return "now" if is_sure else "today"
    return "today" if score >= settings.today or is_raised else "archive"


def _part(name: str, points: float, why: str) -> Part:
    return Part(name=name, points=round(points, 2), why=why)


def _topic(labels: Sequence[Label]) -> Part | None:
    if not labels:
        return None
    best = max(labels, key=lambda label: (label.sure, label.score))
    weight = WEIGHTS["topic sure" if best.sure else "topic possible"]
    return _part(
        "topic", weight * best.score, f"{best.topic_id} {best.score:.2f}{'' if best.sure else ', possible'}"
    )


def _events(kinds: Sequence[EventKind]) -> Iterable[Part]:
    heaviest = max(kinds, key=lambda kind: kind.points, default=None)
    lightest = min(kinds, key=lambda kind: kind.points, default=None)
    if heaviest and heaviest.points > 0:
        yield _part("event", heaviest.points, heaviest.name)
    if lightest and lightest.points < 0:
        yield _part("tone", lightest.points, lightest.name)


def _figures(facts: Sequence[Fact], moves: Sequence[Price], settings: SeveritySettings) -> Part | None:
    sizes = [
        (abs(one.change), move_line(one, one.middle / (1 + one.change)))
        for one in moves
        if one.change is not None and is_move(one, settings.move)
    ]
    sizes += [
        (abs(fact.value) / 100, f"{fact.item or 'figure'} {fact.value:+.3g}%")
        for fact in facts
        if fact.kind == "change"
        and fact.unit == "%"
        and fact.subject
        and abs(fact.value) / 100 >= settings.move
    ]
    if sizes:
        size, why = max(sizes)
        points = WEIGHTS["move"] + WEIGHTS["move doubled"] * log2(size / settings.move)
        return _part("figure", min(points, WEIGHTS["move most"]), why)
    quota = new_quota(facts)
    return _part("figure", WEIGHTS["quota"], f"a quota of {quota.value:,.8g} {quota.unit}") if quota else None


def _sources(sources: int) -> Part | None:
    if sources <= 1:
        return None
    points = min(WEIGHTS["sources"] * log2(sources), WEIGHTS["sources most"])
    return _part("sources", points, f"{sources} independent sources")


def _trust(trust: float) -> Part | None:
    most = WEIGHTS["trust most"]
    points = max(-most, min(most, WEIGHTS["trust"] * (trust - 1)))
    return _part("trust", points, f"source of weight {trust:g}") if points else None


def _recency(published_at: datetime | None, now: datetime) -> Part:
    age = max(now - published_at, timedelta()) if published_at else timedelta()
    points = WEIGHTS["recency"] * 0.5 ** (age / HALF_LIFE)
    return _part(
        "recency", points, f"{age / timedelta(hours=1):.0f} hours old" if published_at else "no date"
    )


def _claims(changes: Sequence[ClaimChange]) -> Part | None:
    told = [change for change in changes if change.verdict in TOLD]
    if not told:
        return None
    loudest = max(told, key=lambda change: WEIGHTS[change.verdict])
    return _part("claim", WEIGHTS[loudest.verdict], loudest.line)


# --- when a story speaks -----------------------------------------------------------------------------


def speaks(
    severity: Severity,
    *,
    before: Level | None,
    has_alerted: bool,
    novelty: float,
    has_new_figure: bool,
    settings: SeveritySettings,
) -> bool:
    """Whether an item makes its story alert: its first at level "now", then only real news of it.

    `before` is the story's level so far (None: a new story), `novelty` and `has_new_figure` compare with all that it told.
    """
    if severity.level != "now":
        return False
    if not has_alerted:
        return True
    rises = before != "now"
    return novelty >= settings.repeat_novelty and (rises or has_new_figure)
