"""Pure. Figures with their units in a folded text: "68.5-69万元/吨", "$1.2bn", "с 65 до 58 долларов за кг", "вдвое".

`amounts` finds numbers, reads what stands right before (sign, currency) and behind each (magnitude, unit, what it is per), and joins
those that share it: ranges become one amount, "from A to B" stays two, each made whole by the other. It does not ask what a figure
is about. Numbers that name something (ordinals, dates, times, document and telephone numbers) are passed over.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from bot.analyse import units
from bot.analyse.folding import Folded
from bot.analyse.fractions import parts
from bot.analyse.numerals import DIGITS, in_words, number

Dimension = Literal["", "mass", "money", "percent", "pp", "points", "count"]


@dataclass(slots=True)
class Amount:
    """A figure; unlike the records that flow it is filled step by step."""

    #: Of the whole expression in the folded text.
    start: int
    end: int
    low: float
    high: float | None = None
    #: "万", "million": None when there is none, so that a neighbour's may count.
    factor: float | None = None
    dimension: Dimension = ""
    #: Tonnes in one unit of a mass.
    mass: float = 1.0
    currency: str = ""
    per: str = ""
    period: str = ""
    counted: str = ""
    #: -1 or +1 where a sign or word says the direction, else 0.
    sign: int = 0
    #: "doubled", "+5%": a change whatever stands around it.
    is_change: bool = False
    #: The other end of "from A to B": this one is what was.
    is_from: bool = False
    is_to: bool = False

    def values(self) -> tuple[float, float | None]:
        """Lower and upper value in base units: tonnes, whole money."""
        scale = (self.factor or 1.0) * (self.mass if self.dimension == "mass" else 1.0)
        return _exact(self.low * scale), None if self.high is None else _exact(self.high * scale)


def _exact(value: float) -> float:
    # 1.635 * 1e6 is 1635000.0000000002 on some numbers: twelve digits are more than any text gives.
    return float(f"{value:.12g}")


_MAGNITUDE_ROWS = units.scales(units.MAGNITUDES)
# A full stop behind an abbreviation is its own; behind a whole word it ends the sentence.
_MAGNITUDE = re.compile(
    rf"[ -]?(?:余|多)?(?P<word>{units.either(units.MAGNITUDES)})(?:(?<=тыс|млн|mln|bln)[.]|(?<=млрд|трлн|trln)[.])?{units.END}"
)
_SHORT = re.compile(
    rf"(?P<word>{units.either(units.SHORT)}){units.END}|(?P<dotted>т[.] ?)(?=юан|руб|долл|т{units.END})"
)
_SHORT_FACTORS = {"tn": 1e12, "b": 1e9, "m": 1e6, "k": 1e3}

_MASS_ROWS = units.scales(units.MASSES)
_CURRENCY_ROWS = units.table(units.CURRENCY_AFTER)
_GOODS_ROWS = units.table(units.GOODS)
_COUNT_ROWS = units.table(units.COUNTED)
_UNIT = re.compile(
    r" ?(?P<pp>percentage[ -]points?|pp|процентн[а-я]+ пункт[а-я]*|п[.] ?п[.]|п[.]?п(?![а-я])|个?百分点)"
    rf"|[ -]?(?P<percent>%|(?:percent|per cent|процент[а-я]*){units.END})"
    rf"|[ -]?(?:余|多|[a-z]+ )??(?P<money>(?:{units.either(units.CURRENCY_AFTER)}){units.END})"
    rf"|[ -]?[余多]?(?P<mass>(?:{units.either(units.MASSES)}){units.END})"
    rf"|[ -]?(?P<points>(?:points?|пункт[а-я]*){units.END}|点(?!\d))"
)
_COUNT = re.compile(
    rf"[ -]?(?:余|多|[a-z]+[ -]|[а-я]+[ -])?(?P<count>(?:{units.either(units.COUNTED)}){units.END})"
)
_PER = re.compile(
    rf"(?: ?/ ?| (?:a|an|per|the|for an?|each) | (?:за|на) (?:одну |один |каждую |каждый )?|-(?:per|a)-|[一每])"
    rf"(?P<goods>{units.either(units.GOODS)}){units.END}"
)
_PERIOD = re.compile(
    r" ?/ ?(?:yr|y|year|год|г)(?![a-zа-я])|/年|[^.,;。!?\n]{0,50}?(?:\b(?:a|per|each|every) (?:(?P<mo>month)|year)(?! (?:ago|earlier|before|later|on))"
    r"|\b(?:annually|yearly|per annum)|\bв год\b|\bежегодно\b|每年)"
)
_PERIOD_BEFORE = re.compile(
    r"年(?:产|处理|消费|需求|用|加工|均|出口)[^,;。!?\n]{0,14}$|年产能[^,;。!?\n]{0,8}$|一年(?:只|就|也就)?(?:用|产)[^,;。]{0,4}$"
    r"|\b(?:annual|yearly|annually|годов[а-я]+|ежегодн[а-я]+)\b[^.,;!?\n]{0,40}$"
)
_PER_BEFORE = re.compile(
    r"(?:(?:每|一)(?P<han>公?吨|公斤|千克|磅|桶)|(?:\b(?:за|одна|один) )?\b(?P<word>килограмм|кило|кг|тонн[ау]|т|баррель)\b)"
)

_CURRENCY_BEFORE = re.compile(rf"(?<![a-zа-я$])(?P<money>{units.either(units.CURRENCY_BEFORE)}) ?$")
_BEFORE_ROWS = units.table(units.CURRENCY_BEFORE)
_NUMBER = re.compile(DIGITS)
#: Right before a dash these make it a hyphen or a range, not a sign.
_GLUED = re.compile(r"[0-9a-zа-я%)]")
_JOINED = re.compile(r"[0-9a-zа-я%)\u3400-\u9fff]")
#: What makes a number a name: ordinals, numbered things, times, dates, versions.
_NAMED_BEFORE = re.compile(r"(?:第|№ ?|#|\bno[.]? ?|\bhs ?|code |\d:|/|\d[-.])$")
_NAMED_BEHIND = re.compile(
    r"(?:st|nd|rd|th)(?![a-z])|:\d|-(?:[а-я]{1,3}|летн[а-я]+|year)(?![а-я])|[年月日号](?!元)|[/]\d| ?(?:年|月)"
)


def amounts(folded: Folded, original: str, language: str) -> list[Amount]:
    """All figures with a unit, and bare ones that a neighbour or the text around may complete, in order."""
    text = folded.text
    found = [one for one in _numbers(text, language) if _finish(one, text, folded, original)]
    for part in parts(text):
        if not any(other.start < part.end and part.start < other.end for other in found):
            sign = 0 if not part.is_change else 1 if part.percent > 0 else -1
            found.append(
                Amount(
                    part.start,
                    part.end,
                    _exact(abs(part.percent)),
                    dimension="percent",
                    sign=sign,
                    is_change=part.is_change,
                )
            )
    found.sort(key=lambda one: one.start)
    return _joined(found, text)


def _numbers(text: str, language: str) -> Iterator[Amount]:
    for match in _NUMBER.finditer(text):
        start, end = match.span()
        before = text[start - 1] if start else " "
        written = match[0]
        if language == "zh" or written[0] == "0":
            written = written.split(" ")[0]
            end = start + len(written)
        currency = ""
        begin = start
        if before in "$€£₽¥₹₸ " or before.isalpha():
            money = _CURRENCY_BEFORE.search(text, max(start - 6, 0), start)
            if money:
                currency = next(code for row, code in _BEFORE_ROWS if row.fullmatch(money["money"]))
                begin = money.start()
        sign = 0
        place = begin - 1 if begin else 0
        if (
            begin
            and text[place] in "+-"
            and (place == 0 or not (_GLUED if text[place] == "+" else _JOINED).match(text[place - 1]))
        ):
            sign = 1 if text[place] == "+" else -1
        elif (
            (not currency and ("a" <= before <= "z" or "а" <= before <= "я" or before == "_"))
            or (not currency and before in "第№#:/-.," and not sign and _named_before(text, start))
            or (not currency and before == " " and _NAMED_BEFORE.search(text, max(start - 5, 0), start))
        ):
            continue
        value = number(written, language)
        if value is None or (not currency and _NAMED_BEHIND.match(text, end)):
            continue
        yield Amount(begin, end, value, currency=currency, dimension="money" if currency else "", sign=sign)
    for start, end in in_words(text):
        written = text[start:end]
        value = number(written, language)
        if value is None:
            continue
        # "Three" alone counts nothing that we know; with a magnitude and a unit it does.
        trial = Amount(start, end, value)
        if _read_unit(trial, text) and (value != 1 or trial.factor or trial.dimension == "percent"):
            yield Amount(start, end, value)


def _named_before(text: str, start: int) -> bool:
    return _NAMED_BEFORE.search(text, max(start - 5, 0), start) is not None and not (
        text[start - 1] == "-" and start > 1 and text[start - 2].isdigit() and _is_range(text, start)
    )


def _is_range(text: str, start: int) -> bool:
    """Whether digits, a dash and digits are a range: a telephone number has more dashes."""
    return re.search(r"(?<![\d-])[\d.,]+-$", text[max(start - 14, 0) : start]) is not None and not re.match(
        r"[\d.,]+-\d", text[start : start + 14]
    )


def _read_unit(one: Amount, text: str) -> bool:
    """Read magnitude and unit behind a number; whether there was a unit."""
    end = one.end
    magnitude = _MAGNITUDE.match(text, end)
    if magnitude:
        one.factor = next(factor for row, factor in _MAGNITUDE_ROWS if row.fullmatch(magnitude["word"]))
        end = magnitude.end()
        if (
            text.startswith("个", end) is False
            and (more := _MAGNITUDE.match(text, end))
            and more["word"] == "тыс"
        ):
            end = more.end()
    elif short := _SHORT.match(text, end):
        follows = _UNIT.match(text, short.end())
        if one.currency or (follows and (follows["money"] or follows["mass"])) or short["dotted"]:
            one.factor = 1e3 if short["dotted"] else _SHORT_FACTORS[short["word"]]
            end = short.end()
    unit = _UNIT.match(text, end)
    if unit is None and magnitude is not None and text.startswith(" of ", end):
        unit = _UNIT.match(text, end + 3)
    one.end = end
    if unit is None:
        count = _COUNT.match(text, end) if not one.currency else None
        if count:
            one.dimension = "count"
            one.counted = next(name for row, name in _COUNT_ROWS if row.fullmatch(count["count"]))
            one.end = count.end()
        return count is not None
    kind = unit.lastgroup
    if kind == "money":
        written = next(code for row, code in _CURRENCY_ROWS if row.fullmatch(unit["money"]))
        one.currency = one.currency or written
        one.dimension = "money"
    elif one.currency:
        return True  # "$5 t": the currency rules
    elif kind == "mass":
        one.dimension = "mass"
        one.mass = next(factor for row, factor in _MASS_ROWS if row.fullmatch(unit["mass"]))
    elif kind in ("pp", "percent", "points"):
        one.dimension = kind  # type: ignore[assignment]  # the group's name is the dimension
    one.end = unit.end()
    return True


def _finish(one: Amount, text: str, folded: Folded, original: str) -> bool:
    _read_unit(one, text)
    if one.dimension == "mass" and text.endswith("mt", 0, one.end):
        start, end = folded.original(one.end - 2, one.end)
        if original[start:end] == "Mt":
            one.mass = 1e6
    if one.dimension in ("money", "") and (per := _PER.match(text, one.end)):
        one.per = _goods(per["goods"])
        one.end = per.end()
    return one.values()[0] < 1e16


def _goods(written: str) -> str:
    return next(name for row, name in _GOODS_ROWS if row.fullmatch(written))


# --- amounts that share a unit ----------------------------------------------------------------------

_RANGE = re.compile(r" ?(?:[-~/]|to|至|到|—)[ ]?")
_RANGE_WITH = {"and": r"\bbetween $|в диапазоне $", "и": r"\bмежду $", "до": r"\bот $"}
_MOVE_FROM = re.compile(
    r"(?:\bfrom|\bс|\bсо|\bиз|从|由|自)(?: (?:about|around|some|roughly|nearly|примерно|около))? ?(?:约|每公斤|每吨)?$"
)
_MOVE_TO = re.compile(
    r"(?:[^.,;。!?\n]{0,24}?)(?:\bto|\bдо|\bна|[至到为])(?: (?:about|around|some|roughly|nearly|over|примерно|около|почти|as much as|just))? ?(?:约|近|每公斤|每吨|每桶)?$"
)


def _joined(found: list[Amount], text: str) -> list[Amount]:
    joined: list[Amount] = []
    for one in found:
        if (
            joined
            and (last := joined[-1]).high is None
            and one.start >= last.end
            and one.start - last.end < 30
        ):
            gap = text[last.end : one.start]
            before = text[max(last.start - 24, 0) : last.start]
            comes_from = _MOVE_FROM.search(before) is not None and not re.search(
                r"rang(?:e|es|ed|ing) from $", before
            )
            if comes_from and _MOVE_TO.fullmatch(gap) and _fits(last, one):
                _share_unit(last, one)
                last.is_from, one.is_to = True, True
            elif _is_joint(gap, before) and _fits(last, one) and not _is_step(gap, before, last, one):
                _share_unit(last, one)
                low, high = last.values()[0], one.values()[0]
                if low < high:
                    last.high = (
                        one.low
                        * (one.factor or 1)
                        / (last.factor or 1)
                        * (one.mass / last.mass if last.dimension == "mass" else 1)
                    )
                    last.end, last.period = one.end, one.period
                    last.sign = last.sign or one.sign
                    continue
        joined.append(one)
    return joined


def _is_joint(gap: str, before: str) -> bool:
    if _RANGE.fullmatch(gap):
        return True
    opening = _RANGE_WITH.get(gap.strip())
    return opening is not None and re.search(opening, before) is not None


_MOVED = re.compile(
    r"(?:\b(?:by|up|down|rose|fell|gain(?:s|ed)?|lost|los[et]s?|slip(?:s|ped)?|add(?:s|ed)|dropp?(?:s|ed)?|на|потерял[аи]?|прибавил[аи]?)|[涨跌升降增减了])(?: (?:about|some|another))? ?$"
)


def _is_step(gap: str, before: str, first: Amount, second: Amount) -> bool:
    """Whether "to" parts a change from where it led, as in "slipped $2 to $91"."""
    if first.is_change or second.is_change:
        return True
    return gap.strip() in ("to", "至", "到", "до") and (
        _MOVED.search(before) is not None
        or first.low * (first.factor or second.factor or 1) * 6 < second.low * (second.factor or 1)
    )


def _fits(first: Amount, second: Amount) -> bool:
    if first.dimension and second.dimension and first.dimension != second.dimension:
        return False
    return not (first.currency and second.currency and first.currency != second.currency)


def _share_unit(first: Amount, second: Amount) -> None:
    """Give each what only the other says: "$2,000-4,000/kg", "1.55-1.57 million yuan", "с 8 до 4,8%"."""
    for to, source in ((first, second), (second, first)):
        if not to.dimension:
            to.dimension, to.mass, to.counted = source.dimension, source.mass, source.counted
        to.currency = to.currency or source.currency
        to.per = to.per or source.per
    # "С 327 до 740 тыс.": a factor is shared where that leaves the two alike; "from 8,000 to 9 thousand" does not.
    if first.factor is None and second.factor and first.low < second.low * 30 and first.low * 30 > second.low:
        first.factor = second.factor


def periods(one: Amount, text: str) -> str:
    """ "yr" or "mo" where the words around a mass or sum say that it comes in each of them."""
    behind = _PERIOD.match(text, one.end)
    if behind:
        return "mo" if behind["mo"] else "yr"
    return "yr" if _PERIOD_BEFORE.search(text, max(one.start - 60, 0), one.start) else ""


def per_before(one: Amount, text: str, since: int) -> tuple[str, int] | None:
    """What a price is per where that stands before it (每公斤, "за килограмм"), and where."""
    found = None
    for match in _PER_BEFORE.finditer(text, max(one.start - 60, since), one.end):
        if match.end() <= one.start:
            found = match
    if found is None:
        return None
    word = found["han"] or found["word"]
    return _goods(word), found.start()
