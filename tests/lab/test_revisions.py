"""Planted revisions among ordinary items: found, told once, and few flags besides."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from bot import config
from bot.errors import InputError
from bot.lab.quiet import headlines
from bot.lab.revisions import GOAL_FOUND, SEEDS, flags, month, read_planted
from bot.lab.severity import watched_of
from bot.rulebook import rulebook_of

ROOT = Path(__file__).resolve().parents[2]
PLANTED = SEEDS / "revisions" / "planted.jsonl"


def test_a_month_keeps_its_order_and_all_that_was_planted() -> None:
    """Whatever the seed, the month is as long as asked, in published order, with each planted item once."""
    planted = read_planted(PLANTED)

    items = month(planted, headlines(100), items=80, seed=3)

    assert len(items) == 80
    times = [item.published_at for item in items if item.published_at]
    assert times == sorted(times)
    assert timedelta(days=29) < times[-1] - times[0] < timedelta(days=30)
    assert sum(item.key.startswith("planted-") for item in items) == 20


def test_a_planted_line_names_its_claim(tmp_path: Path) -> None:
    """One that does not is refused with file and line."""
    path = tmp_path / "planted.jsonl"
    path.write_text('{"id": "a", "lang": "en", "title": "t", "summary": "s"}\n', encoding="utf-8")

    with pytest.raises(InputError, match="names no claim"):
        read_planted(path)


def test_planted_revisions_are_found_among_ordinary_headlines() -> None:
    """At least 18 of 20 are flagged, none of 300 made-up headlines is; what was said before is not told again."""
    loaded = config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})
    planted = read_planted(PLANTED)
    items = month(planted, headlines(400), items=320)

    raised = list(flags(items, rulebook_of(loaded), watched_of(loaded).tracking))

    found = {flag.item.key for flag in raised}
    assert len(found) >= GOAL_FOUND
    assert all(key.startswith("planted-") for key in found)
    told = [
        (flag.change.claim_id, flag.change.status) for flag in raised if flag.is_first and flag.change.status
    ]
    assert len(told) == len(set(told))
