"""Pure. What one figure is: its kind, unit, subject, and what usage fills in. See facts.py for the order of the rules."""

import re
from collections.abc import Sequence

from bot.analyse import cues
from bot.analyse.amounts import Amount, per_before, periods
from bot.analyse.mentions import BARE_FORM
from bot.analyse.surroundings import MONEY_KINDS, Surroundings
from bot.facts import Fact, FactKind

_OWNERSHIP = re.compile(r"\bstakes?\b|\bowned\b|владел|принадлеж|\bequity|\bshares\b|акци|пакет|股权|股份")

#: In which range a price that does not say its unit is taken for one: currency -> (per, least, most).
_USUAL: dict[str, tuple[tuple[str, float, float], ...]] = {
    "CNY": (("kg", 30, 3_000), ("t", 3_000, 4e7)),
    "USD": (("kg", 0.1, 8_000), ("t", 8_000, 1e6)),
    "EUR": (("kg", 0.1, 8_000), ("t", 8_000, 1e6)),
}
#: What may stand behind a bare price: the end of a clause, a preposition, Chinese that counts nothing.
_NO_NOUN = re.compile(
    r"$|[,.;:!?。、()\"'](?!\d)| (?:in|on|from|against|at|by|a|as|after|for|while|and|with|to|less|this|last|от|против|к|в|на|с|и|за|а|но|годом|-|после|are|is|of)\b| -"
    r"|[\u3400-\u9fff](?<![年月日号次届轮批座台辆倍个度位款吨人家名种项元])"
)
_BARE_INDEX = re.compile(r"(?:指数|индекс[а-я]*|\bindex)(?P<gap>[^\d,.;。]{0,16})$")


def default_price(found: Sequence[Amount]) -> tuple[str, str, float] | None:
    """(currency, per, value) of the first price that says both."""
    return next(((one.currency, one.per, one.values()[0]) for one in found if one.currency and one.per), None)


def fact_of(one: Amount, around: Surroundings, last: Fact | None) -> Fact | None:
    """The fact that a figure is, or None where it is none; `last` is the fact before it."""
    if one.dimension == "count":
        return _count(one, around)
    if one.dimension == "":
        return _bare(one, around, last)
    if one.dimension == "points":
        return _points(one, around)
    if one.dimension == "percent" and not one.is_change and cues.is_grade(around.text, one.start, one.end):
        return None
    sign = _sign(one, around)
    if one.dimension in ("percent", "pp"):
        return _percent(one, around, sign, last)
    if one.dimension == "mass":
        period = periods(one, around.text)
        kind: FactKind = "change" if sign else around.mass_kind(one.start, one.end, is_yearly=period == "yr")
        return _built(one, around, kind, "t", sign=sign, period=period)
    return _money(one, around, sign, last)


#: 下调60美元限价 lowers a limit of 60 dollars.
_IS_LEVEL = re.compile("限价|上限|关口|大关|的")
#: "Raised $20m" brings money in, "raised by $20" moves a price.
_RAISED = re.compile(r"\brais(?:e|es|ed|ing)(?: (?:about|some|over|nearly))? $")


def _sign(one: Amount, around: Surroundings) -> int:
    """Which way a figure says that something moved; 0 for a level."""
    if one.sign or one.is_from or one.is_to:
        return one.sign
    since, _ = around.clause(one.start, one.end)
    # "$47 a barrel more than ..." is a price; "12% more" is none.
    behind = not one.per
    if one.dimension == "money" and _IS_LEVEL.match(around.text, one.end):
        return 0
    if one.dimension == "money" and _RAISED.search(around.text, max(one.start - 20, 0), one.start):
        return 0
    return cues.direction(
        around.text, since, one.start, one.end, behind=behind, past=one.dimension in ("money", "mass")
    )


def _percent(one: Amount, around: Surroundings, sign: int, last: Fact | None) -> Fact:
    unit = "pp" if one.dimension == "pp" else "%"
    if sign or unit == "pp":
        return _built(one, around, "change", unit, sign=sign)
    since, until = around.clause(one.start, one.end)
    clause = around.text[since:until]
    kind: FactKind = "share"
    if _OWNERSHIP.search(clause) and not re.search(r"\bshare of\b|market|рынк|市场", clause):
        kind = "stake"
    elif any(since <= place < until and found == "rate" for place, _, found in around.kinds):
        kind = "rate"
    of = _whole(around.text, one) if kind == "share" else ""
    return _built(one, around, kind, unit, of=of)


_OF_BEHIND = re.compile(
    r" ?of (?P<en>[^,.;:!?]{2,50}?)(?= (?:by|in|from|is|are|was|were|and|to|before|after|at|while)\b|[,.;:!?]|$)"
)
_OF_RUSSIAN = re.compile(r" (?P<ru>[а-я-]{4,}(?: [а-я-]{3,}){0,3})")
_OF_BEFORE = re.compile(r"占(?P<zh>[^,。;]{1,16}?)的?(?:近|约|不到|超过|逾|超|不足)?$")


