"""Facts written out as news in each language writes them, and read back."""

from datetime import UTC, date, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.analyse.facts import extract
from bot.analyse.subjects import Subjects
from bot.analyse.terms import Matcher
from bot.configured import Concept
from bot.facts import Fact
from bot.model import Item

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CONCEPTS = (
    Concept(id="dysprosium", en=("dysprosium",), ru=("диспроз*",), zh=("镝",), gloss="dysprosium"),
    Concept(id="terbium", en=("terbium",), ru=("терби*",), zh=("铽",), gloss="terbium"),
)
MATCHER = Matcher(CONCEPTS)
SUBJECTS = Subjects.of(CONCEPTS, ("dysprosium", "terbium"), ())
NAMES = {
    "dysprosium": {"en": "Dysprosium oxide", "ru": "Оксид диспрозия", "zh": "氧化镝"},
    "terbium": {"en": "Terbium oxide", "ru": "Оксид тербия", "zh": "氧化铽"},
}
LANGUAGES = st.sampled_from(["en", "ru", "zh"])
CURRENCIES = {
    "CNY": {"en": ("yuan", "RMB"), "ru": ("юаней", "юаней"), "zh": ("元", "元")},
    "USD": {"en": ("dollars", "$"), "ru": ("долларов", "долл."), "zh": ("美元", "美元")},
    "EUR": {"en": ("euros", "€"), "ru": ("евро", "евро"), "zh": ("欧元", "欧元")},
    "RUB": {"en": ("roubles", "₽"), "ru": ("рублей", "руб."), "zh": ("卢布", "卢布")},
}
MAGNITUDES = {
    "en": {"": 1, " thousand": 1e3, " million": 1e6, " bn": 1e9},
    "ru": {"": 1, " тыс.": 1e3, " млн": 1e6, " млрд": 1e9},
    "zh": {"": 1, "万": 1e4, "亿": 1e8, "百万": 1e6},
}


def read(title: str, language: str) -> tuple[Fact, ...]:
    """The facts of a headline."""
    item = Item(key="k", source_id="s", title=title, language=language, published_at=NOW, first_seen_at=NOW)
    return extract(item, {"title": MATCHER.find(title).in_order()}, SUBJECTS)


def written(value: float, language: str) -> str:
    """A number with the separators of the language."""
    plain = f"{value:,.2f}".rstrip("0").rstrip(".")
    if language == "ru":
        return plain.replace(",", " ").replace(".", ",")
    return plain


AMOUNTS = st.one_of(
    st.integers(1, 999_999).map(float),
    st.integers(101, 99_999).map(lambda cents: cents / 100),
)


@given(
    value=AMOUNTS,
    language=LANGUAGES,
    currency=st.sampled_from(sorted(CURRENCIES)),
    per=st.sampled_from(["t", "kg"]),
    subject=st.sampled_from(sorted(NAMES)),
    style=st.integers(0, 1),
    data=st.data(),
)
@settings(max_examples=150, deadline=None)
def test_a_price_comes_back(
    value: float, language: str, currency: str, per: str, subject: str, style: int, data: st.DataObject
) -> None:
    """Value, magnitude, currency, unit of goods and material of a price survive each language's way to write them."""
    magnitude, factor = data.draw(st.sampled_from(sorted(MAGNITUDES[language].items())))
    word = CURRENCIES[currency][language][style]
    units = {
        "en": {"t": (" per tonne", "/t"), "kg": (" a kilo", "/kg")},
        "ru": {"t": (" за тонну", "/т"), "kg": (" за килограмм", "/кг")},
        "zh": {"t": ("/吨", "一吨"), "kg": ("/公斤", "一公斤")},
    }[language][per]
    if language == "en" and style == 1:
        sum_ = f"{word}{' ' if word.isalpha() else ''}{written(value, language)}{magnitude}"
    else:
        sum_ = f"{written(value, language)}{magnitude}{'' if language == 'zh' else ' '}{word}"
    copula = {"en": " costs ", "ru": " стоит ", "zh": "报价"}[language]
    title = f"{NAMES[subject][language]}{copula}{sum_}{units[style]}"

    (fact,) = read(title, language)

    assert (fact.kind, fact.currency, fact.per, fact.subject) == ("price", currency, per, subject)
    assert fact.value == float(f"{value * factor:.12g}")
    assert fact.assumed == ()
    assert title[fact.start : fact.end].startswith(sum_[:1])


@given(low=st.integers(20, 500), more=st.integers(1, 400), language=LANGUAGES)
@settings(max_examples=80, deadline=None)
def test_a_range_of_mass_comes_back(low: int, more: int, language: str) -> None:
    """Both ends of a range share the magnitude and the unit."""
    title = {
        "en": f"Output of {low}-{low + more} thousand tonnes a year",
        "ru": f"Добыча {low}–{low + more} тыс. т в год",
        "zh": f"年产量{low}-{low + more}万吨",
    }[language]
    scale = 10_000 if language == "zh" else 1_000

    (fact,) = read(title, language)

    assert (fact.kind, fact.unit, fact.period) == ("output", "t", "yr")
    assert (fact.value, fact.value_to) == (low * scale, (low + more) * scale)


@given(percent=st.integers(1, 9_999).map(lambda tenths: tenths / 10), falls=st.booleans(), language=LANGUAGES)
@settings(max_examples=80, deadline=None)
def test_a_change_comes_back(percent: float, falls: bool, language: str) -> None:
    """The share and its direction survive."""
    number = written(percent, language)
    title = {
        "en": f"Exports {'fell' if falls else 'rose'} by {number}%",
        "ru": f"Экспорт {'сократился' if falls else 'вырос'} на {number}%",
        "zh": f"出口{'下降' if falls else '增长'}{number}%",
    }[language]

    (fact,) = read(title, language)

    assert (fact.kind, fact.unit, fact.value) == ("change", "%", -percent if falls else percent)


RUSSIAN = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
]
ENGLISH = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


@given(on=st.dates(date(2026, 12, 1), date(2049, 12, 31)), language=LANGUAGES, is_deadline=st.booleans())
@settings(max_examples=120, deadline=None)
def test_a_date_comes_back(on: date, language: str, is_deadline: bool) -> None:
    """Deadlines and effective dates survive to the day."""
    title = {
        "en": f"The rules {'must be ready by' if is_deadline else 'apply from'} {on.day} {ENGLISH[on.month - 1]} {on.year}",
        "ru": f"Правила {'нужно утвердить до' if is_deadline else 'действуют с'} {on.day} {RUSSIAN[on.month - 1]} {on.year} года",
        "zh": f"新规{'须在' if is_deadline else '自'}{on.year}年{on.month}月{on.day}日{'前批准' if is_deadline else '起施行'}",
    }[language]

    (fact,) = read(title, language)

    assert (fact.kind, fact.date) == ("deadline" if is_deadline else "effective", on.isoformat())
