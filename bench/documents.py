"""Pure. A thousand feeds made up from a fixed seed: RSS, Atom and RDF; English, Russian and Chinese; some damaged.

The words are shuffled: sizes and markup are what matters here. Most are of every day and some of business, which our
concepts know, as in the feeds of general and business news that a team polls. One entry in fifty speaks of rare earths
or sanctions, so that rules, stories and evidence have their share of the work.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from random import Random

SEED = 20_261_123
NEWEST = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
#: Each of these one in a hundred: 4% in all.
DAMAGES = ("windows-1251", "gb18030", "ampersand", "broken off")
#: What most of any feed is made of.
_PLAIN = {
    language: words.split()
    for language, words in {
        "en": """
        morning evening street house family hospital doctor nurse river bridge road train station
        driver passenger weather rain snow storm wind summer winter museum painting concert singer film actor theatre
        library book author reader letter language history church village farmer garden tree forest bird horse dog
        kitchen bread coffee recipe restaurant guest hotel beach island sea ship team player coach match goal
        season league stadium ticket crowd police officer witness lawyer trial fire rescue accident injury
        mayor council vote election party leader speech promise protest university professor study science
        planet telescope computer phone screen camera picture video game child parent mother father brother
        sister friend neighbour wedding birthday holiday journey luggage passport border mountain lake path walk bicycle
        race runner winner medal record young old small large new early late quiet famous local said told asked found
        lost opened began ended moved stayed waited watched played built painted wrote read taught learned helped
        visited remembered forgot because while although before after during again almost never often
    """,
        "ru": """
        утро вечер улица дом семья учитель ученик больница врач медсестра река мост дорога поезд вокзал водитель
        пассажир погода дождь снег буря ветер лето зима музей картина концерт певец фильм актер театр библиотека книга
        писатель читатель письмо язык история храм деревня фермер сад дерево лес птица лошадь собака кухня хлеб кофе
        рецепт ресторан гость гостиница пляж остров море команда игрок тренер гол сезон лига
        стадион билет толпа полиция офицер судья свидетель адвокат тюрьма пожар спасатель авария травма мэр выборы
        партия лидер речь обещание университет профессор наука планета телескоп компьютер программа
        телефон экран камера снимок видео игра ребенок мать отец брат сестра друг сосед свадьба праздник отпуск поездка
        багаж паспорт гора озеро прогулка велосипед гонка бегун победитель медаль молодой старый маленький большой новый
        ранний поздний тихий известный местный сказал нашел потерял открыл начал закончил приехал остался
        ждал смотрел играл построил написал читал учил помог посетил вспомнил забыл потому пока хотя перед
        после снова почти никогда часто
    """,
        "zh": """
        早晨 傍晚 街道 房屋 家庭 老师 医院 医生 护士 河流 大桥 公路 列车 车站 司机 乘客 天气 下雨 下雪 台风 夏天 冬天 博物馆 画作 音乐会 歌手 电影 演员 剧院 图书馆 书籍 作家 读者 信件
        语言 历史 村庄 农民 花园 树木 森林 小鸟 小狗 厨房 面包 咖啡 菜谱 餐厅 客人 酒店 海滩 小岛 大海 球队 球员 教练 比赛 进球 赛季 体育场 门票 人群 警方 法官 证人 律师 火灾 救援 事故
        市长 选举 演讲 承诺 大学 教授 科学 行星 望远镜 电脑 软件 手机 屏幕 相机 照片 视频 游戏 孩子 父母 母亲 父亲 兄弟 姐妹 朋友 邻居 婚礼 生日 假期 旅行 行李 护照 高山 湖泊 散步 自行车 跑步 冠军
        奖牌 年轻 古老 小小 巨大 崭新 安静 著名 当地 表示 询问 发现 丢失 打开 开始 结束 搬家 留下 等待 观看 建造 书写 阅读 学习 帮助 参观 返回 记得 忘记 因为 虽然 之前 之后 期间 再次 几乎
        从不 经常
    """,
    }.items()
}
#: What business news is made of: words of which our concepts know many.
_TRADE = {
    language: words.split()
    for language, words in {
        "en": """
        market price company output plant report minister growth export supply contract quarter demand metal energy
        shares index rise fall agency project deal board region port cargo trade tariff budget court forecast data week
        month investors producer record capacity steel copper grain oil gas power grid bank rate fund review
    """,
        "ru": """
        рынок цена компания выпуск завод отчет министр рост экспорт поставка контракт квартал спрос металл энергия акции
        индекс снижение агентство проект сделка совет регион порт груз торговля пошлина бюджет суд прогноз данные неделя
        месяц инвесторы производитель рекорд мощность сталь медь зерно нефть газ сеть банк ставка
    """,
        "zh": """
        市场 价格 公司 产量 工厂 报告 部长 增长 出口 供应 合同 季度 需求 金属 能源 股票 指数 上涨 下跌 机构 项目 协议 董事会 地区 港口 货物 贸易 关税 预算 法院 预测 数据 本周 本月 投资者 生产商
        纪录 产能 钢铁 铜 粮食 石油 天然气 电网 银行 利率 基金 审查
    """,
    }.items()
}
#: Of all words, those of trade: entries then meet as many of our concepts as recorded feeds of general news do (none in
#: two of five, one in one of four).
_TRADE_SHARE = 0.015
_TOPICAL = {
    "en": ("rare earth", "export controls on rare earths", "sanctions against Russia", "Tomtor deposit"),
    "ru": (
        "редкоземельные металлы",
        "санкции против России",
        "Томторское месторождение",
        "экспортный контроль",
    ),
    "zh": ("稀土", "稀土出口管制", "氧化镨钕价格", "对俄罗斯的制裁"),
}


@dataclass(frozen=True, kw_only=True)
class Feed:
    """One feed in three states."""

    name: str
    language: str
    damage: str
    #: "base", "tick" (one to three more entries, or the same) and "churn" (as tick, made at another time).
    bodies: Mapping[str, bytes]
    #: Titles as they stand in the state, newest first, for "base" and "tick".
    titles: Mapping[str, tuple[str, ...]]


def make_feed(number: int) -> Feed:
    """The feed of this number; always the same."""
    random = Random(SEED + number)
    kind = ("rss", "rss", "atom", "rdf")[number % 4]
    damage = DAMAGES[number % 100 // 25] if number % 25 == 7 else ""
    language = {"windows-1251": "ru", "gb18030": "zh"}.get(damage) or ("en", "ru", "zh")[number % 3]
    count = random.randint(20, 50)
    fresh = random.randint(1, 3) if number % 10 == 3 else 0
    entries = [_entry(random, number, n, language, kind) for n in range(count + fresh)][::-1]
    states = {"base": (entries[fresh:], "08:00"), "tick": (entries, "08:10"), "churn": (entries, "08:20")}
    if not fresh:
        states["tick"] = states["base"]
    bodies = {
        state: _bytes(_document(kind, number, [markup for _, markup in chosen], made), damage)
        for state, (chosen, made) in states.items()
    }
    titles = {state: tuple(title for title, _ in chosen) for state, (chosen, _) in states.items()}
    return Feed(name=f"f{number}", language=language, damage=damage, bodies=bodies, titles=titles)


def _entry(random: Random, feed: int, number: int, language: str, kind: str) -> tuple[str, str]:
    """Title and markup of one entry."""
    topical = random.random() < 0.02

    def prose(least: int, most: int) -> str:
        words = [
            random.choice(_TRADE[language] if random.random() < _TRADE_SHARE else _PLAIN[language])
            for _ in range(random.randint(least, most))
        ]
        if topical:
            words.insert(random.randrange(len(words)), random.choice(_TOPICAL[language]))
        return ("" if language == "zh" else " ").join(words)

    title = f"{prose(5, 11).capitalize()} {feed}-{number}"
    link = f"https://f{feed}.example/news/{number}/{random.randrange(10**8)}?a=1&utm_source=rss"
    at = NEWEST - timedelta(minutes=37 * (60 - number))
    lead = f"<p>{prose(15, 40)}.</p>"
    paragraphs = (
        f'<p>{prose(30, 60)} <a href="/tag/{random.randrange(99)}">{prose(1, 2)}</a>, <b>{prose(1, 3)}</b>.</p>'
        for _ in range(random.randint(1, 6))
    )
    body = f'<img src="https://f{feed}.example/i/{number}.jpg" alt=""/>' + "".join(paragraphs)
    if kind == "atom":
        return title, (
            f"<entry><id>tag:f{feed}.example,2026:{number}</id><title>{title}</title>"
            f'<link rel="alternate" href="{escape(link)}"/><updated>{at.isoformat()}</updated>'
            f'<author><name>{prose(1, 2)}</name></author><summary type="html">{escape(lead)}</summary>'
            f'<content type="html">{escape(body)}</content></entry>\n'
        )
    if kind == "rdf":
        return title, (
            f'<item rdf:about="{escape(link)}"><title>{title}</title><link>{escape(link)}</link>'
            f"<description>{escape(lead + body)}</description><dc:date>{at.isoformat()}</dc:date></item>\n"
        )
    return title, (
        f"<item><title>{title}</title><link>{escape(link)}</link><guid isPermaLink='false'>{feed}:{number}</guid>"
        f"<pubDate>{format_datetime(at)}</pubDate><category>{prose(1, 1)}</category>"
        f"<description><![CDATA[{lead}]]></description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>\n"
    )


def _document(kind: str, number: int, entries: list[str], made: str) -> str:
    inner = "".join(entries)
    if kind == "atom":
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
            f"<title>Feed {number}</title><id>tag:f{number}.example,2026:feed</id>"
            f"<updated>2026-11-23T{made}:00Z</updated>\n{inner}</feed>"
        )
    if kind == "rdf":
        return (
            '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/" '
            'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f'<channel rdf:about="https://f{number}.example/"><title>Feed {number}</title>'
            f"<dc:date>2026-11-23T{made}:00Z</dc:date></channel>\n{inner}</rdf:RDF>"
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Feed {number}</title><link>https://f{number}.example/</link><description/>"
        f"<lastBuildDate>Mon, 23 Nov 2026 {made}:00 GMT</lastBuildDate>\n{inner}</channel></rss>"
    )


def _bytes(text: str, damage: str) -> bytes:
    match damage:
        case "windows-1251" | "gb18030":
            return text.replace('encoding="utf-8"', f'encoding="{damage}"').encode(damage)
        case "ampersand":
            # In a title outside CDATA, in the oldest entry but one.
            head, mark, tail = text.rpartition("<title>")
            return f"{head}{mark}R&D: {tail}".encode()
        case "broken off":
            # In the oldest entry.
            return text[: text.rindex("<title>") + 20].encode()
    return text.encode()
