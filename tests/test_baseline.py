"""The baseline and its words: the shipped files are sound, a broken one is refused with file, line and key."""

import os
from pathlib import Path

import pytest

from bot import config
from bot.baseline import BASELINE, Baseline, load_baseline
from bot.config import Config
from bot.errors import ConfigError

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def loaded() -> Config:
    """The shipped configuration."""
    return config.load({**os.environ, "BOT_CONFIG": str(ROOT / "config")})


def read(loaded: Config, path: Path, folder: Path | None = None) -> Baseline:
    """The claims of a file beside the shipped words and concepts."""
    topics = (topic.id for topic in loaded.topics)
    return load_baseline(folder or loaded.folder, loaded.concepts, topics, path=path)


def test_shipped_claims_are_those_of_the_start(loaded: Config) -> None:
    """Each claim the project began with is tracked, with who says so and since when; no two share an id."""
    claims = {claim.id: claim for claim in read(loaded, BASELINE).claims}

    assert len(claims) == 19
    assert (claims["russia-reserves-usgs"].value, claims["russia-reserves-usgs"].source) == (
        3_800_000,
        "USGS",
    )
    assert claims["russia-reserves-ministry"].value == 29_000_000
    assert (claims["russia-goal-2030"].value, claims["russia-goal-2030"].by) == (12, "2030")
    assert {name: claims[name].status for name in ("tomtor", "zashikhinskoye", "solikamsk-capacity")} == {
        "tomtor": "delayed",
        "zashikhinskoye": "undeveloped",
        "solikamsk-capacity": "stagnant",
    }
    assert all(claim.as_of == "2025-05" and claim.source for claim in claims.values())


GOOD = """[[claim]]
id = "goal"
name = "The goal"
kind = "figure"
value = 12
unit = "%"
as_of = "2025-05"
source = "the article"
[[claim.match]]
kinds = ["share"]
unit = "%"
all = ["rare-earths"]
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("value = 12", 'value = "much"', 5, "claim[goal].value"),
        ("value = 12\n", "", 1, "a figure has value and unit"),
        ('as_of = "2025-05"', 'as_of = "last May"', 7, "expected a month or day"),
        ('as_of = "2025-05"', 'as_of = "2025-13"', 7, "expected a month or day"),
        ('source = "the article"', 'source = " "', 8, "expected who says so"),
        ('all = ["rare-earths"]', 'all = ["unobtainium"]', 12, 'unknown concept or word "unobtainium"'),
        ('name = "The goal"', 'name = "The goal"\ntopics = ["cooking"]', 4, 'unknown topic "cooking"'),
        ('name = "The goal"', 'name = "The goal"\ncolour = "red"', 4, "unknown key"),
    ],
)
def test_a_broken_claim_is_refused_with_its_line(
    old: str, new: str, line: int, told: str, loaded: Config, tmp_path: Path
) -> None:
    """The error names file, line and key, and says what was expected."""
    path = tmp_path / "baseline.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read(loaded, path)

    assert f"{path}: line {line}: claim[goal]" in str(caught.value)
    assert told in str(caught.value)


def test_all_that_is_wrong_is_told_at_once(loaded: Config, tmp_path: Path) -> None:
    """Two broken claims and a doubled id are three problems of one error."""
    path = tmp_path / "baseline.toml"
    path.write_text(GOOD.replace('"2025-05"', '"soon"') + GOOD.replace("12", '"x"') + GOOD, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read(loaded, path)

    assert len(caught.value.problems) == 3


def test_toml_that_can_not_be_read_says_where(loaded: Config, tmp_path: Path) -> None:
    """A slip of syntax names the line as well."""
    path = tmp_path / "baseline.toml"
    path.write_text(GOOD + "value = = 3\n", encoding="utf-8")

    with pytest.raises(ConfigError, match="line 13"):
        read(loaded, path)


def test_words_may_not_take_a_concepts_name(loaded: Config, tmp_path: Path) -> None:
    """A word and a concept of one name would be one condition with two meanings."""
    (tmp_path / "claims.toml").write_text('[tomtor]\nen = ["Tomtor"]\n', encoding="utf-8")
    (tmp_path / "events.toml").write_text(
        '[start]\nname = "a start"\npoints = 5\ntitle = ["nowhere"]\n', encoding="utf-8"
    )
    path = tmp_path / "baseline.toml"
    path.write_text(GOOD, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read(loaded, path, tmp_path)

    assert "name of a concept too" in str(caught.value)
    assert 'start.title: unknown concept or word "nowhere"' in str(caught.value)


def test_a_folder_without_words_tracks_nothing(loaded: Config, tmp_path: Path) -> None:
    """A configuration of before there were claims still loads."""
    assert read(loaded, BASELINE, tmp_path) == Baseline()
