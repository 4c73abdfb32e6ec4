"""Pure. The clauses of a text that recall rather than report: "China, which controls 80% of output, ...".

A clause is background when its form says so, whatever its subject:
- a relative or participial clause, or an apposition, set off by commas ("..., sanctioned since 2022, ..."),
- a phrase of circumstance about measures in force ("amid sanctions", "на фоне санкций", "在制裁背景下"), unless it
  calls them new,
- a sentence that opens by looking back ("Earlier", "Напомним", "此前"), or a clause dated two years before the item,
- what is so all the time ("makes 90% of the world's magnets", "на долю которого приходится", "是全球最大的"),
- what Chinese puts in front of its noun with 的 ("占全球产量八成的中国").
Headlines have no room for such clauses, save the phrases of circumstance. Texts come folded (folding.py).
"""

import re

_REST = r"[^.;!?\n]{0,200}?(?=, |[.;!?\n]|$)"
_SENTENCE_REST = r"[^.!?\n]*"
#: Where a sentence begins.
_OPEN = r'(?:(?<=[.!?\n"] )|(?<=\n)|^)'
_MEASURES = r"(?:sanctions?|embargo(?:es)?|restrictions|export (?:controls?|curbs)|санкци\w*|эмбарго|ограничени\w*|экспортн\w+ контрол\w*)"
#: Words that make a measure news: "amid new sanctions" reports them.
_OLD = r"(?:(?!new|fresh|latest|further|more|нов|очередн|дополнительн|последн)[\w-]+ ){0,3}"
_AGAINST = r"(?: (?:on|against|over|from|by|imposed|против|в отношении|со стороны) (?:(?:the|in|on|by|против) )?[\w-]+)?"

#: Long participles: any word of these forms right after a comma opens a clause that describes.
_CASE = r"(?:ий|ый|ой|ая|яя|ое|ее|ие|ые|его|ого|ей|их|ых|ему|ому|им|ым|ими|ыми|ую|ем|ом)"
_PARTICIPLE = (
    rf"\w{{2,}}(?:(?:вш|гш|кш|рш|сш|ущ|ющ|ащ|ящ){_CASE}(?:ся)?|(?:анн|янн|енн|уем|аем|крыт|нят){_CASE})"
)

_CIRCUMSTANCE = re.compile(
    rf"\b(?:amid|against the backdrop of|despite|in spite of|notwithstanding|after years of|years of) {_OLD}{_MEASURES}{_AGAINST}"
    rf"|\b(?:на фоне|несмотря на|вопреки|в условиях|под гнетом) {_OLD}{_MEASURES}{_AGAINST}"
    r"|(?:在|于)[^。，,；新]{0,16}(?:制裁|管制|限制)[^。，,；新]{0,4}背景下"
    r"|(?:尽管|虽然|虽)[^。，,；新]{0,16}(?:制裁|管制)[^。，,；]{0,6}"
)

#: What is so all the time: how much of the world's output, market or reserves someone has.
_SHARE = (
    r"(?:(?:about|around|some|nearly|almost|roughly|up to|more than|over|at least|an estimated|well over|just) ){0,2}"
    r"(?:\d[\d.,]* ?(?:%|per ?cent)|most|much|all but|the bulk|the lion's share|nearly all|almost all|virtually all|a large part|the majority|"
    r"(?:two|three|four|nine|eight|seven)[- ](?:thirds|quarters|fifths|tenths)|nine in ten|(?:more than )?half|a (?:third|quarter|fifth|tenth))"
)
_SHARE_RU = (
    r"(?:(?:около|почти|порядка|примерно|до|более|свыше|не менее) ){0,2}(?:\d[\d.,]* ?(?:%|процент\w*)|большую часть|большая часть|львин\w+ дол\w+|"
    r"подавляющ\w+|(?:две|три|четыре) (?:трети|четверти|пятых)|(?:девять|восемь|семь) десятых|половин\w+|трет[ьи]|четверть|почти вс[еюя]\w*)"
)
_WORLD_ZH = r"(?:全球|世界|国际|全世界|海外|欧洲|美国|欧盟|日本)"
_BEFORE_RU = r"(?:ранее|прежде|прошл\w+|год\w* назад|лет назад|месяц\w* назад|весной|летом|осенью|зимой|(?:в|еще в) (?:19|20)\d\d)"

