"""What is remembered of a body: known again by either hash, and by what earlier versions stored."""

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256

from bot.ingest.fingerprint import fingerprint_of, hash_of, is_same_body, is_same_received
from bot.model import Document

BODY = sha256(b"<rss/>").hexdigest()
PACKED = sha256(b"packed").hexdigest()
OTHER = sha256(b"other").hexdigest()
PLAIN = Document(
    source_id="one",
    url="https://a.example/",
    body=b"<rss/>",
    fetched_at=datetime(2026, 11, 23, 8, 0, tzinfo=UTC),
)
ZIPPED = replace(PLAIN, packed_hash=PACKED)


def test_a_body_is_known_packed_plain_or_packed_anew() -> None:
    """The body is what counts, however it was sent."""
    for one in (PLAIN, ZIPPED):
        for again in (PLAIN, ZIPPED, replace(PLAIN, packed_hash=OTHER)):
            assert is_same_body(fingerprint_of(one), again)
        assert not is_same_body(fingerprint_of(one), replace(one, body=b"<rss />", packed_hash=""))
        assert not is_same_body(fingerprint_of(one), replace(one, body=b"<rss />", packed_hash=OTHER))


def test_what_an_earlier_version_stored_is_still_known() -> None:
    """It is the hash of the unpacked body: the first poll after an update reads nothing anew."""
    assert is_same_body(BODY, PLAIN)
    assert is_same_body(BODY, ZIPPED)
    assert not is_same_received(BODY, PACKED)


def test_received_bytes_are_known_by_the_form_they_came_in() -> None:
    """A packed body by its packed bytes, a plain one by itself; nothing is known by nothing."""
    assert is_same_received(fingerprint_of(PLAIN), hash_of([b"<rs", b"s/>"]))
    assert is_same_received(fingerprint_of(ZIPPED), hash_of([b"packed"]))
    assert not is_same_received(fingerprint_of(ZIPPED), BODY)
    for nothing in (None, ""):
        assert not is_same_received(nothing, PACKED)
        assert not is_same_received(nothing, "")
        assert not is_same_body(nothing, PLAIN)
