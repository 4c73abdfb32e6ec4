"""Pure. Bytes of a feed to text, whatever the server and the document claim about their encoding.

Order: a byte order mark; UTF-16 that shows by its zeros; UTF-8 if the bytes are valid as such, for hardly any
other text is; then the most plausible of what was declared and what Russian, Chinese and western feeds use; last
a general guess. `decode` never fails: at worst odd bytes become U+FFFD. `mend` repairs text that was decoded
wrongly before it reached us.
"""

import codecs
import re
from collections.abc import Iterable

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"^\s{0,100}<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
#: What is declared by the left name is written in the right one, which holds all of it and more.
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
}
#: Encodings whose result `_plausibility` can judge.
_JUDGED = ("cp1251", "koi8-r", "gb18030", "big5hkscs", "cp1252")
_STATEFUL = ("iso2022", "hz")
_SAMPLE = 60_000
#: Runs of small Cyrillic letters that touch no Latin one: who mixes them in one word has misread accents.
_CYRILLIC_RUN = re.compile("(?<![A-Za-zА-Яа-я])[А-Я]?[оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфіїў]+(?![A-Za-zА-Яа-я])")
_HAN = re.compile("[\u4e00-\u9fff]")
#: Below this share of likely letters a reading is no better than a guess.
_PLAUSIBLE = 0.6
#: A declaration is believed over another reading that looks this much better.
_TRUST = 0.15


def decode(body: bytes, content_type: str = "") -> str:
    """The text of a document; `content_type` is the header as received. Never raises."""
    for mark, encoding in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    head = body[:4]
    if head[:1] == b"<" and head[1:2] == b"\0":
        return body.decode("utf-16-le", "replace")
    if head[:1] == b"\0" and head[1:2] == b"<":
        return body.decode("utf-16-be", "replace")
    declared = tuple(_declared(body, content_type))
    if body.isascii() and (stateful := [name for name in declared if name.startswith(_STATEFUL)]):
        return body.decode(stateful[0], "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A few bad bytes in a text that is UTF-8 otherwise, or a character cut at the end.
        text = body.decode("utf-8", "replace")
        wrong = text.count("\ufffd")
        if error.start >= len(body) - 3 or wrong * 20 < sum(not letter.isascii() for letter in text):
            return text
    return body.decode(_likeliest(body, declared), "replace")


def _declared(body: bytes, content_type: str) -> Iterable[str]:
    """Python's names of the encodings that header and document claim, widened."""
    names = [found[1] for found in (_CHARSET.search(content_type),) if found]
    names += [found[1].decode("ascii") for found in (_DECLARED.match(body[:400]),) if found]
    for name in names:
        try:
            known = codecs.lookup(name)
        except (LookupError, ValueError):
            continue
        # Codecs such as "zip" and "rot13" are no encodings of text.
        if getattr(known, "_is_text_encoding", False) and known.name not in (
            "utf-8",
            "utf-7",
            "idna",
            "punycode",
        ):
            yield _WIDER.get(known.name, known.name)


def _likeliest(body: bytes, declared: tuple[str, ...]) -> str:
    # Cut between ASCII characters, so that no character is split.
    sample = body[:_SAMPLE].rpartition(b"<")[0] or body[:_SAMPLE]
    best, best_share = "", 0.0
    for name in dict.fromkeys((*declared, *_JUDGED)):
        try:
            text = sample.decode(name)
        except (UnicodeError, LookupError):
            continue
        if name not in _JUDGED:
            return name  # declared, valid, and none that we could judge better
        share = _plausibility(text, name) + (_TRUST if name in declared else 0)
        if share > best_share:
            best, best_share = name, share
    if best_share >= _PLAUSIBLE:
        return best
    # Imported here, as hardly a document gets so far.
    from charset_normalizer import from_bytes

    guess = from_bytes(sample[:10_000]).best()
    return guess.encoding if guess is not None else best or "cp1252"


def _plausibility(text: str, encoding: str) -> float:
    """0..1: the share of characters beyond ASCII that a text in this encoding would have often."""
    foreign = [letter for letter in text if not letter.isascii()]
    if not foreign:
        return 0.0
    match encoding:
        case "cp1251" | "koi8-r":
            likely = sum(len(run) for run in _CYRILLIC_RUN.findall(text))
        case "gb18030":
            # Level 1 of GB 2312, some 3,800 characters in daily use, and its punctuation.
            likely = sum(_lead(letter, "gb2312") in range(0xA1, 0xD8) for letter in foreign)
        case "big5hkscs":
            likely = sum(_lead(letter, "big5") in range(0xA1, 0xC7) for letter in foreign)
        case _:
            # Western text has its accents one by one, between plain letters.
            lone = re.findall(r"(?<![^\x00-\x7f])[^\x00-\x7f](?![^\x00-\x7f])", text)
            likely = sum(letter.isalpha() or letter in "“”‘’–—…«»€£©®°· " for letter in lone)
    return likely / len(foreign)


def _lead(letter: str, encoding: str) -> int:
    try:
        return letter.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0


#: Code points that no document may hold: controls, halves of surrogate pairs, what lies beyond Unicode.
_BAD_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|5529[6-9]|55[3-9]\d\d|56\d{3}|57[0-2]\d\d|573[0-3]\d|5734[0-3]"
    r"|[1-9]\d{7,}|[2-9]\d{6}|1[2-9]\d{5}|11[2-9]\d{4})"
    r"|x0*(?:[0-8bcef]|1[0-9a-f]|d[89a-f][0-9a-f]{2}|[1-9a-f][0-9a-f]{6,}|[2-9a-f][0-9a-f]{5}|1[1-9a-f][0-9a-f]{4}))"
    r"(?:;|(?![0-9a-f]))",
    re.IGNORECASE,
)


