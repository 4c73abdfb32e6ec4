"""Concepts: how terms of three languages match, and what they leave alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.concepts import Rulebook
from bot.analyse.folding import fold
from bot.analyse.terms import Matcher
from bot.configured import Concept, Rule, Topic


def found(text: str, **terms: object) -> list[str]:
    """The words of a text that one concept with these terms hits."""
    concept = Concept(id="it", **terms)  # type: ignore[arg-type]
    folded = fold(text)
    hits = Matcher([concept]).find(text, folded).in_order()
    return [text[slice(*folded.original(hit.start, hit.end))] for hit in hits]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Rare-earth prices", ["Rare-earth"]),
        ("RARE EARTHS, again", ["RARE EARTHS"]),
        ("rare‑earth (non-breaking hyphen)", ["rare‑earth"]),
        ("the “rare earth” race", ["rare earth"]),
        ("rare-earthen pots", []),
        ("unrare earth", []),
        ("rare. Earth turns", []),
        ("中国rare earth公司", ["rare earth"]),
    ],
)
def test_an_english_phrase_matches_whole_words_however_joined(text: str, words: list[str]) -> None:
    """Words match whole, in any case, with spaces or a hyphen between them and in the regular plural."""
    assert found(text, en=("rare earth",)) == words


@pytest.mark.parametrize(
    ("term", "text", "words"),
    [
        ("subsidy", "Two subsidies and a subsidy", ["subsidies", "subsidy"]),
        ("quota", "quotas, quota, quotation", ["quotas", "quota"]),
        ("sanction*", "sanctioned by sanctions", ["sanctioned", "sanctions"]),
        ("tax", "taxes on taxis", ["taxes"]),
    ],
)
def test_english_inflection_is_the_plural_unless_a_star_asks_for_more(
    term: str, text: str, words: list[str]
) -> None:
    """A bare word takes its regular plural only; `word*` takes every word that begins so."""
    assert found(text, en=(term,)) == words


@pytest.mark.parametrize(
    ("term", "hit", "miss"),
    [
        ("US", "the US lists", "tell us more"),
        ("Dy", "Dy and Tb", "DY dyed"),
        ("SWIFT", "cut off from SWIFT", "Taylor Swift sings"),
        ("ЕС", "лидеры ЕС", "ес"),
    ],
)
def test_capitals_matter_in_short_and_all_capital_words(term: str, hit: str, miss: str) -> None:
    """Abbreviations and element symbols match only as written."""
    assert found(hit, en=(term,)) == [term]
    assert found(miss, en=(term,)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Редкоземельных металлов стало больше", ["Редкоземельных металлов"]),
        ("о редкоземельном металле", ["редкоземельном металле"]),
        ("редкоземельные рынки", []),
        ("нередкоземельных металлов", []),
    ],
)
def test_russian_stems_take_every_ending_word_by_word(text: str, words: list[str]) -> None:
    """Each starred word of a Russian phrase takes any ending, and begins at the start of a word."""
    assert found(text, ru=("редкоземельн* металл*",)) == words


@pytest.mark.parametrize(
    ("stem", "near_misses", "text", "words"),
    [
        ("магнит*", ("магнитогорск*",), "Магнитогорский завод магнитов", ["магнитов"]),
        ("сканди*", ("скандинав*", "скандир*"), "Скандинавы о скандии", ["скандии"]),
        ("俄", ("俄亥俄",), "俄亥俄州不是俄罗斯", ["俄"]),
        ("neodymium", ("neodymium laser",), "A neodymium laser, no neodymium lasers", []),
        ("neodymium", ("neodymium laser",), "neodymium for a laser", ["neodymium"]),
    ],
)
def test_a_longer_word_that_looks_alike_is_no_hit(
    stem: str, near_misses: tuple[str, ...], text: str, words: list[str]
) -> None:
    """A hit that overlaps one of the concept's `not` terms does not count; others in the text still do."""
    script = "zh" if stem == "俄" else "en" if stem.isascii() else "ru"
    assert found(text, **{script: (stem,), "not_": near_misses}) == words


