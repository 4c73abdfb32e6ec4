"""Converted figures: beside the written one, by the day's rate, and only where there is one."""

from datetime import date

from bot.analyse.exchange import Converted, converted
from bot.facts import Fact
from bot.settings import ExchangeRates

DAY = date(2026, 11, 20)
FX = ExchangeRates(to="USD", as_of=DAY, rates={"CNY": 0.14})
PRICE = Fact(kind="price", value=685_000, value_to=690_000, unit="CNY/t", currency="CNY", per="t")


def test_a_price_is_converted_with_the_day_of_its_rate() -> None:
    """Both ends, four digits, the same goods; the fact itself stays as it is."""
    assert converted(PRICE, FX) == Converted(value=95_900, value_to=96_600, unit="USD/t", as_of=DAY)


def test_nothing_is_converted_without_a_rate() -> None:
    """No table, no rate for the currency, the currency itself, or no money: no converted figure."""
    assert converted(PRICE, ExchangeRates()) is None
    assert converted(Fact(kind="money", value=5, unit="EUR", currency="EUR"), FX) is None
    assert converted(Fact(kind="money", value=5, unit="USD", currency="USD"), FX) is None
    assert converted(Fact(kind="quota", value=5, unit="t"), FX) is None
