"""Facts: what a figure is, its value in base units, what it is of, and what is none. All three languages."""

from datetime import UTC, datetime

import pytest

from bot.analyse.facts import extract
from bot.analyse.subjects import Subjects
from bot.analyse.terms import Matcher
from bot.configured import Concept
from bot.facts import Fact
from bot.model import Item

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CONCEPTS = (
    Concept(id="dysprosium", en=("dysprosium", "Dy"), ru=("диспроз*",), zh=("镝",), gloss="dysprosium"),
    Concept(id="terbium", en=("terbium",), ru=("терби*",), zh=("铽",), gloss="terbium"),
    Concept(id="ndpr", en=("NdPr", "Pr-Nd"), ru=("неодим-празеодим*",), zh=("镨钕",), gloss="NdPr"),
    Concept(id="rare-earths", en=("rare earths",), ru=("РЗМ",), zh=("稀土",), gloss="rare earths"),
    Concept(id="tomtor", en=("Tomtor",), ru=("Томтор*",), zh=("托姆托尔",), gloss="Tomtor"),
    Concept(id="metals", includes=("dysprosium", "terbium", "ndpr", "rare-earths")),
)
MATCHER = Matcher(CONCEPTS)
SUBJECTS = Subjects.of(CONCEPTS, ("metals",), ("tomtor", "nowhere"))


def read(
    title: str, language: str = "en", *, summary: str = "", text: str = "", at: datetime | None = NOW
) -> tuple[Fact, ...]:
    """The facts of an item with these words."""
    item = Item(
        key="k",
        source_id="s",
        title=title,
        summary=summary,
        text=text,
        language=language,
        published_at=at,
        first_seen_at=NOW,
    )
    fields = {"title": title, "summary": summary, "text": text}
    return extract(
        item, {name: MATCHER.find(words).in_order() for name, words in fields.items() if words}, SUBJECTS
    )


def told(facts: tuple[Fact, ...]) -> list[tuple[object, ...]]:
    """Kind, value or both ends, and unit of each."""
    return [
        (fact.kind, fact.value, *([fact.value_to] if fact.value_to is not None else []), fact.unit)
        for fact in facts
    ]


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("zh", "镨钕金属68.5-69万元/吨", [("price", 685_000, 690_000, "CNY/t")]),
        ("en", "NdPr oxide at $1.55-1.57 million per tonne", [("price", 1_550_000, 1_570_000, "USD/t")]),
        ("en", "Terbium oxide at Yn6,150-6,200/kg", [("price", 6_150, 6_200, "CNY/kg")]),
        ("ru", "Оксид диспрозия — 1,63–1,65 млн юаней за тонну", [("price", 1_630_000, 1_650_000, "CNY/t")]),
        ("zh", "金属镝价格在203万至205万元之间", [("price", 2_030_000, 2_050_000, "CNY/t")]),
        ("en", "Between 3,000 and 3,500 tonnes of output", [("output", 3_000, 3_500, "t")]),
        ("ru", "Квота от 3 до 5 тыс. тонн", [("quota", 3_000, 5_000, "t")]),
        ("zh", "預計利潤9億至9.6億元", [("profit", 900_000_000, 960_000_000, "CNY")]),
    ],
)  # fmt: skip
def test_a_range_shares_its_unit(language: str, title: str, expected: list[tuple[object, ...]]) -> None:
    """The unit, magnitude or currency that stands at one end of a range counts for both."""
    assert told(read(title, language)) == expected


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "NdPr fell from 65 to 58 dollars per kg"),
        ("ru", "NdPr подешевел с 65 до 58 долларов за кг"),
        ("zh", "镨钕由每公斤65美元跌至58美元/公斤"),
    ],
)
def test_from_and_to_are_two_prices_of_which_one_is_older(language: str, title: str) -> None:
    """What was and what is are two facts in one unit; the first is marked as previous."""
    facts = read(title, language)

    assert told(facts) == [("price", 65, "USD/kg"), ("price", 58, "USD/kg")]
    assert [fact.is_previous for fact in facts] == [True, False]
    assert {fact.subject for fact in facts} == {"ndpr"}


