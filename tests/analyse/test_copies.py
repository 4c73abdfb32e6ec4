"""Copies: the same report in other dress, and never one with another figure."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.copies import Addresses, copied, find_copy
from bot.analyse.shelf import Shelf
from bot.analyse.traits import Traits, traits
from bot.lab.copies import copy_set, told_apart
from bot.lab.examples import read_labelled
from bot.lab.grouping import pairwise
from bot.model import Item

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


def compared(key: str, title: str, language: str = "en", **changes: str) -> Traits:
    """What is compared of an item with this headline."""
    item = Item(key=key, source_id="one", title=title, language=language, first_seen_at=NOW)
    return traits(replace(item, **changes), now=NOW)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "en",
            "EU adopts 20th package against Russia",
            "UPDATE 2-EU adopts 20th package against Russia - Reuters",
        ),
        ("en", "China sets rare earth export quota", "CHINA SETS RARE-EARTH EXPORT QUOTA!"),
        ("ru", "Росатом купил долю в «Томторе»", 'СРОЧНО: Росатом купил долю в "Томторе" — РБК'),
        ("zh", "商务部:对7类中重稀土实施出口管制", "【快讯】商务部：对７类中重稀土实施出口管制_新浪财经"),
    ],
)
def test_other_dress_is_the_same_headline(language: str, one: str, other: str) -> None:
    """Publisher, prefix, punctuation and width make no other report."""
    assert copied(compared("a", one, language), compared("b", other, language), similarity=0.6)


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "en",
            "China's quota for the second half is 120,000 t",
            "China's quota for the second half is 135,000 t",
        ),
        (
            "en",
            "Yn332,000/t: February list at Baotou producer",
            "Yn334,000/t: February list at Baotou producer",
        ),
        (
            "en",
            "G7 in Hiroshima bars Russian copper and nickel",
            "G20 in Hiroshima bars Russian copper and nickel",
        ),
        ("ru", "Квота на добычу выросла до 120 тыс. тонн", "Квота на добычу выросла до 135 тыс. тонн"),
        ("zh", "2023年第一批稀土开采指标12万吨", "2023年第一批稀土开采指标13.5万吨"),
    ],
)
def test_another_figure_is_another_report(language: str, one: str, other: str) -> None:
    """However alike two headlines read, each has a figure that the other lacks."""
    assert not copied(compared("a", one, language), compared("b", other, language), similarity=0.6)


def test_the_same_long_text_under_another_headline_is_a_copy() -> None:
    """A syndicated report keeps its words and loses its headline; a short lead proves nothing."""
    text = (
        "The ministry said on Monday that exporters would need a licence for each shipment of magnets, that papers "
        "would be checked within six weeks, and that makers of cars abroad had been told of it before the holiday. "
        "Analysts doubt whether the offices can keep up."
    )

    long = copied(
        compared("a", "Beijing tightens its grip", text=text),
        compared("b", "Licences for every magnet", text=text),
        similarity=0.6,
    )
    short = copied(
        compared("a", "Beijing tightens its grip", text=text[:40]),
        compared("b", "Licences for every magnet", text=text[:40]),
        similarity=0.6,
    )

    assert (long, short) == ("same text", "")


def test_an_address_of_an_article_is_its_identity() -> None:
    """The same article under two headlines is one; a front page is none."""
    address = "https://news.example/2026/11/package-adopted"
    addresses, shelf = Addresses(), Shelf()
    addresses.add(compared("a", "Package adopted", url=address))
    addresses.add(compared("p", "Prices", url="https://prices.example/"))

    found = find_copy(compared("b", "Other", url=f"{address}?utm_source=x"), addresses, shelf, similarity=0.6)
    page = find_copy(compared("q", "Other", url="https://prices.example/"), addresses, shelf, similarity=0.6)
    addresses.take("a")
    gone = find_copy(compared("b", "Other", url=address), addresses, shelf, similarity=0.6)

    assert found is not None
    assert (found.of, found.reason) == ("a", "same address")
    assert page is None
    assert gone is None


words = st.sampled_from(
    [
        "china",
        "russia",
        "quota",
        "export",
        "licence",
        "dysprosium",
        "cut",
        "raises",
        "ministry",
        "120",
        "稀土",
        "出口",
        "管制",
    ]
)
titles = st.lists(words, min_size=1, max_size=7).map(" ".join)


@settings(max_examples=100)
@given(st.lists(titles, min_size=1, max_size=12), titles)
def test_the_shelf_hides_no_copy(known: list[str], title: str) -> None:
    """Counting bits finds a copy wherever comparing with each item does."""
    shelf, new = Shelf(), compared("new", title)
    for number, text in enumerate(known):
        shelf.add(compared(f"k{number}", text))

    found = find_copy(new, Addresses(), shelf, similarity=0.6)

    # The ten most alike are looked at; of more than ten all of them are here.
    each = [copied(new, shelf[f"k{number}"], similarity=0.6) for number in range(len(known))]
    assert (found is not None) == any(each) or len(known) > 10


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60), st.sampled_from(["en", "ru", "zh", "und"]))
def test_copying_is_mutual(one: str, other: str, language: str) -> None:
    """Which of two came first makes no difference, and no text raises."""
    first, second = compared("a", one, language), compared("b", other, language)

    assert copied(first, second, similarity=0.6) == copied(second, first, similarity=0.6)


def test_copies_made_of_labelled_items_are_found() -> None:
    """Pairwise F1 at least 0.97 with precision at least 0.99; `python -m bot.lab.copies` holds all of them against it."""
    rows = read_labelled(sorted(Path("seeds/labelled").glob("news-dev-*.jsonl")))
    made, original = copy_set([row.item for row in rows])

    found = pairwise(told_apart(made, 0.6), original)

    assert found.f1 >= 0.97
    assert found.precision >= 0.99
