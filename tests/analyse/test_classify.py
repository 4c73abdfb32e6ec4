"""Classifying: how conditions, places and weights make a score, and what a label shows."""

import math
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.classify import MAX_EVIDENCE, classify, score_of
from bot.analyse.concepts import Rulebook
from bot.configured import Concept, Rule, Topic
from bot.model import Classification, Item

CONCEPTS = (
    Concept(id="metal", en=("neodymium",), ru=("неодим*",), zh=("钕",), gloss="neodymium"),
    Concept(id="price", en=("price",), ru=("цен*",), zh=("价格",), gloss="price"),
    Concept(id="quota", en=("quota",), ru=("квот*",), zh=("配额",), gloss="quota"),
    Concept(id="band", en=("rock band",), ru=("рок-групп*",), zh=("乐队",)),
    Concept(id="levers", includes=("price", "quota")),
)


def item(title: str = "", summary: str = "", text: str = "", language: str = "en") -> Item:
    """A made-up item."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    return Item(
        key="k", source_id="s", title=title, summary=summary, text=text, language=language, first_seen_at=seen
    )


def rule(weight: float = 0.9, id: str = "r", **conditions: object) -> Rule:
    """A rule with these conditions."""
    return Rule(id=id, weight=weight, why=f"why of {id}", **conditions)  # type: ignore[arg-type]


def judge(made: Item, *rules: Rule, stop: tuple[str, ...] = ()) -> Classification:
    """What one topic with these rules says of an item."""
    topic = Topic(id="topic", name="Topic", rules=rules, stop=stop)
    return classify(made, Rulebook.compile([topic], CONCEPTS))


def score(made: Item, *rules: Rule, stop: tuple[str, ...] = ()) -> float:
    return judge(made, *rules, stop=stop).scores["topic"]


@pytest.mark.parametrize(
    ("hit", "near_miss"),
    [
        ("Neodymium price up", "Neodymium mine opens"),
        ("Цены на неодим растут", "Цены на свинину растут"),
        ("钕价格上涨", "碳酸锂价格上涨"),
        ("釹價格上漲", "碳酸鋰價格上漲"),
    ],
)
def test_all_asks_for_subject_and_action_in_every_language(hit: str, near_miss: str) -> None:
    """An item needs each concept of `all`, and one of `a|b`."""
    both = rule(all=("metal", "price|quota"))

    assert score(item(hit), both) == 0.9
    assert score(item(near_miss), both) == 0


def test_any_asks_for_one_of_several_and_groups_count_through_their_members() -> None:
    """`any` is one set; a concept that includes others is met by any of them."""
    assert score(item("A quota"), rule(any=("metal", "levers"))) == 0.9
    assert score(item("Nothing here"), rule(any=("metal", "levers"))) == 0


def test_near_counts_words_between_and_half_a_word_for_a_han_character() -> None:
    """Two words apart is near within two, not within one; four characters are two words."""
    for text in ("neodymium one two price", "钕一二三四价格"):
        assert score(item(text), rule(near=("metal", "price"), within=2)) == 0.9
        assert score(item(text), rule(near=("metal", "price"), within=1)) == 0


def test_near_takes_the_closest_pair_and_never_crosses_fields() -> None:
    """A far pair does not spoil a close one; a title and a summary are not near each other."""
    close = rule(near=("metal", "price"), within=1)

    assert score(item("price of many other fine things and the neodymium price"), close) == 0.9
    assert score(item("neodymium", "price"), close) == 0


@pytest.mark.parametrize(
    ("together", "apart"),
    [
        ("The price of U.S. neodymium at 3.5 dollars", "A price. And neodymium"),
        ("Цена 5 млн руб. за тонну неодима", "Цена выросла. Неодим ни при чём"),
        ("价格,钕", "价格。钕"),
    ],
)
def test_same_sentence_ends_at_full_stops_only(together: str, apart: str) -> None:
    """Abbreviations, decimals and commas end no sentence."""
    pair = rule(same_sentence=("metal", "price"))

    assert score(item(together), pair) == 0.9
    assert score(item(apart), pair) == 0


def test_title_conditions_look_at_the_title_only() -> None:
    """`title` asks for a concept in the title; `not_title` refuses one there and allows it below."""
    asked = rule(title=("metal",), all=("price",))
    refused = rule(all=("metal",), not_title=("price",))

    assert score(item("Neodymium", "price"), asked) == 0.9
    assert score(item("Price", "neodymium"), asked) == 0
    assert score(item("Neodymium", "price"), refused) == 0.9
    assert score(item("Neodymium price"), refused) == 0


def test_not_refuses_and_stop_takes_the_whole_topic() -> None:
    """`not` silences one rule; a `stop` concept silences the topic, wherever it stands."""
    wary, plain = rule(0.9, "wary", all=("metal",), not_=("quota",)), rule(0.5, "plain", all=("metal",))

    assert judge(item("Neodymium quota"), wary, plain).labels[0].rule_ids == ("plain",)
    assert score(item("Neodymium", text="A rock band of that name"), wary, plain, stop=("band",)) == 0


def test_the_title_counts_double() -> None:
    """A hit below the title brings half the evidence, so that two of it make one of the title."""
    below = score(item(text="neodymium"), rule(0.84, any=("metal",)))

    assert below == pytest.approx(1 - math.sqrt(1 - 0.84))
    two = score(
        item(text="neodymium quota"), rule(0.84, "a", any=("metal",)), rule(0.84, "b", any=("quota",))
    )
    assert two == pytest.approx(0.84)


def test_rules_add_up_like_independent_hints() -> None:
    """Two title rules of 0.5 make 0.75; a weight of 1 stays below certainty and finite."""
    halves = (rule(0.5, "a", any=("metal",)), rule(0.5, "b", any=("price",)))

    assert score(item("Neodymium price"), *halves) == 0.75
    assert 0.99 < score(item("Neodymium"), rule(1.0, any=("metal",))) < 1


@pytest.mark.parametrize(
    "text",
    [
        "The mine opened, which neodymium buyers had awaited.",
        "Завод открыли. Ранее сообщалось о ценах на неодим.",
        "工厂开业。此前钕曾短缺。",
    ],
)
def test_what_is_only_recalled_does_not_label_by_itself(text: str) -> None:
    """A subject in a background clause is not sure, and the same subject told as news is."""
    strong = rule(0.92, any=("metal",))

    assert not any(label.sure for label in judge(item("Opening", text=text), strong).labels)
    assert judge(item("Opening", text="Neodymium. Неодим. 钕。"), strong).labels[0].sure


def test_a_score_between_the_thresholds_is_possible_only() -> None:
    """From `possible` an item is labelled, from `threshold` it is sure, below there is a score and no label."""
    labels = [judge(item("neodymium"), rule(weight, any=("metal",))).labels for weight in (0.34, 0.35, 0.6)]

    assert [[label.sure for label in found] for found in labels] == [[], [False], [True]]


def test_a_label_tells_its_rules_strongest_first_and_glosses_foreign_words() -> None:
    """Rule ids and evidence go by strength, `why` is the strongest rule's, English words carry no gloss."""
    made = item("钕配额", "Neodymium quota", language="zh")
    label = judge(made, rule(0.5, "weak", any=("quota",)), rule(0.8, "strong", any=("metal",))).labels[0]

    assert label.rule_ids == ("strong", "weak")
    assert label.why == "why of strong"
    assert [(e.term, e.field, e.gloss) for e in label.evidence] == [
        ("钕", "title", "neodymium"),
        ("配额", "title", "quota"),
    ]
    english = judge(item("Neodymium"), rule(any=("metal",))).labels[0]
    assert english.evidence[0].gloss == ""


