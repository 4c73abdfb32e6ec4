"""Items of open stories, laid out so that one pass over all of them finds those worth a closer look. No I/O.

A row for each item in a few arrays: bits of title and text, direction, language. Counting what a new item shares with every row
takes about 0.1 ms for 1,500 rows, so nothing is missed for want of an index. Rare names, concepts and figures are looked up by
themselves, as they may be all that two languages share.
"""

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from bot.analyse.traits import TEXT_BITS, TITLE_BITS, Traits

_Words = NDArray[np.uint64]
#: With so few items all of them are looked at.
_FEW = 40
#: The best by direction, and by letter groups.
_BY_WORDING, _BY_TEXT = 20, 10
#: Of the items that share a rare token, the newest.
_BY_TOKEN = 8


class Shelf:
    """Items by key; `tokens` gives those tokens of an item that few others hold."""

    def __init__(self, tokens: Callable[[Traits], Iterable[str]] = lambda _: ()) -> None:
        self._tokens = tokens
        self._clear()

    def _clear(self) -> None:
        self._last: tuple[Traits, NDArray[np.float32], NDArray[np.float32]] | None = None
        self._items: list[Traits | None] = []
        self._places: dict[str, int] = {}
        self._postings: dict[str, list[int]] = {}
        self._languages: dict[str, int] = {}
        self._titles: _Words = np.zeros((0, TITLE_BITS // 64), dtype=np.uint64)
        self._texts: _Words = np.zeros((0, TEXT_BITS // 64), dtype=np.uint64)
        #: Bits set in each title and text; the language's number, -1 for a row that was taken away.
        self._counts: NDArray[np.float32] = np.zeros((0, 2), dtype=np.float32)
        self._language: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
        self._directions: NDArray[np.float32] = np.zeros((0, 0), dtype=np.float32)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, item_key: str) -> bool:
        return item_key in self._places

    def __getitem__(self, item_key: str) -> Traits:
        found = self._items[self._places[item_key]]
        assert found is not None  # noqa: S101  only rows that were taken away are empty, and no key leads to them
        return found

    def add(self, item: Traits) -> None:
        """Put an item there, in place of itself if it was."""
        self.take(item.item_key)
        self._last = None
        place = len(self._items)
        if place == len(self._language):
            self._grow(max(64, 2 * place))
        self._items.append(item)
        self._places[item.item_key] = place
        self._titles[place] = _words(item.title_bits, TITLE_BITS)
        self._texts[place] = _words(item.text_bits, TEXT_BITS)
        self._counts[place] = item.title_bits.bit_count(), item.text_bits.bit_count()
        self._language[place] = self._languages.setdefault(item.language, len(self._languages))
        if item.direction is not None:
            if not self._directions.shape[1]:
                self._directions = np.zeros((len(self._language), item.direction.size), dtype=np.float32)
            # Made by another embedding than the rest: found by its words alone.
            if item.direction.size == self._directions.shape[1]:
                self._directions[place] = item.direction
        for token in self._tokens(item):
            self._postings.setdefault(token, []).append(place)

    def take(self, item_key: str) -> None:
        """Take an item away, if it is there."""
        place = self._places.pop(item_key, None)
        if place is None:
            return
        self._items[place] = None
        self._language[place] = -1
        if len(self._items) > 2 * len(self._places) + 64:
            left = [item for item in self._items if item is not None]
            self._clear()
            for item in left:
                self.add(item)

    def copies(self, item: Traits, similarity: float) -> list[tuple[float, Traits]]:
        """Items of the same language whose title or text shares about this much (Jaccard), most alike first, ten at most."""
        rows = self._rows(item)
        if not rows.size:
            return []
        titles, texts = self._likeness(item)
        best = np.maximum(titles, texts)[rows]
        # Bits that collide may hide a little of the likeness.
        hits = np.flatnonzero(best >= similarity - 0.05)
        order = hits[np.argsort(-best[hits], kind="stable")][:10]
        return [(float(best[hit]), found) for hit in order if (found := self._items[rows[hit]]) is not None]

    def near(self, item: Traits) -> list[Traits]:
        """Items that may report the same event, in the order in which they came."""
        size = len(self._items)
        if len(self._places) <= _FEW:
            return [found for found in self._items if found is not None]
        chosen: set[int] = set()
        alive = np.flatnonzero(self._language[:size] >= 0)
        if item.direction is not None and item.direction.size == self._directions.shape[1]:
            chosen.update(_top(self._directions[:size] @ item.direction, alive, _BY_WORDING))
        rows = self._rows(item)
        if rows.size:
            titles, texts = self._likeness(item)
            chosen.update(_top(texts, rows, _BY_TEXT), _top(titles, rows, _BY_TEXT))
        for token in self._tokens(item):
            chosen.update(self._postings.get(token, ())[-_BY_TOKEN:])
        return [found for place in sorted(chosen) if (found := self._items[place]) is not None]

    def _rows(self, item: Traits) -> NDArray[np.intp]:
        number = self._languages.get(item.language, -2)
        return np.flatnonzero(self._language[: len(self._items)] == number)

    def _likeness(self, item: Traits) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The share of letter groups of title and of text that each row has in common with an item."""
        # Asked for copies first, then for stories.
        if self._last is None or self._last[0] is not item:
            size = len(self._items)
            titles = self._alike(self._titles[:size], self._counts[:size, 0], item.title_bits, TITLE_BITS)
            texts = self._alike(self._texts[:size], self._counts[:size, 1], item.text_bits, TEXT_BITS)
            self._last = item, titles, texts
        return self._last[1], self._last[2]

    @staticmethod
    def _alike(rows: _Words, counts: NDArray[np.float32], bits: int, size: int) -> NDArray[np.float32]:
        common = np.bitwise_count(rows & _words(bits, size)).sum(axis=1, dtype=np.int32)
        share: NDArray[np.float32] = (common / np.maximum(counts + bits.bit_count() - common, 1)).astype(
            np.float32
        )
        return share

    def _grow(self, size: int) -> None:
        def longer(array: NDArray[np.generic]) -> NDArray[np.generic]:
            grown = np.zeros((size, *array.shape[1:]), dtype=array.dtype)
            grown[: len(array)] = array
            return grown

        self._titles, self._texts = longer(self._titles), longer(self._texts)  # type: ignore[assignment]
        self._counts, self._language = longer(self._counts), longer(self._language)  # type: ignore[assignment]
        self._directions = longer(self._directions)  # type: ignore[assignment]


def _words(bits: int, size: int) -> _Words:
    return np.frombuffer(bits.to_bytes(size // 8, "little"), dtype="<u8").astype(np.uint64, copy=False)


def _top(scores: NDArray[np.float32], rows: NDArray[np.intp], most: int) -> Iterable[int]:
    if rows.size > most:
        rows = rows[np.argpartition(-scores[rows], most)[:most]]
    return (int(row) for row in rows if scores[row] > 0)
