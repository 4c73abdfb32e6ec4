"""Pure. What rules and model together say of one item: the decision that every part of the bot takes alike.

The rules read the item first. Where a model is at hand (`Rulebook.model`) and the topic is one it knows, the topic's score is
the model's probability, into which the rules' evidence goes with the rest (linear.py). Topics that the model does not know keep
the rules' score, which makes a label sure from the topic's threshold on and possible from `possible` on.
- Where a rule tells of the topic the model is too cautious: of what it gives 0.35 to 0.5 four in five are true. So there
  it needs `CAUTION` times as much as a rule's score would, for "possible" and for "sure".
- Where no rule holds, or only in an aside or in background, more is asked of it: the threshold for "possible", and `MARGIN` more
  for "sure". Most of the world's news was in nobody's labelled items, and tea prices in China read much like those of
  neodymium; and an aside has all the words of the topic that it only mentions.
- An item is embedded only where that may matter: a rule already says "possible", or it meets a concept that opens a topic's
  gate (`TopicWeights.gate`). All others keep the rules' scores, which are below possible.
- A topic's `stop` concepts take it away from the model too.
- A label shows the rules' evidence. Where the rules alone would not have made it, its `why` says so, and concepts that speak
  for the topic stand in for rules that did not hold.
"""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.analyse.classify import Reading, by_rules, read
from bot.analyse.concepts import Rulebook
from bot.analyse.linear import (
    Model,
    TopicWeights,
    Vote,
    direction,
    passage,
    with_wording,
    without_wording,
)
from bot.configured import Topic
from bot.facts import Fact
from bot.model import Classification, ClassifiedItem, Evidence, Item, Label

#: Concepts shown for a label that the model alone made.
SHOWN_CONCEPTS = 4
#: Where a rule tells of the topic, the share of the thresholds that the model's probability has to reach (docs/design.md).
CAUTION = 0.7
#: Where none does, how far above the threshold a sure one has to be.
MARGIN = 0.1


def judge(item: Item, rulebook: Rulebook) -> Classification:
    """Score every topic and label those that pass. The same item and rules version always give the same result."""
    return _judge(read(item, rulebook))


def understand(item: Item, rulebook: Rulebook, *, facts_of_all: bool = False) -> ClassifiedItem:
    """The labels of an item, and its facts if it has any label (or in any case), from one reading."""
    reading = read(item, rulebook)
    found = _judge(reading)
    facts: tuple[Fact, ...] = ()
    if found.labels or facts_of_all:
        # Most polls bring nothing to read facts of, and their tables take 80 ms to build.
        from bot.analyse.facts import extract

        facts = extract(item, reading.hits(), rulebook.subjects, folded=reading.fields())
    return ClassifiedItem(item=item, classification=found, facts=facts)


def _judge(reading: Reading) -> Classification:
    item, rulebook, model = reading.item, reading.rulebook, reading.rulebook.model
    if model is None:
        return by_rules(reading)
    votes = first_votes(reading, model)
    towards: Sequence[float] = ()
    if needs_wording(reading, model, votes):
        towards = direction(model.weights, item.language, model.embed(passage(item)))
        votes = {
            topic_id: with_wording(vote, model.weights.topics[topic_id], towards)
            for topic_id, vote in votes.items()
        }
    else:
        votes = {}
    scores = {**reading.scores, **{topic_id: vote.probability for topic_id, vote in votes.items()}}
    labels = [
        _label(compiled.topic, reading, model, votes.get(compiled.topic.id))
        for compiled in rulebook.topics
        if scores[compiled.topic.id]
        >= (bars(compiled.topic, reading)[0] if compiled.topic.id in votes else compiled.topic.possible)
    ]
    labels.sort(key=lambda label: (-label.score, label.topic_id))
    return Classification(
        scores=scores,
        labels=tuple(labels),
        rules_version=rulebook.version,
        concepts=frozenset(reading.concepts()),
        direction=packed(towards),
    )


def packed(direction: Sequence[float]) -> bytes:
    """A direction as half-precision numbers: a kilobyte, and as good as the whole for telling how alike two are."""
    return struct.pack(f"<{len(direction)}e", *direction)


def first_votes(reading: Reading, model: Model) -> Mapping[str, Vote]:
    """Each topic that the model knows and no `stop` concept takes away -> what speaks for it before the wording does."""
    concepts = reading.concepts()
    return {
        topic_id: without_wording(model.weights.topics[topic_id], reading.scores, concepts)
        for topic_id in reading.scores
        if topic_id in model.weights.topics and topic_id not in reading.stopped
    }


def needs_wording(reading: Reading, model: Model, votes: Mapping[str, Vote]) -> bool:
    """Whether the item is worth a vector: the cheap gate before the dear part."""
    met = reading.concepts().keys()
    topics = {compiled.topic.id: compiled.topic for compiled in reading.rulebook.topics}
    return any(
        reading.scores[topic_id] >= topics[topic_id].possible
        or not met.isdisjoint(model.weights.topics[topic_id].gate)
        for topic_id in votes
    )


def bars(topic: Topic, reading: Reading) -> tuple[float, float]:
    """From which probabilities of the model on a topic is possible, and sure."""
    if reading.is_told(topic.id):
        return CAUTION * topic.possible, CAUTION * topic.threshold
    return topic.threshold, min(topic.threshold + MARGIN, 1.0)


def _label(topic: Topic, reading: Reading, model: Model, vote: Vote | None) -> Label:
    by_rules = reading.label(topic)
    if vote is None:
        return by_rules
    label = replace(
        by_rules,
        score=vote.probability,
        sure=vote.probability >= bars(topic, reading)[1],
        model_score=vote.without_rules,
    )
    if by_rules.score >= topic.possible:
        return label
    evidence = by_rules.evidence or _speaking(reading, model.weights.topics[topic.id])
    return replace(label, why=f"reads like reports on {topic.name}", evidence=evidence)


def _speaking(reading: Reading, weights: TopicWeights) -> tuple[Evidence, ...]:
    """The concepts that speak for a topic most, where they stand."""
    weight = {
        name: weights.concepts.get(name, 0.0)
        + (weights.concepts_in_title.get(name, 0.0) if in_title else 0.0)
        for name, in_title in reading.concepts().items()
    }
    speaking = sorted((name for name in weight if weight[name] > 0), key=lambda name: (-weight[name], name))
    return reading.evidence_of(speaking[:SHOWN_CONCEPTS])
