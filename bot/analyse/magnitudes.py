"""Pure. The figures of a text as tokens that are the same in English, Russian and Chinese: for comparing items, not for reading.

"3.8 Mt", "3,8 млн т" and "380万吨" all give "3800000"; "seventy per cent", "70%" and "七成" give "70%". Kinds of token:
    3800000   a count or an amount, its scale multiplied in; ordinals too ("21st", "двадцать первый", "第21")
    70%       a share or a change
    @07-31    a day of the year; the day's number is no amount
    #2030     a year
No subject, no currency, no ranges: what a figure means is the business of facts. `contradict` says whether two texts
count differently; years and days never make a contradiction, as reports of one event name other ones.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from bot.text import clean

_HAN_DIGIT = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "兩": 2}
_HAN_SCALE = {
    "十": 10,
    "百": 100,
    "千": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
#: A lone sign is most often a part of a word (一些, 统一): it counts before a measure only.
_HAN_MEASURE = "吨噸成倍家名人座种種类類项項批轮輪艘架月年天日周个個国國元条條处處届屆次期号號只辆枚"
_HAN_NUMBER = re.compile(
    f"第?(?P<run>[零〇一二两兩三四五六七八九十百千万萬亿億]{{2,}}|[二两兩三四五六七八九十](?=[{_HAN_MEASURE}]))"
)
_HAN_TENTHS = re.compile("([一二两三四五六七八九])成([一二三四五六七八九])?(?![立功本交为為员員果品都长長])")
_TENTHS = re.compile(r"(?<![\d.])(\d)成(\d)?(?!立|功|本|交|为|為|员|員|果|品|都|长|長)")

_ENGLISH = [
    "zero",
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
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "thirteenth": 13,
    "fourteenth": 14,
    "fifteenth": 15,
    "sixteenth": 16,
    "seventeenth": 17,
    "eighteenth": 18,
    "nineteenth": 19,
    "twentieth": 20,
    "thirtieth": 30,
}
#: Stems of Russian number words, longest first where one begins another; cases and genders follow.
_RUSSIAN = {
    1: "перв(?:ый|ого|ом|ая|ой|ую)",
    2: "дв(?:а|е|ух|умя|ум)|втор(?:ой|ого|ом|ая|ую)|двое",
    3: "тр(?:и|ех|емя|ем)|трет(?:ий|ьего|ьем|ья|ью|ьей)|трое",
    4: "четыр(?:е|ех|ьмя|ем)|четверт(?:ый|ого|ом|ая|ой|ую)",
    5: "пят(?:ь|и|ью|ый|ого|ом|ая|ой|ую)",
    6: "шест(?:ь|и|ью|ой|ого|ом|ая|ую)",
    7: "сем(?:ь|и|ью)|седьм(?:ой|ого|ом|ая|ую)",
    8: "вос(?:емь|ьми|емью)|восьм(?:ой|ого|ом|ая|ую)",
    9: "девят(?:ь|и|ью|ый|ого|ом|ая|ой|ую)",
    10: "десят(?:ь|и|ью|ый|ого|ом|ая|ой|ую)",
    11: "одиннадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    12: "двенадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    13: "тринадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    14: "четырнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    15: "пятнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    16: "шестнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    17: "семнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    18: "восемнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    19: "девятнадцат(?:ь|и|ый|ого|ом|ая|ой|ую)",
    20: "двадцат(?:ь|и|ью|ый|ого|ом|ая|ой|ую)",
    30: "тридцат(?:ь|и|ью|ый|ого|ом|ая|ой|ую)",
    40: "сорок(?:а)?|сороков(?:ой|ого|ая)",
    50: "пятьдесят|пятидесяти|пятидесят(?:ый|ого|ая)",
    60: "шестьдесят|шестидесяти",
    70: "семьдесят|семидесяти",
    80: "восемьдесят|восьмидесяти",
    90: "девяносто|девяноста",
    100: "сто|ста|сотн(?:я|и|ю)",
    200: "двести|двухсот",
    300: "триста|трехсот",
    400: "четыреста|четырехсот",
    500: "пятьсот|пятисот",
}
_WORDS: dict[str, int] = {word: value for value, word in enumerate(_ENGLISH) if value > 1}
_WORDS |= {word: (number + 2) * 10 for number, word in enumerate(_TENS)}
_WORDS |= _ORDINALS
_UNITS = {word: value for word, value in _WORDS.items() if value < 10} | {"one": 1, "first": 1}
_ENGLISH_NUMBER = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})[- ](?P<unit>{'|'.join(sorted(_UNITS, key=len, reverse=True))})"
    rf"|(?P<word>{'|'.join(sorted(_WORDS, key=len, reverse=True))}))\b"
)
_RUSSIAN_WORD = re.compile("|".join(f"(?P<n{value}>{stems})" for value, stems in _RUSSIAN.items()))
#: Only where a word begins so is it tried against all of the above.
_RUSSIAN_RUN = re.compile(r"\b(?:(?:дв|вт|тр|че|пя|ше|се|во|де|од|со|ст|пе)[а-я]+(?:\s+|$)){1,3}")

_SCALES = {
    "thousand k тыс тысяч тысячи тысяча тысячу kt кт": 3,
    "万 萬": 4,
    "million millions mln mn m миллион миллиона миллионов млн 百万 megatonnes": 6,
    "亿 億": 8,
    "billion billions bn bln миллиард миллиарда миллиардов млрд 十亿": 9,
    "trillion trn трлн триллион триллиона триллионов 万亿 萬億": 12,
}
_SCALE = {word: power for words, power in _SCALES.items() for word in words.split()}
_NUMBER = re.compile(
    r"(?<![a-zа-я\d.,])"
    r"(?P<whole>\d{1,3}(?:(?P<gap>[, \u00a0\u202f'’])\d{3})(?:(?P=gap)\d{3})*|\d{1,18})(?!\d)"
    r"(?:[.,](?P<part>\d{1,9}))?"
    r"(?:[\s-]?(?P<scale>" + "|".join(sorted(_SCALE, key=len, reverse=True)) + r")(?![a-zа-я])\.?)?"
    r"(?P<share>\s?(?:%|percent|per cent|процент\w*|个百分点|процентн\w+ пункт\w*))?"
)
_HAN_SHARE = re.compile(r"百分之(\d+(?:\.\d+)?)")
_MEGATONNES = re.compile(r"(?<=\d)(\s?)Mt\b")

_MONTHS = (
    "jan feb mar apr may jun jul aug sep oct nov dec",
    "январ феврал март апрел ма июн июл август сентябр октябр ноябр декабр",
)
_MONTH = {name: number for names in _MONTHS for number, name in enumerate(names.split(), start=1)}
_EN_MONTH = r"(?P<{0}>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:uary|ruary|ch|il|e|y|ust|t|tember|ober|ember)?"
_RU_MONTH = r"(?P<m3>январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр)(?:я|а|е)\b"
_DATE = re.compile(
    rf"\b{_EN_MONTH.format('m1')}\.?\s(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d)(?:,?\s(?P<y1>(?:19|20)\d\d)\b)?"
    rf"|\b(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_EN_MONTH.format('m2')}\b\.?(?:,?\s(?P<y2>(?:19|20)\d\d)\b)?"
    rf"|\b(?P<d3>\d{{1,2}})(?:-?го)?\s{_RU_MONTH}(?:\s(?P<y3>(?:19|20)\d\d)\b)?"
    r"|(?:(?P<y4>(?:19|20)\d\d)年)?(?<!\d)(?P<m4>\d{1,2})月(?P<d4>\d{1,2})[日号號]"
)
_HAN_MONTH = re.compile(r"(?<!\d)\d{1,2}月(?!\d)")


def magnitudes(text: str) -> frozenset[str]:
    """The figures of a text as language-free tokens; see the module for their kinds."""
    text = _MEGATONNES.sub(r"\1megatonnes", unicodedata.normalize("NFKC", clean(text)))
    text = text.casefold().replace("ё", "е")
    found: set[str] = set()

    def day(match: re.Match[str]) -> str:
        for form in "1234":
            if match[f"d{form}"]:
                named = match[f"m{form}"]
                month = int(named) if named.isdigit() else _MONTH[named]
                found.add(f"@{month:02}-{int(match[f'd{form}']):02}")
                if match[f"y{form}"]:
                    found.add(f"#{match[f'y{form}']}")
        return " "

    text = _HAN_MONTH.sub(" ", _DATE.sub(day, _digits(text)))
    for tenths in _TENTHS.finditer(text):
        found.add(f"{tenths[1]}{tenths[2] or 0}%")
    text = _HAN_SHARE.sub(r" \1% ", _TENTHS.sub(" ", text))
    for number in _NUMBER.finditer(text):
        found.add(_token(number))
    return frozenset(found - {"0", "1"})


def amounts(tokens: Iterable[str]) -> frozenset[str]:
    """Those of `magnitudes` that count something: no years, no days."""
    return frozenset(token for token in tokens if token[0] not in "#@")


def contradict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two texts, of these `magnitudes`, count and agree on nothing."""
    first, second = amounts(one), amounts(other)
    return bool(first and second) and not first & second


