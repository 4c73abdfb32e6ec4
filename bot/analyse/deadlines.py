"""Pure. Dates by which something is to be done, and dates from which something is in force: "by 2030", с 1 декабря, 2027年底前.

Only dates that are still to come when the item is published count, and only where a word beside them says what they are for.
A day without a year is the next such day. The date parsers at hand are not used: dateparser finds years and days in any number
(see docs/design.md), and the forms that news writes are few.
"""

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ahocorasick_rs import AhoCorasick

from bot.analyse.cues import around

_MONTHS = (
    ("jan", "янв"), ("feb", "фев"), ("mar", "мар"), ("apr", "апр"), ("may", "ма"), ("jun", "июн"),
    ("jul", "июл"), ("aug", "авг"), ("sep", "сен"), ("oct", "окт"), ("nov", "ноя"), ("dec", "дек"),
)  # fmt: skip
_EN = r"(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)"
_RU = r"(?:январ|феврал|март|апрел|ма|июн|июл|август|сентябр|октябр|ноябр|декабр)[а-я]{1,2}"
_DATE = re.compile(
    rf"\b(?P<d1>\d{{1,2}})(?:st|nd|rd|th)? (?P<m1>{_EN}|{_RU})\b(?:,? (?P<y1>20\d\d)\b)?"
    rf"|\b(?P<m2>{_EN})[.]? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?!,\d)(?:,? (?P<y2>20\d\d)\b)?"
    rf"|\b(?P<m3>{_EN}|{_RU}) (?P<y3>20\d\d)\b"
    r"|(?:(?P<y4>20\d\d)年)?(?P<m4>\d{1,2})月(?P<d4>\d{1,2})[日号]"
    r"|(?P<y5>20\d\d)年(?P<m5>\d{1,2})月|(?P<m6>\d{1,2})月(?=起)"
    r"|(?<![\d$€£¥/-])(?<!\d[.,])(?P<y6>20\d\d)(?![\d%$]|[.,]\d|-\d| ?(?:т|t|тонн|tonnes|tons|kg|кг|units?|компани|vessels)\b)"
)
#: A text without any of these holds no date that we read.
_DATE_SIGNS = AhoCorasick(["20", "月", *(stem for stems in _MONTHS for stem in stems)])

_BY_BEFORE = re.compile(
    r"(?:\b(?:by|before|until|till|through|no later than|not later than|deadline(?: of| is)?|expires?(?: on)?|(?:runs?|valid|open|extended)(?: now)? to|(?:foreseen|planned|expected|scheduled|slated|set|due) (?:for|in|on)|к|до|не позднее|до конца|к концу)"
    r"|到|至迟)(?P<end> (?:the )?(?:end[ -]of|late|end)[ -]?| конца?у?| середин[аыеу]| начал[ау])? ?(?:the year )?$"
)
_BY_END = re.compile(r"(?:\bend(?: of|-)|\blate|конц[уа]) ?$")
_BY_BEHIND = re.compile(r"(?:年)?(?P<end>底|末)?(?:之|以)?前|(?:年)?(?P<only>底|末)")
_FROM_BEFORE = re.compile(
    r"(?:\b(?:from|starting|effective|beginning|as of|in force from|с|со|начиная с)(?: on| from)?|自|从) ?$"
)
_FROM_BEHIND = re.compile(r"(?: ?г(?:ода|[.])?)?年?起|年?(?:正式)?(?:生效|施行|实施)")
#: In a clause: what is to happen on a date that has no preposition of its own.
_WORD = re.compile(
    r"(?P<due>\b(?:opens?|resumes?|starts?|start-up|launch(?:es|ed)?|commission(?:ed|ing)?|complet(?:e|ed|ion)|finish(?:ed)?|ends?|expires?|due|slated|scheduled|ready)\b"
    r"|запус|ввод|введ|откр|намечен|заверш|истека|готов|投产|建成|完工|到期|启动|竣工|投运|开业)"
    r"|(?P<force>\b(?:(?:rules|controls|measures|ban|tariffs?|dut(?:y|ies)|law|curbs) (?:\w+ )?starts?|begins?|takes? effect|comes? into (?:force|effect)|effective|in force|appl(?:y|ies)|go(?:es)? from|impos(?:e|es|ed))\b"
    r"|вступ|начн|действ|ввод[яи]т(?:ся)?|生效|施行|实施|执行)"
)


