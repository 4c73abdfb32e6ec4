"""Pure. What the rules say of one item: a score for each topic, and a label with evidence for each that passed.

A rule of weight w brings evidence -ln(1 - w), multiplied by where it was met:
    1     a part of it stands in the title,
    0.5   it stands in the summary or text only: the title counts double,
    0.3   the title does not name the topic and one sentence of the body is all that meets it: an aside in an item
          about something else,
    0.15  a part of it stands only in a background clause ("China, which controls 80% of output, ...").
Of the rules met in asides, or in background, only the strongest counts, as one such sentence often meets many.
A title names a topic with one of its rules' concepts that is no bystander (`Topic.bystanders`), or with two that are.
A topic's score is 1 - exp(-sum of evidence): for title hits the plain noisy-or of the weights; a rule of 0.75
alone passes 0.5 from the body. A topic whose `stop` concepts stand anywhere scores 0. The same item and the same
rules version always give the same result, down to the last digit.
"""

import math
import re
from bisect import bisect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from bot.analyse.background import Span, background
from bot.analyse.concepts import CompiledRule, CompiledTopic, Rulebook
from bot.analyse.folding import Folded, fold
from bot.analyse.terms import Hit, Matches
from bot.configured import Topic
from bot.model import Classification, Evidence, Item, Label, ScorePart

TITLE, BODY, ASIDE, BACKGROUND = 1.0, 0.5, 0.3, 0.15
_PLACES: Mapping[float, Literal["title", "body", "aside", "background"]] = {
    TITLE: "title",
    BODY: "body",
    ASIDE: "aside",
    BACKGROUND: "background",
}
#: A label shows at most so many terms; the strongest rules' come first.
MAX_EVIDENCE = 12

#: A full stop after "U.S", "руб", "млн" and the like ends no sentence.
_SENTENCE_END = re.compile(r"(?<!\.[a-zа-я])(?<!\b(?:руб|тыс|млн|млр))\.(?=\s|$)|[!?;。！？；…\n]")
#: The same without the semicolon, which joins what belongs together.
_FULL_STOP = re.compile(r"(?<!\.[a-zа-я])(?<!\b(?:руб|тыс|млн|млр))\.(?=\s|$)|[!?。！？…\n]")
_WORD = re.compile("[0-9a-z\u00df-\u024f\u0400-\u052f]+")
_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class _Found:
    """A hit and where it stands."""

    field: str
    hit: Hit
    place: float


