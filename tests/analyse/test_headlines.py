"""The index of headlines: fast with thousands of them, and it hides no match."""

import time
from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.stories import Headlines, headline, match
from tests.analyse.test_stories import SURE, entry

SIMILARITY = 0.6
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
        "配额",
    ]
)
titles = st.lists(words, min_size=1, max_size=7).map(" ".join)


@settings(max_examples=150)
@given(st.lists(titles, min_size=1, max_size=12), titles)
def test_the_index_finds_what_comparing_with_all_finds(known: list[str], title: str) -> None:
    """With the index or without it, an item has a match or has none, and both are as much alike."""
    lines = [headline(f"s{n}", f"k{n}", url="", language="en", title=text) for n, text in enumerate(known)]
    item = entry("new", title, SURE, url="").item

    with patch("bot.analyse.stories._FEW", 1):
        indexes = [Headlines(lines, similarity=SIMILARITY, many=many) for many in (False, True)]

    found = [match(item, index.near(item), similarity=SIMILARITY) for index in indexes]
    alike = [
        sorted(headline("", "", url="", language="en", title=known[int(one.copy_of[1:])]).shingles)
        if one
        else None
        for one in found
    ]
    groups = headline("", "", url="", language="en", title=title).shingles
    shares = [len(groups & set(one)) / len(groups | set(one)) if one else 0.0 for one in alike]
    assert shares[0] == shares[1]


def test_a_story_of_thousands_costs_no_more_than_one_of_fifty() -> None:
    """Five thousand wordings of one event are added and asked for in a moment, and still match."""
    lines = [
        headline("s", f"k{n}", url="", language="en", title="China sets rare earth export quota")
        for n in range(5_000)
    ]
    item = entry("new", "China sets its rare earth export quota", SURE).item
    began = time.process_time()

    near = Headlines(lines, similarity=SIMILARITY).near(item)

    assert len(near) == 50
    assert match(item, near, similarity=SIMILARITY)
    assert time.process_time() - began < 1