def test_a_label_tells_what_each_rule_brings_and_where() -> None:
    """Parts are rule, weight, place and evidence; they add up to the score, and terms name the rule they served."""
    made = item("Neodymium", "A quota. Earlier, prices rose.")
    rules = (
        rule(0.5, "head", any=("metal",)),
        rule(0.8, "body", any=("quota",)),
        rule(0.8, "past", any=("price",)),
    )
    label = judge(made, *rules).labels[0]

    assert [(part.rule_id, part.weight, part.where) for part in label.parts] == [
        ("body", 0.8, "body"),
        ("head", 0.5, "title"),
        ("past", 0.8, "background"),
    ]
    assert [part.evidence for part in label.parts] == pytest.approx(
        [-math.log(0.2) / 2, -math.log(0.5), -math.log(0.2) * 0.15]
    )
    assert label.score == score_of(label.parts)
    assert {piece.term: piece.rule_id for piece in label.evidence} == {
        "Neodymium": "head",
        "quota": "body",
        "prices": "past",
    }


def test_of_rules_met_in_the_background_the_strongest_counts() -> None:
    """One aside that meets five rules is still one aside."""
    made = item("Opening", "Earlier, neodymium prices rose.")
    many = [rule(0.9, f"r{number}", any=("metal",)) for number in range(5)]

    assert score(made, *many) == score(made, many[0]) > 0


