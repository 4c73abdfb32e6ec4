"""What makes a story weigh: parts that add up, levels by thresholds, and when a story speaks again."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.analyse.severity import Telling, events, novelty, speaks, weigh
from bot.analyse.tracking import Tracking
from bot.baseline import load_baseline
from bot.facts import Fact
from bot.model import Label
from bot.settings import SeveritySettings
from bot.tracked import ClaimChange, EventKind, Level, Severity, Verdict

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
BAN = EventKind(id="ban", name="a ban", points=30, all=("ban",))
COMMENT = EventKind(id="comment", name="a comment", points=-20, all=("comment",))
SETTINGS = SeveritySettings()
QUOTA = Fact(kind="quota", subject="rare-earths", value=115_000, unit="t")


def label(score: float = 0.9, *, sure: bool = True) -> Label:
    """A label of sanctions."""
    return Label(topic_id="sanctions", score=score, sure=sure, evidence=())


def weight(**changes: object) -> Severity:
    """An ordinary sure item of one ordinary source, just published, with these changes."""
    values: dict[str, object] = {
        "labels": (label(),),
        "kinds": (),
        "published_at": NOW,
        "settings": SETTINGS,
        "now": NOW,
    }
    return weigh(**{**values, **changes})  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0, 1),
    st.floats(0, 1),
    st.integers(1, 500),
    st.floats(0.1, 3),
    st.integers(0, 10_000),
    st.lists(st.sampled_from([BAN, COMMENT]), unique=True),
)
def test_the_parts_make_the_score(
    score: float, share: float, sources: int, trust: float, hours: int, kinds: list[EventKind]
) -> None:
    """Whatever goes in, the parts add up to the score to the last digit shown, each with a few words."""
    found = weight(
        labels=(label(score),),
        kinds=kinds,
        novelty=share,
        sources=sources,
        trust=trust,
        published_at=NOW - timedelta(hours=hours),
    )

    assert round(sum(part.points for part in found.parts), 2) == found.score
    assert all(part.why for part in found.parts)


def test_each_part_pulls_its_way() -> None:
    """More of what matters weighs more, comment and age weigh less."""
    plain = weight().score

    assert weight(kinds=(BAN,)).score == plain + 30
    assert weight(kinds=(BAN, COMMENT)).score == plain + 10
    assert weight(sources=4).score == plain + 12
    assert weight(sources=10**6).score == plain + 18
    assert weight(trust=1.5).score > plain > weight(trust=0.8).score
    assert weight(novelty=0.2).score < plain
    assert weight(published_at=NOW - timedelta(hours=24)).score == plain - 5
    assert weight(published_at=None).score == plain


def test_a_changed_claim_weighs_by_how_it_changed() -> None:
    """A revision weighs more than a contradiction; a confirmation weighs nothing."""
    verdicts: tuple[Verdict, ...] = ("revises", "contradicts", "confirms", "new")
    by_verdict = {
        verdict: weight(changes=(ClaimChange(claim_id="c", verdict=verdict, line="was"),)).score
        for verdict in verdicts
    }

    assert by_verdict["revises"] > by_verdict["contradicts"] > by_verdict["confirms"]
    assert by_verdict["confirms"] == by_verdict["new"] == weight().score


def test_a_quota_or_a_move_raises_the_level_by_one() -> None:
    """What would be for the digest alerts when a quota comes with it, if the label is sure."""
    assert weight().level == "today"
    assert weight(facts=(QUOTA,)).level == "now"
    assert weight(facts=(QUOTA,), labels=(label(sure=False),)).level == "today"
    moved = Fact(kind="change", subject="terbium", item="terbium oxide", value=-6, unit="%")
    slight = Fact(kind="change", subject="terbium", item="terbium oxide", value=4, unit="%")
    assert weight(facts=(moved,)).level == "now"
    assert weight(facts=(slight,)).level == "today"


def test_nothing_is_loud_without_a_label() -> None:
    """Whatever else speaks for it, without a topic an item is kept and no more; a possible one is for the digest."""
    loud = {"kinds": (BAN,), "sources": 9, "facts": (QUOTA,)}

    assert weight(**loud, labels=()).level == "archive"
    assert weight(**loud, labels=(label(0.9, sure=False),)).level == "today"
    assert weight(**loud).level == "now"


def telling(title: str, concepts: tuple[str, ...], value: float | None = None) -> Telling:
    """What an item tells."""
    facts = () if value is None else (Fact(kind="quota", subject="ree", value=value, unit="t"),)
    return Telling.of(title, concepts, facts)


def test_novelty_is_what_a_story_has_not_told() -> None:
    """All of a first item is new, nothing of its copy, and a new figure is news among old names."""
    first = telling("Beijing sets the rare earth quota", ("china", "quota"), 270_000)

    assert novelty(first, ()) == 1.0
    assert novelty(first, (first,)) == 0.0
    assert novelty(telling("Beijing sets the rare earth quota", ("china", "quota"), 240_000), (first,)) >= 0.4


def test_novelty_across_languages_compares_names_and_figures() -> None:
    """The same news in Chinese is not new for sharing no letters with the English."""
    english = telling("Beijing sets the rare earth quota", ("china", "quota"), 270_000)
    chinese = telling("北京下达稀土配额", ("china", "quota"), 270_000)

    assert novelty(chinese, (english,)) == 0.0


@pytest.mark.parametrize(
    ("level", "before", "has_alerted", "share", "figure", "expected"),
    [
        ("now", None, False, 1.0, False, True),
        ("today", None, False, 1.0, True, False),
        ("now", "today", False, 0.1, False, True),
        ("now", "now", True, 0.9, False, False),
        ("now", "now", True, 0.5, True, True),
        ("now", "now", True, 0.3, True, False),
        ("now", "today", True, 0.5, False, True),
    ],
)
def test_a_story_speaks_first_and_then_only_with_real_news(
    level: Level, before: Level | None, has_alerted: bool, share: float, figure: bool, expected: bool
) -> None:
    """The first item at level now alerts; later ones need novelty and a new figure or a rise of the level."""
    severity = Severity(score=0, level=level)

    found = speaks(
        severity,
        before=before,
        has_alerted=has_alerted,
        novelty=share,
        has_new_figure=figure,
        settings=SETTINGS,
    )

    assert found is expected


def test_shipped_kinds_of_events_are_met_by_their_words() -> None:
    """The heaviest comes first; a `not` in the title keeps a kind away."""
    root = Path(__file__).resolve().parents[2]
    loaded = config.load({**os.environ, "BOT_CONFIG": str(root / "config")})
    baseline = load_baseline(loaded.folder, loaded.concepts, (topic.id for topic in loaded.topics))
    tracking = Tracking.of(baseline.claims, baseline.words, baseline.holders, loaded.concepts)

    met = events({"launched", "solikamsk"}, {"rare-earths"}, baseline.events, tracking)
    hoped = events({"launched", "solikamsk", "hope"}, {"rare-earths"}, baseline.events, tracking)

    assert met[0].id == "start"
    assert "start" not in {kind.id for kind in hoped}
