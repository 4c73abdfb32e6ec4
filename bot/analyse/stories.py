"""Pure. Decide which open story an item belongs to.

Order: same canonical address of an article, then near-equal headline. The first match wins; among headlines the most alike
one. No match opens a new story. Headlines are compared within one language only, and never across figures that
contradict each other: "quota 120,000 t" and "quota 135,000 t" are two stories however alike they read.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from math import ceil

from bot.address import canonical_url, is_article_url
from bot.model import Item
from bot.text import normalise_title, numbers, shingles

#: Shorter headlines share too many letter groups by chance: they must be nearly the same.
_SHORT_TITLE = 30
_SHORT_SIMILARITY = 0.75
#: Headlines of one story that others are compared with.
_MOST_WORDINGS = 50
#: So many headlines are compared one by one even where an index could be made.
_FEW = 50


@dataclass(frozen=True, kw_only=True, slots=True)
class Headline:
    """What is compared of one item of an open story."""

    story_id: str
    item_key: str
    canonical_url: str
    language: str
    title: str
    shingles: frozenset[str] = field(repr=False)
    numbers: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Match:
    """Where an item belongs, and why."""

    story_id: str
    #: The item of which it is a copy.
    copy_of: str
    reason: str


def headline(story_id: str, item_key: str, *, url: str, language: str, title: str) -> Headline:
    """What is compared of an item; `url` may be canonical already."""
    normal = normalise_title(title)
    return Headline(
        story_id=story_id,
        item_key=item_key,
        canonical_url=canonical_url(url),
        language=language,
        title=normal,
        shingles=shingles(normal),
        numbers=numbers(normal),
    )


def new_story_id(item: Item) -> str:
    """The id of the story that this item opens; the same for the same item."""
    return sha256(f"story:{item.key}".encode()).hexdigest()[:16]


def match(item: Item, open_items: Iterable[Headline], *, similarity: float) -> Match | None:
    """The open story that the item belongs to, or None."""
    wanted = headline("", item.key, url=item.url, language=item.language, title=item.title)
    best: Headline | None = None
    best_share = 0.0
    for other in open_items:
        # A front page or a page of daily prices stays at its address and is new each day.
        if wanted.canonical_url == other.canonical_url and is_article_url(wanted.canonical_url):
            return Match(story_id=other.story_id, copy_of=other.item_key, reason="same address")
        share = _alike(wanted, other)
        if share > best_share:
            best, best_share = other, share
    if best is None or best_share < _needed(wanted, best, similarity):
        return None
    return Match(story_id=best.story_id, copy_of=best.item_key, reason="same headline")


class Headlines:
    """Headlines of open stories, to be asked for those that an item may match; thousands of them at once if `many`.

    Two headlines are compared only where language and figures are equal. With `many`, those that share too few
    letter groups are left out as well: of `n` groups a match shares at least `similarity * n`, so it holds one of any
    `n - similarity * n + 1` of them, and the rarest are looked up (Bayardo, Ma and Srikant, "Scaling up all pairs
    similarity search", WWW 2007, which orders both sides; here one side is indexed whole).
    """

    def __init__(self, headlines: Iterable[Headline] = (), *, similarity: float, many: bool = False) -> None:
        self._similarity = similarity
        self._many = many
        self._by_address: dict[str, list[Headline]] = {}
        self._by_kind: dict[tuple[str, frozenset[str]], list[Headline]] = {}
        #: Letter group -> headlines, of each kind of which there are too many to go through.
        self._by_group: dict[tuple[str, frozenset[str]], dict[str, list[Headline]]] = {}
        self._counts: Counter[str] = Counter()
        for line in headlines:
            self.add(line)

    def add(self, line: Headline) -> None:
        """Let it be found from now on."""
        self._by_address.setdefault(line.canonical_url, []).append(line)
        self._counts[line.story_id] += 1
        # The first ones say how a story is worded; comparing with thousands more would tell nothing new.
        if self._counts[line.story_id] > _MOST_WORDINGS:
            return
        kind = line.language, line.numbers
        lines = self._by_kind.setdefault(kind, [])
        lines.append(line)
        if self._many and len(lines) > _FEW:
            new = [line] if kind in self._by_group else lines
            groups = self._by_group.setdefault(kind, {})
            for one in new:
                for group in one.shingles:
                    groups.setdefault(group, []).append(one)

    def near(self, item: Item) -> list[Headline]:
        """Those that the item may match, for `match` to choose from."""
        wanted = headline("", item.key, url=item.url, language=item.language, title=item.title)
        found = list(self._by_address.get(wanted.canonical_url, ()))
        kind = wanted.language, wanted.numbers
        groups = self._by_group.get(kind)
        if groups is None:
            return found + self._by_kind.get(kind, [])
        lists = sorted((groups.get(group, []) for group in wanted.shingles), key=len)
        needed = len(lists) - ceil(self._similarity * len(lists)) + 1
        near = {line.item_key: line for lines in lists[:needed] for line in lines}
        return found + list(near.values())


def _needed(one: Headline, other: Headline, similarity: float) -> float:
    shortest = min(len(one.title), len(other.title))
    return max(similarity, _SHORT_SIMILARITY) if shortest < _SHORT_TITLE else similarity


def _alike(one: Headline, other: Headline) -> float:
    """Jaccard share of common letter groups; 0 where the two can not be one story."""
    if one.language != other.language or one.numbers != other.numbers:
        return 0.0
    if not one.shingles or not other.shingles:
        return 0.0
    # Cheap bound first: the share can not exceed the ratio of the sizes.
    small, large = sorted((len(one.shingles), len(other.shingles)))
    if small / large < 0.3:
        return 0.0
    common = len(one.shingles & other.shingles)
    return common / (len(one.shingles) + len(other.shingles) - common)