@pytest.mark.parametrize(
    ("language", "title", "value"),
    [
        ("en", "Output of 1,000 tonnes", 1_000),
        ("en", "Output of 1.5 tonnes", 1.5),
        ("en", "Output of 1,5 tonnes", 1.5),
        ("en", "Output of 1,234,567.5 tonnes", 1_234_567.5),
        ("ru", "Добыча 1,635 тонны", 1.635),
        ("ru", "Добыча 26 887,2 тонны", 26_887.2),
        ("ru", "Добыча 12 000 т", 12_000),
        ("ru", "Добыча 1.234.567 тонн", 1_234_567),
        ("ru", "Добыча 2,5 тыс. т", 2_500),
        ("zh", "产量1.2万吨", 12_000),
        ("zh", "产量１．２万吨", 12_000),
        ("zh", "產量1.2萬噸", 12_000),
        ("zh", "产量三十万吨", 300_000),
        ("zh", "产量二十多吨", 20),
        ("zh", "产量1.2千吨", 1_200),
        ("en", "Output of 3.6kt", 3_600),
        ("en", "Output of 1.2 Mt", 1_200_000),
        ("en", "Output of 900 kg", 0.9),
        ("en", "Output of three thousand tonnes", 3_000),
        ("ru", "Добыча полторы тонны", 1.5),
    ],
)  # fmt: skip
def test_numbers_are_read_by_shape_and_language(language: str, title: str, value: float) -> None:
    """Separators, magnitudes, full-width digits, traditional characters and words give tonnes."""
    assert told(read(title, language)) == [("output", value, "t")]


@pytest.mark.parametrize(
    ("language", "title", "currency"),
    [
        ("en", "A grant of A$5m", "AUD"),
        ("en", "A grant of C$5 million", "CAD"),
        ("en", "A grant of HK$5mn", "HKD"),
        ("en", "A grant of US$5m", "USD"),
        ("en", "A grant of RMB5m", "CNY"),
        ("en", "A grant of CNY 5 million", "CNY"),
        ("en", "A grant of ¥5m", "CNY"),
        ("en", "Japan: a grant of ¥5m", "JPY"),
        ("en", "A grant of RUB5m", "RUB"),
        ("en", "A grant of 5 million roubles", "RUB"),
        ("ru", "Грант 5 млн руб.", "RUB"),
        ("ru", "Грант ₽5 млн", "RUB"),
        ("ru", "Грант 5 млн евро", "EUR"),
        ("en", "A grant of £5m", "GBP"),
        ("zh", "拨款500万元", "CNY"),
        ("zh", "拨款500万美元", "USD"),
        ("zh", "撥款500萬澳幣", "AUD"),
    ],
)  # fmt: skip
def test_the_currency_is_kept_as_written(language: str, title: str, currency: str) -> None:
    """Symbols and words before or behind the sum give its ISO code; dollars are told apart; nothing is converted."""
    assert told(read(title, language)) == [("money", 5_000_000, currency)]


@pytest.mark.parametrize(
    ("language", "title", "expected"),
    [
        ("en", "NdPr rose 5%", ("change", 5, "%")),
        ("en", "NdPr rose by $35 to $785/kg", ("change", 35, "USD")),
        ("en", "A 27% drop in exports", ("change", -27, "%")),
        ("en", "Prices doubled", ("change", 100, "%")),
        ("en", "Exports fell by a third", ("change", -33.3333333333, "%")),
        ("ru", "Экспорт снизился на 5%", ("change", -5, "%")),
        ("ru", "Тербий подешевел на 50 тыс. юаней", ("change", -50_000, "CNY")),
        ("ru", "Цена выросла вдвое", ("change", 100, "%")),
        ("ru", "Экспорт сократился втрое", ("change", -66.6666666667, "%")),
        ("ru", "Доля снизилась на 3,2 п.п.", ("change", -3.2, "pp")),
        ("zh", "价格上涨5%", ("change", 5, "%")),
        ("zh", "出口同比+5%", ("change", 5, "%")),
        ("zh", "铽下跌5万元", ("change", -50_000, "CNY")),
        ("zh", "价格翻番", ("change", 100, "%")),
        ("zh", "出口腰斩", ("change", -50, "%")),
    ],
)  # fmt: skip
def test_a_change_is_told_from_a_level(language: str, title: str, expected: tuple[object, ...]) -> None:
    """ "By", "на", a sign or a verb right before make a change with its direction; "to" and 至 lead to a level."""
    assert told(read(title, language))[0] == expected


