"""Fits the decision whether two items report one event, and asks it about pairs it did not see. Pure.

Logistic regression with a penalty on the squared weights, as for topics (train.py). Pairs to learn from:
- items at most `NEAR` apart, as they were published;
- of all other pairs of different events a part, with the hours between them drawn anew from the window. The labelled items
  spread over ten years, so their window holds a handful; that of a running bot holds a thousand, siblings among them.
Cross-validated by event: a pair is asked of weights that saw neither of its two events' folds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from bot.analyse.pairs import FEATURES, PairWeights, are_siblings, features, has_directions, probability
from bot.analyse.traits import RARE, Traits
from bot.lab.events import Report
from bot.lab.train import FOLDS, fold_of, newton

Array = NDArray[np.float64]
NEAR = timedelta(days=14)
#: One in so many of the pairs that lie further apart.
FAR = 12
PENALTY = 1.0
#: Tokens that fewer items hold are rare, and need not be listed.
COMMON = 0.004


@dataclass(frozen=True, kw_only=True, slots=True)
class Pairs:
    """Pairs of reports as numbers; one row a pair."""

    #: Places of the two reports.
    places: NDArray[np.intp]
    features: Array
    same_event: NDArray[np.bool_]
    same_language: NDArray[np.bool_]
    #: The folds of the two events.
    folds: NDArray[np.intp]


def common_tokens(items: Sequence[Traits]) -> dict[str, dict[str, float]]:
    """Kind -> token -> share of items that hold it, to three digits; needs no labels."""
    found: dict[str, dict[str, float]] = {}
    for kind in ("concepts", "names", "figures"):
        counts: dict[str, int] = {}
        for item in items:
            for token in getattr(item, kind):
                counts[token] = counts.get(token, 0) + 1
        least = RARE if kind == "concepts" else COMMON
        found[kind] = {
            token: max(RARE, round(count / len(items), 4))
            for token, count in sorted(counts.items())
            if count / len(items) > least
        }
    return found


def tabulate(items: Sequence[Report], blank: PairWeights, *, seed: int = 5) -> Pairs:
    """All pairs near each other and a part of the others; siblings are decided by a rule and left out."""
    random = np.random.default_rng(seed)
    places, rows, truth = [], [], []
    apart = FEATURES.index("apart")
    for later, one in enumerate(items):
        for earlier in range(later):
            other = items[earlier]
            is_near = one.traits.at - other.traits.at <= NEAR
            same = one.event == other.event
            if not is_near and (same or random.integers(FAR)):
                continue
            if are_siblings(one.traits, other.traits):
                continue
            row = list(features(one.traits, other.traits, blank))
            if not is_near:
                row[apart] = float(random.integers(4)) / 3
            places.append((later, earlier))
            rows.append(row)
            truth.append(same)
    folds = np.array([fold_of(item.event) for item in items])
    pairs = np.array(places, dtype=np.intp)
    return Pairs(
        places=pairs,
        features=np.array(rows),
        same_event=np.array(truth, dtype=bool),
        same_language=np.array(
            [items[a].traits.language == items[b].traits.language for a, b in places], dtype=bool
        ),
        folds=folds[pairs],
    )


def columns(wording: bool) -> list[int]:
    """The features that count with directions, or without."""
    return [place for place, name in enumerate(FEATURES) if wording or name not in ("wording", "closeness")]


def fit(pairs: Pairs, chosen: NDArray[np.bool_], *, same: bool, wording: bool) -> tuple[float, ...]:
    """Bias, then a weight for each feature, to four digits: of pairs of one language, or of two."""
    rows = chosen & (pairs.same_language == same)
    used = columns(wording)
    if not same:  # headlines of two languages share no letters worth counting
        used = [place for place in used if FEATURES[place] not in ("title", "text")]
    found = newton(pairs.features[rows][:, used], pairs.same_event[rows], PENALTY)
    row = np.zeros(1 + len(FEATURES))
    row[0] = found[0]
    row[[1 + place for place in used]] = found[1:]
    return tuple(round(float(value), 4) for value in row)


def everything(pairs: Pairs, common: dict[str, dict[str, float]]) -> PairWeights:
    """The decision that all pairs give; the thresholds are still to be set."""
    every = np.ones(len(pairs.same_event), dtype=bool)
    weights = {
        (same, wording): fit(pairs, every, same=same, wording=wording)
        for same in (True, False)
        for wording in (True, False)
    }
    return PairWeights(weights=weights, threshold=0.5, plain_threshold=0.5, common=common)


class HeldOut:
    """Probabilities of pairs by weights that saw neither event: a `score` for `bot.analyse.stories.Window`."""

    def __init__(self, items: Sequence[Report], pairs: Pairs, common: dict[str, dict[str, float]]) -> None:
        self._folds = {item.traits.item_key: fold_of(item.event) for item in items}
        self._weights: dict[tuple[int, int], PairWeights] = {}
        for one in range(FOLDS):
            for other in range(one, FOLDS):
                kept = np.logical_not(np.isin(pairs.folds, (one, other)).any(axis=1), dtype=bool)
                weights = {
                    (same, wording): fit(pairs, kept, same=same, wording=wording)
                    for same in (True, False)
                    for wording in (True, False)
                }
                self._weights[one, other] = PairWeights(
                    weights=weights, threshold=0.5, plain_threshold=0.5, common=common
                )
        self._asked: dict[tuple[object, ...], float] = {}

    def __call__(self, one: Traits, other: Traits) -> float:
        """0..1."""
        key = (*sorted((one.item_key, other.item_key)), has_directions(one, other), abs(one.at - other.at))
        if key not in self._asked:
            low, high = sorted((self._folds[one.item_key], self._folds[other.item_key]))
            self._asked[key] = probability(one, other, self._weights[low, high])
        return self._asked[key]
