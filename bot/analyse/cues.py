"""Pure. The words around a figure that say what it is: kind, direction, older level; where clauses and sentences end.

Tables in three languages over folded text (folding.py). A cue counts by nearness: see facts.py.
"""

import re
from bisect import bisect_left

from ahocorasick_rs import AhoCorasick

from bot.facts import FactKind

#: Kind -> words. Stems have a star; Chinese ones match anywhere.
_KIND_WORDS: tuple[tuple[FactKind, str], ...] = (
    (
        "quota",
        "quota* ceiling limit limits control_ind* separation_ind* cap capped caps allotment* allowance* квот* лимит* отпущен* годовой_план* 指标 配额 总量控制 封顶 额度 上限",
    ),
    (
        "reserves",
        "reserve reserves resource resources deposit* estimate hold holds in_the_ground запас* ресурс* залеж* балансе недрах насчитал* гкз 储量 资源量 资源 矿石",
    ),
    (
        "capacity",
        "capacity throughput handle handles treat мощност* перерабатыва* установк* 产能 处理 装置",
    ),
    ("export", "export* cargo* sales_abroad ports shipment* shipped экспорт* вывоз* отгруз* 出口 卖了"),
    ("import", "import imports imported импорт* ввоз* ввез* 进口"),
    ("demand", "demand consum* needs use uses потребл* спрос* потребност* 需求 消费 消费量 只用"),
    (
        "stock",
        "stock stocks stockpil* warehouse inventor* резерв* складе складах 收储 商储 库存 仓库 存 入库",
    ),
    (
        "output",
        "output produc* production mined mine yield turn* reach reaches processed extract* target goal добы* выпус* производ* выработ* выйдет выйти извлек* 产量 采量 年产 产 开采 生产 产出",
    ),
    (
        "investment",
        "invest* behind cost costs capex spend spends вложи* вложен* инвест* стоимост* обойд* 投资 斥资 耗资 砸",
    ),
    ("revenue", "revenue* sales turnover выручк* реализац* 营收 营业收入 收入"),
    ("profit", "profit* earn* ebitda income прибыл* заработ* 净利 净利润 利润 利潤 赚"),
    ("loss", "loss losses lost убыт* минус потер* 亏损 净亏损 亏"),
    ("contract", "contract* контракт* допсоглашен* сделк* договор* 合同"),
    ("stake", "stake* equity shares interest акци* пакет* 股权 股份"),
    (
        "rate",
        "tariff* duty duties tax* levy royalty ставк* пошлин* ндпи налог* 关税 税率 税 加征 课",
    ),
    ("index", "index indices индекс* 指数"),
    (
        "price",
        "price* quot* cost costs fetch* sells sell floor цен* стоит стоят котир* прайс* 价 报价 价格 挂牌 均价 定价 报 市场",
    ),
)


def _looked_for() -> tuple[list[str], list[tuple[FactKind, bool, bool]]]:
    """Words, and for each: its kind, whether it begins at a border, whether it ends at one."""
    words: list[str] = []
    meanings: list[tuple[FactKind, bool, bool]] = []
    for kind, written in _KIND_WORDS:
        for word in written.split():
            is_han = "\u3400" <= word[0] <= "\u9fff"
            words.append(word.rstrip("*").replace("_", " "))
            meanings.append((kind, not is_han, not is_han and not word.endswith("*")))
    return words, meanings


_LOOKED_FOR, _MEANINGS = _looked_for()
# A regular expression of all these words took half the time of reading facts; the automaton takes a fiftieth.
_KINDS = AhoCorasick(_LOOKED_FOR)