@pytest.mark.parametrize(
    ("language", "title", "value"),
    [
        ("en", "Half of the magnets come from there", 50),
        ("en", "Two thirds of the licences were refused", 66.6666666667),
        ("ru", "Половина магнитов идёт оттуда", 50),
        ("ru", "Три четверти лицензий", 75),
        ("zh", "八成磁材来自那里", 80),
        ("zh", "三分之一来自那里", 33.3333333333),
        ("zh", "百分之十二来自那里", 12),
    ],
)
def test_shares_in_words_are_percent(language: str, title: str, value: float) -> None:
    """Halves, thirds and 成 are shares in percent."""
    assert told(read(title, language)) == [("share", value, "%")]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "The 21st package, Article 5f, Room 14, No. 62"),
        ("en", "Announcement of 9 October 2025 at 18:30"),
        ("en", "Call +7 495 123-45-67 about HS code 2846.90"),
        ("en", "A 57-year-old chairs it since 2019"),
        ("en", "An oxide of 99.5% purity, REO 50%, 44% niobium concentrate"),
        ("en", "First half, second half of 2024, third quarter"),
        ("en", "Version 1.2.3 of 13.10.2025"),
        ("ru", "21-й пакет, приказ № 62 от 9 октября 2025 года, 18:30"),
        ("ru", "Телефон 8 (342) 123-45-67; 57-летний инженер"),
        ("ru", "Первая половина 2024 года, треть века"),
        ("ru", "Чистота 99,9%"),
        ("zh", "第21轮制裁,2025年10月9日第62号公告"),
        ("zh", "57岁的工程师完成了组成工作"),
        ("zh", "品位为12.1%"),
        ("zh", "几十吨"),
        ("en", "A pile of 99999999999999999999999999 tonnes"),
        ("zh", "两" + "亿" * 30 + "吨"),
        ("en", "Spread over 20,000 sq m, 171 km away, for 8 hours"),
    ],
)  # fmt: skip
def test_names_dates_and_nonsense_are_no_quantities(language: str, title: str) -> None:
    """Ordinals, dates, times, ages, grades, documents, telephones and numbers beyond sense give no fact."""
    assert told(read(title, language)) == []


def test_offsets_count_the_original_characters() -> None:
    """Characters that vanish or grow in folding do not move the span."""
    title = "Цена\u00ad дис\u0301прозия ㎏: １，６ млн юаней за тонну"

    facts = read(title, "ru")

    assert [title[fact.start : fact.end] for fact in facts] == ["１，６ млн юаней за тонну"]
    assert facts[0].field == "title"
    assert facts[0].value == 1_600_000


@pytest.mark.parametrize(
    ("language", "title", "subjects"),
    [
        ("en", "Dysprosium 1.6 million yuan a tonne, terbium 6.2 million yuan a tonne", ["dysprosium", "terbium"]),
        ("ru", "Диспрозий стоит 1,6 млн юаней за тонну, тербий — 6,2 млн юаней за тонну", ["dysprosium", "terbium"]),
        ("zh", "氧化镝160万元/吨,氧化铽620万元/吨", ["dysprosium", "terbium"]),
        ("en", "Tomtor holds 3 million tonnes", ["tomtor"]),
        ("en", "Tomtor holds 3 million tonnes of rare earths", ["rare-earths"]),
    ],
)  # fmt: skip
def test_a_figure_is_tied_to_the_nearest_material_of_its_clause(
    language: str, title: str, subjects: list[str]
) -> None:
    """Each clause has its own subject; a material wins over a place."""
    assert [fact.subject for fact in read(title, language)] == subjects


def test_a_subject_from_afar_is_marked() -> None:
    """Where only the title names the material, the fact says that its subject was taken from elsewhere."""
    (fact,) = read("Dysprosium keeps falling", text="Traders paid $240/kg.")

    assert (fact.subject, fact.assumed, fact.field) == ("dysprosium", ("subject",), "text")


def test_the_form_of_a_material_is_named() -> None:
    """Oxide and metal have prices of their own."""
    names = [fact.item for fact in read("氧化镝160万元/吨,金属镝205万元/吨", "zh")]

    assert names == ["dysprosium oxide", "dysprosium metal"]


