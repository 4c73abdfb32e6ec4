"""Pure. Numbers as news writes them -> floats: digits with any separators, and the usual words, in three languages.

Separators are decided by shape first and by language where the shape leaves a doubt: "1,000" is a thousand, except that
Russian writes decimals with a comma ("1,635 млн"); "2,6" has a decimal comma anywhere; "26 887,2" groups by spaces.
What makes no sense ("13.10.2025", a number of forty digits) is no number. Texts come folded (folding.py).
"""

import re
from collections.abc import Iterator

from ahocorasick_rs import AhoCorasick, MatchKind

#: Above this a figure is a slip or a joke, not a fact: all money there is comes to less.
LARGEST = 1e16
_MOST_DIGITS = 16

#: A number in digits: grouped by one kind of separator, or plain; with at most one decimal part.
DIGITS = r"\d{1,3}(?:[ ']\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)*"

_HAN_DIGITS = {char: number for number, char in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_HAN_STEPS = {"十": 10, "百": 100, "千": 1000}
_HAN_GROUPS = {"万": 10_000, "亿": 100_000_000}

_ENGLISH: dict[str, float] = {
    "a": 1,
    "half a": 0.5,
    "a dozen": 12,
    "hundred": 100,
    "a hundred": 100,
    **dict(
        zip(
            [
                "one",
                "two",
                "three",
                "four",
                "five",
                "six",
                "seven",
                "eight",
                "nine",
                "ten",
                "eleven",
                "twelve",
            ],
            range(1, 13),
            strict=True,
        )
    ),
    **dict(
        zip(
            ["thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen"],
            range(13, 19),
            strict=True,
        )
    ),
    **dict(
        zip(
            ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"],
            range(20, 100, 10),
            strict=True,
        )
    ),
}
_RUSSIAN: dict[str, float] = {
    "один": 1,
    "одна": 1,
    "одну": 1,
    "два": 2,
    "две": 2,
    "двух": 2,
    "три": 3,
    "трех": 3,
    "четыре": 4,
    "четырех": 4,
    "пять": 5,
    "шесть": 6,
    "семь": 7,
    "восемь": 8,
    "девять": 9,
    "десять": 10,
    "десяти": 10,
    "двадцать": 20,
    "тридцать": 30,
    "сорок": 40,
    "пятьдесят": 50,
    "сто": 100,
    "двести": 200,
    "триста": 300,
    "пятьсот": 500,
    "полтора": 1.5,
    "полторы": 1.5,
    "пол": 0.5,
    "полтысячи": 500,
}
_WORDS: dict[str, float] = {**_ENGLISH, **_RUSSIAN}

_SPELT = sorted(_WORDS)
_FINDER = AhoCorasick(_SPELT, matchkind=MatchKind.LeftmostLongest)
#: A Chinese number in characters. "几十", "数百", "上万" and "第三" count nothing; a bare 千 or 万 belongs to the unit.
HAN = re.compile(
    r"(?<![第几数上近百千万亿零一二三四五六七八九十两])[一二三四五六七八九十两][零一二三四五六七八九十百千万亿两]*"
)


def in_words(text: str) -> Iterator[tuple[int, int]]:
    """Where a folded text has numbers in words; the caller asks for a unit behind each, as "one" alone says little."""
    for _, start, end in _FINDER.find_matches_as_indexes(text):
        if (not start or not text[start - 1].isalnum()) and (end == len(text) or not text[end].isalnum()):
            yield start, end
    for match in HAN.finditer(text):
        yield match.span()


def number(written: str, language: str) -> float | None:
    """The value of a number in digits, words or Han characters; None where it makes no sense."""
    if written[0].isdigit():
        return _digits(written, language)
    if written in _WORDS:
        return float(_WORDS[written])
    return han_number(written)


def _digits(written: str, language: str) -> float | None:
    plain = written.replace(" ", "").replace("'", "")
    if len(plain) > _MOST_DIGITS + 4:
        return None
    grouped = len(plain) < len(written)
    commas, points = plain.count(","), plain.count(".")
    if commas and points:
        decimal = "," if plain.rindex(",") > plain.rindex(".") else "."
        thousand = "." if decimal == "," else ","
        if plain.count(decimal) > 1 or not _grouped_well(plain.split(decimal)[0], thousand):
            return None
        plain = plain.replace(thousand, "").replace(decimal, ".")
    elif commas + points > 1:
        mark = "," if commas else "."
        # Three groups of points are a date or a version more often than a number.
        if (mark == "." and language != "ru") or not _grouped_well(plain, mark):
            return None
        plain = plain.replace(mark, "")
    elif commas:
        whole, rest = plain.split(",")
        is_thousands = len(rest) == 3 and not grouped and whole != "0" and len(whole) <= 3
        point = "" if is_thousands and (language != "ru" or rest == "000") else "."
        plain = whole + point + rest
    value = float(plain)
    return value if value < LARGEST else None


def _grouped_well(plain: str, mark: str) -> bool:
    first, *rest = plain.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in rest)


def han_number(written: str) -> float | None:
    """三十万 -> 300000, 一点五 is left to digits; None where the characters make no number."""
    if len(written) > _MOST_DIGITS:
        return None
    total = section = digit = 0
    for char in written:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif char in _HAN_STEPS:
            section += (digit or 1) * _HAN_STEPS[char]
            digit = 0
        elif char in _HAN_GROUPS:
            total = (total + section + digit) * _HAN_GROUPS[char]
            section = digit = 0
        else:
            return None
    value = float(total + section + digit)
    return value if 0 < value < LARGEST else None
