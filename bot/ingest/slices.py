"""Pure. A feed's document to the pieces that hold one entry each, and to hashes that tell whether they changed.

The cut is lexical: it knows comments, CDATA, processing instructions and prefixes, nothing else. It is exact for
well-formed XML without entity declarations, where what looks like a tag elsewhere can not be one. The caller sees
to that: slices are remembered of well-formed documents only, and a document is well-formed if and only if it is so
without its well-formed slices.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

_OPENING = re.compile(r"<(?:(!--|!\[CDATA\[|\?)|(/?)((?:[\w.-]+:)?(?i:item|entry))(?=[\s/>]))")
_CLOSED_BY = {"!--": "-->", "![CDATA[": "]]>", "?": "?>"}
_TAG = re.compile(r"(?:[^\"'<>]|\"[^\"<]*\"|'[^'<]*')*+>")
_FIRST = re.compile(rb"<(?:[\w.-]+:)?(?i:item|entry)[\s/>]")
_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_MARKUP = re.compile(rb"<[^>]*+>?")


@dataclass(frozen=True, slots=True)
class Cut:
    """A document's text, cut: `rest` has one piece more than `slices` and stands around them."""

    rest: tuple[str, ...]
    slices: tuple[str, ...]


def cut(text: str) -> Cut | None:
    """The text in slices, one for each `<item>` or `<entry>`; None where these do not add up or there are none."""
    rest: list[str] = []
    slices: list[str] = []
    name, start, end, place = "", 0, 0, 0
    while found := _OPENING.search(text, place):
        if found[1]:
            mark = _CLOSED_BY[found[1]]
            place = text.find(mark, found.end()) + len(mark)
            if place < len(mark):
                return None
            continue
        tag = _TAG.match(text, found.end())
        if tag is None or text[tag.end() - 2] == "/":
            return None
        place = tag.end()
        if found[2] and name == found[3]:
            slices.append(text[start:place])
            name, end = "", place
        elif found[2] or name:
            return None  # an end without a beginning, or an entry inside another
        else:
            rest.append(text[end : found.start()])
            name, start = found[3], found.start()
    if name or not slices:
        return None
    return Cut((*rest, text[end:]), tuple(slices))


def slice_hash(piece: str) -> str:
    """16 hex digits of a slice's text."""
    return blake2b(piece.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def hashes(body: bytes, *more: str) -> tuple[str, str] | None:
    """Hashes of what bears on all entries, and of that with everything from the first entry on.

    The first takes in the tags before the first entry and `more` (address, content type and the like), but no text
    between these tags and no comment: there stands the date on which the document was made, which says nothing of
    its entries. None where no entry is to be seen in the bytes.
    """
    first = _FIRST.search(body)
    if first is None:
        return None
    head = body[: first.start()]
    markup = b"\n".join(_MARKUP.findall(_COMMENT.sub(b"", head)))
    context = blake2b("\0".join(more).encode("utf-8", "replace"), digest_size=8)
    context.update(b"\0" + markup + b"\0")
    whole = context.copy()
    # In which encoding the whole is read may hang on this.
    whole.update(b"utf-8" if _is_utf8(head) else b"other")
    whole.update(memoryview(body)[first.start() :])
    return context.hexdigest(), whole.hexdigest()


def _is_utf8(head: bytes) -> bool:
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
