"""Pure. What stands around a figure in its field: clause, sentence, the words that name kinds, the subjects mentioned."""

import re
from dataclasses import dataclass

from bot.analyse import cues
from bot.analyse.folding import Folded
from bot.analyse.mentions import Mention
from bot.facts import FactKind

MASS_KINDS: frozenset[FactKind] = frozenset(
    ("quota", "reserves", "output", "capacity", "export", "import", "demand", "stock")
)
MONEY_KINDS: frozenset[FactKind] = frozenset(("investment", "revenue", "profit", "loss", "contract"))
_QUOTA: frozenset[FactKind] = frozenset(("quota",))
#: Counts only where no word names a kind: plants are spoken of beside exports and prices, too.
_PLANT = re.compile(
    r"\b(?:lines?|units?|plants?|complex|factory|mill|facility|designed|splitting)\b"
    r"|\b(?:лини[яиюей]|завод|комплекс|фабрик|цикл\b|цех)|中试线|生产线|车间|工厂"
)


@dataclass(slots=True)
class Surroundings:
    """A field with what was found in it; places are those of the folded text."""

    field: str
    folded: Folded
    clause_ends: list[int]
    sentence_ends: list[int]
    kinds: list[cues.Cue]
    title_kinds: list[cues.Cue]
    mentions: list[Mention]
    title_mention: Mention | None
    #: (currency, per, value) of the item's first whole price.
    default_price: tuple[str, str, float] | None
    #: The item tells of a list of names or goods, so that counts are news.
    is_list: bool
    #: Where the fact before stands; -1 where it is of another field.
    last_at: int = -1

    @property
    def text(self) -> str:
        """The folded text."""
        return self.folded.text

    def clause(self, start: int, end: int) -> tuple[int, int]:
        """Where the clause of a figure begins and ends."""
        return cues.around(self.clause_ends, len(self.text), start, end)

    def sentence(self, start: int, end: int) -> tuple[int, int]:
        """Where its sentence does."""
        return cues.around(self.sentence_ends, len(self.text), start, end)

    def follows(self, start: int, end: int) -> bool:
        """Whether the fact before stands in the same sentence."""
        return self.last_at >= self.sentence(start, end)[0]

    def mass_kind(self, start: int, end: int, *, is_yearly: bool) -> FactKind:
        """What a mass is, by the nearest word; quotas speak of output too, and plants of nothing but what they can do."""
        near = self._nearest(MASS_KINDS, *self.sentence(start, end), start, end)
        clause = self.clause(start, end)
        if near in ("output", "reserves") and self._nearest(_QUOTA, *clause, start, end):
            return "quota"
        if near:
            return self._nearest(MASS_KINDS, *clause, start, end) or near
        if _PLANT.search(self.text, *self.sentence(start, end)):
            return "capacity"
        far = self._nearest(MASS_KINDS, 0, len(self.text), start, end)
        in_title = next((kind for _, _, kind in self.title_kinds if kind in MASS_KINDS), None)
        return far or in_title or ("output" if is_yearly else "quantity")

    def money_kind(self, start: int, end: int) -> FactKind | None:
        """What a sum is: by the nearest word in its clause, its sentence, its field, the title."""
        for since, until in (self.clause(start, end), self.sentence(start, end), (0, len(self.text))):
            if near := self._nearest(MONEY_KINDS, since, until, start, end):
                return near
        return next((kind for _, _, kind in self.title_kinds if kind in MONEY_KINDS), None)

    def _nearest(
        self, wanted: frozenset[FactKind], since: int, until: int, start: int, end: int
    ) -> FactKind | None:
        near = [
            (_gap(place, stop, start, end), kind)
            for place, stop, kind in self.kinds
            if since <= place < until and kind in wanted
        ]
        return min(near)[1] if near else None

    def subject(self, start: int, end: int) -> tuple[Mention | None, bool]:
        """What a figure is of, and whether that stands in another sentence."""
        for since, until in (self.clause(start, end), self.sentence(start, end)):
            near = [one for one in self.mentions if since <= one.start < until]
            if near:
                near.sort(key=lambda one: (not one.is_material, self._far(one, start, end)))
                return near[0], False
        before = [one for one in self.mentions if one.is_material and one.end <= start]
        return (before[-1] if before else self.title_mention), True

    def _far(self, one: Mention, start: int, end: int) -> int:
        if one.end <= start:
            return start - one.end
        # "12,000 t of loparite": what follows is the subject only where the words join the two.
        joined = re.match(r" (?:of|for|за)\b| [а-я]+", self.text[end : end + 12])
        return max(one.start - end, 0) + (0 if joined else 15)


def _gap(place: int, stop: int, start: int, end: int) -> int:
    """Characters between; a word behind the figure is a little farther off."""
    return start - stop if stop <= start else max(place - end, 0) + 8
