"""Background clauses: what only recalls a topic does not label an item, what reports it does."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import config
from bot.analyse.background import background
from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.analyse.folding import fold
from bot.lab.examples import Labelled, read_labelled

ROOT = Path(__file__).parent.parent.parent
ROWS = read_labelled([Path(__file__).parent / "background.jsonl"])
RECALLED = tuple(row for row in ROWS if not row.topics)
TOLD = tuple(row for row in ROWS if row.topics)


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The rules that we ship."""
    return Rulebook.compile(*config.load_rules(ROOT / "config"))


def sure(row: Labelled, rulebook: Rulebook) -> frozenset[str]:
    """The sure topics of a row."""
    return frozenset(label.topic_id for label in classify(row.item, rulebook).labels if label.sure)


def recalled(text: str, *, is_title: bool = False) -> list[str]:
    """The background parts of a text of 2026."""
    folded = fold(text).text
    return [folded[start:end].strip(" ,") for start, end in background(folded, is_title=is_title, year=2026)]


def test_the_set_is_large_and_even() -> None:
    """Twenty recalling items or more in each language, and ten that report."""
    for language in ("en", "ru", "zh"):
        assert sum(row.item.language == language for row in RECALLED) >= 20
        assert sum(row.item.language == language for row in TOLD) >= 10


def test_fewer_than_one_in_ten_is_labelled_by_its_background(rulebook: Rulebook) -> None:
    """In each language, too: one recalled topic in ten may still slip through."""
    for language in ("en", "ru", "zh"):
        rows = [row for row in RECALLED if row.item.language == language]
        false = [row.id for row in rows if sure(row, rulebook)]

        assert len(false) < 0.1 * len(rows), false


def test_background_takes_nothing_from_what_the_item_reports(rulebook: Rulebook) -> None:
    """Items that report one topic and recall another carry the reported one alone."""
    assert [row.id for row in TOLD if sure(row, rulebook) != row.topics] == []


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("China, which controls 80% of output, said no.", "which controls 80% of output"),
        ("The bank, sanctioned since 2022, grew.", "sanctioned since 2022"),
        ("Profit rose despite western sanctions.", "despite western sanctions"),
        ("It grew. Earlier, China cut quotas.", "earlier, china cut quotas"),
        ("It grew. In 2022 the EU froze assets.", "in 2022 the eu froze assets"),
        ("Банк, находящийся под санкциями, вырос.", "находящийся под санкциями"),
        ("Прибыль выросла на фоне западных санкций.", "на фоне западных санкций"),
        ("Рынок, цена которого удвоилась, замер.", "цена которого удвоилась"),
        ("Дела идут. Напомним, ЕС ввел санкции.", "напомним, ес ввел санкции"),
        ("После введения санкций завод встал.", "после введения санкций завод встал"),
        ("电机来自占全球产量八成的中国,已组装。", "占全球产量八成的中国"),
        ("利润增长。此前,欧盟实施制裁。", "此前,欧盟实施制裁"),
        ("在西方制裁背景下,利润增长。", "在西方制裁背景下"),
        ("An owner is a Russian under British sanctions.", "is a russian under british sanctions"),
        ("Среди клиентов россиянин под санкциями.", "под санкциями"),
        ("当地以洛沃泽罗的矿山闻名。", "以洛沃泽罗的矿山闻名"),
        ("Фирма давно жалуется на цены.", "давно жалуется на цены"),
        ("自2014年受到制裁以来,公司自行培训。", "自2014年受到制裁以来"),
        ("It sells magnets. China makes 90% of the world's magnets.", "makes 90% of the world's magnets"),
        ("The firm (sanctioned in 2022) grew.", "(sanctioned in 2022)"),
        ("Flights are longer because of western sanctions.", "because of western sanctions"),
        ("Китай добывает около 70% мировых редких земель.", "добывает около 70% мировых редких земель"),
        ("Подсанкционный банк открыл отделение.", "подсанкционный"),
        ("中国供应全球九成磁体,价格不变。", "供应全球九成磁体"),
        ("该行仍在制裁名单上。", "仍在制裁名单上"),
    ],
)
def test_each_form_of_recalling_is_known(text: str, clause: str) -> None:
    """Relative and participial clauses, circumstances, looking back and Chinese attributes."""
    assert clause in recalled(text)


@pytest.mark.parametrize(
    "text",
    [
        "Lukoil sells its assets amid new sanctions",
        "Лукойл продаёт активы на фоне новых санкций",
        "在新制裁背景下卢克石油出售资产",
        "The EU puts a bank under sanctions",
        "Банк попал под санкции ЕС.",
        "China cut its quota, traders said.",
        "Russia mined 2,500 tonnes in 2025.",
        "Китай, Россия и Индия договорились о поставках.",
        "中国上调配额,同比增长5%。",
        "价格较去年上涨两成。",
        "The EU sanctioned a bank.",
    ],
)
def test_news_is_not_taken_for_background(text: str) -> None:
    """New measures, last year's figures, and commas that only list."""
    assert recalled(text) == []


def test_a_headline_recalls_only_by_circumstance() -> None:
    """A title has no room for asides: its commas do not open any, its "despite sanctions" counts."""
    assert recalled("Rosneft, which is sanctioned, sues", is_title=True) == []
    assert recalled("Profit up despite sanctions", is_title=True) == ["despite sanctions"]


@pytest.mark.parametrize(
    "unit",
    [
        ", which ",
        "since 2014 ",
        "曾",
        "占全球",
        "после введения ",
        "在制裁",
        ", цена которой ",
        "a ",
        "虽制裁",
    ],
)
def test_long_texts_are_read_in_time(unit: str) -> None:
    """A hundred thousand characters without any full stop take well under a second or two, whatever they repeat."""
    text = (unit * 100_000)[:100_000]
    started = time.process_time()

    background(text, is_title=False, year=2026)

    assert time.process_time() - started < 3


pieces = st.sampled_from(
    [", which ", "Earlier ", ". ", "。", "此前", "曾", "in 2014", "的", "占全球", ", где ", "\n", ", "]
)


@settings(max_examples=80, deadline=None)
@given(st.lists(pieces | st.text(max_size=4), max_size=15).map("".join), st.booleans())
def test_spans_lie_in_the_text_in_order(text: str, is_title: bool) -> None:
    """For any text: no span is empty, leaves the text, or comes before an earlier one."""
    spans = background(text, is_title=is_title, year=2026)

    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert list(spans) == sorted(spans)
