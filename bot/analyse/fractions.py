"""Pure. Shares and changes that news says in words: "half of", "by a third", вдвое, 八成, 翻番, "fourfold" -> percent.

"First half", "third quarter", "треть века" and 一成不变 are none. Texts come folded (folding.py).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from bot.analyse.numerals import number


@dataclass(frozen=True, slots=True)
class Part:
    """A share, or a change, in percent; a change may be negative."""

    start: int
    end: int
    percent: float
    is_change: bool


_HAN_DIGIT = "一二三四五六七八九两"
_FRACTION = re.compile(
    r"\b(?P<en>(?:(?:a|one|two|three|four)[ -])(?:third|quarter|fifth|tenth)s?)(?= of\b(?! \d))"
    r"|\b(?:by|up|down|over|than) (?P<enby>(?:a|one|two|three)[ -](?:third|quarter|fifth|tenth)s?|half)\b"
    r"|(?<!first )(?<!second )(?<!latter )(?<!last )\b(?P<half>half)(?= (?:of|the|its|all)\b)(?! of \d{4})"
    r"|(?<!перв)(?P<ru>\bполовин[аыуе]\b(?! (?:года|месяца|дня|века|\d))|\b(?:две |одна )?трет[ьи]\b(?! (?:года|месяца|века))"
    r"|\b(?:три )?четверт[ьи]\b(?! (?:года|месяца|века|\d)))"
    rf"|(?P<han>[{_HAN_DIGIT}]|\d)成(?P<rest>半|多)?(?![立员为果本分品功熟就交])|(?P<zhhalf>一半)"
    rf"|(?P<below>[{_HAN_DIGIT}]|百)分之(?P<above>[{_HAN_DIGIT}零十百点]+|\d+(?:[.]\d+)?)"
)
#: Most texts hold none of these, and to look for them costs next to nothing.
_SIGNS = AhoCorasick(
    [
        "half",
        "halv",
        "third",
        "quarter",
        "fifth",
        "tenth",
        "doubl",
        "tripl",
        "trebl",
        "quadrupl",
        "fold",
        "полов",
        "трет",
        "четверт",
        "вдво",
        "втро",
        "впят",
        "вшест",
        "вдесят",
        "удво",
        "утро",
        "раз",
        "成",
        "半",
        "分之",
        "倍",
        "番",
        "腰斩",
    ]
)
_PARTS = {"half": 2, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10, "половин": 2, "трет": 3, "четверт": 4}
_TIMES = {"вдвое": 2, "вчетверо": 4, "втрое": 3, "впятеро": 5, "вшестеро": 6, "вдесятеро": 10}
_MULTIPLE = re.compile(
    r"\b(?P<double>doubl(?:e|ed|es|ing))\b|\b(?P<triple>tripl(?:e|ed|es|ing)|trebled)\b|\b(?P<quad>quadrupled?)\b|\b(?P<halved>halv(?:e|ed|es|ing))\b"
    r"|\b(?P<fold>two|three|four|five|six|ten)-?fold\b"
    r"|\b(?P<adv>вдвое|втрое|вчетверо|впятеро|вшестеро|вдесятеро)\b|\b(?P<rudouble>удвои[а-я]+|удвоен[а-я]*)\b|\b(?P<rutriple>утрои[а-я]+)\b"
    r"|\bв (?P<times>\d+(?:,\d+)?|полтора|два|три|четыре|пять|десять) раза?\b"
    r"|(?P<zhtwice>翻了?两番)|(?P<zhdouble>翻了?一?番|翻了?一?倍|翻倍|倍增)|(?P<zhhalved>腰斩|减半)"
    rf"|(?:涨了?|增长了?|增加了?|上涨了?|增)(?P<zhtimes>\d+(?:[.]\d+)?|[{_HAN_DIGIT}十]+)倍"
)
_FOLDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "ten": 10}
_FALLING = re.compile(r"(?:упа|сни[зж]|сократ|меньше|ниже|дешев|подешев|умень|рухн|просе|сжа)")


def parts(text: str) -> Iterator[Part]:
    """All of them, in no order."""
    if not _SIGNS.find_matches_as_indexes(text):
        return
    for match in _FRACTION.finditer(text):
        share = _share(match)
        if share is not None:
            start = match.start("enby") if match["enby"] else match.start()
            yield Part(start, match.end(), share, is_change=False)
    for match in _MULTIPLE.finditer(text):
        change = _multiple(match, text)
        if change is not None:
            yield Part(*match.span(), change, is_change=True)


def _share(match: re.Match[str]) -> float | None:
    if match["han"]:
        tens = number(match["han"], "zh") or 0
        return tens * 10 + (5 if match["rest"] == "半" else 0)
    if match["zhhalf"] or match["half"]:
        return 50.0
    if match["below"]:
        below = 100 if match["below"] == "百" else number(match["below"], "zh")
        above = number(match["above"], "zh")
        return 100 * above / below if above and below and above <= below * 10 else None
    written = match["en"] or match["enby"] or match["ru"]
    count = next(
        (
            value
            for word, value in (("two", 2), ("три", 3), ("three", 3), ("four", 4), ("две", 2))
            if written.startswith(word)
        ),
        1,
    )
    below = next(value for stem, value in _PARTS.items() if stem in written)
    return 100 * count / below


def _multiple(match: re.Match[str], text: str) -> float | None:
    kind = match.lastgroup or ""
    if kind in ("halved", "zhhalved"):
        return -50.0
    fixed = {"double": 2, "triple": 3, "quad": 4, "rudouble": 2, "rutriple": 3, "zhdouble": 2, "zhtwice": 4}
    if kind in fixed:
        return 100.0 * (fixed[kind] - 1)
    if kind == "fold":
        return 100.0 * (_FOLDS[match["fold"]] - 1)
    if kind == "zhtimes":
        value = number(match["zhtimes"], "zh")
        return 100 * value if value else None
    times = float(_TIMES[match["adv"]]) if kind == "adv" else number(match["times"], "ru")
    if not times:
        return None
    around = text[max(match.start() - 40, 0) : match.end() + 12]
    return -100 * (1 - 1 / times) if _FALLING.search(around) else 100 * (times - 1)
