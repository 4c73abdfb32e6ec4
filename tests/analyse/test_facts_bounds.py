"""Whatever a text holds, its facts are read in bounded time and nothing breaks."""

import time
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.facts import MOST_FACTS
from tests.analyse.test_facts import read


def test_a_page_of_numbers_is_read_in_bounds() -> None:
    """No text, however long, takes more than a moment or gives more than a page of facts."""
    for text in (
        "5% " * 60_000,
        "2030年12月31日前 " * 10_000,
        "1 000 " * 40_000,
        "quota 5 t " * 20_000,
        "1 млн. " * 30_000,
    ):
        began = time.process_time()

        assert len(read("Dysprosium", text=text)) <= MOST_FACTS
        assert time.process_time() - began < 5


WORDS = st.sampled_from(
    [
        "dysprosium",
        "镝",
        "диспрозий",
        "rose",
        "to",
        "by",
        "from",
        "на",
        "до",
        "至",
        "涨",
        "%",
        "$",
        "A$",
        "¥",
        "元",
        "万",
        "млн",
        "million",
        "yuan",
        "t",
        "吨",
        "т",
        "kg",
        "/",
        "-",
        ",",
        ".",
        ":",
        "5",
        "1.4",
        "1,000",
        "2030",
        "年",
        "12月1日",
        "by",
        "с",
        "к",
        "第",
        "half",
        "вдвое",
        "翻番",
        "(+",
        ")",
        "REO",
        "points",
        "index",
        "指数",
        "\xad",
        "５",
        "Mt",
    ]
)


@given(
    words=st.lists(WORDS, max_size=24),
    gap=st.sampled_from(["", " "]),
    language=st.sampled_from(["en", "ru", "zh", "und"]),
)
@settings(max_examples=300, deadline=None)
def test_no_words_break_it(words: list[str], gap: str, language: str) -> None:
    """Whatever stands beside whatever: finite values, ordered ends, and spans inside their fields that do not overlap."""
    text = gap.join(words)

    facts = read("", language, text=text)

    for fact in facts:
        assert abs(fact.value) < 1e17
        assert fact.value_to is None or fact.value < fact.value_to
        assert 0 <= fact.start < fact.end <= len(text)
    for one, other in pairwise(facts):
        assert one.end <= other.start


@given(text=st.text(max_size=120))
@settings(max_examples=200, deadline=None)
def test_no_text_breaks_it(text: str) -> None:
    """Any characters at all are read without an error."""
    read(text, text=text[::-1])
