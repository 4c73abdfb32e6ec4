"""Pure. Text as people read it: cleaned, out of HTML, headlines made comparable.

Nothing here raises for any string. `normalise_title` makes keys for comparison, never text for display.
"""

import html
import re
import unicodedata

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
#: Tags that leave no trace in the text, wherever they stand: the common ones, written without a slip.
_INLINE = re.compile(
    r"</?(?:a|abbr|b|big|cite|em|font|i|img|mark|s|small|span|strike|strong|sub|sup|u)"
    r"(?:\s+[a-zA-Z][\w:-]*(?:=(?:\"[^\"<>]*\"|'[^'<>]*'))?)*+\s*/?>",
    re.IGNORECASE | re.ASCII,
)
_REFERENCE = re.compile(r"&[a-zA-Z0-9#]")
#: References about which no two readers differ.
_PLAIN_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|nbsp|[lr][ad]quo|[lr]squo|[mn]dash|hellip|#(?:3[2-9]|[4-9]\d|1[6-9]\d|[2-9]\d\d|[1-4]\d{4}|[1-9]\d{3}));"
)
#: Elements whose content is not prose.
_SILENT = ["script", "style", "noscript", "template", "iframe", "object", "svg", "head"]
#: From here on markup is read without a parser. Its time goes by the depth of the elements times the number of tags,
#: and by the square of the attributes of one: 300 kB take up to 10 s (measured).
_MANY_TAGS = 2_000
_LONG_TAG = 2_000
_ANY_TAG = re.compile(r"<[/!?]?[a-zA-Z](?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)|[^>=]++|=)*+>?")
#: A silent element, a comment or a tag, whichever comes first: a tag that was left open swallows what follows it.
_UNSHOWN = re.compile(
    rf"<({'|'.join(_SILENT)})(?=[\s/>]).*?(?:</\1(?=[\s/>])[^>]*>?|\Z)|<!--.*?(?:-->|\Z)|{_ANY_TAG.pattern}",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"<[a-zA-Z/!?]")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")


def clean(text: str) -> str:
    """The text on one line: NFC, single spaces, no controls, no lone surrogates, no bidi overrides."""
    if _is_plain(text):
        text = unicodedata.normalize("NFC", text)
        # All its space is U+0020.
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    return " ".join(unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).split())


def _is_plain(text: str) -> bool:
    """Whether it surely holds nothing invisible, and no space but U+0020: a quick look, as most text is so."""
    # Of what is never shown only some variation selectors count as printable, and these lie beyond 16 bits.
    return text.isprintable() and (
        text.isascii() or len(text.encode("utf-16-le", "surrogatepass")) == 2 * len(text)
    )


def html_to_text(markup: str) -> str:
    """What a reader sees of an HTML fragment: one line for each block, entities decoded once.

    Markup that a parser might take long over is read by its tags alone, which shows the same text.
    Plain text passes as it is: "a < b & c" holds neither a tag nor an entity.
    """
    text = markup if _is_plain(markup) else _INVISIBLE.sub("", markup)
    if "<" in text and _TAG.search(text):
        flat = _PLAIN_BLOCK.sub("\n", text)
        plain = _INLINE.sub("", flat) if "<" in flat else flat
        # Simple markup, as most is, needs no parser: what is left says the same to any.
        if "<" not in plain and not ("&" in plain and _REFERENCE.search(_PLAIN_ENTITY.sub("", plain))):
            text = _PLAIN_ENTITY.sub(_unescaped, plain) if "&" in plain else plain
        else:
            text = _parsed(flat)
    elif "&" in text:
        text = _ENTITY.sub(_unescaped, text)
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


def _parsed(flat: str) -> str:
    """The text of markup in which the plain tags of blocks are breaks already."""
    flat = _ODD_BLOCK.sub("\n<", flat)
    if _is_tangled(flat):
        return html.unescape(_UNSHOWN.sub("", flat))
    tree = LexborHTMLParser(_FORMATTING.sub(r"<\1x-", flat))
    tree.strip_tags(_SILENT)
    body = tree.body
    return body.text() if body is not None else ""


def _unescaped(found: re.Match[str]) -> str:
    return html.unescape(found[0])


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
