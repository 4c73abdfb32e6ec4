"""`reebot explain` shows what an item weighed when it came, part by part."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from bot.model import Batch, Classification, ClassifiedItem, Item, PollState
from bot.store.store import Store
from bot.tracked import Part, Severity, Weight

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ITEM = Item(key="abcdef0123456789", source_id="one", title="Quota cut", language="en", first_seen_at=NOW)
PARTS = (
    Part(name="topic", points=27.0, why="china-pricing 0.90"),
    Part(name="tone", points=-10.0, why="a wish"),
)


def explain(tmp_path: Path, score: float, *options: str) -> subprocess.CompletedProcess[str]:
    """What the command prints of an item stored with these parts and this score."""
    data = tmp_path / "data"
    found = Classification(scores={}, labels=(), rules_version="v")
    weight = Weight(item_key=ITEM.key, severity=Severity(score=score, level="archive", parts=PARTS), at=NOW)
    with Store.open(data) as store:
        entry = ClassifiedItem(item=ITEM, classification=found)
        store.save(Batch(poll=PollState(source_id="one"), items=(entry,), weights=(weight,)))
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "SLACK_", "SMTP_"))
    }
    env = {**kept, "BOT_CONFIG": str(ROOT / "config"), "BOT_DATA": str(data), "COLUMNS": "120"}
    command = [sys.executable, "-m", "bot", "explain", ITEM.key, *options]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False)


def test_explain_shows_each_part_of_the_weight(tmp_path: Path) -> None:
    """Score, level and each part with its few words; a program reads the same from JSON."""
    shown = explain(tmp_path / "words", 17.0)
    read = json.loads(explain(tmp_path / "json", 17.0, "--json").stdout)

    assert "Weight 17, level archive:" in shown.stdout
    assert "topic +27  china-pricing 0.90" in shown.stdout
    assert "tone -10  a wish" in shown.stdout
    assert [part["points"] for part in read["severity"]["parts"]] == [27.0, -10.0]


def test_parts_that_do_not_add_up_are_a_failure(tmp_path: Path) -> None:
    """A stored weight that its parts do not make is told, not shown as if it were right."""
    broken = explain(tmp_path, 99.0)

    assert broken.returncode == 1
    assert "not the stored weight 99" in broken.stderr
