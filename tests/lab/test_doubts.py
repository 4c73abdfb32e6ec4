"""Which items a person is asked about, and what becomes of the answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.__main__ import cli
from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.configured import Concept, Rule, Topic
from bot.lab.doubts import doubts, labelled_line
from bot.lab.examples import read_labelled
from bot.model import Batch, Classification, ClassifiedItem, Item, PollState
from bot.store.feedback import Answer, answers, keep
from bot.store.store import Store

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
RULEBOOK = Rulebook.compile(
    [
        Topic(
            id="mining",
            name="Mining",
            rules=tuple(Rule(id=f"r{w}", weight=w / 100, why="", any=(f"c{w}",)) for w in (20, 45, 62, 95)),
        )
    ],
    [Concept(id=f"c{w}", en=(f"word{w}",)) for w in (20, 45, 62, 95)],
)


def item(key: str, title: str) -> Item:
    """A made-up item."""
    return Item(key=key, source_id="desk", title=title, language="en", first_seen_at=MONDAY)


ITEMS = (
    item("a", "word20"),
    item("b", "word45"),
    item("c", "word62"),
    item("d", "word95"),
    item("e", "rain"),
)


def test_items_near_a_threshold_come_nearest_first() -> None:
    """0.62 and 0.45 are in doubt about a threshold of 0.6; 0.95, 0.2 and nothing are not."""
    offered = doubts(ITEMS, RULEBOOK, [classify], frozenset(), 10)

    assert [(doubt.item.key, doubt.distance) for doubt in offered] == [("c", 0.02), ("b", 0.15)]


def test_where_rules_and_model_disagree_the_doubt_is_greatest() -> None:
    """An item that one judge is sure of and another thinks impossible comes first, however far its score."""

    def stubborn(made: Item, rulebook: Rulebook) -> Classification:
        return Classification(scores={"mining": 0.9 if made.key == "e" else 0.6}, labels=(), rules_version="")

    offered = doubts(ITEMS, RULEBOOK, [classify, stubborn], frozenset(), 10)

    assert [doubt.item.key for doubt in offered][:2] == ["a", "e"]


def test_what_was_answered_is_not_offered_again() -> None:
    """And never more than asked for."""
    assert [d.item.key for d in doubts(ITEMS, RULEBOOK, [classify], frozenset({"c"}), 10)] == ["b"]
    assert len(doubts(ITEMS, RULEBOOK, [classify], frozenset(), 1)) == 1


def test_an_answered_item_is_a_labelled_line(tmp_path: Path) -> None:
    """What is written can be read by `evaluate`: the same item with the topics answered yes."""
    file = tmp_path / "labelled.jsonl"
    file.write_text(json.dumps(labelled_line(ITEMS[1], {"mining": True, "sport": False})) + "\n")

    (row,) = read_labelled([file])

    assert row.topics == {"mining"}
    assert (row.id, row.item.title, row.item.language) == ("b", "word45", "en")


def test_answers_are_kept_and_replaced() -> None:
    """A person's later answer on the same topic of the same item takes the earlier one's place."""
    first = Answer(
        item_key="a",
        topic_id="mining",
        is_right=True,
        score=0.123456789012345,
        rules_version="v",
        answered_by="terminal",
        answered_at=MONDAY,
    )
    with Store.in_memory() as store:
        found = classify(ITEMS[0], RULEBOOK)
        entry = ClassifiedItem(item=ITEMS[0], classification=found)
        store.save(Batch(poll=PollState(source_id="desk"), items=(entry,)))
        keep(store, [first])
        assert answers(store) == (first,)

        later = replace(first, is_right=False, answered_at=MONDAY + timedelta(days=1))
        keep(store, [later])

        assert answers(store) == (later,)


@pytest.fixture
def label(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    """Runs `reebot label` with these keys on two stored items in doubt and one that is not."""
    folder = tmp_path / "config"
    for name in ("topics", "concepts"):
        (folder / name).mkdir(parents=True)
    (folder / "settings.toml").write_text('[model]\nembedding = "none"\n')
    (folder / "sources.toml").write_text('[[source]]\nid = "desk"\nurl = "https://a.example"\n')
    (folder / "concepts" / "c.toml").write_text('[ore]\nen = ["ore"]\n[ban]\nen = ["ban"]\n')
    for name, concept in (("mining", "ore"), ("rules", "ban")):
        (folder / "topics" / f"{name}.toml").write_text(
            f'name = "About {name}"\n[[rule]]\nid = "r"\nweight = 0.62\nwhy = "speaks of {concept}"\nany = ["{concept}"]\n'
        )
    monkeypatch.setenv("BOT_CONFIG", str(folder))
    monkeypatch.setenv("BOT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("bot.commands.common.logs.configure", lambda *_: None)  # pytest owns the streams
    monkeypatch.setattr("bot.commands.label.utc_now", lambda: MONDAY + timedelta(days=1))
    with Store.open(tmp_path / "data") as store:
        nothing = Classification(scores={}, labels=(), rules_version="")
        batch = (item("k1", "The ore"), item("k2", "The ban"), item("k3", "Rain"))
        entries = tuple(ClassifiedItem(item=made, classification=nothing) for made in batch)
        store.save(Batch(poll=PollState(source_id="desk"), items=entries))
    return lambda keys: CliRunner().invoke(cli, ["label"], input=keys)


def rows(tmp_path: Path) -> list[tuple[str, list[str]]]:
    """Id and topics of the lines written."""
    file = tmp_path / "data" / "labelled.jsonl"
    lines = map(json.loads, file.read_text().splitlines()) if file.exists() else ()
    return [(line["id"], line["topics"]) for line in lines]


def test_each_topic_is_asked_and_each_answer_kept(label: Callable[[str], Result], tmp_path: Path) -> None:
    """Yes and no per topic make one line an item; a key that means nothing is asked again."""
    done = label("y\nx\nn\nn\ny\n")

    assert done.exit_code == 0, done.output
    assert "[1 of 2] The ore" in done.output
    assert "About mining (0.62)? y/n/s/q" in done.output
    assert "2 items labelled" in done.output
    # The second item is asked about its own topic first.
    assert rows(tmp_path) == [("k1", ["mining"]), ("k2", ["mining"])]
    with Store.open_read_only(tmp_path / "data") as store:
        kept = {(answer.item_key, answer.topic_id): answer.is_right for answer in answers(store)}
    assert kept == {
        ("k1", "mining"): True,
        ("k1", "rules"): False,
        ("k2", "rules"): False,
        ("k2", "mining"): True,
    }
    assert "Nothing is in doubt" in label("").output


def test_a_skipped_item_comes_again_and_quitting_keeps_what_was_said(
    label: Callable[[str], Result], tmp_path: Path
) -> None:
    """s leaves an item unlabelled whatever was said of its other topics; q ends at once."""
    assert "0 items labelled" in label("y\ns\nq\n").output
    assert rows(tmp_path) == []

    assert "1 item labelled" in label("n\nn\nq\n").output
    assert rows(tmp_path) == [("k1", [])]
    assert "[1 of 1] The ban" in label("q\n").output
