"""Pure. Text as people read it: cleaned, out of HTML, its language, headlines made comparable.

Nothing here raises for any string. `normalise_title` makes keys for comparison, never text for display.
"""

import html
import re
import unicodedata
from collections import Counter
from functools import lru_cache

from selectolax.lexbor import LexborHTMLParser


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# --- cleaning ---------------------------------------------------------------------------------------

#: Never shown and never matched: controls, surrogates, bidi marks and overrides, soft hyphens, zero-width
#: spaces, byte order marks, interlinear and tag characters, noncharacters. The zero-width joiners stay: emoji
#: and Persian need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
#: Elements that begin on a line of their own. Their tags become breaks before the parser sees them: that keeps
#: words apart, and 50,000 of them inside each other then cost nothing.
_BLOCKS = (
    r"/?(?:p|div|br|hr|li|ul|ol|dl|dt|dd|h[1-6]|tr|td|th|tbody|thead|tfoot|table|caption|blockquote|pre|section"
    r"|article|header|footer|aside|nav|figure|figcaption|form|fieldset|main|option|title|center|details|summary"
    r"|address|dialog|hgroup|menu|dir|search|listing|plaintext|button)\b"
)
_PLAIN_BLOCK = re.compile(rf"<{_BLOCKS}(?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*+>", re.IGNORECASE)
_ODD_BLOCK = re.compile(rf"<(?={_BLOCKS})", re.IGNORECASE)
#: Elements that HTML opens anew in every place where they were left open: 3,000 of them inside 3,000 others become
#: nine million, and three gigabytes. Under other names they are ordinary ones.
_FORMATTING = re.compile(
    r"<(/?)(?=(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)[\s/>])", re.IGNORECASE
)
#: Elements whose content is not prose.
_SILENT = ["script", "style", "noscript", "template", "iframe", "object", "svg", "head"]
#: From here on markup is read without a parser. Its time goes by the depth of the elements times the number of tags,
#: and by the square of the attributes of one: 300 kB take up to 10 s (measured).
_MANY_TAGS = 2_000
_LONG_TAG = 2_000
_ANY_TAG = re.compile(r"<[/!?]?[a-zA-Z](?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)|[^>=]++|=)*+>?")
_SILENT_ELEMENT = re.compile(
    rf"<({'|'.join(_SILENT)})(?=[\s/>]).*?(?:</\1(?=[\s/>])[^>]*>?|\Z)|<!--.*?(?:-->|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[a-zA-Z/!?]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def clean(text: str) -> str:
    """The text on one line: NFC, single spaces, no controls, no lone surrogates, no bidi overrides."""
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


def html_to_text(markup: str) -> str:
    """What a reader sees of an HTML fragment: one line for each block, entities decoded once.

    Markup that a parser might take long over is read by its tags alone, which shows the same text.
    Plain text passes as it is: "a < b & c" holds neither a tag nor an entity.
    """
    text = _INVISIBLE.sub("", markup)
    if _TAG.search(text):
        flat = _ODD_BLOCK.sub("\n<", _PLAIN_BLOCK.sub("\n", text))
        if _is_tangled(flat):
            return _lines(html.unescape(_ANY_TAG.sub("", _SILENT_ELEMENT.sub("", flat))))
        tree = LexborHTMLParser(_FORMATTING.sub(r"<\1x-", flat))
        tree.strip_tags(_SILENT)
        body = tree.body
        text = body.text() if body is not None else ""
    elif "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return _lines(text)


def _is_tangled(markup: str) -> bool:
    """Whether a parser might take long over it."""
    if len(markup) < _LONG_TAG:
        return False
    tags = 0
    for tags, found in enumerate(_ANY_TAG.finditer(markup), start=1):
        if tags > _MANY_TAGS or len(found[0]) > _LONG_TAG:
            return True
    return False


def _lines(text: str) -> str:
    lines = (clean(line) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


# --- language ---------------------------------------------------------------------------------------

_SCRIPTS = re.compile(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f])"
    r"|(?P<kana>[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d])"
    r"|(?P<hangul>[\uac00-\ud7af])"
    r"|(?P<cyrillic>[\u0400-\u052f])"
    r"|(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
    r"|(?P<greek>[\u0370-\u03ff])|(?P<hebrew>[\u0590-\u05ff])|(?P<arabic>[\u0600-\u06ff])"
    r"|(?P<thai>[\u0e00-\u0e7f])|(?P<hindi>[\u0900-\u097f])|(?P<georgian>[\u10a0-\u10ff])"
)
_ONE_LANGUAGE = {
    "hangul": "ko",
    "greek": "el",
    "hebrew": "he",
    "arabic": "ar",
    "thai": "th",
    "hindi": "hi",
    "georgian": "ka",
}
#: A Han character says about as much as three letters.
_HAN_WEIGHT = 3
#: Letters that Russian lacks; the first language to own some wins.
_CYRILLIC_LETTERS = (
    ("kk", "қғұәһ"),
    ("be", "ў"),
    ("uk", "їєґ"),
    ("mk", "ѓќѕ"),
    ("sr", "јљњћђџ"),
    ("tg", "ҷӣӯ"),
    ("ky", "ң"),
    ("mn", "өү"),
    ("uk", "і"),
)
#: Letters that Russian has and Ukrainian, Bulgarian and Serbian lack.
_RUSSIAN_LETTERS = "ыэё"
_CYRILLIC_WORDS = (
    ("bg", _words("е се са ще си към през като които който беше бъде няма")),
    ("sr", _words("су од се као али због већ после код би")),
)
_CYRILLIC_CODES = _words("ru uk be bg sr mk kk ky tg mn tt ba")
_FUNCTION_WORDS = {
    "en": _words(
        "the of and to in for on is are was were with as at by from its it that this has have will be not after "
        "over says said who why how what new more than into amid but against about up could may an"
    ),
    "de": _words(
        "der die das und den dem des ein eine einen ist sind war mit auf für von im zu nicht sich auch nach bei "
        "aus wie wird werden über vor hat haben zum zur gegen oder um durch unter neue mehr"
    ),
    "fr": _words(
        "le la les des du un une et est sont dans pour sur avec par au aux que qui ne pas ce cette ses son sa plus "
        "après contre selon entre mais ou en leur été être face comme"
    ),
    "es": _words(
        "el la los las del un una y es son en para por con se que no su sus al más como sobre tras contra entre "
        "este esta pero o según fue ser ha desde hasta lo sin"
    ),
    "pt": _words(
        "o a os as do da dos das um uma e é são em para por com se que não seu sua ao à no na nos nas mais como "
        "sobre após contra entre mas ou foi ser tem até pelo pela"
    ),
}
_VOTES: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, words in _FUNCTION_WORDS.items() if word in words)
    for words in _FUNCTION_WORDS.values()
    for word in words
}
_TELLING_LETTERS = (("de", "ßäöü"), ("es", "ñ¿¡"), ("pt", "ãõ"), ("fr", "èêœùû"))
#: Whole words: the y and the o of Y2O3 are none.
_WORD = re.compile(r"(?<!\w)[^\W\d_]+(?!\w)")
#: More text than this tells nothing new.
_SAMPLE = 600