_RECALLED_EN = (
    # set off by commas, dashes or brackets: relative clauses, appositions, participles
    rf"(?:,| -) (?:(?:on|in|of|by|for|to|against|from|under|at|with|most of|much of|all of|many of|some of|one of|part of) )?(?:which|who|whom|whose|where)\b{_REST}"
    rf"|(?:,| -) (?:home to|the world's (?:largest|biggest|top|main|leading|dominant)|an? [a-z-]+ (?:[a-z-]+ )?(?:that|dominated|controlled|led|run)){_REST}"
    rf"|(?:,| -) (?:(?:long|already|once|then|also|currently|itself|still|and long|and already) )?(?:controlling|accounting for|producing|supplying|"
    rf"dominating|holding|making up|responsible for|under (?:\w+ ){{0,3}}sanctions|subject to|"
    rf"sanctioned|blacklisted|hit (?:by|with)|closed|cut off|barred|banned|squeezed|dominated|controlled|restricted|rationed|licensed|frozen|listed|mined|refined|made|sourced) {_REST}"
    r"|\([^()\n]{0,200}\)"
    # the same without a comma, said of a thing just named
    rf"|\b(?:that|which) (?:\w+ ){{0,2}}(?:controls?|accounts? for|dominates?|produces?|supplies|makes|mines|refines|holds|sets|rations|limits|restricts|curbs|imposed?|sanctioned|blacklisted|banned|are subject to|is subject to)\b{_REST}"
    rf"|\b(?:(?:is|are|was|were) )?(?:made|built|sourced|imported|bought|fitted|filled|coated|doped) (?:with|from|of|out of|in) {_REST}"
    rf"|\b(?:containing|relying on|reliant on|dependent on|depends? (?:heavily |largely |almost entirely )?on|used (?:in|for|to)|needed (?:in|for|to)) {_REST}"
    # what is so all the time
    rf"|\b(?:accounts? for|controls?|produces?|supplies|makes?|mines?|refines?|processes|holds?|provides?|dominates?|has|have|boasts?|sits? on|owns?|with) {_SHARE} of {_REST}"
    rf"|\b{_SHARE} of (?:the )?(?:world|global|europe|eu|us|america|its|their|all|such|these|those|known|output|supply|production|reserves)\w*[^.;!?\n]{{0,60}}\b(?:comes?|is|are|was|were|come) (?:from|made|mined|refined|produced|processed|in)\b{_REST}"
    rf"|\b(?:is|are|was|were|remains?|being) (?:still |also |by far |among |home to |one of )?(?:the )?(?:world's |world |global )(?:single )?(?:largest|biggest|top|main|leading|second[- ]largest|dominant|only){_REST}"
    # circumstance: since when it is so, and why
    rf"|\bsince (?:\w+ ){{0,2}}{_MEASURES}{_AGAINST} ?{_REST}"
    rf"|\b(?:because of|due to|owing to|given|thanks to|as a result of|in the wake of) (?:the )?{_OLD}{_MEASURES}{_AGAINST}"
    rf"|\b(?:ever )?since (?:\w+ ){{1,4}}(?:imposed|introduced|tightened|curbed|restricted|banned|froze|sanctioned|cut|halted|invaded|annexed){_REST}"
    rf"|\b(?:imposed|introduced|announced|adopted|brought in|tightened|signed|agreed|put in place|frozen|sanctioned) (?:[\w'-]+ ){{0,6}}?(?:last (?:year|month|spring|summer|autumn|fall|winter|week)|(?:two|three|four|five|six|several|some|\d+) (?:years|months|decades) (?:ago|earlier)|a (?:year|decade) (?:ago|earlier)|years ago|earlier this)\b"
    # a state, not an event: "under British sanctions"
    r"|\b(?:is|are|was|were|been|remains?) (?:(?!put|placed|brought)[\w-]+ ){0,3}under (?:[\w-]+ ){0,2}(?:sanctions|embargo|export controls)\b"
    r"|\b(?:already|still|long) (?:under|on|facing|subject to|beneath) (?:[\w'-]+ ){0,3}(?:sanctions|blacklist|sanctions list|controls)\b"
    r"|\b(?:the|this|that|whose|its|a|an) (?:(?:us|eu|uk|western)-)?sanctioned\b"
    # sentences that look back
    rf"|{_OPEN}(?:earlier|previously|historically|for (?:years|decades)|in recent (?:years|months)|in the past|at the time|back then|as (?:previously |earlier )?reported|"
    rf"background:|(?:a|two|three|several|some) (?:years?|decades?|months) (?:ago|earlier)|(?:the|its) (?:minister|company|agency|president|official|firm|report|article) (?:recalled|recalls|also recalled|notes in passing)){_SENTENCE_REST}"
    rf"|{_OPEN}last (?:year|month|spring|summer|autumn|winter)\b{_SENTENCE_REST}"
    rf"|\b(?:has|have|had) (?:long|already|once|previously|earlier|always)\b{_REST}|\b(?:known|famous|notorious|renowned) (?:mainly |best |chiefly |mostly )?for\b{_REST}"
    rf"|\bused to\b{_REST}|\bfor years\b{_REST}|\b(?:that|which) was once\b{_REST}|\b(?:once|formerly) (?:a|an|the|owned|run|home|mined|known|sold|sanctioned|supplied)\b{_REST}"
)
_RECALLED_RU = (
    rf"(?:,| -) (?:(?:на|в|о|с|из|для|против|у|от|к|по|за|при|под) )?(?:(?:доля|долю|доле|цена|цену|цены|добыча|добычу|экспорт|вывоз|рынок|рынка|часть|большинство|владелец|хозяин) )?"
    rf"(?:(?:на|в|о|с) (?:[а-я]+) )?(?:котор\w+|где|чь[яюиейм]+|чей)\b{_REST}"
    rf"|(?<=, )(?:[а-я-]+ ){{1,3}}котор\w+\b{_REST}"
    rf"|(?:,| -) {_PARTICIPLE}\b{_REST}"
    rf"|(?:,| -) (?:крупнейш|ведущ|главн|основн|единственн)\w+ (?:в мире |мировой |мировая |мировым )?{_REST}"
    r"|\([^()\n]{0,200}\)"
    # participles in front of their noun
    rf"|\b(?:находящ|попавш|подпавш|внесенн|включенн|оказавш)\w+ (?:[\w-]+ ){{0,3}}(?:под санкци\w+|под ограничени\w+|в (?:санкционн\w+|черн\w+) (?:список|списки|перечень)|в SDN)"
    r"|\bподсанкционн\w+"
    rf"|\b(?:содержащ|использующ|применяем|используем|необходим|зависящ|зависим|нужн)\w+ (?:для|от|в|при)?\b{_REST}"
    # what is so all the time
    rf"|\b(?:на долю|на|за) (?:[а-я-]+ ){{1,3}}приход\w+\b{_REST}|\bприход\w+ на (?:долю )?{_REST}"
    rf"|\b(?:контролиру|обеспечива|производ|добыва|поставля|перерабатыва|выпуска|занима|владе|держ|дает|дают|да[её]т|сосредоточ)\w* {_SHARE_RU}{_REST}"
    rf"|\b(?:является|являются|остается|остаются|считается|был|была|был[аои]?) (?:и |по-прежнему )?(?:крупнейш|ведущ|главн|основн|единственн|монополист)\w*{_REST}"
    rf"|\b{_SHARE_RU} (?:мирово\w+|мировых|всех|таких|этих|его|ее|их|добычи|выпуска|рынка|запасов)\b{_REST}"
    # circumstance: since when it is so, and why
    rf"|\b(?:после|с момента|с начала|со времени) {_OLD}(?:введени\w+ |начала |наложени\w+ |ужесточени\w+ ){_OLD}(?:{_MEASURES}{_AGAINST}|санкционн\w+)[^.;!?,\n]*"
    rf"|\b(?:из-за|ввиду|в связи с|вследствие|по причине|в результате) {_OLD}{_MEASURES}{_AGAINST}"
    rf"|\b(?:введенн|объявленн|принят|ужесточенн|наложенн|замороженн)\w+ (?:[\w-]+ ){{0,4}}?{_BEFORE_RU}\b"
    rf"|(?:, |\b)(?:когда|с тех пор как|после того как) (?:[\w-]+ ){{1,4}}(?:ввел|ввела|ввели|ужесточил|ограничил|заморозил|запретил|наложил)\w*{_REST}"
    # a state, not an event: the instrumental ("под санкциями", not "под санкции")
    r"|\bпод (?:\w+ ){0,2}(?:санкциями|эмбарго|ограничениями)\b"
    # sentences that look back
    rf"|{_OPEN}(?:ранее|прежде|до этого|напомним|как сообщалось|как уже сообщалось|справка|в прошлом году|исторически|раньше|некогда|когда-то|"
    rf"(?:год|два года|три года|несколько лет|месяц|полгода) назад|(?:министр|компания|президент|агентство|издание|газета) напомн\w+){_SENTENCE_REST}"
    rf"|\b(?:давно|издавна|когда-то|некогда|многие годы|много лет|годами|десятилетиями|известн\w+|славится|традиционно)\b{_REST}"
    rf"|\b(?:год|два года|три года|несколько лет|полгода|десять лет) назад\b{_REST}"
)
_RECALLED_ZH = (
    r"(?:(?<=[。！？，,；\n])|^)(?:此前|早前|先前|早先|据此前报道|据早前报道|作为全球最大|作为世界最大|长期以来|历来|众所周知|资料显示|公开资料显示|背景资料|去年[，,])[^。！？\n]*"
    r"|(?:(?<=[。！？，,；\n])|^)(?:部长|公司|该公司|报道|文章)(?:提到|回顾|提醒)[^。！？\n]*"
    r"|而[^。，,；\n]{0,12}(?:长期|历来|一直|早已)[^。，,；\n]*"
    r"|\([^()\n]{0,80}\)"
    # attributes in front of their noun
    r"|(?:占|控制|供应|生产|掌握|主导|垄断|提供|出产)(?:着|了|据)?(?:全球|世界|国际)[^。，,；\n]{0,24}的[\u3400-\u9fff]{0,4}"
    r"|(?:自[^。，,；\n]{2,24}以来)?(?:一直|长期|早已|多年|仍|已|目前|尚)?(?:受|遭|被)(?:到)?[^。，,；的\n]{0,8}制裁的[\u3400-\u9fff]{0,8}"
    r"|(?:这家|那家|该家|这位|那位)?被[^。，,；\n]{0,12}(?:列入|纳入|加入)[^。，,；\n]{0,8}的[\u3400-\u9fff]{0,8}"
    r"|(?:[,，]|，)?即[^。，,；\n]{0,24}的[\u3400-\u9fff]{0,6}"
    r"|(?:含有|含|使用|采用|搭载|装有|依赖)[^。，,；\n]{0,20}的[\u3400-\u9fff]{0,6}"
    # what is so all the time
    rf"|(?:占|控制|供应|生产|掌握|掌控|主导|垄断|提供|出产|加工)(?:着|了|据)?{_WORLD_ZH}[^。，,；\n]*"
    rf"|{_WORLD_ZH}[^。，,；\n]{{0,12}}(?:[一二三四五六七八九两]成|\d+(?:\.\d+)?%|大部分|绝大部分|多数|大半|半数|近半|三分之二|四分之三)[^。，,；\n]*(?:来自|产自|出自|由|在)[^。，,；\n]*"
    r"|(?:是|为|系|仍是|乃)(?:全球|世界)(?:上)?(?:最大|第一|第二|主要|头号|唯一)[^。，,；\n]*"
    r"|作为(?:全球|世界|主要|最大)[^。，,；\n]*"
    r"|(?:几乎|大多|多半|主要|基本上?)(?:全部|都|完全)?(?:依赖|来自|产自|由)[^。，,；\n]*"
    # circumstance: since when it is so, and why
    r"|受[^。，,；\n]{0,8}(?:制裁|管制)[^。，,；\n]{0,4}影响"
    r"|自[^。，,；\n]{2,24}(?:制裁|管制)[^。，,；\n]{0,4}以来"
    r"|(?:因|由于|鉴于|缘于|拜)[^。，,；新\n]{0,12}(?:制裁|管制|禁运)(?:而[^。，,；\n]{0,16}的[\u3400-\u9fff]{0,8}|[^。，,；\n]{0,6})"
    r"|(?:处于|身处|仍在|尚在|已在|在)[^。，,；\n]{0,10}制裁(?:之下|下|名单上|名单之列|名单中)"
    r"|(?:仍|已|目前|至今|也)(?:受|遭|被)[^。，,；\n]{0,8}(?:制裁|管制)"
    # what has long been so, what a place or a firm is known for, and what once was
    r"|(?:长期|多年来|一直以来|过去|早已|历年|近年来|近年|早年|当年|前年|上年|昔日|从前|往年)[^。，,；\n]*"
    r"|(?:[一二两三四五六七八九十数几]|\d+)(?:个)?(?:多)?[年月]前[^。，,；\n]*"
    r"|(?<![较比同与])去年[^。，,；\n]*"
    r"|以[^。，,；\n]{1,16}(?:闻名|著称|见长)"
)
_RECALLED = re.compile("|".join((_RECALLED_EN, _RECALLED_RU, _RECALLED_ZH)))
#: Makes its clause a thing of the past.
_ONCE = re.compile("曾")
#: A clause that says when: "in 2022", "since 2014", "в 2022 году", "с 2014 года", "2022年".
_DATED = re.compile(r"\b(?:in|since|от|в|с|back in) (?P<year>(?:19|20)\d\d)\b|(?P<han>(?:19|20)\d\d)年")
_CLAUSE_END = re.compile(r"[,，;；。！？\n]|[.!?](?=\s|$)")
_SENTENCE_END = re.compile(r"[。！？\n]|[.!?](?=\s|$)")
#: Last year's figures are news, the measures of two years ago are not.
_YEARS_BACK = 2

