"""Backtests: other rules on stored items, compared with what was stored."""

import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from bot import config
from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.commands.lab import moment
from bot.configured import Concept, Rule, Topic
from bot.lab.backtest import Backtest, backtest
from bot.lab.report import page, table
from bot.lab.speed import fill, made_up
from bot.model import Item
from bot.rulebook import rulebook_of
from bot.store.archive import Kept, count_kept, kept
from bot.store.store import Store

ROOT = Path(__file__).parent.parent.parent
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
CONCEPTS = (Concept(id="ore", en=("ore",)), Concept(id="ban", en=("ban",)))


def topic(name: str, *concepts: str) -> Topic:
    """A topic that any of these concepts earns."""
    return Topic(id=name, name=name, rules=(Rule(id="r", weight=0.9, why="", any=concepts),))


OLD = (topic("mining", "ore"),)
NEW = (topic("mining", "ban"), topic("rules", "ban"))


def archive(*titles: str, rules: tuple[Topic, ...] = OLD) -> Iterator[Kept]:
    """Items as they were stored under the old rules, a day apart."""
    rulebook = Rulebook.compile(rules, CONCEPTS)
    for number, title in enumerate(titles):
        item = Item(
            key=f"k{number}",
            source_id="desk",
            title=title,
            url="javascript:alert(1)",
            first_seen_at=MONDAY + timedelta(days=number),
        )
        found = classify(item, rulebook)
        labels = {label.topic_id: label.sure for label in found.labels}
        yield Kept(item=item, scores=dict(found.scores), labels=labels, rules_version=rulebook.version)


def changes(found: Backtest) -> list[tuple[str, str, str]]:
    """Topic, kind and title of each difference."""
    return [(made.topic_id, made.kind, made.title) for made in found.differences]


def test_gained_lost_and_same_are_told_per_topic() -> None:
    """An item that the new rules find is gained, one that they leave is lost, and a new topic gains from nothing."""
    found = backtest(archive("ore", "ban", "ore ban", "rain"), partial(Rulebook.compile, NEW, CONCEPTS))

    assert found.items == 4
    assert changes(found) == [
        ("mining", "gained", "ban"),
        ("mining", "lost", "ore"),
        ("rules", "gained", "ore ban"),
        ("rules", "gained", "ban"),
    ]
    assert found.counts["mining", "same"] == 1
    assert found.differences[0].terms == ("ban",)
    assert (found.differences[1].score_before, found.differences[1].score_after) == (0.9, 0.0)


def test_a_topic_that_the_rules_no_longer_have_is_lost() -> None:
    """Stored labels of a topic that is gone are losses, not silence."""
    found = backtest(archive("ore"), partial(Rulebook.compile, (topic("rules", "ban"),), CONCEPTS))

    assert found.topics == ("mining", "rules")
    assert changes(found) == [("mining", "lost", "ore")]


def test_the_rules_in_force_give_what_live_stored(tmp_path: Path) -> None:
    """Every shipped labelled item, stored as polls store it, keeps all its scores; nothing is gained or lost."""
    topics, concepts = config.load_rules(ROOT / "config")
    with Store.open(tmp_path) as store:
        fill(store, made_up(900), Rulebook.compile(topics, concepts))

        found = backtest(kept(store), partial(Rulebook.compile, topics, concepts))

    assert found.items == found.unchanged == 900
    assert found.under_other_rules == 0
    assert found.differences == ()
    assert sum(found.counts.values()) > 300


def test_several_processes_find_what_one_does() -> None:
    """An archive large enough for processes comes back in the same order with the same differences."""
    titles = ("ore", "ban", "ore ban", "rain") * 1_300
    done: list[int] = []

    alone = backtest(archive(*titles), partial(Rulebook.compile, NEW, CONCEPTS), processes=1)
    together = backtest(
        archive(*titles), partial(Rulebook.compile, NEW, CONCEPTS), processes=2, progress=done.append
    )

    assert together == alone
    assert sum(done) == len(titles)


def test_a_whole_configuration_travels_to_the_processes() -> None:
    """What `reebot backtest` hands to each process, configuration and all, survives the way there."""
    loaded = config.load(
        {"BOT_CONFIG": str(ROOT / "config"), "SMTP_URL": "smtp://user:hidden@mail.example:587"}
    )

    there = pickle.loads(pickle.dumps(partial(rulebook_of, loaded)))  # noqa: S301  our own

    assert there().version == rulebook_of(loaded).version


def test_the_archive_is_read_whole_and_since_a_moment(tmp_path: Path) -> None:
    """Page by page nothing is lost or doubled, also where many items share a moment."""
    same = (replace(item, first_seen_at=MONDAY) for item in made_up(4_100))
    with Store.open(tmp_path) as store:
        fill(store, same, Rulebook.compile((), ()))

        keys = [entry.item.key for entry in kept(store)]
        later = list(kept(store, MONDAY + timedelta(seconds=1)))

        assert len(keys) == len(set(keys)) == count_kept(store) == 4_100
        assert later == []
        assert count_kept(store, MONDAY) == 4_100


def test_reports_show_titles_as_text_and_link_only_to_the_web() -> None:
    """Markup in a title stays text on the page and on the terminal; a script's address is no link."""
    found = backtest(archive("<b>ban</b> [red]", "ore"), partial(Rulebook.compile, NEW, CONCEPTS))
    console = Console(record=True, width=120, file=StringIO())

    console.print(table(found))
    shown, html = console.export_text(), page(found, MONDAY)

    assert "<b>ban</b> [red]" in shown
    assert "&lt;b&gt;ban&lt;/b&gt; [red]" in html
    assert "javascript:" not in html
    assert "mining: gained, 1" in html
    assert "since 2026-11-23" in html


def test_nothing_changed_is_said() -> None:
    """A page without differences says so."""
    assert "Nothing is gained" in page(
        backtest(archive("ore"), partial(Rulebook.compile, OLD, CONCEPTS)), None
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("90d", MONDAY - timedelta(days=90)),
        ("2w", MONDAY - timedelta(days=14)),
        ("2026-09-01", datetime(2026, 9, 1, tzinfo=UTC)),
    ],
)
def test_since_is_a_span_or_a_date(written: str, expected: datetime) -> None:
    """Spans count back from now."""
    assert moment(written, MONDAY) == expected


def test_since_in_other_words_is_refused() -> None:
    """What is neither is an error, not all items."""
    with pytest.raises(ValueError, match="soon"):
        moment("soon", MONDAY)
