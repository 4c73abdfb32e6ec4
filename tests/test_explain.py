"""Edits as people and programs see them: `reebot explain` shows what an item said before, `replay` what came of it."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.config import Config, load_rules
from bot.facts import Fact
from bot.model import Batch, ClassifiedItem, Item, PollState, Revision
from bot.replay import replay
from bot.settings import Environment, Settings
from bot.store.store import Store

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
TOPICS, CONCEPTS = load_rules(ROOT / "config")
ITEM = Item(
    key="abcdef0123456789",
    source_id="one",
    title="China sets the rare earth mining quota at 270,000 tonnes",
    url="https://news.example/2026/quota",
    language="en",
    published_at=NOW,
    first_seen_at=NOW,
)

QUOTA = Fact(kind="quota", item="rare earths", value=270_000, unit="t", field="title", start=42, end=56)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The shipped configuration and a database with one item that was edited."""
    rulebook = Rulebook.compile(TOPICS, CONCEPTS)
    entry = ClassifiedItem(item=ITEM, classification=classify(ITEM, rulebook), facts=(QUOTA,))
    before = Revision(
        item_key=ITEM.key,
        title="China sets the quota",
        summary="",
        text="",
        seen_at=NOW + timedelta(minutes=20),
        action="thread",
    )
    with Store.open(tmp_path / "data") as store:
        store.save(Batch(poll=PollState(source_id="one", ok_at=NOW), items=(entry,)))
        store.save(
            Batch(poll=PollState(source_id="one", ok_at=NOW), edited=(entry,), revisions=(before,)),
        )
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "SLACK_", "SMTP_"))
    }
    return {**kept, "BOT_CONFIG": str(ROOT / "config"), "BOT_DATA": str(tmp_path / "data"), "COLUMNS": "120"}


def explain(env: dict[str, str], *options: str) -> str:
    """What `reebot explain` prints of the item."""
    command = [sys.executable, "-m", "bot", "explain", ITEM.key, *options]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


def test_explain_shows_what_an_item_said_before(env: dict[str, str]) -> None:
    """In words, with what the edit led to; and as JSON."""
    words = " ".join(explain(env).split())
    [revision] = json.loads(explain(env, "--json"))["revisions"]

    assert (
        'Until 2026-11-24 08:20 UTC it read "China sets the quota"; news of a story that had alerted.'
        in words
    )
    assert (revision["title"], revision["action"]) == ("China sets the quota", "thread")


def test_replay_tells_edits_from_copies(tmp_path: Path) -> None:
    """The same item again is a copy; with a mended headline nothing follows, with a new figure a thread."""
    config = Config(
        folder=tmp_path,
        settings=Settings(),
        sources=(),
        topics=TOPICS,
        concepts=CONCEPTS,
        env=Environment(data=tmp_path),
    )
    titles = [ITEM.title, ITEM.title, ITEM.title.replace("sets", "fixes"), ITEM.title.replace("270", "290")]
    items = [
        (number, replace(ITEM, title=title, published_at=NOW + timedelta(minutes=number)))
        for number, title in enumerate(titles)
    ]

    found = list(replay(items, config, Rulebook.compile(TOPICS, CONCEPTS)))

    assert [line["action"] for line in found] == ["alert", "none", "none", "thread"]
    assert [line["copy_of"] for line in found] == [None, 0, 0, 0]


def test_explain_lists_the_facts_of_an_item(env: dict[str, str]) -> None:
    """Each on a line with its place; and as JSON."""
    assert "quota of rare earths: 270,000 t (title 42-56)" in " ".join(explain(env).split())
    [fact] = json.loads(explain(env, "--json"))["facts"]
    assert (fact["kind"], fact["value"], fact["unit"]) == ("quota", 270_000, "t")
