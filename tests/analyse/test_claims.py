"""What items say of tracked claims, in three languages: shipped claims, shipped words, shipped concepts."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import config
from bot.analyse.claims import agrees, compare
from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.facts import extract
from bot.analyse.subjects import Subjects
from bot.analyse.tracking import Tracking
from bot.baseline import load_baseline
from bot.model import Item
from bot.tracked import Bound, Claim, ClaimChange

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The shipped rules, without the model: claims do not ask it."""
    loaded = config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})
    facts = loaded.settings.facts
    book = Rulebook.compile(loaded.topics, loaded.concepts)
    return replace(book, subjects=Subjects.of(loaded.concepts, facts.materials, facts.others))


@pytest.fixture(scope="module")
def tracking() -> Tracking:
    """The shipped claims."""
    loaded = config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})
    baseline = load_baseline(loaded.folder, loaded.concepts, (topic.id for topic in loaded.topics))
    return Tracking.of(baseline.claims, baseline.words, baseline.holders, loaded.concepts)


def said(
    title: str, rulebook: Rulebook, tracking: Tracking, *, summary: str = "", language: str = "en"
) -> dict[str, ClaimChange]:
    """Claim id -> what an item with these words says of it, told by TASS."""
    item = Item(
        key="one",
        source_id="tass",
        title=title,
        summary=summary,
        language=language,
        published_at=NOW,
        first_seen_at=NOW,
    )
    reading = read(item, rulebook)
    facts = extract(item, reading.hits(), rulebook.subjects, folded=reading.fields())
    found = compare(item, facts, reading.hits(), tracking, source="TASS", folded=reading.fields())
    return {change.claim_id: change for change in found}


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Russia's rare earth reserves are 3.8 Mt"),
        ("en", "Russia holds rare earth reserves of 3,800,000 tonnes"),
        ("ru", "Запасы редкоземельных металлов России оцениваются в 3,8 млн тонн"),
        ("zh", "俄罗斯稀土储量为380万吨"),
    ],
)
def test_one_figure_in_any_unit_and_language_confirms(
    language: str, title: str, rulebook: Rulebook, tracking: Tracking
) -> None:
    """The believed reserves confirm the claim however they are written, and alert nobody."""
    found = said(title, rulebook, tracking, language=language)

    assert found["russia-reserves-usgs"].verdict == "confirms"


def test_a_second_known_estimate_is_no_contradiction(rulebook: Rulebook, tracking: Tracking) -> None:
    """Two estimates of the reserves are tracked; who repeats the ministry's does not contradict the survey's."""
    found = said("Russia's rare earth reserves stand at 28.7 million tonnes", rulebook, tracking)

    assert {change.verdict for change in found.values()} == {"confirms"}


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Russia now targets 3,000 t of rare earths by 2030"),
        ("zh", "俄罗斯计划到2030年将稀土产量提高到3000吨"),
    ],
)
def test_a_goal_in_another_unit_is_a_revision(
    language: str, title: str, rulebook: Rulebook, tracking: Tracking
) -> None:
    """A goal in tonnes replaces one in percent, and the line says both with who says them and since when."""
    change = said(title, rulebook, tracking, language=language)["russia-goal-2030"]

    assert change.verdict == "revises"
    assert change.share is None
    assert change.line.endswith("was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)")


def test_a_goal_for_another_year_without_a_word_of_change_is_new(
    rulebook: Rulebook, tracking: Tracking
) -> None:
    """A goal for 2036 stands beside the one for 2030."""
    found = said("Russia could take 15% of the world rare earth market by 2036", rulebook, tracking)

    assert found["russia-goal-2030"].verdict == "new"


@pytest.mark.parametrize(
    "title",
    [
        "Brazil's rare earth reserves are 21 Mt",
        "Tomtor deposit's rare earth reserves in Russia are 3.2 Mt",
        "Russia's lithium reserves are 3.5 Mt",
        "Russia's rare metals of all kinds: reserves of 658 million tonnes",
        "Russia mined 8,500 tonnes of rare earths in Soviet times",
        "Solikamsk works in Russia made 1,900 tonnes of rare earths",
        "Russia exported 1,400 tonnes of rare earths",
        "Dependence of Russia on rare earth imports is to fall to 48% by 2030",
    ],
)
def test_figures_of_something_else_say_nothing(title: str, rulebook: Rulebook, tracking: Tracking) -> None:
    """A figure of another country, site, metal, time or kind neither confirms nor changes a claim about Russia."""
    assert not {
        claim: change
        for claim, change in said(title, rulebook, tracking).items()
        if change.verdict != "confirms"
    }