def test_a_term_of_a_group_is_glossed_by_its_own_name() -> None:
    """Where a concept holds several things, a term says which; others are told by the concept."""
    group = Concept(
        id="works", zh=("北方稀土", "盛和"), gloss="a producer", glosses={"北方稀土": "Northern Rare Earth"}
    )
    topic = Topic(id="topic", name="Topic", rules=(rule(any=("works",)),))
    label = classify(item("北方稀土与盛和"), Rulebook.compile([topic], [group])).labels[0]

    assert label.evidence[0].gloss == "Northern Rare Earth"
    only = classify(item("盛和"), Rulebook.compile([topic], [group])).labels[0]
    assert only.evidence[0].gloss == "a producer"


def test_the_rules_that_match_apply_in_any_language() -> None:
    """An item in a language we do not know is still judged by the terms it holds."""
    assert score(item("Neodymium-Preis steigt", language="de"), rule(any=("metal",))) == 0.9


def test_an_item_without_words_scores_nothing_on_every_topic() -> None:
    """`scores` names every topic even where nothing was found."""
    found = judge(item(), rule(any=("metal",)))

    assert dict(found.scores) == {"topic": 0.0}
    assert found.labels == ()


words = st.sampled_from(
    [
        "neodymium",
        "Неодима",
        "釹",
        "價格",
        "цены",
        "price",
        "quota",
        "ﬁ",
        "\u00ad",
        "ё\u0301",
        "İ",
        "。",
        ". ",
        ", which ",
    ]
)
texts = st.lists(words | st.text(max_size=3), max_size=14).map(" ".join)
RULES = (
    rule(0.5, "a", any=("metal",)),
    rule(0.7, "b", near=("metal", "price"), within=3),
    rule(0.8, "c", same_sentence=("metal", "levers")),
)


@settings(max_examples=80, deadline=None)
@given(texts, texts, texts)
def test_evidence_is_the_slice_it_points_to_and_judging_is_repeatable(
    title: str, summary: str, text: str
) -> None:
    """For any mix of scripts each term equals its slice of the item, and a second judgement is equal."""
    made = item(title, summary, text)
    first = judge(made, *RULES)

    assert judge(made, *RULES) == first
    for label in first.labels:
        assert 0 < len(label.evidence) <= MAX_EVIDENCE
        assert score_of(label.parts) == label.score
        for piece in label.evidence:
            assert getattr(made, piece.field)[piece.start : piece.end] == piece.term


def test_one_sentence_below_a_title_about_something_else_is_an_aside() -> None:
    """A rule met only there brings 0.3 of its weight, and of several such the strongest alone counts."""
    strong, weak = rule(0.9, id="strong", any=("metal",)), rule(0.8, id="weak", any=("price",))
    made = item("Mayor opens bridge", text="It rained. The motors need neodymium, whatever the price.")

    label = judge(made, strong, weak).scores["topic"]

    assert label == score_of_weight(0.9, 0.3)


def score_of_weight(weight: float, place: float) -> float:
    """The score of one rule at one place."""
    return round(1 - math.exp(place * math.log(1 - weight)), 4)


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Neodymium in motors", "The motors need a quota."),  # the title names a concept of the rules
        ("Mayor opens bridge", "The motors need a quota. Quotas were cut."),  # the item comes back to it
        ("", "The motors need a quota."),  # no title to say anything against it
    ],
)
def test_what_the_title_names_or_the_text_repeats_is_no_aside(title: str, text: str) -> None:
    """Then the rule counts in full, as in any text."""
    assert score(
        item(title, text=text), rule(0.9, any=("quota",)), rule(0.1, any=("metal",))
    ) >= score_of_weight(0.9, 0.5)


def test_one_bystander_in_a_title_does_not_name_the_topic_and_two_do() -> None:
    """A title that names the price alone leaves an aside an aside; with the quota beside it the topic is named."""
    rules = (rule(0.9, any=("metal",)), rule(0.5, all=("price", "quota", "metal")))

    def found(title: str) -> float:
        topic = Topic(id="topic", name="Topic", rules=rules, bystanders=("price", "quota"))
        made = item(title, text="The motors need neodymium.")
        return classify(made, Rulebook.compile([topic], CONCEPTS)).scores["topic"]

    assert found("Price of bread") == score_of_weight(0.9, 0.3)
    assert found("Price of fish follows quota") > score_of_weight(0.9, 0.5)
