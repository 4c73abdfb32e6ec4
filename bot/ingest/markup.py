"""Pure. Bytes of a web page to a parsed tree, or a refusal where parsing it would cost too much.

lexbor never crashes, but three shapes of page cost it far more than their size (measured):
- 50,000 elements inside each other take 4 s, 1,000,000 an hour: so the number of tags is limited;
- formatting elements left open are copied into every paragraph after them, and 40 kB become half a gigabyte: so
  `<b>`, `<font size=2>` and their like are given names that the HTML standard has no rules for;
- attributes without end on one tag take quadratic time, in lxml too: so a tag may have only so many.
"""

import re

from selectolax.lexbor import LexborHTMLParser

from bot.ingest.charset import decode
from bot.selectors import FORMATTING

#: A large portal's front page has some 10,000.
MAX_TAGS = 20_000
MAX_ATTRIBUTES = 1_000

_META = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.IGNORECASE)
_OPENING = re.compile("<[a-zA-Z]")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^>]{{{2 * MAX_ATTRIBUTES},}}+")
_VALUE = re.compile(r"=\s*(?:\"[^\"]*\"?|'[^']*'?)")
_SEPARATOR = re.compile(r"[\s/]+")
_FORMATTING_TAG = re.compile(rf"<(/?)({FORMATTING})(?=[\s/>])", re.IGNORECASE)


class TangledError(ValueError):
    """The page would cost too much to parse; the message says why."""


def read_text(body: bytes, content_type: str = "") -> str:
    """A page's text, by the header's encoding, else the page's own `<meta>` or XML prolog. Never raises."""
    if "charset" not in content_type.lower() and (found := _META.search(body[:4_096])):
        content_type = f"text/html; charset={found[1].decode('ascii', 'replace')}"
    return decode(body, content_type)


def check(text: str) -> None:
    """Raise `TangledError` if a page is built so that parsing it would take too long."""
    if sum(1 for _ in _OPENING.finditer(text)) > MAX_TAGS:
        raise TangledError(f"a page of more than {MAX_TAGS:,} tags")
    for found in _LONG_TAG.finditer(text):
        # A long value alone is no harm: pages carry whole pictures in one.
        if len(_SEPARATOR.findall(_VALUE.sub("", found[0]))) > MAX_ATTRIBUTES:
            raise TangledError(f"a tag of more than {MAX_ATTRIBUTES:,} attributes")


def parse_html(text: str) -> LexborHTMLParser:
    """The page's tree, to be asked with `bot.selectors.selector(...)`. Raises `TangledError`."""
    check(text)
    return LexborHTMLParser(_FORMATTING_TAG.sub(r"<\1x-\2", text))
