"""Stories in the database: kept over a restart, merged, split, gone quiet; and a person's word is respected afterwards."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot import openstories
from bot.__main__ import cli
from bot.config import Config, load_rules
from bot.configured import Source
from bot.errors import StoreError
from bot.intake import Judged, absorb
from bot.model import Batch, ClassifiedItem, PollState
from bot.settings import Environment, Settings
from bot.store import stories
from bot.store.store import Store
from tests.analyse.test_stories import NOW
from tests.analyse.test_window import CHINESE, ENGLISH, OTHER, RUSSIAN

ROOT = Path(__file__).resolve().parents[2]
TOPICS, CONCEPTS = load_rules(ROOT / "config")
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """Two sources of one owner, and one of another."""
    return Config(
        folder=ROOT / "config",
        settings=Settings(),
        env=Environment(data=tmp_path),
        topics=TOPICS,
        concepts=CONCEPTS,
        sources=(
            Source(id="en", url="https://news.example.com/rss", owner="house"),
            Source(id="ru", url="https://ru.example.org/rss", owner="house"),
            Source(id="zh", url="https://www.example.com.cn/rss"),
        ),
    )


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    """An empty database."""
    with Store.open(config.env.data) as opened:
        yield opened


def take_in(store: Store, config: Config, *items: ClassifiedItem, hours: float = 0) -> Batch:
    """One poll that brings these items."""
    now = NOW + timedelta(hours=hours)
    state = PollState(source_id="one", ok_at=NOW)
    fresh = tuple(replace(one, item=replace(one.item, first_seen_at=now)) for one in items)
    return absorb(store, Judged(fresh=fresh), state, config, first_poll=False, now=now)


def joined(batch: Batch) -> list[str]:
    """The story of each item."""
    return [membership.story_id for membership in batch.memberships]


def test_a_restart_changes_no_decision(store: Store, config: Config) -> None:
    """What is compared is stored: with the window read anew the next report of the event joins as it would have."""
    first = take_in(store, config, ENGLISH, OTHER)
    openstories.forget(store)

    second = take_in(store, config, RUSSIAN, hours=1)
    openstories.forget(store)
    third = take_in(store, config, CHINESE, hours=2)

    assert joined(second) == joined(third) == joined(first)[:1]
    [whole] = third.stories
    assert (whole.item_count, whole.source_count, whole.life) == (3, 2, "developing")
    assert len(third.deliveries) == 0


def test_a_batch_that_is_not_saved_leaves_no_trace(
    store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing fails, the next poll finds the stories as the database has them: the same items alert then."""
    with monkeypatch.context() as broken:
        broken.setattr(Store, "save", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            take_in(store, config, ENGLISH)

    again = take_in(store, config, ENGLISH)

    assert [membership.action for membership in again.memberships] == ["alert"]


def test_merged_stories_are_one_from_then_on(store: Store, config: Config) -> None:
    """All items stand in the first story, the old name leads there, and whoever joins either joins it."""
    one, two = joined(take_in(store, config, ENGLISH, OTHER))
    kept, gone = stories.story(store, one), stories.story(store, two)
    assert kept
    assert gone

    whole = stories.merge(store, kept, gone, source_count=2, now=LATER)
    openstories.forget(store)
    copy = replace(OTHER, item=replace(OTHER.item, key="copy", url=""))
    after = take_in(store, config, copy, hours=1)

    assert (whole.item_count, whole.source_count) == (2, 2)
    assert joined(after) == [one]
    assert stories.story(store, two) == stories.story(store, one)
    assert [entry.item.key for entry in stories.told(store, one)] == ["en", "other", "copy"]
    assert [(pin.item_key, pin.other_key, pin.together) for pin in stories.pins(store)] == [
        ("en", "other", True)
    ]
    with pytest.raises(StoreError, match="itself"):
        stories.merge(store, whole, whole, source_count=2, now=LATER)


def test_a_split_item_stays_apart(store: Store, config: Config) -> None:
    """It has a story of its own, alerts nobody, and its copies join it there."""
    story_id = joined(take_in(store, config, ENGLISH, RUSSIAN))[0]
    old = stories.story(store, story_id)
    assert old

    alone = stories.split(store, old, RUSSIAN.item, "f" * 16, source_count=1, now=LATER)
    openstories.forget(store)
    copy = replace(RUSSIAN, item=replace(RUSSIAN.item, key="copy", url=""))
    after = take_in(store, config, copy, hours=1)

    rest = stories.story(store, story_id)
    assert rest
    assert (rest.item_count, rest.source_count) == (1, 1)
    assert joined(after) == [alone.id]
    assert after.deliveries == ()
    assert [(pin.together) for pin in stories.pins(store)] == [False]
    with pytest.raises(StoreError, match="only item"):
        stories.split(store, rest, ENGLISH.item, "e" * 16, source_count=1, now=LATER)


def test_the_opener_can_be_split_off_too(store: Store, config: Config) -> None:
    """The story's id, from which its alert has its key, stays with those that remain."""
    story_id = joined(take_in(store, config, ENGLISH, RUSSIAN))[0]
    old = stories.story(store, story_id)
    assert old

    alone = stories.split(store, old, ENGLISH.item, story_id, source_count=1, now=LATER)

    assert alone.id != story_id
    rest = stories.story(store, story_id)
    assert rest
    assert rest.title == RUSSIAN.item.title
    assert [entry.item.key for entry in stories.told(store, story_id)] == ["ru"]
    assert [entry.item.key for entry in stories.told(store, alone.id)] == ["en"]


def test_a_story_without_news_goes_quiet_and_is_reopened(store: Store, config: Config) -> None:
    """Upkeep writes the silence down; the next item of the event reopens the story."""
    story_id = joined(take_in(store, config, ENGLISH))[0]
    stories.mark_quiet(store, NOW + timedelta(hours=23), timedelta(hours=24))
    early = stories.story(store, story_id)
    stories.mark_quiet(store, NOW + timedelta(hours=25), timedelta(hours=24))
    quiet = stories.story(store, story_id)

    [again] = take_in(store, config, CHINESE, hours=30).stories

    assert early
    assert quiet
    assert (early.life, quiet.life, again.life, again.id) == ("opened", "quiet", "reopened", story_id)


def test_only_open_stories_are_read(store: Store, config: Config) -> None:
    """The database opens the same stories as the window: three days after the last item, longer for one that lived longer."""
    short, _ = joined(take_in(store, config, ENGLISH, OTHER))
    take_in(store, config, CHINESE, hours=70)
    take_in(store, config, RUSSIAN, hours=130)

    def ids(hours: float) -> list[str]:
        found = stories.open_stories(store, NOW + timedelta(hours=hours), 72, timedelta(days=14))
        return [story.id for story in found]

    assert len(ids(71)) == 2
    assert ids(130 + 129) == [short]
    assert ids(130 + 131) == []


def test_the_commands_show_merge_and_split(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`reebot story` names what it did, exits 0, and refuses what it does not know with exit 1."""
    with Store.open(tmp_path) as store:
        one, two = joined(take_in(store, config, ENGLISH, OTHER))
        take_in(store, config, CHINESE)
    monkeypatch.setattr("bot.commands.story.load", lambda: config)
    runner = CliRunner()

    merged = runner.invoke(cli, ["story", "merge", one[:6], two])
    shown = runner.invoke(cli, ["story", "show", two, "--json"])
    table = runner.invoke(cli, ["story", "show", one])
    parted = runner.invoke(cli, ["story", "split", "other"])
    unknown = runner.invoke(cli, ["story", "show", "none"])
    same = runner.invoke(cli, ["story", "merge", one, two])

    assert [done.exit_code for done in (merged, shown, table, parted)] == [0, 0, 0, 0]
    assert "3 items of 3 sources" in merged.output
    story = json.loads(shown.output)
    assert (story["id"], story["sources"], len(story["items"])) == (one, 3, 3)
    assert ENGLISH.item.title[:20] in table.output
    assert OTHER.item.title in parted.output
    assert (unknown.exit_code, same.exit_code) == (1, 1)


def test_polls_taken_back_together_leave_no_trace(store: Store, config: Config) -> None:
    """Where several polls are one transaction and it fails at its end, the stories of all of them are forgotten."""

    def two_polls_and_a_power_cut() -> None:
        with store.together():
            take_in(store, config, OTHER)
            take_in(store, config, ENGLISH)
            raise RuntimeError("power")

    with pytest.raises(RuntimeError, match="power"):
        two_polls_and_a_power_cut()
    again = take_in(store, config, RUSSIAN)

    assert [membership.reason for membership in again.memberships] == ["first"]
    assert [membership.action for membership in again.memberships] == ["alert"]