def legal(markup: str) -> str:
    """The markup without references to characters that no text may hold.

    Half of an emoji, written as "&#55357;", would otherwise cost the whole feed: no parser can pass it on.
    """
    # One character is found far faster than two.
    return _BAD_REFERENCE.sub("", markup) if "#" in markup and "&#" in markup else markup


# --- text that was decoded wrongly upstream -----------------------------------------------------------

_REST = "\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122"
#: A character of UTF-8 as windows-1252 shows it: a letter with an accent, then signs.
_AS_WESTERN = re.compile(f"[\u00c2-\u00f4][{_REST}]")
_AS_CYRILLIC = re.compile(f"[РС][\u0401-\u040f\u0451-\u045f\u0490\u0491\u2116{_REST}]")
_ACCENT = re.compile("[\u00c0-\u00ff]")
#: Русский as windows-1252 shows it: words of accents only. No language looks like that.
_ACCENTS = re.compile("[\u00c0-\u00ff]{4}")


def mend(text: str) -> str:
    """The text as its author wrote it, if it shows all marks of having been decoded wrongly; else unchanged.

    Known damage: UTF-8 read as windows-1252 or windows-1251, windows-1251 read as windows-1252.
    """
    if text.isascii():
        return text
    mended = ""
    has_accents = _ACCENT.search(text) is not None
    if has_accents and len(_AS_WESTERN.findall(text)) >= 2:
        mended = _again(text, "cp1252", "utf-8")
    # Counting two letters is far quicker than looking for what follows them.
    if not mended and text.count("Р") + text.count("С") >= 4 and len(_AS_CYRILLIC.findall(text)) >= 4:
        mended = _again(text, "cp1251", "utf-8")
    if not mended and has_accents and len(_ACCENTS.findall(text)) >= 2:
        mended = _again(text, "cp1252", "cp1251")
        if _plausibility(mended, "cp1251") < _PLAUSIBLE:
            return text
    return mended or text


def _again(text: str, wrong: str, right: str) -> str:
    """The text decoded anew; empty where that does not work out."""
    try:
        raw = b"".join(_byte(letter, wrong) for letter in text)
        return raw.decode(right)
    except UnicodeError:
        return ""


def _byte(letter: str, encoding: str) -> bytes:
    # Bytes that the wrong encoding leaves undefined come through as controls.
    return letter.encode("latin-1") if "\x80" <= letter <= "\x9f" else letter.encode(encoding)
