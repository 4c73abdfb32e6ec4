"""The record of a fact: a figure or date found in prose. Frozen, standard library only."""

from dataclasses import dataclass
from typing import Literal

#: What a figure says of its subject; a closed set.
#: price: money per unit of goods · change: up or down by (percent, points, money, mass) · share: part of a whole ·
#: stake: part of a company · rate: tax, duty, tariff · quota, reserves, output, capacity, export, import, demand, stock:
#: masses · quantity: a mass that nothing names · investment, revenue, profit, loss, contract: money · money: money that
#: nothing names · count: listed vessels, firms, people, goods · index: points of a price index · deadline: done or over by
#: a date · effective: in force from a date.
FactKind = Literal[
    "price",
    "change",
    "share",
    "stake",
    "rate",
    "quota",
    "reserves",
    "output",
    "capacity",
    "export",
    "import",
    "demand",
    "stock",
    "quantity",
    "investment",
    "revenue",
    "profit",
    "loss",
    "contract",
    "money",
    "count",
    "index",
    "deadline",
    "effective",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """A figure or date found in prose, normalised."""

    kind: FactKind
    #: Concept it is tied to, such as "dysprosium"; empty when the text names none.
    subject: str = ""
    #: The same for readers, in English, with its form where the text gives one: "dysprosium oxide".
    item: str = ""
    #: In `unit`; the lower end of a range; negative for a fall; of a date its year.
    value: float
    #: The upper end of a range.
    value_to: float | None = None
    #: "CNY/t", "USD/kg", "RUB", "t", "%", "pp" (percentage points), "points", "vessels", "entities", "persons", "items" or "date".
    unit: str
    #: ISO 4217 code as written: nothing is converted.
    currency: str = ""
    #: Of a price: "t", "kg", "lb", "mtu", "bbl".
    per: str = ""
    #: "yr" or "mo" where the figure is an amount in each of them.
    period: str = ""
    #: "2030", "2030-12" or "2030-12-31": by when the figure shall hold; of a deadline or effective date the date itself.
    date: str = ""
    #: Of a share: what it is a part of, as the text says it.
    of: str = ""
    #: Whether value added tax is in a price; empty when the text does not say.
    vat: Literal["", "in", "out"] = ""
    #: An older figure that the text gives to compare with.
    is_previous: bool = False
    #: What the text does not say and usage fills in: "currency", "per", "subject".
    assumed: tuple[str, ...] = ()
    #: "title", "summary" or "text"; offsets count characters (code points) in that field.
    field: str = ""
    start: int = 0
    end: int = 0
