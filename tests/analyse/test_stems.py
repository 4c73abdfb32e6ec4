"""Starred terms: a stem that is cut too short meets ordinary words."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.config import load_rules
from bot.model import Item

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The rules that we ship."""
    return Rulebook.compile(*load_rules(ROOT / "config"))


def concepts_of(text: str, rulebook: Rulebook) -> set[str]:
    """The concepts that a headline meets."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    item = Item(key="k", source_id="s", title=text, summary="", text="", language="en", first_seen_at=seen)
    return set(read(item, rulebook).concepts())


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("surgeons", "price-word"),
        ("surgeons", "move"),
        ("new software", "move"),
        ("diplomats", "move"),
        ("family firms", "move"),
        ("fallout", "move"),
        ("dumplings", "market-power"),
        ("spent nuclear fuel blocks", "control-loose"),
        ("settlers", "trade-block"),
        ("striped shirts", "trade-block"),
        ("репортёр спросил", "move"),
        ("Ростех", "move"),
        ("Ростов", "move"),
        ("контракт расторгают", "move"),
        ("растение", "move"),
        ("держава", "move"),
        ("нормально", "ceiling"),
        ("Сириус", "other-targets"),
        ("Литвинов", "western-powers"),
        ("германий", "western-powers"),
        ("европий", "western-powers"),
        ("сбережения", "russia-target"),
    ],
)
def test_an_ordinary_word_meets_no_concept_by_its_first_letters(
    text: str, concept: str, rulebook: Rulebook
) -> None:
    """A word that only begins like a term is not that term."""
    assert concept not in concepts_of(text, rulebook)


@pytest.mark.parametrize(
    ("text", "concept"),
    [
        ("surging", "price-word"),
        ("softer", "move"),
        ("dips", "move"),
        ("firmer", "move"),
        ("dumped", "market-power"),
        ("спрос", "move"),
        ("роста", "move"),
        ("растут", "move"),
        ("норму", "ceiling"),
        ("Сирии", "other-targets"),
        ("Литвы", "western-powers"),
        ("Германии", "western-powers"),
        ("Европы", "western-powers"),
        ("Сбербанка", "russia-target"),
    ],
)
def test_a_term_meets_its_concept_in_its_usual_forms(text: str, concept: str, rulebook: Rulebook) -> None:
    """Longer stems still take the forms that news uses."""
    assert concept in concepts_of(text, rulebook)