Span = tuple[int, int]


def background(text: str, *, is_title: bool, year: int) -> tuple[Span, ...]:
    """Spans of a folded text that only recall, in order of reading; `year` is the year the item is from."""
    spans = [match.span() for match in _CIRCUMSTANCE.finditer(text)]
    if not is_title:
        spans += (match.span() for match in _RECALLED.finditer(text))
        spans += _dated(text, year)
        spans += (_clause(text, *match.span()) for match in _ONCE.finditer(text))
    return tuple(sorted(spans))


def _dated(text: str, year: int) -> list[Span]:
    """Clauses dated well before `year`; a sentence that opens with the date looks back as a whole."""
    spans: list[Span] = []
    for match in _DATED.finditer(text):
        if not 0 < int(match["year"] or match["han"]) <= year - _YEARS_BACK:
            continue
        opening = _last_end(_SENTENCE_END, text, match.start())
        if match.start() - opening <= 2:  # at most a space or a quote in between
            spans.append((opening, _next_end(_SENTENCE_END, text, match.end())))
        else:
            spans.append(_clause(text, *match.span()))
    return spans


def _clause(text: str, start: int, end: int) -> Span:
    return _last_end(_CLAUSE_END, text, start), _next_end(_CLAUSE_END, text, end)


#: No clause is longer than this: it bounds the work on a text without any stop.
_REACH = 300


def _last_end(ends: re.Pattern[str], text: str, before: int) -> int:
    start = max(before - _REACH, 0)
    return max((match.end() for match in ends.finditer(text, start, before)), default=start)


def _next_end(ends: re.Pattern[str], text: str, after: int) -> int:
    found = ends.search(text, after, after + _REACH)
    return found.start() if found else min(after + _REACH, len(text))
