"""Scorecards on disk: what `evaluate --save` writes, and what changed since. Comparing is pure.

A saved scorecard is the JSON of `Scorecard.as_dict` with the labelled files it was made on, so that it is only
ever compared with the same items. `seeds/scorecard.json` is the one that we ship: a test fails when the recall
of a topic falls by more than two points below it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.errors import InputError
from bot.lab.evaluate import Scorecard

#: A topic's recall may fall so far, 0..1, before it counts as a loss.
ALLOWED_FALL = 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """One topic then and now."""

    topic: str
    recall: float
    recall_before: float
    precision: float
    precision_before: float

    @property
    def is_loss(self) -> bool:
        """Recall fell further than allowed; a hair of rounding is forgiven."""
        return self.recall < self.recall_before - ALLOWED_FALL - 1e-9

    def __str__(self) -> str:
        return (
            f"{self.topic}: recall {self.recall_before:.3f} -> {self.recall:.3f}, "
            f"precision {self.precision_before:.3f} -> {self.precision:.3f}"
            + (" (recall lost more than two points)" if self.is_loss else "")
        )


def save(scorecard: Scorecard, files: Sequence[Path], path: Path) -> None:
    """Write a scorecard. Raises `InputError` where that can not be done."""
    content = {"files": sorted(file.name for file in files), **scorecard.as_dict()}
    try:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(str(path), f"can not be written: {error.strerror}") from error


def load(path: Path) -> Mapping[str, Any]:
    """A saved scorecard. Raises `InputError` when it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        topics = {
            topic: (float(row["recall"]), float(row["precision"])) for topic, row in found["topics"].items()
        }
        return {**found, "files": tuple(found["files"]), "items": int(found["items"]), "shares": topics}
    except OSError as error:
        raise InputError(str(path), f"can not be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(str(path), "is no saved scorecard") from error


def compare(saved: Mapping[str, Any], scorecard: Scorecard, files: Sequence[Path]) -> tuple[Change, ...]:
    """Each topic of the saved scorecard then and now. Raises `InputError` when they are not about the same items."""
    names = tuple(sorted(file.name for file in files))
    if saved["files"] != names or saved["items"] != scorecard.items:
        raise InputError(
            "the saved scorecard",
            f"is about {saved['items']} items of {', '.join(saved['files'])}; "
            f"these are {scorecard.items} of {', '.join(names)}",
        )
    return tuple(
        Change(
            topic=topic,
            recall=scorecard.total(topic).recall,
            recall_before=recall,
            precision=scorecard.total(topic).precision,
            precision_before=precision,
        )
        for topic, (recall, precision) in saved["shares"].items()
    )
