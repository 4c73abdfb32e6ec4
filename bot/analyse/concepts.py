"""Pure. Topics and concepts -> a `Rulebook`: every rule spelt out in sets of concepts, and one matcher (terms.py) for all terms."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from bot.analyse.linear import Model
from bot.analyse.subjects import Subjects
from bot.analyse.terms import Hit, Matcher
from bot.configured import Concept, Rule, Topic

#: Part of the rules' version: raised when the same files begin to give other scores.
ENGINE = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledRule:
    """A rule with its conditions spelt out: each a set of concepts of which one must be there."""

    rule: Rule
    #: `all`, and `any` as one more set.
    each: tuple[frozenset[str], ...]
    title: tuple[frozenset[str], ...]
    near: tuple[frozenset[str], ...]
    same_sentence: tuple[frozenset[str], ...]
    #: One bit for each set (`Rulebook.bits`): those the item must meet, and those it or its title must not.
    #: Whole numbers, as most of the hundred rules fail on this test for every item.
    needs: int
    refuses: int
    refuses_in_title: int


@dataclass(frozen=True, kw_only=True, slots=True)
class CompiledTopic:
    """A topic with its rules compiled."""

    topic: Topic
    rules: tuple[CompiledRule, ...]
    #: Sets that the item must not meet, as bits.
    stop: int
    #: All concepts that its rules ask for, and those of them that alone tell nothing of the topic.
    concepts: frozenset[str]
    bystanders: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rulebook:
    """Everything that classifying needs, compiled once."""

    topics: tuple[CompiledTopic, ...]
    matcher: Matcher = field(repr=False)
    #: Concept -> the sets of conditions that it meets, as bits.
    bits: Mapping[str, int] = field(repr=False)
    #: Concept -> its English name for readers.
    glosses: Mapping[str, str] = field(repr=False)
    #: Twelve hex digits of the content: equal rules give equal versions, whatever the order of files. With a model,
    #: a plus and the version of its weights follow.
    version: str
    #: What facts can be about. Not part of the version, as it moves no score.
    subjects: Subjects = field(default_factory=Subjects, repr=False)
    #: None: the rules stand alone.
    model: Model | None = field(default=None, repr=False)

    def gloss_of(self, hit: Hit) -> str:
        """What an English reader is told that a hit is: the term's own name, else its concept's."""
        return hit.gloss or self.glosses.get(hit.concept, "")

    @classmethod
    def compile(cls, topics: Iterable[Topic], concepts: Iterable[Concept]) -> "Rulebook":
        """Topics and concepts as checked by bot.config. Raises `KeyError` for a concept that is not there."""
        topics = tuple(sorted(topics, key=lambda topic: topic.id))
        concepts = tuple(sorted(concepts, key=lambda concept: concept.id))
        members = _members(concepts)
        serial = json.dumps([ENGINE, topics, concepts], default=_as_dict, sort_keys=True, ensure_ascii=False)
        sets: dict[frozenset[str], int] = {}
        compiled = tuple(_compiled(topic, members, sets) for topic in topics)
        return cls(
            topics=compiled,
            matcher=Matcher(concepts),
            bits={
                concept.id: sum(bit for group, bit in sets.items() if concept.id in group)
                for concept in concepts
            },
            glosses={concept.id: concept.gloss for concept in concepts},
            version=hashlib.sha256(serial.encode()).hexdigest()[:12],
        )

    def with_model(self, model: Model) -> "Rulebook":
        """The same rules joined by a model, under a version that names both."""
        return replace(self, model=model, version=f"{self.version}+{model.weights.version}")


def _as_dict(record: Any) -> dict[str, Any]:
    """A record's fields, for json: `dataclasses.asdict` would copy each term first."""
    return {each.name: getattr(record, each.name) for each in fields(record)}


def _members(concepts: tuple[Concept, ...]) -> Mapping[str, frozenset[str]]:
    """Concept -> itself and all that it includes, however deep."""
    included = {concept.id: concept.includes for concept in concepts}
    members: dict[str, frozenset[str]] = {}
    for name in included:
        seen: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            if current not in seen:
                seen.add(current)
                waiting.extend(included[current])
        members[name] = frozenset(seen)
    return members


def _compiled(
    topic: Topic, members: Mapping[str, frozenset[str]], sets: dict[frozenset[str], int]
) -> CompiledTopic:
    """A topic with its rules compiled; gives each new set of concepts the next bit in `sets`."""

    def group(alternatives: str) -> frozenset[str]:
        return frozenset().union(*(members[name] for name in alternatives.split("|")))

    def groups(conditions: tuple[str, ...]) -> tuple[frozenset[str], ...]:
        return tuple(group(condition) for condition in conditions)

    def either(conditions: tuple[str, ...]) -> frozenset[str]:
        return frozenset().union(*groups(conditions))

    def bits(*wanted: frozenset[str]) -> int:
        return sum(sets.setdefault(one, 1 << len(sets)) for one in dict.fromkeys(wanted))

    rules: list[CompiledRule] = []
    for rule in topic.rules:
        each = groups(rule.all)
        if rule.any:
            each = (*each, either(rule.any))
        title, near, same_sentence = groups(rule.title), groups(rule.near), groups(rule.same_sentence)
        rules.append(
            CompiledRule(
                rule=rule,
                each=each,
                title=title,
                near=near,
                same_sentence=same_sentence,
                needs=bits(*each, *title, *near, *same_sentence),
                refuses=bits(either(rule.not_)),
                refuses_in_title=bits(either(rule.not_title)),
            )
        )
    asked = (
        concept
        for rule in rules
        for one in (*rule.each, *rule.title, *rule.near, *rule.same_sentence)
        for concept in one
    )
    return CompiledTopic(
        topic=topic,
        rules=tuple(rules),
        stop=bits(either(topic.stop)),
        concepts=frozenset(asked),
        bystanders=either(topic.bystanders),
    )