class _Page:
    """One item's fields, folded, with what was found in them; what its rules ask for is worked out once, and only if they ask."""

    def __init__(
        self, fields: Mapping[str, Folded], matches: Mapping[str, Matches], bits: Mapping[str, int], year: int
    ) -> None:
        self.fields = fields
        self.matches = matches
        self._year = year
        #: The concepts that the item meets -> whether in its title.
        self.concepts: dict[str, bool] = {}
        for name, found in matches.items():
            for concept in found.concepts:
                self.concepts.setdefault(concept, name == "title")
        #: The sets of concepts (see `CompiledRule`) that the item meets, and that its title meets.
        self.met = self.met_in_title = 0
        for concept, in_title in self.concepts.items():
            self.met |= bits[concept]
            if in_title:
                self.met_in_title |= bits[concept]
        # Where a hit stands is asked by rules whose concepts are all there, and most items meet no such rule: to look
        # for background in all of them took half the time of classifying.
        self._groups: dict[frozenset[str], list[_Found]] = {}
        self._of_concept: dict[str, list[_Found]] = {}
        self._background: dict[str, tuple[Span, ...]] = {}

    def _recalled(self, name: str) -> tuple[Span, ...]:
        """The spans of a field that only recall."""
        if name not in self._background:
            text = self.fields[name].text
            self._background[name] = background(text, is_title=name == "title", year=self._year)
        return self._background[name]

    def _found(self, concept: str) -> list[_Found]:
        """The hits of a concept in all fields, and where they stand."""
        known = self._of_concept.get(concept)
        if known is None:
            known = self._of_concept[concept] = []
            for name, matches in self.matches.items():
                for hit in matches.of(concept):
                    place = TITLE if name == "title" else BODY
                    if any(start <= hit.start < end for start, end in self._recalled(name)):
                        place = BACKGROUND
                    known.append(_Found(name, hit, place))
        return known

    def names(self, topic: CompiledTopic) -> bool:
        """Whether the title names a topic: see above. Where there is no title nothing can be said against it."""
        if "title" not in self.fields:
            return True
        named = topic.concepts & set(self.matches["title"].concepts)
        if not named <= topic.bystanders:
            return True
        hits = (hit for concept in named for hit in self.matches["title"].of(concept))
        bystanders = reach = 0
        for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
            if hit.start >= reach:  # a bank that is both a bank and a target is one thing
                bystanders, reach = bystanders + 1, hit.end
        return bystanders > 1

    def sentence(self, found: _Found) -> tuple[str, int]:
        """The field and the number of the sentence in which a hit stands."""
        return found.field, bisect(self._stops[found.field], found.hit.start)

    @cached_property
    def _stops(self) -> Mapping[str, list[int]]:
        """Field -> where its sentences end."""
        return {
            name: [stop.end() for stop in _FULL_STOP.finditer(folded.text)]
            for name, folded in self.fields.items()
        }

    def of(self, group: frozenset[str]) -> list[_Found]:
        """Hits of any concept of a group, best place first, then in order of reading."""
        known = self._groups.get(group)
        if known is None:
            hits = [found for concept in group & self.concepts.keys() for found in self._found(concept)]
            known = self._groups[group] = sorted(hits, key=_reading_order)
        return known


@dataclass(frozen=True, slots=True)
class _Fired:
    """A rule that holds, the best place at which all of it stands, and its hits."""

    place: float
    rule: CompiledRule
    hits: list[_Found]

    @property
    def strength(self) -> float:
        """The evidence that it brings."""
        weight = min(self.rule.rule.weight, 0.999)  # a weight of 1 is as sure as it gets, not infinite
        return -math.log(1 - weight) * self.place


_FIELDS = ("title", "summary", "text")


def _reading_order(found: _Found) -> tuple[float, int, int, int, str]:
    hit = found.hit
    return (-found.place, _FIELDS.index(found.field), hit.start, -hit.end, hit.concept)


@dataclass(frozen=True, slots=True)
class Reading:
    """An item as the rules read it."""

    item: Item
    rulebook: Rulebook
    #: Topic id -> 0..1, for every topic.
    scores: Mapping[str, float]
    #: Topics that a `stop` concept takes away.
    stopped: frozenset[str]
    _fired: Mapping[str, list[_Fired]]
    _page: _Page

    def concepts(self) -> Mapping[str, bool]:
        """The concepts that the item meets -> whether in its title."""
        return self._page.concepts

    def is_told(self, topic_id: str) -> bool:
        """Whether a rule of the topic holds, and not in an aside or in background alone."""
        return any(entry.place >= BODY for entry in self._fired[topic_id])

    def fields(self) -> Mapping[str, Folded]:
        """The fields that are not empty, folded."""
        return self._page.fields

    def hits(self) -> Mapping[str, tuple[Hit, ...]]:
        """What the matcher found in each of them, in places of the folded text."""
        return {name: matches.in_order() for name, matches in self._page.matches.items()}

    def label(self, topic: Topic) -> Label:
        """The topic's label by rules alone, however low its score is; `why` is empty when no rule holds."""
        fired, score = self._fired[topic.id], self.scores[topic.id]
        return Label(
            topic_id=topic.id,
            score=score,
            sure=score >= topic.threshold,
            evidence=_evidence(
                ((entry.rule.rule.id, found) for entry in fired for found in entry.hits),
                self.item,
                self._page,
                self.rulebook,
            ),
            rule_ids=tuple(entry.rule.rule.id for entry in fired),
            why=fired[0].rule.rule.why if fired else "",
            parts=tuple(_part(entry) for entry in fired),
            rules_version=self.rulebook.version,
            rule_score=score,
        )

    def evidence_of(self, concepts: Iterable[str]) -> tuple[Evidence, ...]:
        """Where each of these concepts, which the item must meet, stands best."""
        hits = [("", self._page.of(frozenset([concept]))[0]) for concept in concepts]
        return _evidence(hits, self.item, self._page, self.rulebook)


