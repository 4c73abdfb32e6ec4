"""Rules and model together: who decides what, what is embedded, and what a label tells of it."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge
from bot.analyse.linear import ANY, Model, TopicWeights, Weights
from bot.configured import Concept, Rule, Topic
from bot.model import Item

TOPIC = Topic(
    id="metals",
    name="Metal prices",
    rules=(
        Rule(id="both", weight=0.9, why="a metal and a price", all=("metal", "price")),
        Rule(id="hint", weight=0.2, why="a metal", all=("metal",)),
    ),
    stop=("band",),
)
OTHER = Topic(id="other", name="Others", rules=(Rule(id="any", weight=0.9, why="a price", all=("price",)),))
CONCEPTS = [
    Concept(id="metal", en=("neodymium",), ru=("неодим*",), gloss="neodymium"),
    Concept(id="price", en=("price",)),
    Concept(id="band", en=("band",)),
    Concept(id="move", en=("climb*",)),
]


class Embedding:
    """Points up when the text says "tonne", down when it says "concert"; counts its calls."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def __call__(self, text: str) -> tuple[float, float]:
        self.calls.append(text)
        return (1.0, 0.0) if "tonne" in text else (-1.0, 0.0) if "concert" in text else (0.0, 1.0)


def rulebook(embed: Embedding, *, wording: float = 3.0, bias: float = -2.0, gate: str = "move") -> Rulebook:
    """The topics with a model that knows the first of them."""
    weights = Weights(
        embedding="made-up",
        size=2,
        centres={ANY: (0.0, 0.0)},
        topics={
            "metals": TopicWeights(
                bias=bias,
                rules={"metals": 1.0},
                concepts={"move": 0.5, "band": 0.5},
                concepts_in_title={},
                wording=(wording, 0.0),
                gate=frozenset({gate}),
            )
        },
        rules_version="whatever",
        version="cafe0123",
    )
    return Rulebook.compile([TOPIC, OTHER], CONCEPTS).with_model(Model(weights=weights, embed=embed))


def item(title: str, summary: str = "") -> Item:
    """An English item."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    return Item(key="k", source_id="s", title=title, summary=summary, language="en", first_seen_at=seen)


def test_the_wording_moves_a_score_both_ways() -> None:
    """The same rules are sure beside telling words, and not sure beside words of another world."""
    rules = rulebook(Embedding())

    telling = judge(item("Neodymium price per tonne"), rules).scores["metals"]
    silent = judge(item("Neodymium price"), rules).scores["metals"]
    against = judge(item("Neodymium price at the concert"), rules).scores["metals"]

    assert telling > 0.9 > silent > 0.5 > against


def test_a_label_keeps_both_parts() -> None:
    """What the rules say, what the model says without them, and the score of both stand side by side."""
    (label,) = (
        entry for entry in judge(item("Neodymium price per tonne"), rulebook(Embedding())).labels
        if entry.topic_id == "metals"
    )  # fmt: skip
    (alone,) = (
        entry for entry in classify(item("Neodymium price per tonne"), rulebook(Embedding())).labels
        if entry.topic_id == "metals"
    )  # fmt: skip

    assert label.rule_score == alone.score
    assert label.model_score == 0.7311  # 1 / (1 + exp(-(3 - 2)))
    assert label.score > label.model_score
    assert (label.why, label.evidence, label.rule_ids) == (alone.why, alone.evidence, alone.rule_ids)


def test_what_the_model_alone_finds_says_so() -> None:
    """No rule holds: the reason names the topic, and the concepts that speak for it stand as terms."""
    (label,) = judge(
        item("Magnet makers pay more per tonne as offers climb"), rulebook(Embedding(), wording=5)
    ).labels

    assert label.why == "reads like reports on Metal prices"
    assert (label.rule_score, label.rule_ids) == (0.0, ())
    assert [piece.term for piece in label.evidence] == ["climb"]
    assert label.sure


@pytest.mark.parametrize(("wording", "labels"), [(1.8, []), (2.2, [False]), (2.6, [True])])
def test_the_model_alone_is_asked_for_more(wording: float, labels: list[bool]) -> None:
    """Without a rule 0.57 is nothing, though with one it would be sure; 0.67 is possible, and 0.75 sure."""
    found = judge(item("Offers per tonne climb"), rulebook(Embedding(), wording=wording))

    assert [label.sure for label in found.labels] == labels


@pytest.mark.parametrize(("wording", "sure"), [(1.4, []), (4.0, [True])])
def test_an_aside_asks_as_much_of_the_model_as_no_rule_does(wording: float, sure: list[bool]) -> None:
    """A rule that holds in an aside alone does not lower the bar: 0.57 is no alert there, and 0.95 is."""
    made = item("Mayor weighs cakes by the tonne", summary="The motors need neodymium of any price.")

    found = judge(made, rulebook(Embedding(), wording=wording))

    assert [label.sure for label in found.labels if label.topic_id == "metals" and label.sure] == sure


def test_a_stop_concept_takes_the_topic_from_the_model_too() -> None:
    """A concert of a band called Neodymium stays without the topic, whatever the wording."""
    found = judge(item("Band Neodymium climbs by the tonne"), rulebook(Embedding(), wording=50))

    assert found.scores["metals"] == 0
    assert found.labels == ()


def test_a_topic_that_the_model_does_not_know_keeps_the_score_of_the_rules() -> None:
    """A topic made after the fit works from its first day."""
    given = item("The price climbs per tonne")

    together, alone = judge(given, rulebook(Embedding())), classify(given, rulebook(Embedding()))

    assert together.scores["other"] == alone.scores["other"] == 0.9
    assert [label for label in together.labels if label.topic_id == "other"] == list(alone.labels)


@pytest.mark.parametrize(
    ("title", "gate", "calls"),
    [("Rain in Bergen by the tonne", "move", 0), ("Offers climb", "band", 0), ("Offers climb", "move", 1), ("Neodymium price", "band", 1)],
)  # fmt: skip
def test_only_what_the_wording_may_decide_is_embedded(title: str, gate: str, calls: int) -> None:
    """Without a concept that opens the gate there is no vector. What rules call possible always has one."""
    embed = Embedding()

    judge(item(title), rulebook(embed, gate=gate))

    assert len(embed.calls) == calls


def test_an_item_that_is_not_embedded_keeps_the_scores_of_the_rules() -> None:
    """The gate changes no score."""
    rules = rulebook(Embedding(), gate="band")

    assert judge(item("Neodymium"), rules) == classify(item("Neodymium"), rules)


def test_the_version_names_rules_and_weights() -> None:
    """Other weights give another version, as they give other scores."""
    assert judge(item("x"), rulebook(Embedding())).rules_version.endswith("+cafe0123")


def test_the_result_depends_on_the_item_alone() -> None:
    """Whatever was judged before, an item's classification is the same to the last digit."""
    given = [item("Neodymium price per tonne"), item("Offers climb per tonne"), item("Concert price")]
    rules = rulebook(Embedding())
    first = {entry.title: judge(entry, rules) for entry in given}

    for order in permutations(given):
        assert {entry.title: judge(entry, rules) for entry in order} == first
