"""Pure. Rule scores, concepts and a vector of the wording -> calibrated probability of each topic: logistic regression.

The log-odds of a topic are a sum that can be read part by part:
    bias
    + rules      weights on the rules' evidence -ln(1 - score) for each topic
    + concepts   a weight for each concept that stands anywhere, and one more for each that stands in the title
    + wording    weights on the vector of title, summary and the head of the text
The vector is taken relative to the mean of its language, as else the language is what an embedding tells best, and
brought to length 1. `bot/lab/train.py` fits the weights; docs/design.md says how honest their figures are. Plain Python: a few
thousand products an item cost far less than the vector does, and come out alike on any machine.
"""

import hashlib
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import mul
from typing import Any

from bot.errors import WeightsError
from bot.model import Item

#: Part of the weights' version: raised when the same weights begin to give other probabilities.
LAYER = 2
#: A rule score counts as at most this: evidence must not grow without end.
SUREST = 0.98
#: Characters of an item that are embedded: what an item adds stands at its head, and the cost grows with the length.
HEAD = 300
#: The mean of a language that has none of its own.
ANY = "any"


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicWeights:
    """What speaks for one topic, in log-odds."""

    bias: float
    #: Topic -> weight of that topic's rule evidence: another topic's rules may speak against this one.
    rules: Mapping[str, float]
    concepts: Mapping[str, float]
    concepts_in_title: Mapping[str, float]
    wording: tuple[float, ...] = field(repr=False)
    #: The concepts that open the gate: of labelled items of this topic nearly all meet one, and little else does. An item
    #: that meets none needs no vector.
    gate: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Weights:
    """A fitted layer: a file in `seeds/weights/`."""

    #: The embedding it was fitted on, and the length of its vectors.
    embedding: str
    size: int
    #: Language -> mean vector of its labelled items; `ANY` for the rest.
    centres: Mapping[str, tuple[float, ...]] = field(repr=False)
    topics: Mapping[str, TopicWeights]
    #: The rules it was fitted with.
    rules_version: str
    #: Eight hex digits of all that decides a probability.
    version: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A layer and the embedding that it needs."""

    weights: Weights
    embed: Callable[[str], Sequence[float]] = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Vote:
    """The log-odds of one topic, in parts."""

    bias: float
    rules: float
    concepts: float
    wording: float = 0.0

    @property
    def probability(self) -> float:
        """0..1, to four digits: what is stored and compared with thresholds."""
        return round(sigmoid(self.bias + self.rules + self.concepts + self.wording), 4)

    @property
    def without_rules(self) -> float:
        """0..1: what concepts and wording say by themselves."""
        return round(sigmoid(self.bias + self.concepts + self.wording), 4)


def passage(item: Item) -> str:
    """The words of an item that are embedded."""
    return f"{item.title}. {item.summary} {item.text}"[:HEAD]


def evidence(score: float) -> float:
    """A rule score 0..1 as evidence, 0..3.9."""
    return -math.log(1 - min(score, SUREST))


def without_wording(weights: TopicWeights, scores: Mapping[str, float], concepts: Mapping[str, bool]) -> Vote:
    """What can be said before an item is embedded. `concepts` holds those that the item meets: concept -> in its title."""
    return Vote(
        bias=weights.bias,
        rules=sum(weight * evidence(scores.get(topic, 0.0)) for topic, weight in weights.rules.items()),
        concepts=sum(
            weights.concepts.get(name, 0.0) + (weights.concepts_in_title.get(name, 0.0) if in_title else 0.0)
            for name, in_title in sorted(concepts.items())
        ),
    )


def with_wording(vote: Vote, weights: TopicWeights, direction: Sequence[float]) -> Vote:
    """The same vote once the item's direction (see `direction`) is known."""
    wording = sum(map(mul, weights.wording, direction))
    return Vote(bias=vote.bias, rules=vote.rules, concepts=vote.concepts, wording=wording)


def direction(weights: Weights, language: str, vector: Sequence[float]) -> tuple[float, ...]:
    """A vector relative to the mean of its language, of length 1."""
    centre = weights.centres.get(language) or weights.centres[ANY]
    moved = [value - mean for value, mean in zip(vector, centre, strict=True)]
    length = math.sqrt(sum(map(mul, moved, moved))) or 1.0
    return tuple(value / length for value in moved)


def sigmoid(log_odds: float) -> float:
    """Log-odds -> 0..1."""
    if log_odds < 0:  # so that no exponential overflows
        return math.exp(log_odds) / (1 + math.exp(log_odds))
    return 1 / (1 + math.exp(-log_odds))


def parse_weights(text: str, where: str) -> Weights:
    """The content of a weights file. Raises `WeightsError` that says what is wrong with it."""
    try:
        data = json.loads(text)
        size = int(data["size"])
        centres = {name: _numbers(values, size) for name, values in data["centres"].items()}
        topics = {name: _topic(values, size) for name, values in data["topics"].items()}
        if ANY not in centres or not topics:
            raise ValueError(f"no centre {ANY}, or no topics")
        return Weights(
            embedding=str(data["embedding"]),
            size=size,
            centres=centres,
            topics=topics,
            rules_version=str(data["rules_version"]),
            version=version_of(data),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WeightsError(where, f"{type(error).__name__}: {error}") from error


def version_of(data: Mapping[str, Any]) -> str:
    """Eight hex digits of the parts of a weights file that decide probabilities; its figures do not."""
    decisive = [LAYER, {key: data[key] for key in ("embedding", "size", "centres", "topics")}]
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()[:8]


def _topic(data: Mapping[str, Any], size: int) -> TopicWeights:
    def named(key: str) -> Mapping[str, float]:
        names = data[key]
        return dict(zip(names, _numbers(list(names.values()), len(names)), strict=True))

    (bias,) = _numbers([data["bias"]], 1)
    return TopicWeights(
        bias=bias,
        rules=named("rules"),
        concepts=named("concepts"),
        concepts_in_title=named("concepts_in_title"),
        wording=_numbers(data["wording"], size),
        gate=frozenset(map(str, data["gate"])),
    )


def _numbers(values: Collection[Any], size: int) -> tuple[float, ...]:
    if len(values) != size:
        raise ValueError(f"expected {size} numbers, got {len(values)}")
    numbers = tuple(float(value) for value in values)
    if not all(map(math.isfinite, numbers)):
        raise ValueError("a number is not finite")
    return numbers
