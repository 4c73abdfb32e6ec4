"""Terms: the fast matcher finds just what the definition of a term says, found here the slow way."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot import config
from bot.analyse.folding import fold
from bot.analyse.terms import Hit, Matcher
from bot.configured import Concept

LETTER = "[0-9a-z\u00df-\u024f\u0400-\u052f]"
GAP = r"""[\s\-"']{1,3}"""


@cache
def pattern_of(term: str) -> tuple[re.Pattern[str], tuple[re.Pattern[str] | None, ...]]:
    """A term as one regular expression for folded text, and one for each word of the original whose capitals matter."""
    words = re.split(r"[\s\-]+", term.strip())
    if re.search("[\u3400-\u9fff]", fold(term).text):
        return re.compile(re.escape(fold(term).text.strip().replace("*", ""))), (None,) * len(words)
    whole = GAP.join(word_of(fold(word).text) for word in words)
    capitals = tuple(re.compile(word_of(word)) if matters(word) else None for word in words)
    return re.compile(f"(?<!{LETTER}){whole}(?!{LETTER})"), capitals


def word_of(word: str) -> str:
    """One word: open where it is starred, with its regular plural where it is English."""
    if word.endswith("*"):
        return re.escape(word.rstrip("*")) + LETTER + "*"
    if re.fullmatch("[a-z]+[^aeiou]y", word):
        return word[:-1] + "(?:y|ies)"
    return re.escape(word) + ("(?:s|es)?" if re.fullmatch("[A-Za-z]{2,}", word) else "")


def matters(word: str) -> bool:
    """Whether a word counts only as it is written."""
    letters = "".join(filter(str.isalpha, word))
    return word != word.lower() and (len(letters) <= 3 or letters.isupper())


def slowly(concept: Concept, text: str) -> set[tuple[int, int, str]]:
    """From, up to and gloss of the hits: each term at each place, then the longest of those that overlap."""
    folded = fold(text)
    places: dict[bool, dict[tuple[int, int], str]] = {True: {}, False: {}}
    for wanted, terms in ((True, (*concept.en, *concept.ru, *concept.zh)), (False, concept.not_)):
        for term in terms:
            pattern, capitals = pattern_of(term)
            for start in range(len(folded.text)):
                if found := pattern.match(folded.text, start):
                    first, last = folded.original(start, found.end())
                    words = re.split(GAP, text[first:last])
                    if not any(capitals) or all(
                        capital is None or capital.fullmatch(word)
                        for capital, word in zip(capitals, words, strict=True)
                    ):
                        gloss = concept.glosses.get(term) or places[wanted].get(found.span(), "")
                        places[wanted][found.span()] = gloss
    taken = {place for span in places[False] for place in range(*span)}
    hits = set()
    for start, end in sorted(places[True], key=lambda span: (span[0] - span[1], span[0])):
        if taken.isdisjoint(range(start, end)):
            taken.update(range(start, end))
            hits.add((start, end, places[True][start, end]))
    return hits


CONCEPTS = (
    Concept(
        id="words",
        en=("price", "pric*", "subsidy", "US", "Dy", "t", "R&D", "U.S.", "SDY", "quota", "quota*", "bus", "Kola"),
        ru=("магнит*", "ЕС", "ион", "цена"),
        zh=("稀土", "MP材料", "俄"),
        not_=("магнитогорск*", "俄亥俄", "price war", "t-shirt"),
        glosses={"稀土": "rare earth", "pric*": "pricing", "ион": "ion", "quota": "a quota", "quota*": "quotas"},
    ),
    Concept(
        id="phrases",
        en=("rare earth", "rare earth oxide", "earth", "a tonne", "on the list", "T-Bank", "de-list*", "US list",
            "MP Materials", "a b c", "M&A deal", "in R&D", "raw* ore", "cut off", "rare", "e 'u'", "of US"),
        ru=("с санкции", "редкоземельн* металл*", "за тонну", "мер ЕС", "20-й пакет*", "в обход"),
        not_=("on the list of", "за тонну стали"),
        glosses={"за тонну": "a tonne", "rare earth": "REE"},
    ),
)  # fmt: skip
WORDS = sorted(
    {
        word.strip("*")
        for concept in CONCEPTS
        for term in (*concept.en, *concept.ru, *concept.zh, *concept.not_)
        for word in (term, *re.split(r"[\s\-]+", term))
    }
    - {""}
)
ENDINGS = ("", "", "s", "es", "ies", "y", "x", "ов", "й", "2", "é", "土")
GAPS = (
    " ",
    " ",
    "-",
    "'",
    ' "',
    "  ",
    " - ",
    "\n",
    "    ",
    ", ",
    ". ",
    "",
    "俄",
    "\u00ad",
    "…",
    "—",
    "«",
    "/",
)


def cased(words: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Words as they are, and in the three usual ways to write them."""
    return words | words.map(str.upper) | words.map(str.lower) | words.map(str.capitalize)


def texts(words: Iterable[str], longest: int) -> st.SearchStrategy[str]:
    """Texts of such words with endings that terms allow or not, joined in ways that they allow or not."""
    piece = st.tuples(cased(st.sampled_from(list(words))), st.sampled_from(ENDINGS), st.sampled_from(GAPS))
    other = st.text(max_size=3).map(lambda text: (text,))
    return st.lists(piece | piece | piece | other, max_size=longest).map(
        lambda pieces: "".join(map("".join, pieces))
    )


def as_found(hits: Iterable[Hit]) -> set[tuple[int, int, str]]:
    """Hits as `slowly` gives them."""
    return {(hit.start, hit.end, hit.gloss) for hit in hits}


@settings(max_examples=300, deadline=None)
@example("Quota, quotas and quotations")
@example("rare  earth, rare - earth, rare    earth, rare earth-oxides")
@example('a "tonne", 3a tonne, a\ttonnes, ON THE LISTS, t-banks de-listing')
@given(texts(WORDS, 8))
def test_the_fast_matcher_finds_what_the_definition_says(text: str) -> None:
    """Whatever stands beside, between and after a term's words, tables and anchors find neither more nor less."""
    found = Matcher(CONCEPTS).find(text)

    for concept in CONCEPTS:
        hits = found.of(concept.id)
        assert as_found(hits) == slowly(concept, text)
        assert (concept.id in found.concepts) == bool(hits)
        assert [hit for hit in found.in_order() if hit.concept == concept.id] == sorted(
            hits, key=lambda hit: hit.start
        )


_, SHIPPED = config.load_rules(Path(__file__).parents[2] / "config")
MATCHER = Matcher(SHIPPED)
TERMS = sorted(
    {term.replace("*", "") for concept in SHIPPED for term in (*concept.en, *concept.ru, *concept.zh, *concept.not_)}
)  # fmt: skip


@settings(max_examples=15, deadline=None)
@given(texts(TERMS, 5))
def test_the_shipped_terms_are_found_as_defined(text: str) -> None:
    """The same holds for all terms of `config/concepts/` at once."""
    found = MATCHER.find(text)

    assert {concept.id: as_found(found.of(concept.id)) for concept in SHIPPED} == {
        concept.id: slowly(concept, text) for concept in SHIPPED
    }


@pytest.mark.parametrize("concept", SHIPPED, ids=lambda concept: concept.id)
def test_every_shipped_term_is_found_in_its_own_words(concept: Concept) -> None:
    """No term is lost in the tables: each, alone in a text, is a hit, or what its concept does not mean."""
    alone = Matcher([Concept(id="it", en=concept.en, ru=concept.ru, zh=concept.zh)])

    for term in (*concept.en, *concept.ru, *concept.zh):
        assert list(alone.find(f"({term.replace('*', '')})").concepts) == ["it"], term


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from("aZя Яё—…，“礦İßΣﬁ½\u0301\u00ad") | st.characters(), max_size=40).map("".join)
)
def test_each_character_folds_alike_in_any_text(text: str) -> None:
    """A text folds as its characters do one by one, be they few or of many kinds; each leads back to where it stood."""
    alone = [fold(char).text for char in text]
    folded = fold(text)

    assert folded.text == "".join(alone)
    origins = [place for place, one in enumerate(alone) for _ in one]
    assert [folded.original(place, place + 1)[0] for place in range(len(folded.text))] == origins
