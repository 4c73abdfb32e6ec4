"""Fits the small model's linear layer on labelled items, and says how good it is on items it did not see. Pure.

Logistic regression with a penalty on the squared weights (L2), one topic at a time, by Newton's method on the exact Hessian
(iteratively reweighted least squares; Bishop, Pattern Recognition and Machine Learning, 4.3.3). The problem is convex, so the
same items give the same weights; they are written with four digits, far coarser than what order of sums may change.

The figures come from cross-validation by story: all items of one event are in one fold, as they share their words. They are
still kind to the rules, which people wrote with these very items in view; docs/design.md gives figures that are not.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.linear import ANY, evidence, passage
from bot.lab.examples import Labelled

Array = NDArray[np.float64]
Encode = Callable[[str], Sequence[float]]
FOLDS = 5
#: Strength of the penalty, and the scale on which each kind of feature meets it: a smaller scale is a tighter rein. Chosen on
#: the dev items with rules that had not been read against them (see docs/design.md). The rules' rein is what keeps the layer
#: from trusting them as much as items deserve on which they were written.
PENALTY = 1 / 0.3
RULE_SCALE, CONCEPT_SCALE, WORDING_SCALE = 0.7, 0.5, 5.0
#: A concept opens a topic's gate if it brings at least so many labelled items that no other one brought, for each item of no
#: topic that it lets through. At 0.1 one entry in six of general feeds is embedded, where any concept at all lets more than
#: half through; at 0.5 it is one in fifteen, and three right labels in a hundred are lost.
GATE = 0.1
#: Newton steps at most; a handful does.
STEPS = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Labelled items as numbers: one row an item."""

    rows: tuple[Labelled, ...]
    topics: tuple[str, ...]
    concepts: tuple[str, ...]
    #: Whether the item has the topic; n x topics.
    truth: NDArray[np.bool_]
    #: Rule score 0..1; n x topics.
    scores: Array
    #: Whether a rule holds outside of asides and background; n x topics.
    told: NDArray[np.bool_]
    #: Evidence of each topic's rules, then concepts anywhere, then concepts in the title.
    features: Array
    #: Vectors as embedded; n x size.
    vectors: Array


@dataclass(frozen=True, kw_only=True, slots=True)
class Fitted:
    """A layer as arrays."""

    centres: Mapping[str, Array]
    #: (1 + features + size) x topics: bias, features, wording.
    weights: Array


def tabulate(
    rows: Sequence[Labelled], rulebook: Rulebook, embed: Encode, advance: Callable[[], None] = lambda: None
) -> Table:
    """Read and embed every item; `advance` is called after each."""
    topics = tuple(compiled.topic.id for compiled in rulebook.topics)
    concepts = tuple(sorted(rulebook.glosses))
    place = {name: number for number, name in enumerate(concepts)}
    features = np.zeros((len(rows), len(topics) + 2 * len(concepts)))
    scores = np.zeros((len(rows), len(topics)))
    told = np.zeros((len(rows), len(topics)), dtype=bool)
    vectors = []
    for number, row in enumerate(rows):
        reading = read(row.item, rulebook)
        scores[number] = [reading.scores[topic] for topic in topics]
        told[number] = [reading.is_told(topic) for topic in topics]
        features[number, : len(topics)] = [evidence(reading.scores[topic]) for topic in topics]
        for name, in_title in reading.concepts().items():
            features[number, len(topics) + place[name]] = 1
            features[number, len(topics) + len(concepts) + place[name]] = in_title
        vectors.append(embed(passage(row.item)))
        advance()
    return Table(
        rows=tuple(rows),
        topics=topics,
        concepts=concepts,
        truth=np.array([[topic in row.topics for topic in topics] for row in rows], dtype=bool),
        scores=scores,
        told=told,
        features=features,
        vectors=np.array(vectors, dtype=np.float64),
    )


def fit(table: Table, chosen: NDArray[np.intp]) -> Fitted:
    """The layer that these rows of a table give."""
    languages = np.array([row.item.language for row in table.rows])
    centres = {ANY: table.vectors[chosen].mean(axis=0)}
    for language in sorted(set(languages[chosen])):
        centres[language] = table.vectors[chosen[languages[chosen] == language]].mean(axis=0)
    wide = np.hstack([table.features[chosen], _directions(table, centres, chosen)])
    scale = _scale(table)
    columns = [newton(wide * scale, table.truth[chosen, topic]) for topic in range(len(table.topics))]
    weights = np.column_stack(columns)
    weights[1:] *= scale[:, None]
    return Fitted(centres=centres, weights=weights)


def predict(table: Table, fitted: Fitted, chosen: NDArray[np.intp]) -> Array:
    """Probabilities, rows x topics."""
    wide = np.hstack([table.features[chosen], _directions(table, fitted.centres, chosen)])
    return _sigmoid(fitted.weights[0] + wide @ fitted.weights[1:])