def test_a_recalled_figure_changes_nothing(rulebook: Rulebook, tracking: Tracking) -> None:
    """A subordinate clause that repeats an odd figure is background, not news."""
    found = said(
        "Northern Rare Earth reports profit",
        rulebook,
        tracking,
        summary="The miner is based in China, which accounts for 60% of world rare earth output, and pays no dividend.",
    )

    assert "china-output-share" not in found


def test_an_over_is_met_by_more(rulebook: Rulebook, tracking: Tracking) -> None:
    """ "Over 80%" is confirmed by 90% and changed by 69%."""
    high = said("中国占全球稀土产量的90%", rulebook, tracking, language="zh")
    low = said("China's share of world rare earth output fell to 69%", rulebook, tracking)

    assert high["china-output-share"].verdict == "confirms"
    assert low["china-output-share"].verdict == "revises"
    assert low["china-output-share"].share == pytest.approx(11 / 80)


def test_a_rank_is_compared_too(rulebook: Rulebook, tracking: Tracking) -> None:
    """Ordinals are no facts, but a place in a ranking is tracked."""
    same = said("俄罗斯稀土储量居世界第五", rulebook, tracking, language="zh")
    other = said(
        "Россия опустилась на седьмое место в мире по запасам редкоземельных металлов",
        rulebook,
        tracking,
        language="ru",
    )

    assert same["russia-reserves-rank"].verdict == "confirms"
    assert other["russia-reserves-rank"].value == 7


@pytest.mark.parametrize(
    ("language", "title", "claim", "status"),
    [
        ("en", "Mining has begun at Tomtor", "tomtor", "launched"),
        ("ru", "На Томторе началась добыча руды", "tomtor", "launched"),
        ("zh", "托姆托尔稀土矿正式投产", "tomtor", "launched"),
        ("en", "US lifts sanctions on Russia", "russia-sanctions", "lifted"),
        ("zh", "美国解除对俄罗斯的制裁", "russia-sanctions", "lifted"),
        ("en", "Solikamsk doubles capacity for rare earth processing", "solikamsk-capacity", "expanded"),
        ("en", "Russia and US signed a joint rare earth deal", "us-offer", "signed"),
        (
            "en",
            "Putin stripped Rosatom of its coordinating role in rare earths",
            "rosatom-oversees",
            "withdrawn",
        ),
    ],
)
def test_a_status_word_ends_what_was_believed(
    language: str, title: str, claim: str, status: str, rulebook: Rulebook, tracking: Tracking
) -> None:
    """A word that ends the believed status, said of the claim's subject, revises the claim."""
    change = said(title, rulebook, tracking, language=language)[claim]

    assert (change.verdict, change.status) == ("revises", status)


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Mining at Tomtor may begin next year"),
        ("en", "US may lift sanctions on Russia"),
        ("en", "US has not lifted sanctions on Russia"),
        ("en", "Tomtor plant to be opened in 2031"),
        ("en", "EU lifts sanctions on Russian banker after court ruling"),
        ("en", "US lifts sanctions on Syria, Russia says"),
        ("ru", "США могут снять санкции с России"),
        ("zh", "美国可能解除对俄制裁"),
    ],
)
def test_what_is_unsure_denied_or_narrow_revises_nothing(
    language: str, title: str, rulebook: Rulebook, tracking: Tracking
) -> None:
    """A wish, a denial, a plan for later or a measure for one person leaves the claim as it is."""
    found = said(title, rulebook, tracking, language=language)

    assert not [change for change in found.values() if change.verdict == "revises"]


@pytest.mark.parametrize(
    ("bound", "value", "met"),
    [
        ("", 3.85, True),
        ("", 4.0, False),
        ("about", 4.0, True),
        ("about", 4.2, False),
        ("over", 9.0, True),
        ("over", 3.6, False),
        ("under", 1.0, True),
        ("under", 4.0, False),
    ],
)
def test_rounding_is_no_change(bound: Bound, value: float, met: bool) -> None:
    """An exact figure is met within 2.5%, an "about" within 6%, the others on their side of the value."""
    claim = Claim(
        id="c", name="c", kind="figure", value=3.8, unit="t", bound=bound, as_of="2025-05", source="s"
    )

    assert agrees(claim, value, None) is met


def test_the_place_of_the_words_is_that_in_the_item(rulebook: Rulebook, tracking: Tracking) -> None:
    """Offsets count characters of the original field, soft hyphens included."""
    title = "Ру\u00adда: на Томторе началась добыча"
    change = said(title, rulebook, tracking, language="ru")["tomtor"]

    assert title[change.start : change.end] == "началась добыча"
