"""Pure. Facts as `classify` prints them and as `explain` tells them."""

from dataclasses import asdict
from typing import Any

from bot.analyse.exchange import converted
from bot.facts import Fact
from bot.settings import ExchangeRates

#: Always printed, empty or not; the rest only where it says something.
_ALWAYS = ("kind", "item", "value", "unit", "field", "start", "end")


def fact_answer(fact: Fact, fx: ExchangeRates) -> dict[str, Any]:
    """One fact for a program; `converted` is there only where settings.toml has a rate."""
    answer = {name: value for name, value in asdict(fact).items() if name in _ALWAYS or value}
    if other := converted(fact, fx):
        told = {name: value for name, value in asdict(other).items() if value is not None}
        answer["converted"] = {**told, "as_of": other.as_of.isoformat()}
    return answer


def fact_line(fact: Fact, fx: ExchangeRates) -> str:
    """One fact for a person: "price of dysprosium oxide: 1,400,000 to 1,410,000 CNY/t (per assumed)"."""
    of = f" of {fact.item}" if fact.item else ""
    if fact.unit == "date":
        return f"{fact.kind}{of}: {fact.date}"
    said = f"{_number(fact.value)}{f' to {_number(fact.value_to)}' if fact.value_to is not None else ''} {fact.unit}"
    notes = [
        "before" if fact.is_previous else "",
        f"by {fact.date}" if fact.date else "",
        {"yr": "a year", "mo": "a month"}.get(fact.period, ""),
        f"of {fact.of}" if fact.of else "",
        {"in": "VAT in", "out": "VAT out"}.get(fact.vat, ""),
        f"{', '.join(fact.assumed)} assumed" if fact.assumed else "",
    ]
    if other := converted(fact, fx):
        to = f" to {_number(other.value_to)}" if other.value_to is not None else ""
        notes.append(f"{_number(other.value)}{to} {other.unit} at the rate of {other.as_of}")
    told = "; ".join(note for note in notes if note)
    return f"{fact.kind}{of}: {said}" + (f" ({told})" if told else "")


def _number(value: float) -> str:
    return f"{value:,.10g}"
