"""Pure. What is remembered of a body, by which the same bytes are known again without unpacking or parsing them.

A fingerprint is the SHA-256 of the body, and before it, with a colon, that of the bytes as they were received where
those were packed. Either is enough: a server may pack the same body in two ways. What earlier versions stored is the
plain hash, which is a fingerprint too.
"""

from collections.abc import Iterable
from hashlib import sha256

from bot.model import Document


def fingerprint_of(document: Document) -> str:
    """What to remember of a document that was read."""
    body = sha256(document.body).hexdigest()
    return f"{document.packed_hash}:{body}" if document.packed_hash else body


def is_same_body(fingerprint: str | None, document: Document) -> bool:
    """Whether a document holds the bytes that were remembered."""
    if not fingerprint:
        return False
    if is_same_received(fingerprint, document.packed_hash):
        return True
    return sha256(document.body).hexdigest() == fingerprint.rpartition(":")[2]


def is_same_received(fingerprint: str | None, received: str) -> bool:
    """Whether these bytes, by their hash, are those that were received then, packed or plain."""
    return bool(received) and (fingerprint or "").partition(":")[0] == received


def hash_of(chunks: Iterable[bytes]) -> str:
    """The hash of bytes as they were received."""
    whole = sha256()
    for chunk in chunks:
        whole.update(chunk)
    return whole.hexdigest()
