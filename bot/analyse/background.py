"""Pure. The clauses of a text that recall rather than report: "China, which controls 80% of output, ...".

A clause is background when its form says so, whatever its subject:
- a relative or participial clause, or an apposition, set off by commas ("..., sanctioned since 2022, ..."),
- a phrase of circumstance about measures in force ("amid sanctions", "на фоне санкций", "在制裁背景下"), unless it
  calls them new,
- a sentence that opens by looking back ("Earlier", "Напомним", "此前"), or a clause dated two years before the item,
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
_RECALLED = re.compile(
    # set off by commas: relative clauses, appositions, participles
    rf", (?:(?:on|in|of|by|for|to|against|from|under|most of|much of|all of) )?(?:which|who|whom|whose|where)\b{_REST}"
    rf"|, (?:home to|the world's (?:largest|biggest|top)|an? [a-z-]+ (?:[a-z-]+ )?(?:that|dominated|controlled|led|run)){_REST}"
    rf"|, (?:(?:long|already|once|then|also|currently|and long|and already) )?(?:controlling|accounting for|producing|supplying|"
    rf"dominating|holding|making up|responsible for|under (?:\w+ ){{0,3}}sanctions|subject to|"
    rf"sanctioned|blacklisted|hit (?:by|with)|closed|cut off|barred|banned|squeezed|dominated|controlled) {_REST}"
    rf"|, (?:(?:на|в|о|с|из|для|против|у|от|к|по|за) )?(?:(?:доля|долю|цена|цену|цены|добыча|добычу|экспорт|вывоз|рынок|рынка|часть|большинство) )?"
    rf"(?:(?:на|в|о|с) (?:[а-я]+) )?(?:котор\w+|где|чь[яюиейм]+|чей)\b{_REST}"
    rf"|(?<=, )(?:[а-я-]+ ){{1,3}}котор\w+\b{_REST}"
    rf"|, {_PARTICIPLE}\b{_REST}"
    rf"|, (?:крупнейш|ведущ)\w+ (?:в мире )?{_REST}"
    # circumstance: since when it is so
    rf"|\bsince (?:\w+ ){{0,2}}{_MEASURES}{_AGAINST} ?{_REST}"
    rf"|\b(?:после|с момента|с начала|со времени) {_OLD}(?:введени\w+ |начала |наложени\w+ ){_OLD}(?:{_MEASURES}{_AGAINST}|санкционн\w+)[^.;!?,\n]*"
    # a state, not an event: "under British sanctions", the Russian instrumental ("под санкциями", not "под санкции")
    r"|\b(?:is|are|was|were|been|remains?) (?:(?!put|placed|brought)[\w-]+ ){0,3}under (?:[\w-]+ ){0,2}sanctions\b"
    r"|\bпод (?:\w+ ){0,2}санкциями\b"
    # sentences that look back
    rf"|{_OPEN}(?:earlier|previously|historically|for (?:years|decades)|in recent years|as (?:previously |earlier )?reported|"
    rf"background:|the (?:minister|company|agency|president|official) recalled){_SENTENCE_REST}"
    rf"|{_OPEN}last (?:year|month|spring|summer|autumn|winter)\b{_SENTENCE_REST}"
    rf"|{_OPEN}(?:ранее|прежде|до этого|напомним|как сообщалось|как уже сообщалось|справка|в прошлом году|исторически|"
    rf"(?:министр|компания|президент|агентство|издание) напомн\w+){_SENTENCE_REST}"
    r"|(?:(?<=[。！？，,；\n])|^)(?:此前|早前|据此前报道|据早前报道|作为全球最大|作为世界最大|长期以来|历来|众所周知|去年[，,])[^。！？\n]*"
    r"|(?:(?<=[。！？，,；\n])|^)(?:部长|公司|该公司|报道)(?:提到|回顾|提醒)[^。！？\n]*"
    r"|而[^。，,；\n]{0,12}(?:长期|历来|一直|早已)[^。，,；\n]*"
    # Chinese attributes in front of their noun
    r"|(?:占|控制|供应|生产|掌握|主导)(?:着|了)?(?:全球|世界|国际)[^。，,；\n]{0,24}的[\u3400-\u9fff]{0,4}"
    r"|(?:自[^。，,；\n]{2,24}以来)?(?:一直|长期|早已|多年)?(?:受|遭|被)[^。，,；的\n]{0,8}制裁的[\u3400-\u9fff]{0,8}"
    r"|(?:这家|那家|该家|这位|那位)?被[^。，,；\n]{0,12}(?:列入|纳入)[^。，,；\n]{0,8}的[\u3400-\u9fff]{0,8}"
    r"|(?:[,，]|，)?即[^。，,；\n]{0,24}的[\u3400-\u9fff]{0,6}"
    r"|受[^。，,；\n]{0,8}(?:制裁|管制)[^。，,；\n]{0,4}影响"
    r"|自[^。，,；\n]{2,24}(?:制裁|管制)[^。，,；\n]{0,4}以来"
    r"|因[^。，,；\n]{0,12}(?:制裁|管制)而[^。，,；\n]{0,16}的[\u3400-\u9fff]{0,8}"
    # what has long been so, what a place or a firm is known for, and what once was
    rf"|\b(?:has|have|had) long\b{_REST}|\b(?:known|famous) for\b{_REST}|\bused to\b{_REST}|\bfor years\b{_REST}"
    rf"|\b(?:давно|издавна|когда-то|некогда|многие годы|известн\w+|славится)\b{_REST}"
    r"|(?:长期|多年来|一直以来|过去|早已)[^。，,；\n]*"
    r"|以[^。，,；\n]{1,16}(?:闻名|著称)"
    rf"|\b(?:that|which) was once\b{_REST}"
)
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
