"""Pure. How likely it is that two items report one event: logistic regression over what two items share.

Four sets of weights: within a language and across two, each with the embedding and without it. The features, each 0..1
unless said:
    wording        cosine of the two directions, 0 where it is negative
    closeness      its square: the last step from alike to the same counts more
    title, text    cosine of the letter groups of headlines, and of heads; within a language only
    concepts       cosine of the concepts met, rare ones weighing more
    names          names shared, in any script
    figures        figures shared
    contradiction  1: both count, and agree on nothing
    apart          hours between them / 72, at most 5
The features follow Miranda et al., "Multilingual Clustering of Streaming News" (EMNLP 2018), and Saravanakumar et al.,
"Event-Driven News Stream Clustering using Entity-Aware Contextual Embeddings" (EACL 2021). `bot/lab/stories.py` fits the weights.
Siblings are refused before any weighing: headlines of one mould whose figures contradict ("20th package", "21st package").
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.analyse.magnitudes import contradict
from bot.analyse.traits import RARE, Traits
from bot.errors import WeightsError

FEATURES = (
    "wording",
    "closeness",
    "title",
    "text",
    "concepts",
    "names",
    "figures",
    "contradiction",
    "apart",
)
#: Part of what a decision is: raised when the same weights begin to give other probabilities.
LAYER = 1
HOURS = 72
#: Shared names and figures of this much weight in all are proof enough.
_ENOUGH = 15.0
#: From this cosine on two headlines are of one mould.
MOULD = 0.5


@dataclass(frozen=True, kw_only=True, slots=True)
class PairWeights:
    """A fitted decision: `seeds/weights/stories.json`."""

    #: (within one language, with directions) -> bias, then a weight for each of `FEATURES`.
    weights: Mapping[tuple[bool, bool], tuple[float, ...]]
    #: An item joins a story from this mean probability on; with directions, and without.
    threshold: float
    plain_threshold: float
    #: Kind of token -> token -> share of items that hold it, of those that many do.
    common: Mapping[str, Mapping[str, float]]

    def weight(self, kind: str, token: str) -> float:
        """What it tells that two items share this token, in bits."""
        return -math.log2(min(1.0, self.common[kind].get(token, RARE)))


def features(one: Traits, other: Traits, weights: PairWeights) -> tuple[float, ...]:
    """`FEATURES` of a pair, in their order."""
    same = one.language == other.language
    wording = 0.0
    if has_directions(one, other):
        wording = max(0.0, float(one.direction @ other.direction))  # type: ignore[operator]  # neither is None
    apart = abs((one.at - other.at).total_seconds()) / 3600 / HOURS
    title = cosine(one.title_bits, other.title_bits) if same else 0.0
    text = cosine(one.text_bits, other.text_bits) if same else 0.0
    return (wording, wording * wording, title, text, *_shared(one, other, weights), min(apart, 5.0))


def _shared(one: Traits, other: Traits, weights: PairWeights) -> tuple[float, float, float, float]:
    concepts = 0.0
    if both := one.concepts & other.concepts:
        mass = sum(weights.weight("concepts", name) ** 2 for name in both)
        concepts = mass / math.sqrt(_mass(one.concepts, weights) * _mass(other.concepts, weights) or 1.0)
    names = sum(weights.weight("names", name) for name in one.names & other.names)
    figures = sum(weights.weight("figures", figure) for figure in one.figures & other.figures)
    clash = float(contradict(one.figures, other.figures))
    return concepts, min(1.0, names / _ENOUGH), min(1.0, figures / _ENOUGH), clash


def probability(one: Traits, other: Traits, weights: PairWeights) -> float:
    """0..1: how likely these two report one event; 0 for siblings."""
    if are_siblings(one, other):
        return 0.0
    chosen = weights.weights[one.language == other.language, has_directions(one, other)]
    odds = chosen[0] + sum(map(float.__mul__, chosen[1:], features(one, other, weights)))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, odds))))


def are_siblings(one: Traits, other: Traits) -> bool:
    """Whether two headlines of one mould tell of two things, by their figures."""
    return (
        one.language == other.language
        and are_other_figures(one.numbers, other.numbers)
        and cosine(one.title_bits, other.title_bits) >= MOULD
    )


def are_other_figures(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether each of two headlines has a figure that the other lacks."""
    return bool(one - other) and bool(other - one)


def has_directions(one: Traits, other: Traits) -> bool:
    """Whether two items can be compared by what their words mean: one embedding made both directions."""
    return (
        one.direction is not None
        and other.direction is not None
        and one.direction.shape == other.direction.shape
    )


def cosine(one: int, other: int) -> float:
    """0..1: of two sets of bits."""
    if not one or not other:
        return 0.0
    return (one & other).bit_count() / math.sqrt(one.bit_count() * other.bit_count())


def parse_pair_weights(text: str, where: str) -> PairWeights:
    """The content of a weights file. Raises `WeightsError` that says what is wrong with it."""
    try:
        data = json.loads(text)
        if data["layer"] != LAYER or tuple(data["features"]) != FEATURES:
            raise ValueError("is for another version of the decision")
        return PairWeights(
            weights={
                (same, wording): _row(data["weights"], same, wording)
                for same in (True, False)
                for wording in (True, False)
            },
            threshold=_share(data["threshold"]),
            plain_threshold=_share(data["plain_threshold"]),
            common={
                kind: {str(token): _share(share) for token, share in data["common"][kind].items()}
                for kind in ("concepts", "names", "figures")
            },
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(where, f"{type(error).__name__}: {error}") from error


def row_name(same: bool, wording: bool) -> str:
    """What a file calls one of the four sets of weights."""
    return f"{'one language' if same else 'two languages'}, {'embedding' if wording else 'no embedding'}"


def _row(data: Mapping[str, Any], same: bool, wording: bool) -> tuple[float, ...]:
    named = data[row_name(same, wording)]
    row = tuple(float(named[name]) for name in ("bias", *FEATURES))
    if not all(map(math.isfinite, row)):
        raise ValueError("a weight is not finite")
    return row


def _share(value: Any) -> float:
    share = float(value)
    if not 0 < share <= 1:
        raise ValueError(f"expected a share above 0 and at most 1, got {share}")
    return share


def _mass(concepts: frozenset[str], weights: PairWeights) -> float:
    return sum(weights.weight("concepts", name) ** 2 for name in concepts)
