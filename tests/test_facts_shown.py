"""Facts as people and programs see them: `classify`, what a poll stores, and the line that `explain` prints."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot.analyse.concepts import Rulebook
from bot.analyse.judge import understand
from bot.analyse.subjects import Subjects
from bot.commands.facts import fact_answer, fact_line
from bot.config import load_rules
from bot.facts import Fact
from bot.intake import classify_all
from bot.model import Item
from bot.settings import ExchangeRates, FactSettings

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
NO_RATES = ExchangeRates()
RATES = ExchangeRates(to="USD", as_of=date(2026, 11, 20), rates={"CNY": 0.14})
PRICE = Fact(
    kind="price",
    subject="dysprosium",
    item="dysprosium oxide",
    value=1_400_000,
    value_to=1_410_000,
    unit="CNY/t",
    currency="CNY",
    per="t",
    assumed=("per",),
    field="title",
    start=3,
    end=9,
)


def item(title: str) -> Item:
    """An item with this headline."""
    return Item(key="k", source_id="s", title=title, language="en", published_at=NOW, first_seen_at=NOW)


def rulebook() -> Rulebook:
    """The shipped rules without a model, with the shipped subjects."""
    topics, concepts = load_rules(ROOT / "config")
    subjects = Subjects.of(concepts, FactSettings().materials, FactSettings().others)
    return replace(Rulebook.compile(topics, concepts), subjects=subjects)


def test_only_items_with_a_label_have_their_facts_read() -> None:
    """An item of no topic is stored without facts; one that carries a label, with them."""
    hit, miss = classify_all(
        [
            item("China sets the rare earth mining quota at 270,000 tonnes"),
            item("Wheat crop of 5 million tonnes"),
        ],
        rulebook(),
    )

    assert hit.classification.labels
    assert [(fact.kind, fact.value, fact.unit, fact.subject) for fact in hit.facts] == [
        ("quota", 270_000, "t", "rare-earths")
    ]
    assert (miss.classification.labels, miss.facts) == ((), ())


def test_classify_reads_the_facts_of_every_item() -> None:
    """On demand an item of no topic has its facts read too."""
    found = understand(item("Wheat crop of 5 million tonnes"), rulebook(), facts_of_all=True)

    assert [fact.value for fact in found.facts] == [5_000_000]


def test_a_program_gets_what_a_fact_says_and_no_empty_fields() -> None:
    """Kind, item, value, unit and place always; a converted value only by a rate, with its day."""
    plain = fact_answer(PRICE, NO_RATES)

    assert plain == {
        "kind": "price",
        "subject": "dysprosium",
        "item": "dysprosium oxide",
        "value": 1_400_000,
        "value_to": 1_410_000,
        "unit": "CNY/t",
        "currency": "CNY",
        "per": "t",
        "assumed": ("per",),
        "field": "title",
        "start": 3,
        "end": 9,
    }
    assert fact_answer(PRICE, RATES) == {
        **plain,
        "converted": {"value": 196_000, "value_to": 197_400, "unit": "USD/t", "as_of": "2026-11-20"},
    }


def test_a_person_gets_one_line() -> None:
    """With what was assumed, what it would be in another currency, and dates as dates."""
    assert fact_line(PRICE, NO_RATES) == (
        "price of dysprosium oxide: 1,400,000 to 1,410,000 CNY/t (per assumed)"
    )
    assert fact_line(PRICE, RATES).endswith("196,000 to 197,400 USD/t at the rate of 2026-11-20)")
    share = Fact(kind="share", value=12, unit="%", date="2030", of="the world market", is_previous=True)
    assert fact_line(share, NO_RATES) == "share: 12 % (before; by 2030; of the world market)"
    assert fact_line(Fact(kind="deadline", value=2027, unit="date", date="2027-03-01"), NO_RATES) == (
        "deadline: 2027-03-01"
    )