def _whole(text: str, one: Amount) -> str:
    found = _OF_BEHIND.match(text, one.end) or _OF_RUSSIAN.match(text, one.end)
    found = found or _OF_BEFORE.search(text, max(one.start - 24, 0), one.start)
    return (found[found.lastgroup or 0]).strip() if found else ""


def _points(one: Amount, around: Surroundings) -> Fact | None:
    sign = _sign(one, around)
    named = {kind for _, _, kind in (*around.kinds, *around.title_kinds)}
    if "index" not in named:
        # "Trump adds 25 points" to a tariff.
        return _built(one, around, "change", "pp", sign=sign) if sign and "rate" in named else None
    return _built(one, around, "change" if sign else "index", "points", sign=sign)


def _count(one: Amount, around: Surroundings) -> Fact | None:
    value = one.values()[0]
    # "These two banks" counts nothing; in words only many are news.
    least = 1 if around.text[one.start].isdigit() else 3 if one.counted == "vessels" else 6
    if value != int(value) or value < least or (one.counted != "vessels" and not around.is_list):
        return None
    return _built(one, around, "count", one.counted)


_VAT = re.compile(
    r"(?P<out>不含税|excluding vat|excl[.]? vat|ex[- ]vat|without vat|net of vat|без (?:учета )?ндс)|(?P<in>含税|including vat|incl[.]? vat|with vat|с (?:учетом )?ндс)"
)
_LOST = re.compile(
    r"\b(?:lost|lose|loses|потеря[а-я]*|теряет)(?: (?:some|about|around|nearly|почти|около))? $|亏损?了?$"
)


def _money(one: Amount, around: Surroundings, sign: int, last: Fact | None) -> Fact:
    text = around.text
    assumed: list[str] = []
    per = one.per
    if not per and (before := per_before(one, text, around.sentence(one.start, one.end)[0])):
        per = before[0]
    currency = one.currency
    if currency == "¥":
        currency = "JPY" if re.search(r"japan|yen|япон|日本|日元", text) else "CNY"
        assumed.append("currency")
    low, _ = one.values()
    if sign and not per and _LOST.search(text, max(one.start - 16, 0), one.start) and low >= 1e7:
        return _built(one, around, "loss", currency, currency=currency)
    if sign:
        unit = f"{currency}/{per}" if per else currency
        return _built(one, around, "change", unit, sign=sign, currency=currency, per=per, assumed=assumed)
    kind = around.money_kind(one.start, one.end) if not per else None
    first, stop = around.sentence(one.start, one.end)
    is_business = any(first <= place < stop and found in MONEY_KINDS for place, _, found in around.kinds)
    if not per and currency == "USD" and 15 <= low < 200 and _CRUDE.search(text):
        per = "bbl"
        assumed.append("per")
    is_listed = last is not None and last.kind == "price" and around.follows(one.start, one.end)
    if not per and (is_listed or not is_business) and _is_of_goods(one, around, last):
        per = _usual_per(currency, low, around.default_price)
        if per:
            assumed.append("per")
    if per:
        vat = _VAT.search(text, max(one.start - 24, 0), one.end + 20)
        return _built(
            one,
            around,
            "price",
            f"{currency}/{per}",
            currency=currency,
            per=per,
            vat="" if vat is None else "out" if vat["out"] else "in",
            assumed=assumed,
        )
    return _built(
        one,
        around,
        kind or "money",
        currency,
        currency=currency,
        assumed=assumed,
        period=periods(one, text),
    )


def _is_of_goods(one: Amount, around: Surroundings, last: Fact | None) -> bool:
    """Whether a sum without "per" can be a price: its sentence or the title names goods, or it is like a price given whole."""
    first, stop = around.sentence(one.start, one.end)
    if any(mention.is_material and first <= mention.start < stop for mention in around.mentions):
        return True
    if around.title_mention is not None or BARE_FORM.search(around.text, first, stop):
        return True
    if _BY_PIECE.search(around.text, max(one.start - 4, 0), one.start):
        return True
    default = around.default_price
    if default and default[0] == one.currency and default[2] / 20 < one.values()[0] < default[2] * 20:
        return True
    return last is not None and last.kind == "price" and last.currency == one.currency


_CRUDE = re.compile(r"\bcrude\b|\boil\b|\burals\b|\bbrent\b|нефт|原油|俄油|油价")
_BY_PIECE = re.compile(r"\b(?:по|at) $")