@dataclass(frozen=True, slots=True)
class Due:
    """A date to come in a folded text."""

    start: int
    end: int
    #: "2030", "2030-12" or "2030-12-31".
    on: str
    year: int
    #: In force from it, rather than done by it.
    is_effective: bool
    #: "by", "до", 到 beside it: it may belong to a figure.
    is_by: bool


def may_hold_dates(text: str) -> bool:
    """False for most texts, at next to no cost."""
    return bool(_DATE_SIGNS.find_matches_as_indexes(text))


def due_dates(text: str, clause_ends: list[int], published_on: date | None) -> Iterator[Due]:
    """Deadlines and effective dates, in order. Without `published_on` a day needs its year, and what is past is not known."""
    for match in _DATE.finditer(text):
        start, end = match.span()
        before, behind = text[max(start - 28, 0) : start], text[end : end + 8]
        by = _BY_BEFORE.search(before)
        by_behind = _BY_BEHIND.match(behind)
        is_from = _FROM_BEFORE.search(before) is not None or _FROM_BEHIND.match(behind) is not None
        is_by = by is not None or (by_behind is not None and by_behind["only"] is None)
        at_end = bool(_BY_END.search(before)) or bool(by_behind and (by_behind["end"] or by_behind["only"]))
        first, last = around(clause_ends, len(text), start, end)
        if not is_by and not is_from:
            word = _nearest_word(text, max(first, start - 80), start) or _nearest_word(
                text, end, min(last, end + 60)
            )
            if not word:
                continue
            is_from = word == "force"
        on = _on(match, published_on, at_end=at_end)
        if on is None:
            continue
        year = int(on[:4])
        if not match["y6"] and published_on and on < _least(published_on, on):
            continue
        if match["y6"] and (
            year > 2100
            or (published_on and year < published_on.year)
            or (is_from and published_on and year == published_on.year)
        ):
            continue
        reach = by_behind.end() if by_behind and (is_by or at_end) else 0
        yield Due(start, end + reach, on, year, is_from and not is_by, is_by or at_end)


def _nearest_word(text: str, since: int, until: int) -> str | None:
    """ "due" or "force": the last word of that stretch that says what a date is for."""
    word = None
    for match in _WORD.finditer(text, since, until):
        word = match.lastgroup
    return word


def _least(published_on: date, on: str) -> str:
    return (published_on - timedelta(days=3)).isoformat()[: len(on)]


def _on(match: re.Match[str], published_on: date | None, *, at_end: bool) -> str | None:
    """The date in ISO form, as exact as the text gives it."""
    year = next((int(match[name]) for name in ("y1", "y2", "y3", "y4", "y5", "y6") if match[name]), None)
    month = next((_month(match[name]) for name in ("m1", "m2", "m3", "m4", "m5", "m6") if match[name]), None)
    day = next((int(match[name]) for name in ("d1", "d2", "d4") if match[name]), None)
    if month is not None and not 1 <= month <= 12:
        return None
    if month is None:
        return f"{year}-12-31" if at_end else str(year)
    if day is None:
        if year is None and published_on is not None:
            if (published_on.month - month) % 12 <= 2:
                return None
            year = published_on.year + (month < published_on.month)
        return f"{year}-{month:02}" if year else None
    if year is None:
        if published_on is None:
            return None
        # The next such day; one of the last few weeks is past, not eleven months away.
        year = published_on.year
        if (month, day) < ((published_on - timedelta(days=3)).month, (published_on - timedelta(days=3)).day):
            if (published_on.month - month) % 12 <= 3:
                return None
            year += 1
    if not 1 <= day <= monthrange(year, month)[1]:
        return None
    return f"{year}-{month:02}-{day:02}"


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    if written.startswith("мар"):
        return 3
    return next(number for number, stems in enumerate(_MONTHS, start=1) if written.startswith(stems))
