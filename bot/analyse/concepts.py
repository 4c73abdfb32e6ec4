"""Pure. Concepts of three languages -> one matcher; topics and concepts -> a `Rulebook`.

How a term is read (after folding, see folding.py):
- Latin and Cyrillic words match whole. Between the words of a phrase may stand spaces, a hyphen or quotes.
- `word*` matches every word that begins so. Without the star an English word also matches its regular plural.
- A word all in capitals, or of at most three letters with a capital, matches only as written (US, SDN, Dy, ЕС).
- A term that holds a Han character matches anywhere, as Chinese has no spaces.
- A hit that overlaps a hit of one of the concept's own `not` terms does not count.
Of the hits of one concept that overlap, the longest counts.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from bot.analyse.folding import Folded, fold
from bot.analyse.linear import Model
from bot.configured import Concept, Rule, Topic

#: Part of the rules' version: raised when the same files begin to give other scores.
ENGINE = 3

#: Characters of words that have borders. Han characters have none, so a Latin name may touch them.
_LETTER = "0-9a-z\u00df-\u024f\u0400-\u052f"
_IN_WORD = re.compile(f"[{_LETTER}]")
_HAN = re.compile("[\u3400-\u9fff]")
_BETWEEN = r"""[\s\-"']{1,3}"""

#: Most terms of a rulebook never meet a text in one run: compiled when they first do, start-up takes a tenth.
_compiled_once = lru_cache(maxsize=None)(re.compile)


@dataclass(frozen=True, slots=True)
class Hit:
    """A term found in a folded text."""

    start: int
    end: int
    concept: str
    #: The term's own English name; empty where the concept's says it.
    gloss: str = ""


@dataclass(frozen=True, slots=True)
class _Term:
    """One way to write a concept, compiled."""

    concept: str
    #: False for a `not` term.
    wanted: bool
    #: None for a Chinese term, which its anchor finds whole.
    pattern: str | None
    #: Matches the original's words where capitals matter.
    cased: str | None
    #: What the automaton looks for: the term's first word, or the whole Chinese term.
    anchor: str
    gloss: str = ""


def _term(text: str, concept: str, *, wanted: bool, gloss: str = "") -> _Term:
    folded = fold(text).text.strip()
    if _HAN.search(folded):
        return _Term(concept, wanted, None, None, folded.replace("*", ""), gloss)
    words = re.split(r"[\s\-]+", text.strip())
    whole = _BETWEEN.join(_word(fold(word).text) for word in words)
    cased = None
    if any(_is_cased(word) for word in words):
        parts = (_word(word) if _is_cased(word) else f"(?i:{_word(word)})" for word in words)
        cased = _BETWEEN.join(parts)
    first = fold(words[0]).text
    anchor = first.rstrip("*") if first.endswith("*") else _singular_stem(first)
    return _Term(concept, wanted, f"{whole}(?![{_LETTER}])", cased, anchor, gloss)


def _is_cased(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return word != word.lower() and (len(letters) <= 3 or "".join(letters).isupper())


def _singular_stem(word: str) -> str:
    """The part of an English word that stays in the plural."""
    return word[:-1] if re.fullmatch(r"[a-z]+[^aeiou]y", word) else word


def _word(word: str) -> str:
    """A regular expression for one word of a term."""
    if word.endswith("*"):
        return f"{re.escape(word.rstrip('*'))}[{_LETTER}]*"
    if re.fullmatch(r"[a-z]+[^aeiou]y", word):
        return f"{re.escape(word[:-1])}(?:y|ies)"
    if re.fullmatch(r"[A-Za-z]{2,}", word):
        return f"{re.escape(word)}(?:e?s)?"
    return re.escape(word)


class Matcher:
    """All terms of all concepts, looked for in one pass."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        self._by_anchor: list[tuple[_Term, ...]] = []
        grouped: dict[str, list[_Term]] = {}
        for concept in concepts:
            for wanted, texts in (
                (True, (*concept.en, *concept.ru, *concept.zh)),
                (False, concept.not_),
            ):
                for text in dict.fromkeys(texts):
                    gloss = concept.glosses.get(text, "")
                    term = _term(text, concept.id, wanted=wanted, gloss=gloss)
                    grouped.setdefault(term.anchor, []).append(term)
        self._by_anchor = [tuple(terms) for terms in grouped.values()]
        self._automaton = AhoCorasick(list(grouped)) if grouped else None

    def find(self, text: str, folded: Folded | None = None) -> tuple[Hit, ...]:
        """Hits in a text, by place; their offsets count characters of the folded text."""
        if self._automaton is None or not text:
            return ()
        folded = folded or fold(text)
        low = folded.text
        wanted: dict[str, list[tuple[int, int]]] = {}
        unwanted: dict[str, list[tuple[int, int]]] = {}
        glosses: dict[tuple[str, int, int], str] = {}
        for number, start, end in self._automaton.find_matches_as_indexes(low, overlapping=True):
            inside = bool(start) and _IN_WORD.match(low, start - 1) is not None
            for term in self._by_anchor[number]:
                if term.pattern is None:
                    stop = end
                else:
                    if inside or (found := _compiled_once(term.pattern).match(low, start)) is None:
                        continue
                    stop = found.end()
                    if term.cased is not None:
                        first, last = folded.original(start, stop)
                        if _compiled_once(term.cased).fullmatch(text, first, last) is None:
                            continue
                (wanted if term.wanted else unwanted).setdefault(term.concept, []).append((start, stop))
                if term.gloss:
                    glosses[term.concept, start, stop] = term.gloss
        hits = [
            Hit(start, end, concept, glosses.get((concept, start, end), ""))
            for concept, spans in wanted.items()
            for start, end in _kept(spans, unwanted.get(concept, ()))
        ]
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.concept)))


def _kept(spans: list[tuple[int, int]], unwanted: Iterable[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """The longest of those that overlap, without those that overlap an unwanted one."""
    if len(spans) == 1 and not unwanted:
        return spans
    taken = {place for start, end in unwanted for place in range(start, end)}
    kept: list[tuple[int, int]] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end))
    return kept


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
        content = [ENGINE, [asdict(topic) for topic in topics], [asdict(concept) for concept in concepts]]
        serial = json.dumps(content, sort_keys=True, ensure_ascii=False)
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
    return CompiledTopic(topic=topic, rules=tuple(rules), stop=bits(either(topic.stop)))