def _usual_per(currency: str, value: float, default: tuple[str, str, float] | None) -> str:
    for per, least, most in _USUAL.get(currency, ()):
        if least <= value < most:
            if default and default[0] == currency and any(row[0] == default[1] for row in _USUAL[currency]):
                bounds = next(row for row in _USUAL[currency] if row[0] == default[1])
                return default[1] if bounds[1] / 10 <= value < bounds[2] * 10 else per
            return per
    return ""


def _bare(one: Amount, around: Surroundings, last: Fact | None) -> Fact | None:
    """A number without a unit: points of an index, or one more of a list of prices or masses."""
    text = around.text
    low = one.values()[0]
    if (
        _BARE_INDEX.search(text, max(one.start - 24, 0), one.start)
        and 10 <= low < 100_000
        and one.factor is None
    ):
        return _built(one, around, "index", "points")
    since, until = around.clause(one.start, one.end)
    first, _ = around.sentence(one.start, one.end)
    ends_clause = _NO_NOUN.match(text, one.end) is not None or text[one.end - 1] == "."
    if ends_clause and (per := per_before(one, text, first)):
        currency = around.default_price[0] if around.default_price else ("USD" if per[0] == "bbl" else "CNY")
        return _price(one, around, currency, per[0], ("currency",), last)
    written = text[one.start : one.end]
    is_big = one.factor is not None or (low >= 1_000 and re.search(r"\d[, ]\d{3}", written)) or low >= 10_000
    if not is_big or not ends_clause:
        return None
    if one.factor and one.factor >= 1e6:
        money = _bare_money(one, around, last)
        if money is not None:
            return money
    materials = [
        mention for mention in around.mentions if mention.is_material and since <= mention.start < until
    ]
    has_form = any(mention.form for mention in materials) or BARE_FORM.search(text, since, until) is not None
    if last is not None and last.unit == "t" and low >= 1_000 and around.follows(one.start, one.end):
        return _built(one, around, last.kind, "t", assumed=["unit"])
    follows_price = last is not None and last.kind == "price"
    if not materials and not has_form and not follows_price:
        return None
    if around.default_price and (materials or has_form or follows_price):
        currency, usual, _ = around.default_price
        per_usual = _usual_per(currency, low, (currency, usual, 0))
        return _price(one, around, currency, per_usual, ("currency", "per"), last) if per_usual else None
    if follows_price and last is not None and last.currency:
        per_usual = _usual_per(last.currency, low, (last.currency, last.per, 0))
        return _price(one, around, last.currency, per_usual, ("currency", "per"), last) if per_usual else None
    if has_form and 3_000 <= low < 4e7:
        return _price(one, around, "CNY", "t", ("currency", "per"), last)
    return None


def _bare_money(one: Amount, around: Surroundings, last: Fact | None) -> Fact | None:
    """ "Выручка снизилась до 7,147 млрд" after a loss in roubles; 净利0.45亿, where nothing but yuan is meant."""
    since, until = around.clause(one.start, one.end)
    cue = next(
        (kind for place, _, kind in around.kinds if since <= place < until and kind in MONEY_KINDS), None
    )
    if cue is None:
        return None
    currency = last.currency if last and last.currency and not last.per else ""
    if not currency and "亿" in around.text[one.start : one.end]:
        currency = "CNY"
    return _built(one, around, cue, currency, currency=currency, assumed=["currency"]) if currency else None


def _price(
    one: Amount, around: Surroundings, currency: str, per: str, assumed: tuple[str, ...], last: Fact | None
) -> Fact:
    sign = _sign(one, around)
    kind: FactKind = "change" if sign else "price"
    unit = currency if sign else f"{currency}/{per}"
    return _built(
        one,
        around,
        kind,
        unit,
        sign=sign,
        currency=currency,
        per="" if sign else per,
        assumed=list(assumed),
    )


def _built(
    one: Amount,
    around: Surroundings,
    kind: FactKind,
    unit: str,
    *,
    sign: int = 0,
    currency: str = "",
    per: str = "",
    period: str = "",
    of: str = "",
    vat: str = "",
    assumed: Sequence[str] = (),
) -> Fact:
    low, high = one.values()
    start, end = around.folded.original(one.start, one.end)
    if sign < 0:
        low, high = (-low, None) if high is None else (-high, -low)
    mention, is_far = around.subject(one.start, one.end)
    return Fact(
        kind=kind,
        subject=mention.concept if mention else "",
        item=mention.name if mention else "",
        value=low,
        value_to=high,
        unit=unit,
        currency=currency,
        per=per,
        period=period,
        of=of,
        vat="in" if vat == "in" else "out" if vat == "out" else "",
        is_previous=kind != "change"
        and (one.is_from or (not one.is_to and cues.is_older(around.text, one.start, one.end))),
        assumed=(*assumed, "subject") if is_far and mention else tuple(assumed),
        field=around.field,
        start=start,
        end=end,
    )
