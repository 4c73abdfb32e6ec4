"""How severity is measured, and that the shipped weights order the graded stories well enough."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.errors import InputError
from bot.lab.severity import (
    GOAL,
    GOAL_PAIRS,
    GRADED,
    agreement,
    assessed,
    ndcg,
    ordered,
    read_graded,
    watched_of,
)
from bot.rulebook import rulebook_of

ROOT = Path(__file__).resolve().parents[2]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=20))
def test_no_order_beats_the_best(grades: list[int]) -> None:
    """The best order scores 1, every other one at most that."""
    assert ndcg(sorted(grades, reverse=True)) == pytest.approx(1.0)
    assert 0.0 <= ndcg(grades) <= 1.0 + 1e-9


def test_ndcg_is_what_the_definition_says() -> None:
    """Grade 3 in the second place instead of the first: 7/log2(3) over 7."""
    assert ndcg([0, 3]) == pytest.approx(0.6309, abs=1e-4)


def test_a_tie_wins_nothing() -> None:
    """Equal scores count half a pair, and in a ranking the worse grade stands first."""
    assert agreement([(1.0, 3), (1.0, 0)]) == 0.5
    assert agreement([(2.0, 3), (1.0, 0)]) == 1.0
    assert ordered([(1.0, 3), (1.0, 0)]) == [0, 3]


def test_a_bad_line_is_named(tmp_path: Path) -> None:
    """What is no graded story is refused with file and line."""
    path = tmp_path / "graded.jsonl"
    path.write_text('{"id": "a"}\n', encoding="utf-8")

    with pytest.raises(InputError, match="line 1"):
        read_graded(path)


def test_shipped_weights_order_the_graded_stories() -> None:
    """Sixty stories graded before there were weights: both goals hold over all three languages."""
    loaded = config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})
    rulebook, watched = rulebook_of(loaded), watched_of(loaded)
    stories = [story for path in sorted(GRADED.glob("*.jsonl")) for story in read_graded(path)]

    scored = [
        (assessed(story, rulebook, watched, loaded.settings.severity).severity.score, story.grade)
        for story in stories
    ]

    assert len(scored) == 60
    assert ndcg(ordered(scored)) >= GOAL
    assert agreement(scored) >= GOAL_PAIRS