_UP = (
    r"\b(?:(?<!make )(?<!makes )(?<!made )up(?! to\b)|claws? back|regain(?:s|ed)|ros[et]|rise[sn]?|rising|gain(?:s|ed|ing)?|climb(?:s|ed|ing)?|jump(?:s|ed)?|gr[eo]w(?:s|n|ing|th)?|increas(?:e|es|ed|ing)|"
    r"surg(?:e|es|ed|ing)|soar(?:s|ed|ing)?|leap(?:s|t|ed)?|lift(?:s|ed)?|rais(?:e|es|ed|ing)|add(?:s|ed)|advanced?|higher|hike[sd]?|ticked up|more|above)\b"
    r"|\b(?:вырос|выраст|раст[еу]|рост(?:а|у|ом|е)?\b|возрос|подорожа|дорожа|увелич|прибав|прирос|поднял|поднима|подним|взлет|подскоч|подпрыг|скакну|прыгн|"
    r"больше\b|выше\b|дороже\b|плюс\b|удорож|наращ|нараст|повыс|повыш|набра)[а-я]*"
    r"|上涨|涨|上升|升|增长|增加|大增|增|上调|提高|多|跳|高于|高|超过|提(?![出供到交醒前高升案议名])"
)
_DOWN = (
    r"\b(?:down|fell|fall(?:s|en|ing)?|drop(?:s|ped|ping)?|declin(?:e|es|ed|ing)|slid(?:e|es)?|slip(?:s|ped|ping)?|los[et]s?|cut(?:s|ting)?|shed(?:s)?|"
    r"s[aiu]nk(?:s|ing)?|plung(?:e|es|ed)|lower(?:ed)?|shr[aiu]nk|slump(?:s|ed)?|eas(?:e|ed|es)|dip(?:s|ped)?|tumbled?|less|below|cheaper|reduc(?:e|es|ed)|minus|off)\b"
    r"|\b(?:упал|упад|пада|сниз|сниж|подешев|дешев|сократ|сокращ|потеря|теря|рухн|просе|меньше\b|ниже\b|легче\b|минус\b|опусти|уменьш|убав|сполз|уступи)[а-я]*"
    r"|下跌|下降|跌|降|减少|减|下滑|下调|低于|低|少|缩|下挫|回落"
)
_DIRECTION = re.compile(f"(?P<up>{_UP})|(?P<down>{_DOWN})")
#: Right behind a percentage or sum: "a 27% rise", "12% higher", "на 20% дороже".
_DIRECTION_BEHIND = re.compile(
    r"[ -]?(?:(?!or |или )[a-zа-я]+ )?(?:(?P<up>rise|increase|gain|jump|growth|hike|surge|leap|higher|more|above|dearer|better|рост|больше|выше|дороже|прирост|mark-?up)"
    r"|(?P<down>drop|fall|decline|cut|slump|discount|lower|less|below|cheaper|down|меньше|ниже|дешевле|легче|хуже))(?![a-zа-я])"
)
#: Between a direction word and a level: "rose to", "вырос до", "升至".
_LEVEL = re.compile(
    r"\b(?:to|at|reach(?:es|ed|ing)?|hit(?:s)?|past|until|towards|stand(?:s)?|stood)\b|\b(?:до|достиг[а-я]*|состав[а-я]*|вернул[а-я]*|к)\b|[至到达为报]|突破|破(?!产)|仅"
)

#: Right before an older figure.
_OLDER_BEFORE = re.compile(
    r"(?:\b(?:from|against|versus|vs[.]?|compared (?:with|to)|instead of|was|previously|up from|down from)|\b(?:против|вместо|с|со|было|была)"
    r"|从|由|上季度?|前一季(?:度)?是?|上月|去年(?:同期)?|此前|原来|上年(?:同期)?)(?: (?:about|around|some|just|only|nearly|около|примерно))? ?[约为是]?$"
)
_OLDER_BEHIND = re.compile(
    r"[^.,;。!?\n]{0,12}\b(?:(?:a|one) (?:week|month|quarter|year) (?:before|ago|earlier)|a year-earlier|(?:год(?:ом)?|кварталом|месяцем|неделей) (?:ранее|назад|раньше))"
)

#: Clause and sentence borders. A comma between digits belongs to a number; full stops end no abbreviation.
_DOT = r"(?<!\bруб)(?<!\bтыс)(?<!\bмлн)(?<!\bмлрд)(?<!\bдолл)(?<!\bno)(?<!\.[a-zа-я])\.(?=\s|$)"
_BORDERS = re.compile(rf"(?P<sentence>[;!?。\n]|{_DOT})|(?<!\d),|,(?!\d)|、")

Span = tuple[int, int]
#: (start, end, kind) of a word that names a kind.
Cue = tuple[int, int, FactKind]


