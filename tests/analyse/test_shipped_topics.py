"""The topics that we ship: what they catch, what they leave alone, and how well they do on the labelled items."""

import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import config
from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.errors import ConfigError
from bot.lab.evaluate import Scorecard, evaluate
from bot.lab.examples import read_labelled
from bot.model import Item

ROOT = Path(__file__).parent.parent.parent
RULEBOOK = Rulebook.compile(*config.load_rules(ROOT / "config"))


def topics(title: str, summary: str = "", rulebook: Rulebook = RULEBOOK) -> set[str]:
    """The sure topics of a headline."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    made = Item(key="k", source_id="s", title=title, summary=summary, first_seen_at=seen)
    return {label.topic_id for label in classify(made, rulebook).labels if label.sure}


@pytest.mark.parametrize(
    "title",
    [
        "Drilling resumes at Tomtor",
        "На Томторе возобновили бурение",
        "托姆托尔恢复钻探",
        "托姆托爾恢復鑽探",
        "Russia plans a tax break for rare earth mines",
        "Минпромторг обещает субсидии производителям редкоземельных металлов",
        "俄罗斯将补贴稀土企业",
    ],
)
def test_russian_rare_earths_in_three_languages(title: str) -> None:
    """Deposits by name, and Russian policy on rare earths."""
    assert topics(title) == {"russia-ree"}


@pytest.mark.parametrize(
    "title",
    [
        "EU adopts 19th sanctions package against Russia",
        "ЕС принял 19-й пакет санкций против России",
        "欧盟通过第19轮对俄制裁",
        "歐盟通過第19輪對俄制裁",
        "China suspends export licences for gallium",
        "Китай ввёл экспортный контроль на сурьму",
        "商务部对稀土磁体实施出口管制",
        "OFAC removes Russian bank from its blacklist",
    ],
)
def test_sanctions_and_controls_in_three_languages(title: str) -> None:
    """Russia's sanctions, and anyone's controls on critical minerals."""
    assert topics(title) == {"sanctions"}


@pytest.mark.parametrize(
    "title",
    [
        "NdPr oxide price climbs to 560,000 yuan a tonne",
        "Цены на оксид неодима в Китае выросли на 3%",
        "氧化镨钕价格上涨至56万元/吨",
        "氧化鐠釹價格上漲",
        "China raises rare earth mining quota",
        "Китай увеличил квоту на добычу редкоземельных металлов",
        "工信部下达第二批稀土开采总量控制指标",
    ],
)
def test_chinese_prices_in_three_languages(title: str) -> None:
    """Prices of rare earths, and quotas."""
    assert topics(title) == {"china-pricing"}


@pytest.mark.parametrize(
    "title",
    [
        "Rare Earth to play Detroit: the Motown rock band is back",
        "A rare Earth-like planet around a red dwarf",
        "Yttrium barium copper oxide superconductor sets record",
        "Steel plan sanctioned by the council",
        "University sanctions student over exam",
        "Russian skater banned for doping",
        "US sanctions Iranian oil tankers",
        "США ввели санкции против Ирана",
        "美国制裁伊朗石油公司",
        "Фигуристку дисквалифицировали за допинг",
        "俄花滑选手因兴奋剂被禁赛",
        "Магнитогорский комбинат увеличил выпуск стали",
        "Скандинавия готовится к зиме",
        "Цены на свинину в Китае снизились",
        "碳酸锂价格跌破7万元",
        "国内猪肉价格上涨",
        "俄亥俄州举行选举",
        "Rosatom pours first concrete for Turkish reactor",
        "«Роснефть» увеличила добычу газа",
        "Alrosa finds large diamond in Yakutia",
        "Lynas opens processing plant in Kalgoorlie",
        "В Осло нашли месторождение редкоземельных металлов",
        "瑞典发现稀土矿",
        "Neodymium laser cuts kidney stones",
    ],
)
def test_look_alikes_stay_quiet(title: str) -> None:
    """Other senses of our words, other countries' sanctions and rare earths, other prices."""
    assert topics(title) == set()


def test_prices_that_recall_the_controls_are_about_prices() -> None:
    """A price report whose text mentions export controls carries the price topic only."""
    found = topics(
        "Dysprosium price doubles in Rotterdam", "China put dysprosium under export control in April."
    )

    assert found == {"china-pricing"}