def read(item: Item, rulebook: Rulebook) -> Reading:
    """Judge one item in any language by the terms it holds; the labels are made when asked for. Never raises."""
    page = _read(item, rulebook)
    fired = {topic.topic.id: _fired(topic, page) if page.met else [] for topic in rulebook.topics}
    return Reading(
        item=item,
        rulebook=rulebook,
        scores={name: score_of(_part(entry) for entry in entries) for name, entries in fired.items()},
        stopped=frozenset(topic.topic.id for topic in rulebook.topics if topic.stop & page.met),
        _fired=fired,
        _page=page,
    )


def classify(item: Item, rulebook: Rulebook) -> Classification:
    """What the rules alone say, see `read`; judge.py asks the model too. Never raises."""
    return by_rules(read(item, rulebook))


def by_rules(reading: Reading) -> Classification:
    """The labels that a reading gives by rules alone."""
    rulebook = reading.rulebook
    topics = (compiled.topic for compiled in rulebook.topics)
    labels = [reading.label(topic) for topic in topics if reading.scores[topic.id] >= topic.possible]
    labels.sort(key=lambda label: (-label.score, label.topic_id))
    return Classification(
        scores=reading.scores,
        labels=tuple(labels),
        rules_version=rulebook.version,
        concepts=frozenset(reading.concepts()),
    )


def score_of(parts: Iterable[ScorePart]) -> float:
    """The score that these parts make: 1 - exp(-sum of evidence), to four digits."""
    return round(1 - math.exp(-sum(part.evidence for part in parts)), 4)


def _part(fired: _Fired) -> ScorePart:
    return ScorePart(
        rule_id=fired.rule.rule.id,
        weight=fired.rule.rule.weight,
        where=_PLACES[fired.place],
        evidence=fired.strength,
    )


def _read(item: Item, rulebook: Rulebook) -> _Page:
    texts = {"title": item.title, "summary": item.summary, "text": item.text}
    fields = {name: fold(text) for name, text in texts.items() if text}
    matches = {name: rulebook.matcher.find(texts[name], folded) for name, folded in fields.items()}
    return _Page(fields, matches, rulebook.bits, (item.published_at or item.first_seen_at).year)


def _fired(topic: CompiledTopic, page: _Page) -> list[_Fired]:
    """Each rule that holds and counts, strongest first."""
    met, met_in_title = page.met, page.met_in_title
    if topic.stop & met:
        return []
    fired: list[_Fired] = []
    lacking = ~met
    for rule in topic.rules:
        if rule.needs & lacking or rule.refuses & met or rule.refuses_in_title & met_in_title:
            continue
        hits = _holds(rule, page)
        if hits:
            places = [found.place for found in hits]
            place = BACKGROUND if BACKGROUND in places else max(places)
            fired.append(_Fired(place, rule, hits))
    fired.sort(key=lambda entry: (-entry.strength, entry.rule.rule.id))
    if fired and _is_aside(topic, fired, page):
        return [replace(fired[0], place=min(fired[0].place, ASIDE))]
    recalled = [entry for entry in fired if entry.place == BACKGROUND]
    return [entry for entry in fired if entry not in recalled[1:]]