def detect_language(text: str, prior: str = "und") -> str:
    """ISO 639-1 code of the text's language, or `prior` where the text does not tell, or "und".

    The script decides first, letters that Russian lacks second, and for Latin script a vote of function words.
    `prior` is the language that the source is known for; it also breaks ties between languages of one script.
    """
    sample = text[:_SAMPLE]
    counts: Counter[str] = Counter()
    for letter, times in Counter(sample).items():
        if script := _script(letter):
            counts[script] += times
    if not counts:
        return prior or "und"
    kana = counts.pop("kana", 0)
    # One の decorates many a Chinese brand; Japanese prose has kana throughout.
    if kana >= 2 and kana * 10 >= counts["han"]:
        return "ja"
    counts["han"] *= _HAN_WEIGHT
    script = counts.most_common(1)[0][0]
    match script:
        case "han":
            return "ja" if prior == "ja" else "zh"
        case "cyrillic":
            return _cyrillic_language(sample.lower(), prior)
        case "latin":
            return _latin_language(sample.lower(), prior)
        case _:
            return _ONE_LANGUAGE[script]


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    found = _SCRIPTS.match(letter)
    return (found.lastgroup or "") if found else ""


def _cyrillic_language(text: str, prior: str) -> str:
    russian = sum(text.count(letter) for letter in _RUSSIAN_LETTERS)
    for code, letters in _CYRILLIC_LETTERS:
        own = sum(text.count(letter) for letter in letters)
        # Kazakh and its neighbours write ы and э as well; for the others these prove Russian with a foreign name.
        if own > (russian // 4 if code in ("kk", "ky", "tg", "mn", "be") else russian):
            return code
    if russian:
        return "ru"
    words = _WORD.findall(text)
    for code, known in _CYRILLIC_WORDS:
        if sum(word in known for word in words) >= 2:
            return code
    return prior if prior in _CYRILLIC_CODES else "ru"


def _latin_language(text: str, prior: str) -> str:
    votes: Counter[str] = Counter()
    for word in _WORD.findall(text):
        votes.update(_VOTES.get(word, ()))
    for code, letters in _TELLING_LETTERS:
        votes[code] += min(2, sum(text.count(letter) for letter in letters))
    known = prior if prior not in _CYRILLIC_CODES | {"zh", "ja", "und", ""} else ""
    best, most = max(votes.items(), key=lambda vote: (vote[1], vote[0] == known), default=("", 0))
    # A single "la" in an English headline is a name; against the source's own language it takes two more.
    needed = 1 if best in ("en", known) and known in ("", best) else votes[known] + 2
    if most >= needed and (best == known or list(votes.values()).count(most) == 1):
        return best
    return known or "und"


# --- headlines --------------------------------------------------------------------------------------

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_PREFIX = re.compile(
    r"^\W*(?:(?:update|wrapup|rpt|corrected|refile|exclusive|breaking(?: news)?|just in|live|watch|video|factbox"
    r"|analysis|срочно|молния|главное|видео|фото|обновлено|эксклюзив)(?:\s*\d+)?\s*[:\-–—|!.\]】]+\s*"
    rf"|[【\[(（《]?(?:快讯|快訊|突发|突發|独家|獨家|重磅|最新|更新|视频)[】\])）》]?\s*[:：|丨!！]?\s*(?=[^{_HAN}]|[{_HAN}]{{4}})"
    r"|(?:财联社|新华社|中新社|路透社?|彭博社?)[^\d\s]{0,6}\d{1,2}月\d{1,2}日[电讯][，,:：\s]*)",
    re.IGNORECASE,
)
_AGENCIES = _words(
    "reuters bloomberg ap afp tass interfax xinhua cnbc bbc тасс интерфакс прайм коммерсантъ ведомости рбк "
    "риа_новости известия российская_газета независимая_газета новая_газета парламентская_газета"
)
_SUFFIX = re.compile(
    r"^(?P<head>.{6,})(?P<mark> [-–—|·] | ?[|_丨] ?|-(?=[^-\s]{2,10}$))(?P<name>[^|_丨]{2,40})$"
)
_DOMAIN = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[a-zа-я]{2,6}", re.IGNORECASE)
#: Small words that a publisher's name may hold.
_SMALL_WORDS = _words("of the and for by de la du и в на о")
#: 36氪, 9News, 21财经: a figure that is part of a name, where the others in a headline count something.
_FIGURE_NAME = re.compile(
    rf"\d{{1,3}}(?:(?![万亿千百吨元年月日号个家种人次批倍])[{_HAN}]{{1,6}}|[A-ZА-Я][^\W\d_]+)"
)
#: Google News' way of naming an office's site: "U.S. Department of the Treasury (.gov)".
_SITE_MARK = re.compile(r"\s*\(\.[a-z]{2,6}\)$")

_SCALES = {
    1_000: "thousand k тыс тысяч тысячи тысяча",
    10_000: "万 萬",
    1_000_000: "million mln mn миллион миллиона миллионов млн 百万",
    100_000_000: "亿 億",
    1_000_000_000: "billion bn bln миллиард миллиарда миллиардов млрд",
    1_000_000_000_000: "trillion trn трлн триллион триллиона триллионов 万亿 萬億",
}
_SCALE = {word: factor for factor, words in _SCALES.items() for word in words.split()}
_NUMBER = re.compile(
    r"(?<![^\W\d_" + _HAN + r"])(?<![\d.,])"
    r"(?P<whole>\d{1,3}(?:(?P<gap>[, \u00a0\u202f'’])\d{3})(?:(?P=gap)\d{3})*|\d{1,18})(?!\d)"
    r"(?:[.,](?P<part>\d{1,9}))?"
    r"(?:\s?(?P<scale>" + "|".join(sorted(_SCALE, key=len, reverse=True)) + r")(?![a-zа-я])\.?)?",
    re.IGNORECASE,
)
_NOT_WORD = re.compile(r"(?<!\d)\.|\.(?!\d)|[^\w.]|_")


def normalise_title(title: str) -> str:
    """A headline for comparison: no publisher at its end, no UPDATE or СРОЧНО or 快讯 at its start, no punctuation,
    one width and case, and each number in one spelling ("12万", "120 тыс." and "120,000" are all "120000")."""
    text = unicodedata.normalize("NFKC", clean(title))
    while (shorter := _PREFIX.sub("", text, count=1)) != text and shorter:
        text = shorter
    while (found := _SUFFIX.match(text)) and _is_publisher(
        found["name"].strip(), found["mark"], found["head"]
    ):
        text = found["head"].rstrip()
    text = text.casefold().replace("ё", "е")
    text = _NUMBER.sub(lambda found: f" {_plain(found)} ", text)
    return " ".join(_NOT_WORD.sub(" ", text).split())


def _is_publisher(name: str, mark: str, head: str) -> bool:
    """Whether the end of a headline names who published it. When in doubt it does not."""
    if _DOMAIN.fullmatch(name) or name.casefold().replace(" ", "_") in _AGENCIES:
        return len(head) >= 10
    name = _SITE_MARK.sub("", name)
    if mark == " - " and _FIGURE_NAME.fullmatch(name):
        return len(head) >= 10
    if any(letter.isdigit() for letter in name):
        return False
    if re.search(f"[{_HAN}]", name):
        return len(name) <= 10 and mark.strip() in ("-", "_", "|", "丨") and " " not in name
    # A long dash sets off an attribution or a second half as often as a publisher.
    if mark not in (" - ", " | ", " · ", "|", "| ", " |"):
        return False
    words = name.split()
    capitals = all(word[0].isupper() or word in _SMALL_WORDS for word in words)
    return capitals and len(words) <= 5 and len(head.split()) >= 4


def shingles(text: str) -> frozenset[str]:
    """Groups of 4 neighbouring characters, of 2 for Han; a shorter run is a group of its own."""
    groups: set[str] = set()
    for run in re.findall(f"[{_HAN}]+|[^{_HAN}]+", text):
        size = 2 if re.match(f"[{_HAN}]", run) else 4
        run = run.strip()
        groups.update(run[start : start + size] for start in range(max(1, len(run) - size + 1)))
    groups.discard("")
    return frozenset(groups)


def similarity(one: str, other: str) -> float:
    """0..1: the share of letter groups that two headlines have in common (Jaccard); 0 where one is empty."""
    first, second = shingles(normalise_title(one)), shingles(normalise_title(other))
    if not first or not second:
        return 0.0
    common = len(first & second)
    return common / (len(first) + len(second) - common)


def numbers(text: str) -> frozenset[str]:
    """The figures in a headline, each in one spelling: two headlines whose figures differ tell of two things."""
    folded = unicodedata.normalize("NFKC", clean(text)).casefold()
    return frozenset(_plain(found) for found in _NUMBER.finditer(folded))


def _plain(found: re.Match[str]) -> str:
    """A number as digits with at most one point, its scale multiplied in."""
    whole = re.sub(r"\D", "", found["whole"])
    part = found["part"] or ""
    scale = len(str(_SCALE[found["scale"]])) - 1 if found["scale"] else 0
    part = part.ljust(scale, "0")
    whole, part = whole + part[:scale], part[scale:].rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")