@pytest.mark.parametrize(
    ("title", "names"),
    [
        ("На Ловозере добыли рекордный объём редкоземельной руды", {"Lovozero"}),
        ("Росатом построит завод магнитов в Глазове", {"Rosatom"}),
        ("北方稀土上调氧化镨钕挂牌价", {"Northern Rare Earth"}),
        ("欧盟法院将乌斯马诺夫移出制裁名单", {"Usmanov"}),
    ],
)
def test_glosses_name_the_thing_itself(title: str, names: set[str]) -> None:
    """A deposit, a company, a magnate is named in English, not described as one of a group."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    made = Item(key="k", source_id="s", title=title, first_seen_at=seen)
    labels = classify(made, RULEBOOK).labels

    assert names <= {piece.gloss for label in labels for piece in label.evidence}


@pytest.fixture(scope="module")
def dev() -> Scorecard:
    return evaluate(read_labelled(sorted((ROOT / "seeds/labelled").glob("news-dev-*.jsonl"))), RULEBOOK)


def test_the_dev_items_are_labelled_well(dev: Scorecard) -> None:
    """Macro F1 of 0.75 and precision of 0.85 is the least we ship; the rules stand well above."""
    assert dev.items == 240
    assert dev.macro_f1() >= 0.85
    assert dev.total().precision >= 0.9


def test_no_language_is_left_behind(dev: Scorecard) -> None:
    """The three languages lie within eight points of macro F1."""
    scores = [dev.macro_f1(language) for language in dev.languages]

    assert dev.languages == ("en", "ru", "zh")
    assert max(scores) - min(scores) <= 0.08


def test_every_concept_is_used_and_says_what_it_is() -> None:
    """No dead concepts; each has a gloss, and terms in all three languages or members."""
    shipped_topics, concepts = config.load_rules(ROOT / "config")
    used = {name for name, bits in RULEBOOK.bits.items() if bits}

    assert {concept.id for concept in concepts} == used
    assert [concept.id for concept in concepts if not concept.gloss] == []
    assert [
        concept.id
        for concept in concepts
        if not concept.includes and not (concept.en and concept.ru and concept.zh)
    ] == []
    assert len(shipped_topics) == 3


def test_rules_are_fast_enough_for_a_backlog() -> None:
    """Thousands of items a second; the bound is far below what was measured (7,000), for slow machines."""
    items = [row.item for row in read_labelled([ROOT / "seeds/labelled/news-dev-en.jsonl"])]
    for made in items:  # terms compile when they are first met
        classify(made, RULEBOOK)
    started = time.process_time()
    for made in items:
        classify(made, RULEBOOK)

    assert len(items) / (time.process_time() - started) > 1000


def test_a_long_text_takes_no_longer_than_its_length() -> None:
    """Twenty thousand characters of names repeated are judged in well under a second."""
    seen = datetime(2026, 11, 23, tzinfo=UTC)
    for text in ("Russia US " * 2000, "цен " * 5000 + "неодим", "俄美稀土价格许可" * 2500):
        made = Item(key="k", source_id="s", title="x", text=text, first_seen_at=seen)
        started = time.process_time()
        classify(made, RULEBOOK)

        assert time.process_time() - started < 1


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped rules to change."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    return tmp_path / "config"


def test_a_topic_is_added_by_files_alone(folder: Path) -> None:
    """A fourth topic needs one file, and may bring concepts of its own."""
    (folder / "concepts" / "mine.toml").write_text(
        '[helium-three]\ngloss = "helium-3"\nen = ["helium-3"]\nru = ["гели*-3"]\nzh = ["氦-3"]\n',
        encoding="utf-8",
    )
    (folder / "topics" / "helium.toml").write_text(
        'name = "Helium"\n[[rule]]\nid = "named"\nweight = 0.9\nwhy = "names helium-3"\nany = ["helium-three"]\n'
    )
    rulebook = Rulebook.compile(*config.load_rules(folder))

    assert topics("Добыча гелия-3 на Луне", rulebook=rulebook) == {"helium"}
    assert topics("月球氦-3开采", rulebook=rulebook) == {"helium"}


@pytest.mark.parametrize(
    ("concept", "complaint"),
    [
        ('[x]\ngloss = "x"\n', "x: has no terms"),
        ('[x]\nen = ["a*b"]\n', 'x.en: "a*b": expected * at the end of a word only'),
        ('[x]\nru = ["ре*"]\n', 'x.ru: "ре*": expected at least 3 letters before *'),
        ('[x]\nen = ["..."]\n', 'x.en: "..." holds no letter'),
        ('[x]\nzh = ["tin"]\n', 'x.zh: "tin": expected a Chinese character'),
        ('[x]\nru = ["锡"]\n', 'x.ru: "锡": expected no Chinese character'),
        ('[x]\nincludes = ["nowhere"]\n', 'x.includes: unknown concept "nowhere"'),
        ('[x]\nen = "tin"\n', "x.en: "),
        ('[x]\nterms = ["tin"]\n', "x.terms: unknown key"),
    ],
)
def test_a_wrong_concept_is_named_with_file_and_key(folder: Path, concept: str, complaint: str) -> None:
    """Every problem says where it is and what was expected."""
    (folder / "concepts" / "mine.toml").write_text(concept, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        config.load_rules(folder)

    assert f"mine.toml: {complaint}" in str(caught.value)


@pytest.mark.parametrize(
    ("condition", "complaint"),
    [
        ('title = ["nowhere"]', 'rule[r].title: unknown concept "nowhere"'),
        ('all = ["china|nowhere"]', 'rule[r].all: unknown concept "nowhere"'),
        ('all = ["china"]\nnot_title = ["nowhere"]', 'rule[r].not_title: unknown concept "nowhere"'),
        ('not = ["china"]', "rule[r]: has no condition"),
        ('when = ["china"]', "when: unknown key"),
    ],
)
def test_a_wrong_rule_is_named_with_file_and_key(folder: Path, condition: str, complaint: str) -> None:
    """A rule's conditions are checked against the concepts."""
    (folder / "topics" / "mine.toml").write_text(
        f'name = "Mine"\n[[rule]]\nid = "r"\nweight = 0.9\nwhy = "w"\n{condition}\n'
    )

    with pytest.raises(ConfigError) as caught:
        config.load_rules(folder)

    assert complaint in str(caught.value)
