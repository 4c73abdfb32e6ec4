"""Figures as tokens that are the same in three languages."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.magnitudes import contradict, magnitudes


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("3.8 Mt of ore", "3,8 млн т руды", "380万吨"), {"3800000"}),
        (("down seventy per cent", "упала на семьдесят процентов", "缩水七成"), {"70%"}),
        (("the 21st package", "двадцать первый пакет", "第二十一轮"), {"21"}),
        (("from July 31, 2026", "с 31 июля 2026 года", "2026年7月31日起"), {"@07-31", "#2026"}),
        (("146 bln roubles", "146 млрд рублей", "1460億盧布"), {"146000000000"}),
        (("60 million tonnes", "60 миллионов тонн", "六千万吨"), {"60000000"}),
        (("120,850 t", "120 850 т", "120850吨"), {"120850"}),
        (("up 12%", "на 12 %", "百分之十二"), {"12%"}),
        (("65%", "65 процентов", "六成五"), {"65%"}),
        (("by 2030", "к 2030 году", "2030年"), {"#2030"}),
    ],
    ids=[
        "scale",
        "share in words",
        "ordinal",
        "day",
        "billions",
        "words",
        "groups",
        "percent",
        "tenths",
        "year",
    ],
)
def test_one_figure_is_one_token_in_three_languages(texts: tuple[str, ...], expected: set[str]) -> None:
    """However a figure is written, it is the same token."""
    assert [magnitudes(text) for text in texts] == [expected] * len(texts)


@pytest.mark.parametrize(
    "text", ["统一市场", "一些企业", "成功", "May said so", "Mtoko", "семья", "пятница", ""]
)
def test_a_word_that_looks_like_a_number_is_none(text: str) -> None:
    """Signs and stems of numbers are parts of ordinary words too."""
    assert magnitudes(text) == frozenset()


def test_days_and_years_contradict_nothing() -> None:
    """Two reports of one event name different days; amounts that agree on nothing are another event."""
    assert not contradict(magnitudes("on 3 May 2025"), magnitudes("on 4 May 2026"))
    assert not contradict(magnitudes("120 t of 300"), magnitudes("120 t"))
    assert contradict(magnitudes("120,000 t in 2025"), magnitudes("135,000 t in 2025"))


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_has_figures_or_none(text: str) -> None:
    """Nothing raises, and tokens are short and without spaces."""
    assert all(token and " " not in token for token in magnitudes(text))


@settings(max_examples=100)
@given(st.integers(2, 9_999_999))
def test_a_number_reads_alike_in_three_ways_of_grouping(number: int) -> None:
    """Commas, spaces and nothing between groups give one token, years aside."""
    plain = magnitudes(f"{number} t")

    assert magnitudes(f"{number:,} t") == plain or 1950 <= number <= 2060
    assert magnitudes(f"{number:,} т".replace(",", "\u00a0")) == plain or 1950 <= number <= 2060
