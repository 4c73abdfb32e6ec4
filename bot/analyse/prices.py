"""Pure. Price series from facts: one for each material, form, currency with unit, and basis; odd points wait for a look.

A point is held when it is more than three times the series' usual or less than a third of it, or far from it by the median absolute
deviation (Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993: 0.6745 |x - median| / MAD > 3.5). Deviations are taken of
logarithms, as prices move by shares, and are never thought smaller than `QUIET`: after a flat month every honest move would be odd.
Held points make no change and no baseline, until so many of them in a row agree that the market must have moved (`AGREE`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from math import exp, log
from statistics import median

from bot.facts import Fact
from bot.tracked import Price, PriceKey

#: Points that a series is judged by.
RECENT = 30
#: From so many on the deviation says something; before, only the factor holds.
FEW = 5
FACTOR = 3.0
ODD = 3.5
#: The least usual deviation: with ODD this lets a move of some 25% pass in the quietest market.
QUIET = 0.043
#: Points in a row that were held and agree with each other, within `ALIKE`.
AGREE = 3
ALIKE = 0.1

_FORMS = ("oxide", "metal", "alloy", "carbonate", "concentrate", "chloride", "magnets")
_BASIS = re.compile(r"\b(?P<FOB>fob)\b|\b(?P<CIF>cif)\b|离岸(?P<fobzh>)|到岸(?P<cifzh>)", re.IGNORECASE)


def points(
    facts: Iterable[Fact], *, text: str = "", source_id: str, item_key: str, at: datetime
) -> tuple[Price, ...]:
    """The prices among an item's facts, one for each series; `text` is searched for FOB and CIF."""
    found: dict[PriceKey, Price] = {}
    terms = _BASIS.search(text)
    trade = "" if terms is None else ("FOB" if terms.lastgroup in ("FOB", "fobzh") else "CIF")
    for fact in facts:
        if fact.kind != "price" or not fact.subject or fact.is_previous or fact.value <= 0:
            continue
        vat = {"in": "VAT in", "out": "VAT out"}.get(fact.vat, "")
        form = next((form for form in _FORMS if form in fact.item), "")
        key = PriceKey(material=fact.subject, form=form, unit=fact.unit, basis=vat or trade)
        found.setdefault(
            key,
            Price(
                key=key,
                value=fact.value,
                value_to=fact.value_to,
                source_id=source_id,
                item_key=item_key,
                at=at,
            ),
        )
    return tuple(found.values())


def judged(point: Price, series: Sequence[Price]) -> Price:
    """The point with its change, or with why it is held; `series` holds earlier points of the same key, oldest first."""
    standing = [one for one in series if not one.held][-RECENT:]
    if not standing:
        return point
    odd = oddness(point.middle, [one.middle for one in standing])
    if odd and not _is_seconded(point, series):
        return replace(point, held=odd)
    return replace(point, change=point.middle / standing[-1].middle - 1)


def oddness(value: float, known: Sequence[float]) -> str:
    """Why a price does not fit what is known of its series, in words; empty when it fits. All prices are above 0."""
    usual = [log(one) for one in known]
    middle = median(usual)
    away = abs(log(value) - middle)
    if away > log(FACTOR):
        return f"{exp(log(value) - middle):.2g} times the usual {exp(middle):,.8g}"
    if len(usual) < FEW:
        return ""
    deviation = max(median(abs(one - middle) for one in usual), QUIET)
    # A series that drifts is odd against its middle but not against its end.
    away = min(away, abs(log(value) - usual[-1]))
    score = 0.6745 * away / deviation
    return f"{score:.1f} deviations from the usual {exp(middle):,.8g}" if score > ODD else ""


def _is_seconded(point: Price, series: Sequence[Price]) -> bool:
    """Whether the last points were held at about this price, by more than one source."""
    held: list[Price] = []
    for one in reversed(series):
        if not one.held:
            break
        held.append(one)
    alike = [one for one in held if abs(log(one.middle / point.middle)) <= ALIKE]
    sources = {one.source_id for one in alike} | {point.source_id}
    return len(alike) >= AGREE - 1 and len(sources) > 1


def is_move(point: Price, share: float) -> bool:
    """Whether a point moved by at least `share` (0.05 is 5%) against the one before."""
    return point.change is not None and abs(point.change) >= share


def move_line(point: Price, before: float) -> str:
    """For readers: "dysprosium oxide: 1,620,000 to 1,750,000 CNY/t, up 8.0%"; `before` is the middle of the point before."""
    key = point.key
    name = " ".join(part for part in (key.material, key.form) if part)
    change = point.middle / before - 1
    way = "up" if change >= 0 else "down"
    basis = f" ({key.basis})" if key.basis else ""
    return f"{name}: {before:,.8g} to {point.middle:,.8g} {key.unit}{basis}, {way} {abs(change):.1%}"


def new_quota(facts: Iterable[Fact]) -> Fact | None:
    """The first quota that an item gives, which raises its story's level as a price move does."""
    return next((fact for fact in facts if fact.kind == "quota" and not fact.is_previous), None)