def cross_validated(table: Table, advance: Callable[[], None] = lambda: None) -> Array:
    """Each item's probabilities by a layer that saw no item of its story; rows x topics. `advance` after each fold."""
    folds = np.array([fold_of(row.story) for row in table.rows])
    found = np.zeros(table.truth.shape)
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        if outside.size:
            found[outside] = predict(table, fit(table, inside), outside)
        advance()
    return found


def everything(table: Table) -> NDArray[np.intp]:
    """All rows of a table."""
    return np.arange(len(table.rows))


def fold_of(story: str) -> int:
    """The fold of a story, by its name alone: more items do not move those that were there."""
    return hashlib.sha256(story.encode()).digest()[0] % FOLDS


def as_weights(table: Table, fitted: Fitted, rulebook: Rulebook, embedding: str) -> dict[str, Any]:
    """The layer as a weights file holds it (see bot/analyse/linear.py), without figures."""
    count, names = len(table.topics), table.concepts
    met: NDArray[np.bool_] = np.greater(table.features[:, count : count + len(names)], 0)
    off_topic: NDArray[np.bool_] = np.logical_not(table.truth.any(axis=1))
    topics = {}
    for number, topic in enumerate(table.topics):
        column = fitted.weights[:, number]
        rules, anywhere = column[1 : 1 + count], column[1 + count : 1 + count + len(names)]
        in_title = column[1 + count + len(names) : 1 + count + 2 * len(names)]
        topics[topic] = {
            "bias": _short(column[0]),
            "gate": [names[place] for place in sorted(_gate(met, table.truth[:, number], off_topic))],
            "rules": {name: _short(weight) for name, weight in zip(table.topics, rules, strict=True)},
            "concepts": _named(names, anywhere),
            "concepts_in_title": _named(names, in_title),
            "wording": [_short(weight) for weight in column[1 + count + 2 * len(names) :]],
        }
    return {
        "embedding": embedding,
        "size": table.vectors.shape[1],
        "rules_version": rulebook.version,
        "topics": topics,
        "centres": {name: [_short(value) for value in centre] for name, centre in fitted.centres.items()},
    }


def _gate(met: NDArray[np.bool_], truth: NDArray[np.bool_], off_topic: NDArray[np.bool_]) -> NDArray[np.intp]:
    """The concepts that open a gate, the most telling first: greedy weighted set cover (Chvatal 1979).

    `met` is items x concepts; `truth` says which items carry the topic, `off_topic` which carry none.
    """
    let_through = met[off_topic].sum(axis=0)
    left, chosen = met[truth], list[int]()
    while left.size:
        gain = left.sum(axis=0) / (let_through + 1)
        best = int(gain.argmax())
        if gain[best] < GATE:
            break
        chosen.append(best)
        left = left[~left[:, best]]
    return np.array(chosen, dtype=np.intp)


def _named(names: Sequence[str], weights: Array) -> dict[str, float]:
    return {name: short for name, weight in zip(names, weights, strict=True) if (short := _short(weight))}


def _short(value: float) -> float:
    return round(float(value), 4) + 0.0  # no minus zero


def _scale(table: Table) -> Array:
    count, wide = len(table.topics), table.features.shape[1]
    return np.concatenate(
        [
            np.full(count, RULE_SCALE),
            np.full(wide - count, CONCEPT_SCALE),
            np.full(table.vectors.shape[1], WORDING_SCALE),
        ]
    )


def _directions(table: Table, centres: Mapping[str, Array], chosen: NDArray[np.intp]) -> Array:
    moved = np.array(
        [table.vectors[row] - centres.get(table.rows[row].item.language, centres[ANY]) for row in chosen]
    )
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    directions: Array = moved / np.where(lengths == 0, 1, lengths)
    return directions


def _sigmoid(log_odds: Array) -> Array:
    probabilities: Array = 1 / (1 + np.exp(-np.clip(log_odds, -500, 500)))
    return probabilities


def newton(features: Array, truth: NDArray[np.bool_], strength: float = PENALTY) -> Array:
    """Bias and weights of least penalised loss; the bias bears no penalty."""
    design = np.hstack([np.ones((len(features), 1)), features])
    penalty = np.full(design.shape[1], strength)
    penalty[0] = 1e-6  # all items on one side must not send the bias to infinity
    weights = np.zeros(design.shape[1])
    for _ in range(STEPS):
        found = _sigmoid(design @ weights)
        slope = design.T @ (found - truth) + penalty * weights
        curve = (design * (found * (1 - found))[:, None]).T @ design + np.diag(penalty)
        step = np.linalg.solve(curve, slope)
        # A full step overshoots where nearly all is decided already.
        weights -= step * min(1.0, 5.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < 1e-8:
            break
    return weights
