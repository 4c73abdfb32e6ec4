"""How well severity orders: `python -m bot.lab.severity` prints NDCG@10 and pairwise agreement on stories graded by hand.

NDCG as by Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002), with gain 2^grade - 1. Beside it stand
what the topic's score alone and a random order give. `--parts` prints every story with its parts. Pure but for `main`.
"""

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import log2
from pathlib import Path

from bot import config
from bot.analyse.assess import Assessment, Past, Watched, assess
from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import understand
from bot.analyse.tracking import Tracking
from bot.baseline import load_baseline
from bot.config import Config
from bot.errors import InputError
from bot.model import Item
from bot.rulebook import rulebook_of
from bot.settings import SeveritySettings

GRADED = Path(__file__).resolve().parent.parent.parent / "seeds" / "severity"
GOAL = 0.85
GOAL_PAIRS = 0.80
SEEN = datetime(2026, 11, 23, 12, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded:
    """A story with the grade a person gave it: 3 at once, 2 today, 1 when there is time, 0 not at all."""

    id: str
    grade: int
    item: Item
    sources: int
    weight: float


def read_graded(path: Path) -> tuple[Graded, ...]:
    """The stories of a file. Raises `InputError` with file and line."""
    found: list[Graded] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            raw = json.loads(line)
            item = Item(
                key=raw["id"],
                source_id="graded",
                guid=raw["id"],
                url="",
                title=raw["title"],
                summary=raw["summary"],
                text="",
                language=raw["lang"],
                published_at=SEEN - timedelta(hours=float(raw["hours"])),
                first_seen_at=SEEN,
            )
            found.append(
                Graded(
                    id=raw["id"],
                    grade=int(raw["grade"]),
                    item=item,
                    sources=int(raw["sources"]),
                    weight=float(raw["weight"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{path}, line {number}", f"not a graded story: {error}") from error
    return tuple(found)


def watched_of(loaded: Config) -> Watched:
    """What the files say is tracked, with no life and no prices yet. Raises `ConfigError`."""
    baseline = load_baseline(loaded.folder, loaded.concepts, (topic.id for topic in loaded.topics))
    tracking = Tracking.of(baseline.claims, baseline.words, baseline.holders, loaded.concepts)
    return Watched(tracking=tracking, kinds=baseline.events, series={})


def assessed(story: Graded, rulebook: Rulebook, watched: Watched, settings: SeveritySettings) -> Assessment:
    """A graded story as the pipeline would weigh its first item."""
    reading = read(story.item, rulebook)
    return assess(
        understand(story.item, rulebook, facts_of_all=True),
        reading.hits(),
        watched,
        Past(sources=story.sources),
        source="",
        trust=story.weight,
        settings=settings,
        now=SEEN,
        folded=reading.fields(),
    )


def ndcg(grades: Sequence[int], at: int = 10) -> float:
    """0..1: how near an order, given as grades best first, comes to the best one; 1.0 where nothing is worth a grade."""

    def gain(ranked: Sequence[int]) -> float:
        return float(sum((2**grade - 1) / log2(place + 2) for place, grade in enumerate(ranked[:at])))

    best = gain(sorted(grades, reverse=True))
    return gain(grades) / best if best else 1.0


def agreement(scored: Sequence[tuple[float, int]]) -> float:
    """Share of pairs with unequal grades that the scores order alike; a tie counts half."""
    pairs = [
        (one[0] - other[0]) * (one[1] - other[1])
        for number, one in enumerate(scored)
        for other in scored[number + 1 :]
        if one[1] != other[1]
    ]
    return sum(1.0 if pair > 0 else 0.5 if pair == 0 else 0.0 for pair in pairs) / len(pairs)


def ordered(scored: Sequence[tuple[float, int]]) -> list[int]:
    """The grades, best score first; of equal scores the worse grade first, so that no order is won by a tie."""
    return [grade for _, grade in sorted(scored, key=lambda pair: (-pair[0], pair[1]))]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=sorted(GRADED.glob("*.jsonl")))
    parser.add_argument("--parts", action="store_true", help="print every story with its parts")
    options = parser.parse_args()
    loaded = config.load()
    rulebook, watched = rulebook_of(loaded), watched_of(loaded)
    everything: list[tuple[float, int]] = []
    by_topic: list[tuple[float, int]] = []
    levels: dict[tuple[int, str], int] = {}
    for path in options.files:
        here: list[tuple[float, int]] = []
        for story in read_graded(path):
            found = assessed(story, rulebook, watched, loaded.settings.severity)
            here.append((found.severity.score, story.grade))
            scores = rulebook_scores(story, rulebook)
            by_topic.append((max(scores, default=0.0), story.grade))
            level = found.severity.level
            levels[story.grade, level] = levels.get((story.grade, level), 0) + 1
            if options.parts:
                parts = "; ".join(
                    f"{part.name} {part.points:+g} ({part.why})" for part in found.severity.parts
                )
                print(
                    f"{story.grade} {found.severity.score:6.1f} {level:7} {story.id} {story.item.title}\n    {parts}"
                )
        print(
            f"{path.stem:>6}: NDCG@10 {ndcg(ordered(here)):.3f}, pairs {agreement(here):.3f}, {len(here)} stories"
        )
        everything += here
    shuffled = random.Random(1)  # noqa: S311  a baseline, not a secret
    chance = [ndcg(shuffled.sample([grade for _, grade in everything], len(everything))) for _ in range(500)]
    print(
        f"   all: NDCG@10 {ndcg(ordered(everything)):.3f} (goal {GOAL}), pairs {agreement(everything):.3f} (goal {GOAL_PAIRS})"
    )
    print(
        f" topic score alone: NDCG@10 {ndcg(ordered(by_topic)):.3f}, pairs {agreement(by_topic):.3f}; by chance {sum(chance) / len(chance):.3f}"
    )
    for grade in (3, 2, 1, 0):
        told = ", ".join(f"{levels.get((grade, level), 0)} {level}" for level in ("now", "today", "archive"))
        print(f" grade {grade}: {told}")


def rulebook_scores(story: Graded, rulebook: Rulebook) -> list[float]:
    """The scores of every topic."""
    return list(understand(story.item, rulebook).classification.scores.values())


if __name__ == "__main__":
    main()
