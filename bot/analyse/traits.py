"""Pure. What is compared of an item when stories are looked for: its words, names, figures, direction and time.

All of it is small (some 4 kB an item) and stays the same for the same item, so that a restart changes no decision. Groups
of letters are kept as bits of one whole number each: to count what two items share is then one `&`.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from bot.address import canonical_url
from bot.analyse.magnitudes import magnitudes
from bot.model import Item
from bot.text import clean, normalise_title, numbers, shingles

#: Bits for the letter groups of a title and of a text. A few collide; the weights were fitted with them.
TITLE_BITS, TEXT_BITS = 2048, 4096
#: Characters of an item that are compared: what it reports stands at its head.
HEAD = 600
#: Share of items that hold a token which is not among the common ones.
RARE = 0.001

Direction = NDArray[np.float32]

_LATIN = str.maketrans(dict(zip("абвгдежзиклмнопрстуфхцчшщэюя", "abvgdejziklmnoprstufhcqwweua", strict=True)))
_CAPITAL = re.compile(r"(?<!\w)[A-ZА-Я][A-Za-zА-Яа-я]{2,}")
_CODE = re.compile("[a-zа-я]+[0-9][0-9a-zа-я]*")
_CYRILLIC = re.compile("[а-я]")
#: Latin spellings of sounds that Cyrillic writes with one letter.
_SPELLINGS = (
    ("shch", "w"),
    ("sch", "w"),
    ("sh", "w"),
    ("ch", "q"),
    ("kh", "h"),
    ("zh", "j"),
    ("ts", "c"),
    ("ph", "f"),
    ("ck", "k"),
    ("x", "ks"),
)
_HARD_C = re.compile("c(?=[aoulrkt]|$)")
_SOFT = re.compile("[aeiouyйъыь]")
_DOUBLE = re.compile(r"(.)\1")


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Traits:
    """An item as stories see it. `concepts` are known by name in every language, `names` and `figures` by spelling."""

    item_key: str
    #: Who answers for the source: one owner's many sites count once.
    owner: str
    canonical_url: str
    language: str
    at: datetime
    #: Made comparable (bot/text.py).
    title: str
    #: Figures of the headline, as `bot.text.numbers` gives them, and what has letters before: "g7", "yn332".
    numbers: frozenset[str]
    title_bits: int = field(repr=False)
    text_bits: int = field(repr=False)
    concepts: frozenset[str]
    names: frozenset[str]
    #: See magnitudes.py.
    figures: frozenset[str]
    #: Of length 1, relative to the mean of its language; None without an embedding.
    direction: Direction | None = field(repr=False)


def traits(
    item: Item, *, concepts: Iterable[str] = (), direction: bytes = b"", owner: str = "", now: datetime
) -> Traits:
    """What is compared of an item. `direction` as `bot.analyse.judge` packs it; `now` stands in for a date to come or none."""
    title = normalise_title(item.title)
    head = f"{item.title}. {item.summary} {item.text}"[:HEAD]
    return Traits(
        item_key=item.key,
        owner=owner or item.source_id,
        canonical_url=canonical_url(item.url),
        language=item.language,
        at=min(item.published_at or now, now),
        title=title,
        numbers=numbers(title) | frozenset(_CODE.findall(title)),
        title_bits=bits(shingles(title), TITLE_BITS),
        text_bits=bits(shingles(normalise_title(head)), TEXT_BITS),
        concepts=frozenset(concepts),
        names=names(head),
        figures=magnitudes(head),
        direction=np.frombuffer(direction, dtype="<f2").astype(np.float32) if direction else None,
    )


def bits(groups: Iterable[str], size: int) -> int:
    """A set of letter groups as bits of a number, the same on every machine."""
    row = bytearray(size // 8)
    for group in groups:
        place = crc32(group.encode(errors="replace")) % size
        row[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(row, "little")


def names(text: str) -> frozenset[str]:
    """Words with a capital letter, by the skeleton of their consonants: "Сахалинского" and "Sakhalin" both give "shln"."""
    plain = unicodedata.normalize("NFKC", clean(text)).replace("ё", "е").replace("Ё", "Е")
    found = (skeleton(word.casefold()) for word in _CAPITAL.findall(plain))
    return frozenset(name for name in found if len(name) > 2)


def skeleton(word: str) -> str:
    """The first letter of a word in lower case, Latin or Cyrillic, and at most three consonants after it, in Latin letters."""
    if _CYRILLIC.search(word):
        word = _SOFT.sub("", word[:1]) + word[1:] if word[:1] in "ъыь" else word
        word = word.translate(_LATIN)
    else:
        for spelling, letter in _SPELLINGS:
            word = word.replace(spelling, letter)
        word = _HARD_C.sub("k", word)
    return word[:1] + _DOUBLE.sub(r"\1", _SOFT.sub("", word[1:]))[:3]