def _is_aside(topic: CompiledTopic, fired: Iterable[_Fired], page: _Page) -> bool:
    """Whether one sentence below a title about something else is all that meets the topic."""
    if page.names(topic):
        return False
    met = [hit for entry in fired for hit in entry.hits]
    telling = {hit.hit.concept for hit in met} - topic.bystanders
    again = (hit for concept in telling for hit in page.of(frozenset([concept])) if hit.place != BACKGROUND)
    return len({page.sentence(hit) for hit in (*met, *again) if hit.field != "title"}) <= 1


def _holds(rule: CompiledRule, page: _Page) -> list[_Found]:
    """The best hits that satisfy all of a rule's conditions; empty when it does not hold."""
    hits = [page.of(group)[0] for group in rule.each]
    for group in rule.title:
        first = page.of(group)[0]  # hits in the title come first
        if first.field != "title":
            return []
        hits.append(first)
    if rule.near:
        within = rule.rule.within
        close = _together(rule.near, page, lambda text, start, end: _words(text, start, end) <= within)
        if not close:
            return []
        hits += close
    if rule.same_sentence:
        shared = _together(
            rule.same_sentence, page, lambda text, start, end: not _SENTENCE_END.search(text, start, end)
        )
        if not shared:
            return []
        hits += shared
    return hits


def _together(
    groups: tuple[frozenset[str], ...], page: _Page, joined: Callable[[str, int, int], bool]
) -> list[_Found]:
    """One hit of each group, all in one field, with nothing between the outermost that parts them.

    Of several such the one in the best place counts, then the closest, then the first.
    """
    best: tuple[tuple[float, int, int, int], list[_Found]] | None = None
    everywhere = [page.of(group) for group in groups]
    for number, name in enumerate(_FIELDS):
        if name not in page.fields:
            continue
        text = page.fields[name].text
        marks = sorted(
            (
                (found.hit.start, found.hit.end, index, found)
                for index, hits in enumerate(everywhere)
                for found in hits
                if found.field == name
            ),
            key=lambda mark: mark[:3],
        )
        if len({index for _, _, index, _ in marks}) < len(groups):
            continue
        nearest: dict[int, _Found] = {}
        parted: set[int] = set()
        # From the right, so that each group's nearest hit to the right is at hand: one pass, however long the text.
        for first_start, first_end, index, found in reversed(marks):
            nearest[index] = found
            if len(nearest) < len(groups):
                continue
            last_start = max(other.hit.start for other in nearest.values())
            gap = max(last_start - first_end, 0)
            rank = (-min(other.place for other in nearest.values()), gap, number, first_start)
            if last_start in parted or (best is not None and rank >= best[0]):
                continue
            if joined(text, first_end, first_end + gap):
                best = rank, [nearest[index] for index in range(len(groups))]
            else:
                parted.add(last_start)  # what parts these two parts all that begin further left
    return best[1] if best else []


def _words(text: str, start: int, end: int) -> float:
    """Words between two places of a folded text; a Han character is half a word."""
    return len(_WORD.findall(text, start, end)) + len(_HAN.findall(text, start, end)) / 2


def _evidence(
    hits: Iterable[tuple[str, _Found]], item: Item, page: _Page, rulebook: Rulebook
) -> tuple[Evidence, ...]:
    """The terms of (rule id, hit) pairs, the most telling first; of terms that overlap the first counts."""
    texts = {"title": item.title, "summary": item.summary, "text": item.text}
    evidence: list[Evidence] = []
    for rule_id, found in hits:
        start, end = page.fields[found.field].original(found.hit.start, found.hit.end)
        if any(old.field == found.field and start < old.end and old.start < end for old in evidence):
            continue
        term = texts[found.field][start:end]
        evidence.append(
            Evidence(
                term=term,
                field=found.field,
                start=start,
                end=end,
                concept=found.hit.concept,
                # An English reader needs no gloss for "Tomtor", only for 托姆托尔.
                gloss="" if term.isascii() else rulebook.gloss_of(found.hit),
                rule_id=rule_id,
            )
        )
        if len(evidence) == MAX_EVIDENCE:
            break
    return tuple(evidence)
