"""Pure. How good a fitted layer is: per topic and language, from probabilities of items that it did not see.

`figures` gives plain values as the weights file keeps them, `render` the same for a terminal. Macro F1 is the mean over topics;
found means a probability, or a rule score, of at least the topic's threshold, that is, good enough for an alert.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table as Grid
from rich.text import Text

from bot.analyse.judge import CAUTION, MARGIN
from bot.lab.train import Array, Table

ALL = "all"
#: Borders between the rows of the table that compares probabilities with what came true.
BANDS = (0.0, 0.1, 0.35, 0.6, 0.8, 0.95, 1.01)
Truth = NDArray[np.bool_]


def figures(table: Table, found: Array, thresholds: Sequence[float]) -> dict[str, Any]:
    """Scores of the probabilities `found` beside those of the rules alone, and how the probabilities came true."""
    languages = np.array([row.item.language for row in table.rows])
    borders = np.array(thresholds)
    # As judge.py decides: less is asked of the model where a rule tells of the topic, and more where none does.
    sure = found >= np.where(table.told, CAUTION * borders, np.minimum(borders + MARGIN, 1.0))
    by_rules = table.scores >= borders
    answer: dict[str, Any] = {"items": len(table.rows)}
    for name, guessed in (("model", sure), ("rules", by_rules)):
        answer[name] = {ALL: _scores(table.truth, guessed, table.topics)} | {
            language: _scores(table.truth[rows], guessed[rows], table.topics)
            for language in sorted(set(languages))
            if (rows := languages == language).any()
        }
    answer["calibration"] = [
        {
            "from": low,
            "pairs": int(inside.sum()),
            "said": _share(found[inside].sum(), inside.sum()),
            "true": _share(table.truth[inside].sum(), inside.sum()),
        }
        for low, high in pairwise(BANDS)
        if (inside := (found >= low) & (found < high)).any()
    ]
    return answer


def render(answer: Mapping[str, Any]) -> RenderableType:
    """The figures for a terminal."""
    grid = Grid(title=f"{answer['items']} items, each judged by a layer that saw no item of its story")
    for name in ("topic", "language", "precision", "recall", "F1", "rules' F1"):
        grid.add_column(name, justify="left" if name in ("topic", "language") else "right")
    for topic in answer["model"][ALL]["topics"]:
        for language, scores in answer["model"].items():
            one = scores["topics"][topic]
            alone = answer["rules"][language]["topics"][topic]["f1"]
            shares = (f"{one[key]:.3f}" for key in ("precision", "recall", "f1"))
            grid.add_row(topic, language, *shares, f"{alone:.3f}", style="bold" if language == ALL else "")
        grid.add_section()
    lines = []
    for name in ("model", "rules"):
        total = answer[name][ALL]
        each = ", ".join(f"{lang} {one['macro_f1']:.3f}" for lang, one in answer[name].items() if lang != ALL)
        lines.append(
            f"{name}: macro F1 {total['macro_f1']:.3f} ({each}), precision {total['precision']:.3f}, recall {total['recall']:.3f}"
        )
    lines.append(
        "said against true: " + ", ".join(f"{b['said']:.2f} {b['true']:.2f}" for b in answer["calibration"])
    )
    lines.append(
        "Rules were written with most of these items in view, so both lines are kinder than news will be."
    )
    return Group(grid, Text("\n".join(lines)))


def _scores(truth: Truth, guessed: Truth, topics: Sequence[str]) -> dict[str, Any]:
    each = {topic: _one(truth[:, place], guessed[:, place]) for place, topic in enumerate(topics)}
    together = _one(truth, guessed)
    macro = sum(one["f1"] for one in each.values()) / len(each)
    return {"macro_f1": round(macro, 4), **together, "topics": each}


def _one(truth: Truth, guessed: Truth) -> dict[str, float]:
    right, wrong, missed = (
        int(pairs.sum()) for pairs in (truth & guessed, guessed & ~truth, truth & ~guessed)
    )
    return {
        "precision": _share(right, right + wrong),
        "recall": _share(right, right + missed),
        "f1": _share(2 * right, 2 * right + wrong + missed),
    }


def _share(part: float, whole: float) -> float:
    return round(float(part) / float(whole), 4) if whole else 0.0
