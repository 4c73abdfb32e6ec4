"""Price series: what is comparable, what moved, what waits for a look."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.prices import is_move, judged, move_line, new_quota, oddness, points
from bot.facts import Fact
from bot.tracked import Price, PriceKey

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
KEY = PriceKey(material="dysprosium", form="oxide", unit="CNY/t", basis="VAT in")


def price(value: float, source: str = "smm", **changes: object) -> Price:
    """A point of the series."""
    return Price(key=KEY, value=value, source_id=source, item_key=f"{source}-{value}", at=NOW, **changes)  # type: ignore[arg-type]


def fact(**changes: object) -> Fact:
    """A price of dysprosium oxide."""
    values: dict[str, object] = {
        "kind": "price",
        "subject": "dysprosium",
        "item": "dysprosium oxide",
        "value": 1_620_000.0,
        "unit": "CNY/t",
        "currency": "CNY",
        "vat": "in",
    }
    return Fact(**{**values, **changes})  # type: ignore[arg-type]


def test_each_basis_has_a_series_of_its_own() -> None:
    """With and without tax, in another currency or form, or older ones: only equal things are compared."""
    facts = [
        fact(),
        fact(vat="out", value=1_430_000.0),
        fact(unit="USD/kg", value=220.0, vat=""),
        fact(item="dysprosium metal", value=2_000_000.0),
        fact(is_previous=True, value=1_500_000.0),
        fact(subject=""),
    ]

    found = points(facts, source_id="smm", item_key="i", at=NOW)

    assert [(one.key.form, one.key.unit, one.key.basis) for one in found] == [
        ("oxide", "CNY/t", "VAT in"),
        ("oxide", "CNY/t", "VAT out"),
        ("oxide", "USD/kg", ""),
        ("metal", "CNY/t", "VAT in"),
    ]


@pytest.mark.parametrize(
    ("text", "basis"), [("220 dollars FOB China", "FOB"), ("离岸价220美元", "FOB"), ("CIF", "CIF"), ("", "")]
)
def test_terms_of_trade_are_part_of_the_basis(text: str, basis: str) -> None:
    """A price free on board is not one delivered."""
    (found,) = points([fact(vat="")], text=text, source_id="s", item_key="i", at=NOW)

    assert found.key.basis == basis


def test_a_price_has_its_change_against_the_last_that_stands() -> None:
    """A held point is passed over."""
    series = [price(100.0), price(1000.0, held="odd")]

    assert judged(price(106.0), series).change == pytest.approx(0.06)


@pytest.mark.parametrize("value", [301.0, 33.0])
def test_three_times_the_usual_waits_for_a_look(value: float) -> None:
    """From the second point on a slip by a factor is held and makes no change."""
    found = judged(price(value), [price(100.0)])

    assert "times the usual" in found.held
    assert found.change is None


def test_a_quiet_series_holds_what_it_never_saw() -> None:
    """After a flat month 50% is odd, 20% is a move."""
    flat = [100.0, 100.5, 99.8, 100.1, 100.0, 100.2]

    assert oddness(150.0, flat)
    assert not oddness(120.0, flat)


def test_a_series_that_climbs_is_not_odd_at_its_end() -> None:
    """A price far from the middle of the month but near to yesterday's stands."""
    assert not oddness(200.0, [100.0, 110.0, 125.0, 140.0, 160.0, 180.0, 195.0])


def test_a_level_that_several_sources_report_is_let_in() -> None:
    """Two held points that agree with a third from another source end the doubt; one source alone can not."""
    series = [price(100.0), price(400.0, "smm", held="odd"), price(405.0, "smm", held="odd")]

    assert not judged(price(402.0, "asian-metal"), series).held
    assert judged(price(402.0, "smm"), series).held


def test_a_move_is_told_with_old_new_and_change() -> None:
    """The line an alert shows."""
    point = judged(price(1_750_000.0), [price(1_620_000.0)])

    assert is_move(point, 0.05)
    assert not is_move(point, 0.10)
    assert move_line(point, 1_620_000.0) == (
        "dysprosium oxide: 1,620,000 to 1,750,000 CNY/t (VAT in), up 8.0%"
    )


def test_a_new_quota_is_the_first_that_is_not_the_old_one() -> None:
    """The older figure beside a quota is not the news."""
    old = fact(kind="quota", value=135_000.0, unit="t", is_previous=True)
    new = fact(kind="quota", value=115_000.0, unit="t")

    assert new_quota([old, new]) == new
    assert new_quota([fact()]) is None


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.5, 1e7), min_size=1, max_size=12), st.floats(0.9, 1.1))
def test_what_repeats_the_last_price_always_stands(values: list[float], share: float) -> None:
    """Whatever a series holds, a price within a tenth of its steady end is let in."""
    end = values[-1]
    series = [price(value) for value in values] + [price(end)] * 31

    assert not judged(price(end * share), series).held
