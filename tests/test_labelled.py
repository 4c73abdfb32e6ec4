"""The labelled items that we ship: enough of each kind, and none that could pass for news."""

import json
import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.lab.examples import read_labelled

FOLDER = Path(__file__).parent.parent / "seeds/labelled"
FILES = sorted(FOLDER.glob("*.jsonl"))
TOPICS = ("china-pricing", "russia-ree", "sanctions")
LANGUAGES = ("en", "ru", "zh")


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """Every line of every file, as written."""
    return [json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines()]


def plain(title: str) -> str:
    """A title without case, spaces, width and punctuation, so that copies compare equal."""
    return re.sub(r"\W+", "", unicodedata.normalize("NFKC", title).casefold())


def has_title_alone(row: dict[str, Any]) -> bool:
    """Whether the title is all that an item brings."""
    return not row["summary"] and not row["text"]


def test_every_file_loads_and_there_are_enough_items(rows: list[dict[str, Any]]) -> None:
    """The loader of `evaluate` takes all files, each line is one item, and there are at least 1,200."""
    items = read_labelled(FILES)

    assert len(items) == len(rows) >= 1200


def test_ids_are_unique(rows: list[dict[str, Any]]) -> None:
    """No two items share an id, so that a listed mistake points at one line."""
    twice = [name for name, count in Counter(row["id"] for row in rows).items() if count > 1]

    assert twice == []


def test_topics_and_languages_are_known_ones(rows: list[dict[str, Any]]) -> None:
    """A misspelt topic or language would silently count as a miss, so only the known ones stand in the files."""
    topics = {topic for row in rows for topic in row["topics"]}
    languages = {row["lang"] for row in rows}

    assert topics == set(TOPICS)
    assert languages == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", TOPICS)
def test_every_topic_has_positives_in_every_language(
    rows: list[dict[str, Any]], topic: str, language: str
) -> None:
    """At least 60 positives of each topic in each language: below that a figure says little."""
    positives = [row for row in rows if topic in row["topics"] and row["lang"] == language]

    assert len(positives) >= 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_at_least_two_in_five_negatives_are_near_misses(rows: list[dict[str, Any]], language: str) -> None:
    """Sport news alone would flatter the rules: 40% or more of the negatives of a language lie near the line."""
    negatives = [row for row in rows if not row["topics"] and row["lang"] == language]
    near = [row for row in negatives if row["hard"]]

    assert len(negatives) >= 60
    assert len(near) / len(negatives) >= 0.4


def test_a_quarter_or_more_are_titles_alone(rows: list[dict[str, Any]]) -> None:
    """Many feeds bring a headline and nothing else, so a quarter of the items do too."""
    assert sum(has_title_alone(row) for row in rows) / len(rows) >= 0.25


def test_own_items_can_not_pass_for_news(rows: list[dict[str, Any]]) -> None:
    """Items of our own making name no source and no address and are marked unverified: labels only."""
    own = [row for row in rows if row.get("own")]

    assert len(own) >= 760
    assert {row["id"] for row in rows if row["id"].startswith(("own-", "b-"))} == {row["id"] for row in own}
    for row in own:
        assert (row["source"], row["url"]) == ("", ""), row["id"]
        assert row["verified"] is False, row["id"]
        assert row["own"] is True, row["id"]
        assert row["why"], row["id"]
        assert row["story"], row["id"]
        assert date.fromisoformat(row["published"]) >= date(2014, 1, 1), row["id"]


def test_own_items_repeat_no_headline(rows: list[dict[str, Any]]) -> None:
    """An own item whose headline stands elsewhere too would count one wording twice."""
    seen = Counter(plain(row["title"]) for row in rows)

    repeated = [row["id"] for row in rows if row.get("own") and seen[plain(row["title"])] > 1]

    assert repeated == []
