"""Pure. Bytes of a web page to a parsed tree, or a refusal where parsing it would cost too much.

lexbor never crashes, but three shapes of page cost it far more than their size (measured):
- 50,000 elements inside each other take 4 s, and time goes by the square: so the number of tags is limited;
- formatting elements left open are copied into every paragraph after them, and 40 kB become half a gigabyte: so
  `<b>`, `<font size=2>` and their like are given names that the HTML standard has no rules for;
- attributes without end on one tag take quadratic time, in lxml too: so a tag may have only so many.

What is within these bounds may still take minutes: 10,000 elements inside each other with 400,000 end tags that look
for theirs among them, or selectors that do. So `check_ordinary` knows the pages that can not, which may be parsed where
others wait; the rest belongs into a process with an allowance of time (reader.py).
"""

import re
from math import isqrt

from selectolax.lexbor import LexborHTMLParser

from bot.ingest.charset import decode
from bot.selectors import FORMATTING

#: A large portal's front page has some 10,000.
MAX_TAGS = 20_000
#: On one tag, or as many as cost the same on several: time goes by the square. No person writes so many.
MAX_ATTRIBUTES = 5_000
_LONG_TAG = 1_000
#: Of an ordinary page: characters, tags and end tags, elements inside each other, attributes of one tag. The slowest
#: page found within these bounds takes 1.1 s.
_LARGE = 500_000
_ORDINARY_TAGS = 20_000
_ORDINARY_DEPTH = 300
_ORDINARY_ATTRIBUTES = 500

_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_OPENING = re.compile("<[a-zA-Z]")
#: Elements that can never hold one of their own name directly, wherever they stand, are no depth.
_STEP = re.compile(
    r"<(?:(/[a-zA-Z])|(?!(?:br|img|hr|meta|embed|p|li|dd|dt)(?=[\s/>]))[a-zA-Z])", re.IGNORECASE
)
#: Never shorter than the tag is to a browser: quotes count after a sign of equality only, and to the end if need be.
_TAG = re.compile(r"<[a-zA-Z](?:=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)|[^>=]++|=)*+")
_VALUE = re.compile(r"=\s*+(?:\"[^\"]*+\"?+|'[^']*+'?+)")
_SEPARATOR = re.compile(r"[\s/]+")
_FORMATTING_TAG = re.compile(rf"<(/?)({FORMATTING})(?=[\s/>])", re.IGNORECASE)


class TangledError(ValueError):
    """The page would cost too much to parse; the message says why."""


class DubiousError(Exception):
    """The document is large, damaged or tangled: reading it may take long, so it is left to where that does no harm."""


def read_text(body: bytes, content_type: str = "") -> str:
    """A page's text, by the header's encoding, else the page's own `<meta>` or XML prolog. Never raises."""
    if "charset" not in content_type.lower() and (found := _META.search(body[:4_096])):
        content_type = f"text/html; charset={found[1].decode('ascii', 'replace')}"
    return decode(body, content_type)


def check(text: str) -> None:
    """Raise `TangledError` if a page is built so that parsing it would take too long."""
    if sum(1 for _ in _OPENING.finditer(text)) > MAX_TAGS:
        raise TangledError(f"a page of more than {MAX_TAGS:,} tags")
    if _attributes(text) > MAX_ATTRIBUTES:
        raise TangledError(f"a page with tags of more than {MAX_ATTRIBUTES:,} attributes")


def check_ordinary(text: str) -> None:
    """Raise `DubiousError` unless a page is parsed, and asked by any selector, in a time that grows with its size.

    Depth is counted by tags alone, so a page that leaves its elements open may seem deeper than it is, never flatter.
    """
    if len(text) > _LARGE or _attributes(text) > _ORDINARY_ATTRIBUTES:
        raise DubiousError
    depth = tags = 0
    for tags, found in enumerate(_STEP.finditer(text), start=1):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth > _ORDINARY_DEPTH or tags > _ORDINARY_TAGS:
            raise DubiousError


def _attributes(text: str) -> int:
    """The attributes of the longest tags; of several, as many as cost the same on one."""
    cost = 0
    for found in _TAG.finditer(text):
        tag = found[0]
        if len(tag) < _LONG_TAG:
            continue
        # A long value alone is no harm: pages carry whole pictures in one. One that holds a tag may be no value.
        if "<" not in tag[1:]:
            tag = _VALUE.sub("", tag)
        cost += len(_SEPARATOR.findall(tag)) ** 2
        if cost > MAX_ATTRIBUTES**2:
            return MAX_ATTRIBUTES + 1
    return isqrt(cost)


def parse_html(text: str) -> LexborHTMLParser:
    """The page's tree, to be asked with `bot.selectors.selector(...)`. Raises `TangledError`."""
    check(text)
    return LexborHTMLParser(_FORMATTING_TAG.sub(r"<\1x-\2", text))