def test_what_usage_fills_in_is_marked() -> None:
    """Yuan for a material are per tonne, dollars per kilogram, and in a list the currency carries on; each is marked."""
    first, second = read("NdPr oxide at 740,000 yuan/mt, dysprosium oxide at 1.4-1.41 million")
    (third,) = read("Dysprosium oxide marked up to $128-148")

    assert (first.unit, first.assumed) == ("CNY/t", ())
    assert (second.unit, second.assumed) == ("CNY/t", ("currency", "per"))
    assert (third.unit, third.assumed) == ("USD/kg", ("per",))


def test_money_without_goods_is_no_price() -> None:
    """A sum in no range of prices, or with a word of business beside it, stays money of that kind."""
    assert told(read("Investment in dysprosium of 5,000 yuan")) == [("investment", 5_000, "CNY")]
    assert told(read("Dysprosium fund of 13 bn roubles")) == [("money", 13_000_000_000, "RUB")]


@pytest.mark.parametrize(
    ("language", "title", "vat"),
    [
        ("zh", "镨钕含税64万元/吨", "in"),
        ("zh", "镨钕不含税64万元/吨", "out"),
        ("ru", "NdPr по 640 тыс. юаней за тонну с НДС", "in"),
        ("en", "NdPr at 640,000 yuan/t excluding VAT", "out"),
        ("en", "NdPr at 640,000 yuan/t", ""),
    ],
)
def test_value_added_tax_is_noted(language: str, title: str, vat: str) -> None:
    """Whether tax is in a price is kept when the text says so."""
    assert [fact.vat for fact in read(title, language)] == [vat]


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "12,000 t a year by 2030"),
        ("ru", "К 2030 году — 12 тыс. т в год"),
        ("zh", "到2030年,年产1.2万吨"),
    ],
)
def test_a_date_belongs_to_its_figure(language: str, title: str) -> None:
    """ "By 2030" in the sentence of a quantity is kept with it, as is "a year"."""
    (fact,) = read(title, language)

    assert (fact.value, fact.unit, fact.period, fact.date) == (12_000, "t", "yr", "2030")


@pytest.mark.parametrize(
    ("language", "title", "kind", "on"),
    [
        ("en", "Plan due by 1 March 2027", "deadline", "2027-03-01"),
        ("en", "Plan due by December 1", "deadline", "2026-12-01"),
        ("en", "Licences needed from December 1, 2026", "effective", "2026-12-01"),
        ("ru", "Утвердить до 1 марта", "deadline", "2027-03-01"),
        ("ru", "Правила вступают в силу с 1 декабря 2026 года", "effective", "2026-12-01"),
        ("ru", "Построят к концу 2028 года", "deadline", "2028-12-31"),
        ("zh", "新规自2026年12月1日起施行", "effective", "2026-12-01"),
        ("zh", "须在2027年3月1日前批准", "deadline", "2027-03-01"),
        ("zh", "2027年底前建成", "deadline", "2027-12-31"),
    ],
)  # fmt: skip
def test_dates_to_come_are_facts(language: str, title: str, kind: str, on: str) -> None:
    """Deadlines and effective dates are told apart; a day without a year is the next one."""
    assert [(fact.kind, fact.date, fact.unit) for fact in read(title, language)] == [(kind, on, "date")]


@pytest.mark.parametrize(
    "title",
    ["In force since 2014", "Due by 1 March 2020", "Done by October 9", "Until 31 February 2027", "By 2030"],
)
def test_dates_that_are_past_or_do_not_exist_are_none(title: str) -> None:
    """What was due before the item came out is no deadline, nor is a day that no calendar has."""
    at = datetime(2026, 11, 24, tzinfo=UTC) if title != "By 2030" else datetime(2031, 1, 1, tzinfo=UTC)

    assert read(title, at=at) == ()


def test_an_item_without_a_date_keeps_whole_dates_only() -> None:
    """Without the day of publication "by December 1" means nothing, "by 1 March 2027" still does."""
    assert read("Due by December 1", at=None) == ()
    assert [fact.date for fact in read("Due by 1 March 2027", at=None)] == ["2027-03-01"]


def test_counts_are_kept_where_lists_are_the_news() -> None:
    """Vessels, firms and people are counted beside sanctions; a marathon's runners are not."""
    listed = read("欧盟第18轮制裁:14人41家实体、105艘船", "zh")

    assert told(listed) == [("count", 14, "persons"), ("count", 41, "entities"), ("count", 105, "vessels")]
    assert read("共有125人报名马拉松", "zh") == ()
