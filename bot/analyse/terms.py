"""Pure. Concepts of three languages -> one matcher, which finds their terms in a text.

How a term is read (after folding, see folding.py):
- Latin and Cyrillic words match whole. Between the words of a phrase may stand spaces, a hyphen or quotes.
- `word*` matches every word that begins so. Without the star an English word also matches its regular plural.
- A word all in capitals, or of at most three letters with a capital, matches only as written (US, SDN, Dy, ЕС).
- A term that holds a Han character matches anywhere, as Chinese has no spaces.
- A hit that overlaps a hit of one of the concept's own `not` terms does not count.
Of the hits of one concept that overlap, the longest counts.

How they are found: one pass of an automaton (Aho and Corasick, 1975) finds the anchors, the unchanging head of a word of each term.
What follows an anchor up to the end of the word then decides nearly all terms by one look into a table; only phrases and
what depends on capitals need a regular expression. `tests/analyse/test_terms.py` holds the result against the plain
definition.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from bot.analyse.folding import Folded, fold
from bot.configured import Concept

#: Characters of words that have borders. Han characters have none, so a Latin name may touch them.
_LETTER = "0-9a-z\u00df-\u024f\u0400-\u052f"
_IN_WORD = re.compile(f"[{_LETTER}]")
_LETTERS = frozenset(filter(_IN_WORD.match, map(chr, range(0x530))))
_rest_of_word = re.compile(f"[{_LETTER}]*").match
_HAN = re.compile("[\u3400-\u9fff]")
_BETWEEN = r"""[\s\-"']{1,3}"""
_gap = re.compile(_BETWEEN).match
_SPLIT = re.compile(r"[\s\-]+")
_TAKES_IES = re.compile(r"[a-z]+[^aeiou]y")
#: A phrase is looked for by another word if its first has no more letters than this.
_SHORT = 3
_TAKES_S = re.compile(r"[A-Za-z]{2,}")
Span = tuple[int, int]


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
    """One way to write a concept."""

    text: str
    concept: str
    #: False for a `not` term.
    wanted: bool
    gloss: str
    #: Which of its words the anchor is of.
    anchored: int


class Matches:
    """What the matcher found in one text. Which hits count is worked out for the concepts that are asked for."""

    __slots__ = ("_glosses", "_unwanted", "_wanted", "concepts")

    def __init__(
        self,
        wanted: Mapping[str, Sequence[Span]],
        unwanted: Mapping[str, Sequence[Span]],
        glosses: Mapping[tuple[str, int, int], str],
    ) -> None:
        self._wanted = wanted
        self._unwanted = unwanted
        self._glosses = glosses
        #: The concepts of which a hit counts.
        self.concepts: Iterable[str] = wanted.keys()
        if unwanted:
            self.concepts = [name for name in wanted if name not in unwanted or self.of(name)]

    def of(self, concept: str) -> list[Hit]:
        """The hits of a concept that count, in no order; their offsets count characters of the folded text."""
        spans, unwanted = self._wanted.get(concept, ()), self._unwanted.get(concept, ())
        return [
            Hit(start, end, concept, self._glosses.get((concept, start, end), ""))
            for start, end in _kept(spans, unwanted)
        ]

    def in_order(self) -> tuple[Hit, ...]:
        """All hits that count, by place, a longer one before a shorter."""
        hits = (hit for concept in self.concepts for hit in self.of(concept))
        return tuple(sorted(hits, key=lambda hit: (hit.start, -hit.end, hit.concept)))


def _kept(spans: Sequence[Span], unwanted: Sequence[Span]) -> Sequence[Span]:
    """The longest of those that overlap, without those that overlap an unwanted one."""
    if len(spans) == 1 and not unwanted:
        return spans
    taken = {place for start, end in unwanted for place in range(start, end)}
    kept: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            kept.append((start, end))
    return kept


_NOTHING = Matches({}, {}, {})

#: What is known of a term once its words are found: concept, wanted, gloss, and what the original's words must match where
#: capitals matter. A plain tuple, as it is unpacked for each hit.
_Known = tuple[str, bool, str, re.Pattern[str] | None]
#: A phrase, or a term with other characters than letters in it.
_Pattern = tuple[re.Pattern[str], _Known]
#: Where terms were found: from, up to, which.
_Place = tuple[int, int, tuple[_Known, ...]]


@dataclass(frozen=True, slots=True)
class _Table:
    """The terms that have one anchor."""

    #: Single words that are the anchor, and those of what may follow it in its word; starred ones included.
    bare: tuple[_Known, ...]
    tailed: Mapping[str, tuple[_Known, ...]]
    #: Single words with a star: whatever follows.
    starred: tuple[_Known, ...]
    #: First letter of the second word -> phrases.
    phrases: Mapping[str, tuple[_Pattern, ...]]
    #: Number of words before the anchor -> phrases that begin with a short word.
    later: Mapping[int, tuple[_Pattern, ...]]
    #: Terms that can not be told by letters alone.
    others: tuple[_Pattern, ...]
    #: Letters that may follow the anchor in its word; None: any.
    goes_on: frozenset[str] | None


def _table(anchor: str, terms: Iterable[_Term]) -> _Table:
    """Compile the terms of an anchor."""
    singles: list[tuple[tuple[str, ...], _Known]] = []
    phrases: dict[str, list[_Pattern]] = {}
    later: dict[int, list[_Pattern]] = {}
    others: list[_Pattern] = []
    ends: set[tuple[str, ...]] = set()
    for term in terms:
        words = _SPLIT.split(term.text.strip())
        folded = [fold(word).text for word in words]
        known = (term.concept, term.wanted, term.gloss, _cased(words))
        ends.add(_tails(folded[term.anchored]))
        if len(folded) == 1 and _LETTERS.issuperset(anchor):
            singles.append((_tails(folded[0]), known))
            continue
        pattern = re.compile(_BETWEEN.join(map(_word, folded)) + f"(?![{_LETTER}])")
        if term.anchored:
            later.setdefault(term.anchored, []).append((pattern, known))
        elif _LETTERS.issuperset(anchor) and folded[1][:1] in _LETTERS:
            phrases.setdefault(folded[1][0], []).append((pattern, known))
        else:
            others.append((pattern, known))
    # In the order of the terms, as of two glosses for the same words the later counts.
    tailed = {
        tail: tuple(known for tails, known in singles if tail in tails or not tails)
        for tail in {tail for tails, _ in singles for tail in tails}
    }
    starred = tuple(known for tails, known in singles if not tails)
    return _Table(
        bare=tailed.get("", starred),
        tailed=tailed,
        starred=starred,
        phrases={letter: tuple(found) for letter, found in phrases.items()},
        later={before: tuple(found) for before, found in later.items()},
        others=tuple(others),
        goes_on=None if () in ends else frozenset(tail[:1] for tails in ends for tail in tails),
    )


def _anchored(words: Sequence[str]) -> tuple[int, str]:
    """The word of a term that the automaton looks for, by number, and its anchor: the first, or a longer one.

    "a tonne" begins wherever an "a" stands: of the anchors that ordinary texts hold two in three were such words.
    """
    anchors = [_anchor(fold(word).text) for word in words]
    if len(words) == 1 or len(anchors[0]) > _SHORT or not all(map(_LETTERS.issuperset, anchors)):
        return 0, anchors[0]
    longest = max(range(len(words)), key=lambda number: len(anchors[number]))
    return longest, anchors[longest]


def _anchor(word: str) -> str:
    """The part of a word that does not change."""
    if word.endswith("*"):
        return word.rstrip("*")
    return word[:-1] if _TAKES_IES.fullmatch(word) else word


def _tails(word: str) -> tuple[str, ...]:
    """What may follow the word's anchor; nothing given: anything."""
    if word.endswith("*"):
        return ()
    if _TAKES_IES.fullmatch(word):
        return ("y", "ies")
    return ("", "s", "es") if _TAKES_S.fullmatch(word) else ("",)


def _word(word: str) -> str:
    """A regular expression for one word of a term."""
    if word.endswith("*"):
        return f"{re.escape(word.rstrip('*'))}[{_LETTER}]*"
    return f"{re.escape(_anchor(word))}(?:{'|'.join(_tails(word))})"


def _cased(words: Sequence[str]) -> re.Pattern[str] | None:
    """What the original's words must match; None where capitals do not matter."""
    if not any(map(_is_cased, words)):
        return None
    parts = (_word(word) if _is_cased(word) else f"(?i:{_word(word)})" for word in words)
    return re.compile(_BETWEEN.join(parts))


def _is_cased(word: str) -> bool:
    letters = [char for char in word if char.isalpha()]
    return word != word.lower() and (len(letters) <= 3 or "".join(letters).isupper())


class Matcher:
    """All terms of all concepts, looked for in one pass. Safe to call from any thread."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        in_han: dict[str, list[_Known]] = {}
        in_words: dict[str, list[_Term]] = {}
        for concept in concepts:
            for wanted, texts in (
                (True, (*concept.en, *concept.ru, *concept.zh)),
                (False, concept.not_),
            ):
                for text in dict.fromkeys(texts):
                    gloss = concept.glosses.get(text, "")
                    folded = fold(text).text
                    if _HAN.search(folded):
                        whole = folded.strip().replace("*", "")
                        in_han.setdefault(whole, []).append((concept.id, wanted, gloss, None))
                    else:
                        place, anchor = _anchored(_SPLIT.split(text.strip()))
                        term = _Term(text, concept.id, wanted, gloss, place)
                        in_words.setdefault(anchor, []).append(term)
        anchors = [*in_han, *in_words]
        self._automaton = AhoCorasick(anchors) if anchors else None
        # The automaton numbers the anchors: first the Chinese terms, which are their own.
        self._in_han = tuple(map(tuple, in_han.values()))
        self._in_words = tuple(in_words.items())
        #: The tables of anchors that a text had. A rulebook has thousands, of which one run of a command meets few.
        self._tables: dict[int, _Table] = {}

    def find(self, text: str, folded: Folded | None = None) -> Matches:
        """The terms in a text; `folded` where it is folded already."""
        if self._automaton is None or not text:
            return _NOTHING
        folded = folded or fold(text)
        low = folded.text
        size, count, tables = len(low), len(self._in_han), self._tables
        found: list[_Place] = []
        # Written out, as this runs for each anchor of each text: calls would take as long as all else.
        for number, start, end in self._automaton.find_matches_as_indexes(low, overlapping=True):
            if number < count:
                found.append((start, end, self._in_han[number]))
                continue
            if start and low[start - 1] in _LETTERS:
                continue
            table = tables.get(number) or self._compile(number)
            if end == size or low[end] not in _LETTERS:
                stop, terms = end, table.bare
            elif table.goes_on is None or low[end] in table.goes_on:
                stop = _rest_of_word(low, end).end()  # type: ignore[union-attr]  # it matches nothing as well
                terms = table.tailed.get(low[end:stop], table.starred)
            else:
                continue
            if terms:
                found.append((start, stop, terms))
            if table.phrases:
                second = low[stop + 1 : stop + 2]
                if second not in _LETTERS and (gap := _gap(low, stop)):
                    second = low[gap.end() : gap.end() + 1]
                if second in table.phrases:
                    found += _matching(table.phrases[second], low, start)
            for before, patterns in table.later.items():
                if (begin := _words_back(low, start, before)) is not None:
                    found += _matching(patterns, low, begin)
            if table.others:
                found += _matching(table.others, low, start)
        return _matches(found, text, folded)

    def _compile(self, number: int) -> _Table:
        table = self._tables[number] = _table(*self._in_words[number - len(self._in_han)])
        return table


def _words_back(low: str, start: int, count: int) -> int | None:
    """Where the word begins that stands so many words before the one at `start`; None if other things stand between."""
    for _ in range(count):
        end = start
        while end and start - end < 3 and _gap(low[end - 1]):
            end -= 1
        begin = end
        while begin and low[begin - 1] in _LETTERS:
            begin -= 1
        if end == start or begin == end:
            return None
        start = begin
    return start


def _matching(patterns: Iterable[_Pattern], low: str, start: int) -> Iterator[_Place]:
    for pattern, known in patterns:
        if match := pattern.match(low, start):
            yield start, match.end(), (known,)


def _matches(found: Iterable[_Place], text: str, folded: Folded) -> Matches:
    """What was found, by concept, without what is not written with its capitals."""
    wanted: dict[str, list[Span]] = {}
    unwanted: dict[str, list[Span]] = {}
    glosses: dict[tuple[str, int, int], str] = {}
    for start, stop, terms in found:
        span = start, stop
        for concept, is_wanted, gloss, cased in terms:
            if cased is not None and not cased.fullmatch(text, *folded.original(start, stop)):
                continue
            spans = wanted if is_wanted else unwanted
            if concept in spans:
                spans[concept].append(span)
            else:
                spans[concept] = [span]
            if gloss:
                glosses[concept, start, stop] = gloss
    return Matches(wanted, unwanted, glosses)
