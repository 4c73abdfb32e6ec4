"""Pure. Whether an item is a copy of another one: the same report, re-dressed by whoever passed it on.

Order: same canonical address of an article, same headline once it is made comparable (no publisher, no UPDATE or СРОЧНО or
快讯, one width, no punctuation: `bot.text.normalise_title`), nearly the same headline, nearly the same text. Within one
language only. Never across figures that contradict each other, however alike two items read: "quota 120,000 t" and
"quota 135,000 t" are two reports. Likeness is the share of common letter groups (Jaccard; 4 letters, 2 for Han).
"""

from dataclasses import dataclass

from bot.address import is_article_url
from bot.analyse.pairs import are_other_figures
from bot.analyse.shelf import Shelf
from bot.analyse.traits import Traits
from bot.text import shingles

#: Shorter headlines share too many letter groups by chance: they must be nearly the same.
_SHORT_TITLE = 30
_SHORT_SIMILARITY = 0.75
#: A Han character says about as much as two letters.
_HAN_LETTERS = 2
#: Likeness of two texts from which they are one, and the letter groups below which a text proves nothing.
_SAME_TEXT = 0.8
_LONG_TEXT = 150


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """The item of which another is a copy, and why."""

    #: The item's key.
    of: str
    #: "same address", "same headline" or "same text".
    reason: str


class Addresses:
    """Items by the address of their article."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._addresses: dict[str, str] = {}

    def add(self, item: Traits) -> None:
        """Let it be found by its address; the first one there stays."""
        # A front page or a page of daily prices stays at its address and is new each day.
        if is_article_url(item.canonical_url) and item.canonical_url not in self._keys:
            self._keys[item.canonical_url] = item.item_key
            self._addresses[item.item_key] = item.canonical_url

    def take(self, item_key: str) -> None:
        """Forget an item."""
        address = self._addresses.pop(item_key, None)
        if address is not None:
            del self._keys[address]

    def find(self, item: Traits) -> str | None:
        """The key of the first other item with the same address."""
        found = self._keys.get(item.canonical_url)
        return found if found != item.item_key else None


def find_copy(item: Traits, addresses: Addresses, shelf: Shelf, *, similarity: float) -> Copy | None:
    """The item of which this is a copy, or None; `similarity` is the least share of letter groups that headlines have in common."""
    if found := addresses.find(item):
        return Copy(of=found, reason="same address")
    least = min(similarity, _SAME_TEXT)
    for _, other in shelf.copies(item, least):
        if other.item_key != item.item_key and (reason := copied(item, other, similarity=similarity)):
            return Copy(of=other.item_key, reason=reason)
    return None


def copied(one: Traits, other: Traits, *, similarity: float) -> str:
    """Why one of these two is a copy of the other, whatever their addresses are; empty if it is none."""
    if one.language != other.language or are_other_figures(one.numbers, other.numbers):
        return ""
    if one.title and one.title == other.title:
        return "same headline"
    if _jaccard(one.title, other.title) >= _needed(one.title, other.title, similarity):
        return "same headline"
    if are_other_figures(one.figures, other.figures):
        return ""
    common = (one.text_bits & other.text_bits).bit_count()
    either = (one.text_bits | other.text_bits).bit_count()
    return "same text" if common >= max(_LONG_TEXT, _SAME_TEXT * either) else ""


def _needed(one: str, other: str, similarity: float) -> float:
    shortest = min(_letters(one), _letters(other))
    return max(similarity, _SHORT_SIMILARITY) if shortest < _SHORT_TITLE else similarity


def _letters(title: str) -> int:
    return len(title) + (_HAN_LETTERS - 1) * sum("\u3400" <= letter <= "\u9fff" for letter in title)


def _jaccard(one: str, other: str) -> float:
    first, second = shingles(one), shingles(other)
    if not first or not second:
        return 0.0
    common = len(first & second)
    return common / (len(first) + len(second) - common)
