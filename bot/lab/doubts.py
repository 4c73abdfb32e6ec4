"""Pure. Which stored items a person's label would teach most: those that the bot is least sure of.

An item's doubt is the smallest distance of a topic's score from that topic's threshold; where rules and model
disagree (one of them says sure, the other not even possible) it is 0. Items far from every threshold are not
offered, nor those that were answered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.analyse.concepts import Rulebook
from bot.model import Classification, Item

#: Scores further from the threshold than this are no doubt.
_FAR = 0.3


@dataclass(frozen=True, kw_only=True, slots=True)
class Doubt:
    """An item to ask about, and what the bot says of it now."""

    item: Item
    found: Classification
    #: Topics in doubt, the nearest to its threshold first; the others are asked too.
    topics: tuple[str, ...]
    #: 0 is the greatest doubt.
    distance: float


def doubts(
    items: Iterable[Item],
    rulebook: Rulebook,
    judges: Sequence[Callable[[Item, Rulebook], Classification]],
    answered: frozenset[str],
    most: int,
) -> tuple[Doubt, ...]:
    """At most so many items, the greatest doubt first. The first of `judges` is the one that decides in earnest."""
    found = []
    for item in items:
        if item.key in answered:
            continue
        verdicts = [judge(item, rulebook) for judge in judges]
        doubt = _doubt(item, verdicts, rulebook)
        if doubt:
            found.append(doubt)
    found.sort(key=lambda doubt: (doubt.distance, doubt.item.key))
    return tuple(found[:most])


def _doubt(item: Item, verdicts: Sequence[Classification], rulebook: Rulebook) -> Doubt | None:
    distances: dict[str, float] = {}
    for compiled in rulebook.topics:
        topic = compiled.topic
        scores = [verdict.scores[topic.id] for verdict in verdicts]
        if max(scores) >= topic.threshold and min(scores) < topic.possible:
            distances[topic.id] = 0.0
        elif (distance := abs(scores[0] - topic.threshold)) <= _FAR:
            distances[topic.id] = round(distance, 4)
    if not distances:
        return None
    nearest = sorted(distances, key=lambda topic_id: (distances[topic_id], topic_id))
    return Doubt(item=item, found=verdicts[0], topics=tuple(nearest), distance=distances[nearest[0]])


def labelled_line(item: Item, answers: Mapping[str, bool]) -> dict[str, object]:
    """The item with its answers as `evaluate` and `train` read it."""
    return {
        "id": item.key,
        "lang": item.language,
        "title": item.title,
        "summary": item.summary,
        "text": item.text,
        "source": item.source_id,
        "url": item.url,
        "published": item.published_at.isoformat() if item.published_at else None,
        "topics": sorted(topic for topic, is_right in answers.items() if is_right),
        # One event told by many is one story to those who split by it.
        "story": item.key,
    }