def test_one_concept_is_found_in_three_scripts() -> None:
    """Tomtor is one concept in English, Russian, and simplified and traditional Chinese."""
    tomtor = Concept(id="tomtor", en=("Tomtor",), ru=("томтор*",), zh=("托姆托尔",))
    matcher = Matcher([tomtor])

    for text in ("Work starts at Tomtor", "На Томторском участке", "托姆托尔矿床", "托姆托爾礦床"):
        assert [hit.concept for hit in matcher.find(text).in_order()] == ["tomtor"], text


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("ЁЛКА и тёмный", "темн*"),
        ("ＮｄＰｒ ｏｘｉｄｅ", "ndpr oxide"),
        ("по\u00adтолок цен", "потолок цен"),
        ("потоло\u0301к цен", "потолок цен"),
    ],
)
def test_spelling_variants_fold_together(text: str, term: str) -> None:
    """ё and е, full-width letters, soft hyphens and stress marks make no difference."""
    assert len(found(text, ru=(term,))) == 1


def test_the_longest_of_overlapping_terms_counts() -> None:
    """ "rare earth oxides" is one hit, not one for each term inside it."""
    assert found("rare earth oxides", en=("rare earth", "rare earth oxide", "earth")) == ["rare earth oxides"]


PIECES = [
    "rare-earth",
    "Томторский",
    "稀土價格",
    "ＮｄＰｒ",
    "ﬁ",
    "İ",
    "ё\u0301",
    "\u00ad",
    "санкций",
    " ",
    ". ",
    "US",
    "𝐍𝐝",
    "釹",
]
CONCEPT = Concept(
    id="mix", en=("rare earth", "NdPr", "US", "fi"), ru=("томтор*", "санкц*"), zh=("稀土", "价格", "钕")
)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=12).map("".join))
def test_hits_point_into_the_original_text(text: str) -> None:
    """Whatever scripts are mixed, a hit's original span folds to just the folded words that were matched."""
    folded = fold(text)
    for hit in Matcher([CONCEPT]).find(text, folded).in_order():
        start, end = folded.original(hit.start, hit.end)

        assert 0 <= start < end <= len(text)
        assert folded.text[hit.start : hit.end] in fold(text[start:end]).text


@settings(max_examples=80, deadline=None)
@given(st.text())
def test_folding_is_the_same_the_second_time(text: str) -> None:
    """Folding a folded text changes nothing, so that terms and texts meet in one spelling."""
    once = fold(text).text

    assert fold(once).text == once


def test_folding_keeps_count_where_one_character_becomes_several_or_none() -> None:
    """The way back is right before and after characters that fold to two, and to nothing."""
    folded = fold("\u00adﬁNd")

    assert folded.text == "find"
    assert folded.original(0, 2) == (1, 2)
    assert folded.original(2, 4) == (2, 4)


def topic(*rules: Rule) -> Topic:
    """A topic with these rules."""
    return Topic(id="t", name="T", rules=rules)


RULE = Rule(id="r", weight=0.9, why="because", any=("a",))


def test_the_version_is_that_of_the_content() -> None:
    """The order of files does not change the version; a changed weight or term does."""
    a, b = Concept(id="a", en=("one",)), Concept(id="b", en=("two",))
    version = Rulebook.compile([topic(RULE)], [a, b]).version

    assert Rulebook.compile([topic(RULE)], [b, a]).version == version
    lighter = Rule(id="r", weight=0.8, why="because", any=("a",))
    assert Rulebook.compile([topic(lighter)], [a, b]).version != version
    assert Rulebook.compile([topic(RULE)], [a, Concept(id="b", en=("three",))]).version != version
    assert len(version) == 12


def test_includes_reach_as_deep_as_they_go_and_may_meet_in_a_circle() -> None:
    """A group holds the members of its members; two groups that hold each other do not hang."""
    concepts = [
        Concept(id="a", includes=("b",)),
        Concept(id="b", includes=("c", "a")),
        Concept(id="c", en=("deep",)),
    ]
    rule = Rulebook.compile([topic(RULE)], concepts).topics[0].rules[0]

    assert rule.each == (frozenset("abc"),)


def test_a_rulebook_may_be_empty() -> None:
    """No concepts and no topics is a rulebook that finds nothing."""
    rulebook = Rulebook.compile([], [])

    assert rulebook.topics == ()
    assert rulebook.matcher.find("rare earths").in_order() == ()
