"""Pure. Whether a document came to its end.

A server that breaks off in the middle may promise the whole with the same ETag: then its validators are not worth
keeping, or the rest would never be asked for.
"""

import re

_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_BEGUN = re.compile(rb"<(?:\w+:)?(?:item|entry|channel|feed)\b[^<>]{0,2000}(?<!/)>", re.IGNORECASE)
_TAIL = 4_000


def is_whole(body: bytes) -> bool:
    """Whether a feed has its closing tag. What is no XML counts as whole: damaged JSON is no feed at all."""
    if not body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return True  # UTF-16 too: its closing tag is not worth decoding for
    is_page = b"<html" in body[:_TAIL].lower()
    return is_page or bool(_END.search(body[-_TAIL:])) or not _BEGUN.search(body)
