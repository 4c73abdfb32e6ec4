"""Which open story an item belongs to. No I/O; a `Window` remembers what it was given.

Order: pinned by a person; a copy of an item that is there (copies.py); the story whose items most likely report the same event
(pairs.py): the best mean over its three likeliest items, from a threshold on. Else the item opens a story of its own. Doubts
split: a story told twice costs a second look, two merged ones hide one of them. So a story is also refused where one of its
items is a sibling ("20th package", "21st package"), or a person parted the item from it.

A story is open for 72 hours after its last item, and for as long as it has lived, if that is longer, up to two weeks:
slow stories come back after days, short ones do not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush

from bot.analyse.copies import Addresses, find_copy
from bot.analyse.pairs import PairWeights, are_siblings, has_directions, probability
from bot.analyse.shelf import Shelf
from bot.analyse.traits import Traits
from bot.configured import Pin
from bot.model import Item, Story

#: The likeliest items of a story that are asked.
_ASKED = 3
#: The first ones say how a story is worded; comparing with more would tell nothing new.
MOST_WORDINGS = 50
#: No story is open for longer without an item.
LONGEST = timedelta(days=14)
#: A token that so few bits tell about is held by too many items to look them all up.
_TELLING = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where an item belongs, and why."""

    story_id: str
    #: "pinned", "same address", "same headline", "same text" or "same event".
    reason: str
    #: The item of which it is a copy; None where it tells the event in its own words.
    copy_of: str | None = None
    #: 0..1; how sure that is.
    probability: float = 1.0


@dataclass(slots=True)
class _Members:
    """The items of one open story."""

    keys: list[str] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    story: Story | None = None


class Window:
    """The open stories and what is compared of their items. Without `weights` only copies join.

    `hours` and `similarity` as in the settings. `score` stands in for the pair decision, for trials.
    """

    def __init__(
        self,
        weights: PairWeights | None,
        *,
        hours: float,
        similarity: float,
        pins: Iterable[Pin] = (),
        score: Callable[[Traits, Traits], float] | None = None,
    ) -> None:
        self.weights = weights
        self._hours = timedelta(hours=hours)
        self._similarity = similarity
        self._score = score or self._probability
        self._shelf = Shelf(self._rare_tokens)
        self._addresses = Addresses()
        self._stories: dict[str, _Members] = {}
        self._story_of: dict[str, str] = {}
        #: When each story closes, soonest first.
        self._due: list[tuple[datetime, str]] = []
        self._together: dict[str, set[str]] = {}
        self._apart: dict[str, set[str]] = {}
        for pin in pins:
            side = self._together if pin.together else self._apart
            side.setdefault(pin.item_key, set()).add(pin.other_key)
            side.setdefault(pin.other_key, set()).add(pin.item_key)

    def __len__(self) -> int:
        """How many items are compared with."""
        return len(self._shelf)

    def story(self, story_id: str) -> Story | None:
        """An open story as it was last given."""
        members = self._stories.get(story_id)
        return members.story if members else None

    def owners(self, story_id: str) -> frozenset[str]:
        """Who reported an open story."""
        members = self._stories.get(story_id)
        return frozenset(members.owners) if members else frozenset()

    def put(self, story: Story) -> None:
        """Open a story, or set how it stands."""
        self._stories.setdefault(story.id, _Members()).story = story
        heappush(self._due, (closes_at(story, self._hours), story.id))

    def add(self, story_id: str, item: Traits) -> None:
        """Let an item of a story be found from now on; an item given again takes its own place."""
        members = self._stories.setdefault(story_id, _Members())
        members.owners.add(item.owner)
        known = item.item_key in self._story_of
        self._story_of[item.item_key] = story_id
        if not known:
            members.keys.append(item.item_key)
        self._addresses.add(item)
        if known or len(members.keys) <= MOST_WORDINGS:
            self._shelf.add(item)

    def close(self, now: datetime) -> None:
        """Let go of the stories that are no longer open."""
        while self._due and self._due[0][0] < now:
            _, story_id = heappop(self._due)
            story = self.story(story_id)
            # It is there once for each time it was put; only the last one counts.
            if story is None or closes_at(story, self._hours) >= now:
                continue
            for key in self._stories.pop(story_id).keys:
                del self._story_of[key]
                self._addresses.take(key)
                self._shelf.take(key)

    def find(self, item: Traits, *, copies_only: bool = False) -> Match | None:
        """The open story that an item belongs to, or None. `copies_only` saves the weighing."""
        for other in sorted(self._together.get(item.item_key, ())):
            if other in self._story_of:
                return Match(story_id=self._story_of[other], reason="pinned")
        if found := find_copy(item, self._addresses, self._shelf, similarity=self._similarity):
            story_id = self._story_of[found.of]
            if not self._is_parted(item, story_id):
                return Match(story_id=story_id, reason=found.reason, copy_of=found.of)
        if copies_only or self.weights is None:
            return None
        return self._likeliest(item, self.weights)

    def _likeliest(self, item: Traits, weights: PairWeights) -> Match | None:
        near = self._shelf.near(item)
        best, best_chance = None, 0.0
        has_wording = False
        for story_id in dict.fromkeys(self._story_of[other.item_key] for other in near):
            keys = (key for key in self._stories[story_id].keys[:MOST_WORDINGS] if key in self._shelf)
            members = [self._shelf[key] for key in keys]
            chances = sorted((self._score(item, member) for member in members), reverse=True)[:_ASKED]
            chance = sum(chances) / len(chances)
            if chance > best_chance and not self._is_refused(item, story_id, members):
                best, best_chance = story_id, chance
                has_wording = any(has_directions(item, member) for member in members)
        if best is None or best_chance < (weights.threshold if has_wording else weights.plain_threshold):
            return None
        return Match(story_id=best, reason="same event", probability=round(best_chance, 4))

    def _probability(self, one: Traits, other: Traits) -> float:
        return probability(one, other, self.weights) if self.weights else 0.0

    def _is_refused(self, item: Traits, story_id: str, members: Iterable[Traits]) -> bool:
        return self._is_parted(item, story_id) or any(are_siblings(item, member) for member in members)

    def _is_parted(self, item: Traits, story_id: str) -> bool:
        return any(self._story_of.get(other) == story_id for other in self._apart.get(item.item_key, ()))

    def _rare_tokens(self, item: Traits) -> list[str]:
        if self.weights is None:
            return []
        return [
            f"{kind} {token}"
            for kind in ("concepts", "names", "figures")
            for token in sorted(getattr(item, kind))
            if self.weights.weight(kind, token) >= _TELLING
        ]


def closes_at(story: Story, hours: timedelta) -> datetime:
    """Until when an item may join a story; `hours` after the last one it may in any case."""
    lived = story.last_seen_at - story.first_seen_at
    return story.last_seen_at + max(hours, min(lived, LONGEST))


def new_story_id(item: Item) -> str:
    """The id of the story that this item opens; the same for the same item."""
    return sha256(f"story:{item.key}".encode()).hexdigest()[:16]