def _token(number: re.Match[str]) -> str:
    whole, part, scale = re.sub(r"\D", "", number["whole"]), number["part"] or "", number["scale"]
    if not (part or scale or number["share"]) and len(whole) == 4 and 1950 <= int(whole) <= 2060:
        return f"#{whole}"
    power = _SCALE[scale] if scale else 0
    part = part.ljust(power, "0")
    whole, part = whole + part[:power], part[power:].rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "") + ("%" if number["share"] else "")


def _digits(text: str) -> str:
    """Number words as digits."""
    text = _HAN_TENTHS.sub(lambda share: f"{_HAN_DIGIT[share[1]]}成{_HAN_DIGIT.get(share[2], '')}", text)
    text = _HAN_NUMBER.sub(lambda run: f"{_han(run['run'])}", text)
    text = _ENGLISH_NUMBER.sub(_english, text)
    return _RUSSIAN_RUN.sub(_russian, text)


def _han(run: str) -> str:
    if not any(sign in _HAN_SCALE for sign in run):
        # 二〇二五: signs one by one.
        return "".join(str(_HAN_DIGIT[sign]) for sign in run)
    # The last 万 or 亿 stays a word where it stands alone after digits: "[3.8]万亿".
    if all(sign in "万萬亿億百千" for sign in run):
        return run
    total = section = digit = 0
    for sign in run:
        if sign in _HAN_DIGIT:
            digit = _HAN_DIGIT[sign]
            continue
        scale = _HAN_SCALE[sign]
        if scale < 10_000:
            section += (digit or 1) * scale
        else:
            total = (total + section + digit) * scale if total + section + digit else scale
            section = 0
        digit = 0
    return str(total + section + digit)


def _english(match: re.Match[str]) -> str:
    if match["tens"]:
        return str(_WORDS[match["tens"]] + _UNITS[match["unit"]])
    return str(_WORDS[match["word"]])


def _russian(run: re.Match[str]) -> str:
    parts: list[str] = []
    last = 0
    for word in run[0].split():
        value = _russian_value(word)
        if value is None:
            parts.append(word)
        elif last and value < last and len(str(value)) < len(str(last)):
            parts[-1] = str(int(parts[-1]) + value)  # двадцать + первый
        else:
            parts.append(str(value))
        last = value or 0
    return " ".join(parts) + " "


@lru_cache(maxsize=10_000)
def _russian_value(word: str) -> int | None:
    found = _RUSSIAN_WORD.fullmatch(word)
    return int((found.lastgroup or "n0")[1:]) if found else None