def kinds(text: str) -> list[Cue]:
    """Every kind word of a text, by place."""
    found: list[Cue] = []
    for number, start, end in _KINDS.find_matches_as_indexes(text, overlapping=True):
        kind, opens, closes = _MEANINGS[number]
        if opens and start and _is_letter(text[start - 1]):
            continue
        if kind == "output" and text.startswith("能", end):
            continue  # 产能 is capacity
        if closes and end < len(text) and _is_letter(text[end]):
            continue
        found.append((start, end, kind))
    return found


def _is_letter(char: str) -> bool:
    return "a" <= char <= "z" or "а" <= char <= "я"


def bounds(text: str) -> tuple[list[int], list[int]]:
    """Where clauses and where sentences end."""
    borders = [(match.start(), match.lastgroup) for match in _BORDERS.finditer(text)]
    return [place for place, _ in borders], [place for place, ends_sentence in borders if ends_sentence]


def around(ends: list[int], length: int, start: int, end: int) -> Span:
    """The stretch between borders that a figure stands in."""
    before, behind = bisect_left(ends, start), bisect_left(ends, end)
    return ends[before - 1] + 1 if before else 0, ends[behind] if behind < len(ends) else length


def direction(text: str, since: int, start: int, end: int, *, behind: bool = True, past: bool = False) -> int:
    """+1 or -1 where the words before or, if `behind`, those behind say that this is what something moved by; 0 for a level.

    With `past`, "rose above" leads to a level: so it is with sums, while "rose over 5%" tells a change.
    """
    after = _DIRECTION_BEHIND.match(text, end) if behind else None
    if after and not _LEVEL_RIGHT_BEFORE.search(text, max(start - 12, 0), start):
        return 1 if after["up"] else -1
    last = None
    for last in _DIRECTION.finditer(text, max(since, start - 60), start):  # noqa: B007  the last one is wanted
        pass
    if last is None:
        return 0
    gap = text[last.end() : start]
    if _LEVEL.search(gap) or (past and _PAST.search(gap)) or (not _IS_BY.search(gap) and _too_far(gap)):
        return 0
    return 1 if last["up"] else -1


_PAST = re.compile(r"\b(?:under|over|below|above|beyond|through|near|ниже|выше|за|под)\b")
_LEVEL_RIGHT_BEFORE = re.compile(r"(?:\bto|\bat|\bдо|[至到达]) $")
_IS_BY = re.compile(r"(?:\b(?:by|of|на|сразу на|some|about)|了|约)[ ]?$")
_HAN = re.compile("[\u3400-\u9fff]")


def _too_far(gap: str) -> bool:
    return gap.count(" ") > 3 or len(_HAN.findall(gap)) > 3


def is_older(text: str, start: int, end: int) -> bool:
    """Whether the words right beside a figure call it what was before."""
    return (
        _OLDER_BEFORE.search(text, max(start - 24, 0), start) is not None
        or _OLDER_BEHIND.match(text, end) is not None
    )


#: Percentages that name a material's make, not a share: "99.5% dysprosium oxide", "REO 50%", "品位12%".
_GRADE_BEFORE = re.compile(
    r"(?:\bt?reo|\bgrades?(?: of| is)?|\baverag(?:es|ing)|\bpurity(?: of)?|содержани[а-я]*[^.;]{0,40}|чистот[а-я]+|品位|纯度|含量)[^\d,.;。]{0,8}$"
)
_GRADE_BEHIND = re.compile(
    r" ?(?:(?:t?reo|[a-z]{1,2}\d?o\d|purity|pure|grade|oxides?)(?![a-z])|(?:[a-z]+[ -]){0,2}(?:oxide|concentrate|metal)\b(?<!of)|оксидов|品位|的?纯度)"
)
_NO_GRADE = re.compile(r" ?of\b|.{0,30}(?:of|share)\b")


def is_grade(text: str, start: int, end: int) -> bool:
    """Whether a percentage says what a material is made of."""
    if _GRADE_BEFORE.search(text, max(start - 50, 0), start):
        return True
    behind = _GRADE_BEHIND.match(text, end)
    return behind is not None and " of " not in behind[0]


#: Makes a list of names of what is counted: counts are kept in such texts only, but for vessels.
LISTS = re.compile(
    r"sanction|blacklist|designat|\blist|package|embargo|\bban|licen[cs]e|санкц|спис(?:ок|к)|перечен|перечн|запре|лицензи|разрешени|пакет|огранич|制裁|名单|清单|上榜|拉黑|禁运|管制|许可|禁止|\d轮"
)
