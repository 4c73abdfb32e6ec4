"""Pure. A place in a ranking: "fifth-largest", "ranks 4th", "на пятом месте", "居世界第五"; texts come folded (folding.py).

facts.py takes ordinals for no quantity, and rightly: "the 21st package". Here a word of ranking must stand beside.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_EN = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"]
_RU = ["перв", "втор", "трет", "четверт", "пят", "шест", "седьм", "восьм", "девят", "десят"]
_ZH = "一二三四五六七八九十"

_PATTERNS = (
    re.compile(
        rf"\b(?P<n>\d{{1,2}})(?:st|nd|rd|th)[ -](?:largest|biggest|place|in the world|worldwide|globally)"
        rf"|\b(?P<w>{'|'.join(_EN)})[ -](?:largest|biggest|place|in the world|worldwide|globally)"
        rf"|\b(?:ranks?|ranked|is|to|from) (?:(?:the|number) )?(?P<v>{'|'.join(_EN)})\b(?= (?:in|for|by|worldwide|globally|behind|among))"
    ),
    re.compile(
        rf"\b(?:(?P<n>\d{{1,2}})-?[а-я]{{1,3}}|(?P<w>{'|'.join(_RU)})[а-я]*) (?:[а-я]+ )?(?:мест[а-я]+|строчк[а-я]+)"
    ),
    re.compile(rf"(?:居|列|位居|位列|排名|排在|排)(?:世界|全球)?第(?:(?P<n>\d{{1,2}})|(?P<w>[{_ZH}]))(?:位|名|大)?|第(?P<v>[{_ZH}])大"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rank:
    """A place in a ranking."""

    place: int
    start: int
    end: int


def ranks(text: str) -> Iterable[Rank]:
    """The places that a folded text names, in order of reading within each language."""
    for pattern, words in zip(_PATTERNS, (_EN, _RU, list(_ZH)), strict=True):
        for match in pattern.finditer(text):
            found = match.groupdict()
            word = found.get("w") or found.get("v")
            place = words.index(word) + 1 if word else int(found["n"])
            yield Rank(place, match.start(), match.end())
