"""Pure. What is tracked, compiled once; and an item as claims see it: figures and marks by place, with clauses and sentences."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.analyse.background import background
from bot.analyse.cues import around, bounds
from bot.analyse.folding import Folded, fold
from bot.analyse.ranks import ranks
from bot.analyse.terms import Hit, Matcher
from bot.configured import Concept
from bot.facts import Fact
from bot.model import Item
from bot.tracked import Claim, Words

FIELDS = ("title", "summary", "text")


@dataclass(frozen=True, kw_only=True, slots=True)
class Tracking:
    """Claims and the words that change them, ready to be compared with."""

    claims: tuple[Claim, ...]
    words: Mapping[str, Words]
    #: Id of a concept or word -> all ids that count as it.
    members: Mapping[str, frozenset[str]] = field(repr=False)
    #: Id that a hit may have -> the holders that it stands for.
    holders: Mapping[str, frozenset[str]] = field(repr=False)
    matcher: Matcher = field(repr=False)
    #: For each way to speak of a claim the conditions that are concepts, which the rulebook finds.
    required: frozenset[tuple[str, ...]] = field(repr=False)

    @classmethod
    def of(
        cls,
        claims: Iterable[Claim],
        words: Iterable[Words],
        holders: Iterable[str],
        concepts: Iterable[Concept],
    ) -> "Tracking":
        """Ids are checked by bot/baseline.py; one that is not there matches nothing."""
        words, claims, concepts = tuple(words), tuple(claims), tuple(concepts)
        named = {one.id for one in words}
        ways = [claim.all for claim in claims if claim.all]
        ways += [(claim.holder, *one.all) for claim in claims for one in claim.match]
        members = _members(concepts) | {one.id: frozenset((one.id,)) for one in words}
        stands_for: dict[str, set[str]] = {}
        for holder in holders:
            for member in members.get(holder, ()):
                stands_for.setdefault(member, set()).add(holder)
        return cls(
            claims=claims,
            words={one.id: one for one in words},
            members=members,
            holders={member: frozenset(found) for member, found in stands_for.items()},
            matcher=Matcher(
                tuple(Concept(id=one.id, en=one.en, ru=one.ru, zh=one.zh, not_=one.not_) for one in words)
            ),
            required=frozenset(
                tuple(name for name in way if name and named.isdisjoint(name.split("|"))) for way in ways
            ),
        )

    def either(self, condition: str) -> frozenset[str]:
        """The ids that meet a condition such as `"ree-any|rare-metals"`."""
        return frozenset().union(*(self.members.get(name, frozenset()) for name in condition.split("|")))


def _members(concepts: Iterable[Concept]) -> dict[str, frozenset[str]]:
    included = {concept.id: concept.includes for concept in concepts}
    found: dict[str, frozenset[str]] = {}
    for name in included:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current in included and current not in seen:
                seen.add(current)
                waiting.extend(included[current])
        found[name] = frozenset(seen)
    return found


@dataclass(frozen=True, slots=True)
class Mark:
    """A concept or word in a folded field."""

    start: int
    end: int
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """A fact or a rank at its place in a folded field."""

    kind: str
    subject: str
    value: float
    value_to: float | None
    unit: str
    period: str
    date: str
    start: int
    end: int
    is_previous: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of an item."""

    name: str
    folded: Folded
    marks: tuple[Mark, ...]
    figures: tuple[Figure, ...]
    clause_ends: list[int]
    sentence_ends: list[int]
    recalled: tuple[tuple[int, int], ...]
    #: The year the item is from.
    year: int

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Where the clause of these words begins and ends."""
        return around(self.clause_ends, len(self.folded.text), start, end)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where their sentence does."""
        return around(self.sentence_ends, len(self.folded.text), start, end)

    def within(self, span: tuple[int, int]) -> list[Mark]:
        """The marks of a stretch."""
        return [mark for mark in self.marks if span[0] <= mark.start < span[1]]

    def is_recalled(self, start: int) -> bool:
        """Whether a place belongs to a clause that recalls rather than reports."""
        return any(since <= start < until for since, until in self.recalled)


def fields_of(
    item: Item,
    facts: Sequence[Fact],
    hits: Mapping[str, Sequence[Hit]],
    tracking: Tracking,
    *,
    folded: Mapping[str, Folded] | None = None,
) -> list[Field]:
    """The fields of an item that hold anything; `hits` are the rulebook's, in places of the folded text."""
    found: list[Field] = []
    year = (item.published_at or item.first_seen_at).year
    for name in FIELDS:
        original: str = getattr(item, name)
        if not original:
            continue
        text = (folded or {}).get(name) or fold(original)
        marks = [Mark(hit.start, hit.end, hit.concept) for hit in hits.get(name, ())]
        marks += [
            Mark(hit.start, hit.end, hit.concept) for hit in tracking.matcher.find(original, text).in_order()
        ]
        clause_ends, sentence_ends = bounds(text.text)
        found.append(
            Field(
                name=name,
                folded=text,
                marks=tuple(sorted(marks, key=lambda mark: (mark.start, mark.end, mark.id))),
                figures=(*_figures(facts, name, text), *_ranks(text)),
                clause_ends=clause_ends,
                sentence_ends=sentence_ends,
                recalled=background(text.text, is_title=name == "title", year=year),
                year=year,
            )
        )
    return found


def _figures(facts: Sequence[Fact], name: str, folded: Folded) -> Iterable[Figure]:
    for fact in facts:
        if fact.field == name:
            yield Figure(
                kind=fact.kind,
                subject=fact.subject,
                value=fact.value,
                value_to=fact.value_to,
                unit=fact.unit,
                period=fact.period,
                date=fact.date,
                start=_folded_place(folded, fact.start),
                end=_folded_place(folded, fact.end),
                is_previous=fact.is_previous,
            )


def _ranks(folded: Folded) -> Iterable[Figure]:
    for rank in ranks(folded.text):
        yield Figure(
            kind="rank",
            subject="",
            value=float(rank.place),
            value_to=None,
            unit="place",
            period="",
            date="",
            start=rank.start,
            end=rank.end,
        )


def _folded_place(folded: Folded, place: int) -> int:
    """Where a character of the original stands in the folded text; its end for what lies behind."""
    return bisect_left(range(len(folded.text)), place, key=lambda at: folded.original(at, at + 1)[0])
