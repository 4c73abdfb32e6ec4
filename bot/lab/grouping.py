"""Pure. How good a grouping is beside the true one: BCubed and pairwise precision, recall and F1.

BCubed (Bagga and Baldwin, "Entity-Based Cross-Document Coreferencing Using the Vector Space Model", COLING 1998): for each item the
share of its group that belongs with it, and the share of what belongs with it that is in its group; both averaged over items.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Set
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Agreement:
    """0..1 each."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of both."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def bcubed(
    found: Mapping[str, Hashable], truth: Mapping[str, Hashable], of: Set[str] | None = None
) -> Agreement:
    """Of item -> group mappings with the same items; averaged over those in `of` only, if it is given."""
    groups, events = _sets(found), _sets(truth)
    items = [item for item in found if of is None or item in of]
    if not items:
        return Agreement(precision=0.0, recall=0.0)
    precision = recall = 0.0
    for item in items:
        group, event = groups[found[item]], events[truth[item]]
        common = len(group & event)
        precision += common / len(group)
        recall += common / len(event)
    return Agreement(precision=precision / len(items), recall=recall / len(items))


def pairwise(found: Mapping[str, Hashable], truth: Mapping[str, Hashable]) -> Agreement:
    """Over all pairs of items: put together against belonging together. Nothing put together is precise."""

    def pairs(sets: Mapping[Hashable, set[str]]) -> int:
        return sum(len(one) * (len(one) - 1) // 2 for one in sets.values())

    both = pairs(_sets({item: (found[item], truth[item]) for item in found}))
    together, belonging = pairs(_sets(found)), pairs(_sets(truth))
    return Agreement(
        precision=both / together if together else 1.0, recall=both / belonging if belonging else 1.0
    )


def _sets(groups: Mapping[str, Hashable]) -> dict[Hashable, set[str]]:
    sets: dict[Hashable, set[str]] = defaultdict(set)
    for item, group in groups.items():
        sets[group].add(item)
    return sets
