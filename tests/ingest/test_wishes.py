"""Wishes: what feeds and servers ask of those who poll them, read with care."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.wishes import NONE, Wishes, feed_wishes, first_allowed, fresh_until, from_json, to_json

#: A Monday.
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
RSS = b"<rss><channel><title>x</title>%s<item><title>one</title></item>%s</channel></rss>"


def test_a_channel_states_its_wishes() -> None:
    """ttl is in minutes, hours are UTC, days are English names; all are read whatever their case."""
    body = RSS % (
        b"<TTL> 45 </TTL><skipHours><hour>0</hour><hour>23</hour></skipHours>"
        b"<skipDays><day>Saturday</day><day>sunday</day></skipDays>",
        b"",
    )

    assert feed_wishes(body) == Wishes(
        ttl=timedelta(minutes=45), skip_hours=frozenset({0, 23}), skip_days=frozenset({5, 6})
    )


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        (RSS % (b"<ttl><![CDATA[60]]></ttl>", b""), Wishes(ttl=timedelta(hours=1))),
        (RSS % (b"", b"<ttl>60</ttl>"), Wishes(ttl=timedelta(hours=1))),
        ((RSS % (b"<ttl>60</ttl>", b"")).replace(b"x", b"\xd0\x96"), Wishes(ttl=timedelta(hours=1))),
        ((RSS % (b"<ttl>60</ttl>", b"")).decode().encode("utf-16"), Wishes(ttl=timedelta(hours=1))),
        (RSS % (b"<skipHours><hour>24</hour></skipHours>", b""), Wishes(skip_hours=frozenset({0}))),
    ],
)
def test_wishes_are_found_in_odd_places(inside: bytes, expected: Wishes) -> None:
    """In CDATA, after the entries, in UTF-16, and with midnight as hour 24."""
    assert feed_wishes(inside) == expected


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not a feed",
        RSS % (b"<!-- <ttl>60</ttl> -->", b""),
        RSS % (b"<ttl>often</ttl>", b""),
        RSS % (b"<ttl>-5</ttl>", b""),
        RSS % (b"<ttl>0</ttl>", b""),
        RSS.replace(b"one", b"<ttl>60</ttl>") % (b"", b""),
        RSS
        % (b"<skipHours>" + b"".join(b"<hour>%d</hour>" % hour for hour in range(24)) + b"</skipHours>", b""),
        RSS % (b"<skipHours><hour>31</hour></skipHours><skipDays><day>Never</day></skipDays>", b""),
    ],
)
def test_nonsense_is_no_wish(body: bytes) -> None:
    """Comments, words, an entry's own ttl, hours that do not exist and all hours of the day ask for nothing."""
    assert feed_wishes(body) == NONE


@given(
    st.binary(max_size=300), st.sampled_from([b"<ttl>", b"<skipHours><hour>", b"<item>", b"</item>", b"<!--"])
)
@settings(max_examples=100, deadline=None)
def test_any_bytes_can_be_read(body: bytes, piece: bytes) -> None:
    """Whatever the bytes, the answer is a wish that can be stored and read back."""
    found = feed_wishes(body + piece + body)

    assert from_json(to_json(found)) == found


def test_wishes_survive_the_database() -> None:
    """What was stored is what is read; no wish is an empty text."""
    wishes = Wishes(ttl=timedelta(minutes=90), skip_hours=frozenset({1, 2}), skip_days=frozenset({6}))

    assert from_json(to_json(wishes)) == wishes
    assert to_json(NONE) == ""
    assert from_json("") == NONE


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        (NONE, NOW),
        (Wishes(skip_hours=frozenset({9})), NOW),
        (Wishes(skip_hours=frozenset({8, 9})), NOW.replace(hour=10, minute=0)),
        (Wishes(skip_days=frozenset({0})), datetime(2026, 11, 24, tzinfo=UTC)),
        (
            Wishes(skip_days=frozenset({0}), skip_hours=frozenset(range(6))),
            datetime(2026, 11, 24, 6, tzinfo=UTC),
        ),
        (
            Wishes(skip_days=frozenset({0, 1, 2, 3, 4, 5}), skip_hours=frozenset(range(23))),
            datetime(2026, 11, 29, 23, tzinfo=UTC),
        ),
    ],
)
def test_skipped_hours_and_days_are_waited_out(wishes: Wishes, expected: datetime) -> None:
    """The next allowed moment is the start of the first hour that is neither skipped nor in a skipped day."""
    assert first_allowed(NOW, wishes) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=600"}, timedelta(minutes=10)),
        ({"cache-control": 'Max-Age="600"'}, timedelta(minutes=10)),
        ({"cache-control": "max-age=600", "age": "200"}, timedelta(seconds=400)),
        ({"cache-control": "max-age=600", "age": "900"}, None),
        ({"cache-control": "max-age=0"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"cache-control": "max-age=600, no-store"}, None),
        ({"cache-control": "max-age=60", "expires": "Mon, 23 Nov 2026 10:30:00 GMT"}, timedelta(minutes=1)),
        ({"expires": "Mon, 23 Nov 2026 10:30:00 GMT"}, timedelta(hours=2)),
        # The server's clock is an hour ahead: by it, the answer is fresh for one hour.
        (
            {"expires": "Mon, 23 Nov 2026 10:30:00 GMT", "date": "Mon, 23 Nov 2026 09:30:00 GMT"},
            timedelta(hours=1),
        ),
        ({"expires": "0"}, None),
        ({"expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, None),
        ({"cache-control": "max-age=9999999999"}, timedelta(days=36_500)),
    ],
)
def test_freshness_is_read_as_caches_do(headers: dict[str, str], expected: timedelta | None) -> None:
    """max-age less Age comes before Expires; what forbids caching or lies in the past asks for nothing."""
    assert fresh_until(headers, NOW) == (None if expected is None else NOW + expected)
