"""Pure. The language of a text, by its script, its letters and its small words. Nothing here raises for any string."""

import re
from collections import Counter
from functools import lru_cache


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SCRIPTS = re.compile(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f])"
    r"|(?P<kana>[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d])"
    r"|(?P<hangul>[\uac00-\ud7af])"
    r"|(?P<cyrillic>[\u0400-\u052f])"
    r"|(?P<latin>[A-Za-z\u00c0-\u024f\u1e00-\u1eff])"
    r"|(?P<greek>[\u0370-\u03ff])|(?P<hebrew>[\u0590-\u05ff])|(?P<arabic>[\u0600-\u06ff])"
    r"|(?P<thai>[\u0e00-\u0e7f])|(?P<hindi>[\u0900-\u097f])|(?P<georgian>[\u10a0-\u10ff])"
)
_LATIN = re.compile("[A-Za-z\u00c0-\u00ff]")
#: The high byte of a UTF-16 unit -> l: Latin, or no letter; c: Cyrillic; h: Han; p: no letter; ?: it depends.
_KIND_OF_ROW = bytes(
    ord(
        "l" if row == 0
        else "c" if row == 0x04
        else "h" if 0x34 <= row <= 0x4C or 0x4E <= row <= 0x9F or row in (0xF9, 0xFA)
        else "p" if 0x20 <= row <= 0x2F
        else "?"
    )
    for row in range(256)
)  # fmt: skip
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
_NOT_RUSSIAN = re.compile(f"[{''.join(letters for _, letters in _CYRILLIC_LETTERS)}]")
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
#: Whole words: the y and the o of Y2O3 are none. (Y2O3 is one, in no list.)
_WORD = re.compile(r"\w+")
#: More text than this tells nothing new.
_SAMPLE = 600


def detect_language(text: str, prior: str = "und") -> str:
    """ISO 639-1 code of the text's language, or `prior` where the text does not tell, or "und".

    The script decides first, letters that Russian lacks second, and for Latin script a vote of function words.
    `prior` is the language that the source is known for; it also breaks ties between languages of one script.
    """
    sample = text[:_SAMPLE]
    script = _plain_script(sample) or _main_script(sample)
    match script:
        case "":
            return prior or "und"
        case "kana":
            return "ja"
        case "han":
            return "ja" if prior == "ja" else "zh"
        case "cyrillic":
            return _cyrillic_language(sample.lower(), prior)
        case "latin":
            return _latin_language(sample.lower(), prior)
        case _:
            return _ONE_LANGUAGE[script]


def _plain_script(sample: str) -> str:
    """The script that most of the text is in, if that shows at a glance; else empty.

    Half of UTF-16 tells most scripts apart. What it leaves open is counted against the script that seems to win.
    """
    kinds = sample.encode("utf-16-le", "surrogatepass")[1::2].translate(_KIND_OF_ROW)
    cyrillic, han, other = kinds.count(b"c"), kinds.count(b"h"), kinds.count(b"?")
    latin = kinds.count(b"l")
    if not (cyrillic or han or other):
        return "latin" if _LATIN.search(sample) else ""
    if other < 2 and cyrillic > latin + other and cyrillic > _HAN_WEIGHT * (han + other):
        return "cyrillic"
    if _HAN_WEIGHT * han > max(cyrillic, latin) + other and other * 10 < han:
        return "han"
    return ""


def _main_script(sample: str) -> str:
    """The script that most of the text is in, its letters counted; empty where there are none, "kana" for Japanese."""
    counts: dict[str, int] = {}
    for letter, times in Counter(sample).items():
        if script := _script(letter):
            counts[script] = counts.get(script, 0) + times
    if not counts:
        return ""
    kana = counts.pop("kana", 0)
    han = counts.get("han", 0)
    # One の decorates many a Chinese brand; Japanese prose has kana throughout.
    if kana >= 2 and kana * 10 >= han:
        return "kana"
    counts["han"] = han * _HAN_WEIGHT
    return max(counts, key=counts.__getitem__)


@lru_cache(maxsize=20_000)
def _script(letter: str) -> str:
    found = _SCRIPTS.match(letter)
    return (found.lastgroup or "") if found else ""


def _cyrillic_language(text: str, prior: str) -> str:
    russian = sum(text.count(letter) for letter in _RUSSIAN_LETTERS)
    for code, telling in _CYRILLIC_LETTERS if _NOT_RUSSIAN.search(text) else ():
        own = sum(text.count(letter) for letter in telling)
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
        for code in _VOTES.get(word, ()):
            votes[code] += 1
    for code, telling in _TELLING_LETTERS:
        votes[code] += 0 if text.isascii() else min(2, sum(text.count(letter) for letter in telling))
    known = prior if prior not in _CYRILLIC_CODES | {"zh", "ja", "und", ""} else ""
    best, most = max(votes.items(), key=lambda vote: (vote[1], vote[0] == known), default=("", 0))
    # A single "la" in an English headline is a name; against the source's own language it takes two more.
    needed = 1 if best in ("en", known) and known in ("", best) else votes[known] + 2
    if most >= needed and (best == known or list(votes.values()).count(most) == 1):
        return best
    return known or "und"
