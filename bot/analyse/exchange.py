"""Pure. A figure in another currency, by the rates of settings.toml: shown beside the one that was written, never in its place."""

from dataclasses import dataclass
from datetime import date

from bot.facts import Fact
from bot.settings import ExchangeRates


@dataclass(frozen=True, kw_only=True, slots=True)
class Converted:
    """A fact's value in the currency that rates lead to."""

    value: float
    #: The upper end of a range.
    value_to: float | None
    #: "USD/kg", "USD".
    unit: str
    #: The day of the rate.
    as_of: date


def converted(fact: Fact, fx: ExchangeRates) -> Converted | None:
    """The fact by these rates; None where there is no rate, no money, or nothing to convert. Four digits are kept."""
    rate = fx.rates.get(fact.currency)
    if rate is None or fx.as_of is None or fact.currency == fx.to:
        return None
    return Converted(
        value=_rounded(fact.value * rate),
        value_to=None if fact.value_to is None else _rounded(fact.value_to * rate),
        unit=fact.unit.replace(fact.currency, fx.to, 1),
        as_of=fx.as_of,
    )


def _rounded(value: float) -> float:
    # A rate of one day makes no more digits true than that.
    return float(f"{value:.4g}")
