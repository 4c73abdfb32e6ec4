"""Fetching over real HTTP on loopback: bounds hold, the guard is asked, reasons are short and keep secrets."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.configured import Source
from bot.errors import FetchError
from bot.ingest.fingerprint import fingerprint_of, is_same_body
from bot.ingest.http import Fetcher, parse_retry_after
from bot.model import Document, NotModified, PollState
from bot.settings import IngestSettings
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
OPEN = IngestSettings(allow_private_addresses=True, timeout_seconds=5, max_bytes=100_000)
NEW = PollState(source_id="one")
RSS = b"<rss version='2.0'><channel><title>t</title></channel></rss>"


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """One that may reach loopback."""
    async with Fetcher(OPEN, env={"KEY": "s3cret"}) as fetcher:
        yield fetcher


async def refusal(fetcher: Fetcher, source: Source, state: PollState = NEW) -> FetchError:
    """The error that fetching this source ends with."""
    with pytest.raises(FetchError) as caught:
        await fetcher.fetch(source, state, now=NOW)
    return caught.value


async def test_document_carries_what_the_next_poll_needs(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Body, type, validators and final address come back."""
    feeds.serve("/rss", RSS, etag='"1"', last_modified="Mon, 23 Nov 2026 07:00:00 GMT")

    document = await fetcher.fetch(Source(id="one", url=feeds.url("/rss")), NEW, now=NOW)

    assert document == Document(
        source_id="one",
        url=feeds.url("/rss"),
        body=RSS,
        content_type="application/rss+xml",
        etag='"1"',
        last_modified="Mon, 23 Nov 2026 07:00:00 GMT",
        fetched_at=NOW,
    )
    assert feeds.requests[0].headers["user-agent"] == OPEN.user_agent
    assert feeds.requests[0].headers["accept-encoding"] == "gzip, deflate"


async def test_stored_validators_are_sent_and_304_is_understood(feeds: FeedServer, fetcher: Fetcher) -> None:
    """A source that did not change is asked with what it gave last time."""
    feeds.serve("/rss", RSS, etag='"1"')
    state = replace(NEW, etag='"1"', last_modified="yesterday")

    answer = await fetcher.fetch(Source(id="one", url=feeds.url("/rss")), state, now=NOW)

    assert answer == NotModified(source_id="one", fetched_at=NOW)
    assert feeds.requests[0].headers["if-modified-since"] == "yesterday"
    assert feeds.not_modified("/rss") == 1


async def test_304_that_nobody_asked_for_is_an_error(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Without validators sent there is nothing that could be unchanged."""
    feeds.serve("/rss", status=304)

    assert (await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))).reason == "HTTP 304"


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (404, "HTTP 404 not found"),
        (410, "HTTP 410 gone for good"),
        (403, "HTTP 403 refused"),
        (503, "HTTP 503 unavailable"),
        (418, "HTTP 418"),
        (204, "HTTP 204"),
    ],
)
async def test_other_answers_are_errors_with_their_status(
    feeds: FeedServer, fetcher: Fetcher, status: int, reason: str
) -> None:
    """The status is kept as a number and explained in words."""
    feeds.serve("/rss", status=status)

    error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss?key=s3cret")))

    assert (error.status, error.reason, error.retry_after) == (status, reason, None)


async def test_server_may_ask_us_to_wait(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Retry-After comes through."""
    feeds.serve("/rss", status=429, headers={"Retry-After": "120"})

    error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))

    assert (error.status, error.retry_after) == (429, timedelta(minutes=2))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", timedelta()),
        (" 90 ", timedelta(seconds=90)),
        ("Mon, 23 Nov 2026 08:10:00 GMT", timedelta(minutes=10)),
        ("Mon, 23 Nov 2026 07:00:00 GMT", timedelta()),
        ("soon", None),
        ("-5", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, expected: timedelta | None) -> None:
    """Both forms are read, a date in the past means now, anything else nothing."""
    assert parse_retry_after(value, NOW) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Cache-Control": "max-age=600"}, timedelta(minutes=10)),
        ({"Cache-Control": "max-age=600", "Retry-After": "1800"}, timedelta(minutes=30)),
        ({"Retry-After": "0"}, None),
    ],
)
async def test_server_may_say_how_long_its_answer_holds(
    feeds: FeedServer, fetcher: Fetcher, headers: dict[str, str], expected: timedelta | None
) -> None:
    """A good answer, and "not modified" too, may carry the earliest time of the next poll."""
    feeds.serve("/rss", RSS, etag='"1"', headers=headers)
    source = Source(id="one", url=feeds.url("/rss"))

    document = await fetcher.fetch(source, NEW, now=NOW)
    unchanged = await fetcher.fetch(source, replace(NEW, etag='"1"'), now=NOW)

    assert isinstance(unchanged, NotModified)
    assert document.not_before == unchanged.not_before == (NOW + expected if expected else None)


async def test_another_address_may_be_asked_in_place_of_the_source_s_own(
    feeds: FeedServer, fetcher: Fetcher
) -> None:
    """A fallback, or where the source has moved to; the source's secrets stay with its own host."""
    feeds.serve("/other", RSS, etag='"other"')
    source = Source(id="one", url="http://feeds.example/rss", headers={"X-Key": "KEY"})

    document = await fetcher.fetch(source, NEW, now=NOW, url=feeds.url("/other"))

    assert isinstance(document, Document)
    assert (document.url, document.etag) == (feeds.url("/other"), '"other"')
    assert "x-key" not in feeds.asked("/other")[0].headers


async def test_a_refusal_shows_whose_it_is(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Some headers and the beginning of the body come along, unpacked; of cookies only the names."""
    page = b"<html><title>Just a moment...</title>" + b"x" * 50_000
    headers = {"Server": "cloudflare", "Set-Cookie": "__cf_bm=s3cret; path=/", "Content-Encoding": "gzip"}
    feeds.serve("/rss", gzip.compress(page), "text/html", status=403, headers=headers)

    error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))

    assert error.head == page[:8_000]
    assert "cloudflare" in error.headers["server"]
    assert error.headers["set-cookie"] == "__cf_bm"
    assert "s3cret" not in str(error.headers)


async def test_a_refusal_with_a_body_that_never_ends_is_still_a_refusal(
    feeds: FeedServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that drips does not turn HTTP 403 into a time-out."""
    monkeypatch.setattr("bot.ingest.http._HEAD_SECONDS", 0.3)
    feeds.serve("/rss", b"<html>" + b"x" * 1000, "text/html", status=403, drip=0.05)

    error = await refusal(fetcher, Source(id="one", url=feeds.url("/rss")))

    assert error.status == 403
    assert 0 < len(error.head) < 1000


async def test_permanent_redirects_are_told_as_far_as_they_lead(feeds: FeedServer, fetcher: Fetcher) -> None:
    """301 and 308 count until the first temporary one; a plain answer tells of none."""
    feeds.redirect("/rss", "/a", 301).redirect("/a", "/b", 308).redirect("/b", "/c", 302).serve("/c", RSS)

    document = await fetcher.fetch(Source(id="one", url=feeds.url("/rss")), NEW, now=NOW)
    straight = await fetcher.fetch(Source(id="one", url=feeds.url("/c")), NEW, now=NOW)
    temporary = await fetcher.fetch(Source(id="one", url=feeds.url("/b")), NEW, now=NOW)

    assert document.moved_to == feeds.url("/b")
    assert straight.moved_to == temporary.moved_to == ""
    assert timedelta() < document.took < timedelta(seconds=5)


# --- the same bytes again ---------------------------------------------------------------------------


def remembered(document: Document | NotModified) -> PollState:
    """The state once this document was read."""
    assert isinstance(document, Document)
    return replace(
        NEW,
        etag=document.etag,
        last_modified=document.last_modified,
        body_hash=fingerprint_of(document),
    )


@pytest.mark.parametrize("encoding", ["gzip", ""])
async def test_bytes_that_came_before_are_not_unpacked(
    feeds: FeedServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """A server that knows no "not modified" is seen through by the hash of what it sends, packed or plain."""
    headers = {"Content-Encoding": encoding, "Cache-Control": "max-age=600"}
    feeds.serve("/rss", gzip.compress(RSS) if encoding else RSS, headers=headers, last_modified="then")
    source = Source(id="one", url=feeds.url("/rss"))
    state = remembered(await fetcher.fetch(source, NEW, now=NOW))
    monkeypatch.setattr("bot.ingest.unpack.Unpacker.feed", lambda *_: pytest.fail("unpacked"))

    again = await fetcher.fetch(source, state, now=NOW)

    assert again == NotModified(source_id="one", fetched_at=NOW, not_before=NOW + timedelta(minutes=10))


@pytest.mark.parametrize(
    "change",
    [{"etag": '"2"'}, {"last_modified": "later"}, {"body": gzip.compress(RSS, 0)}],
    ids=["etag", "last modified", "packing"],
)
async def test_the_same_body_in_other_words_is_a_document_that_is_known(
    feeds: FeedServer, fetcher: Fetcher, change: dict[str, Any]
) -> None:
    """New validators must be kept, and another packing makes no other body."""
    page: dict[str, Any] = {"body": gzip.compress(RSS), "headers": {"Content-Encoding": "gzip"}}
    feeds.serve("/rss", **page)
    source = Source(id="one", url=feeds.url("/rss"))
    state = remembered(await fetcher.fetch(source, NEW, now=NOW))

    feeds.serve("/rss", **{**page, **change})
    again = await fetcher.fetch(source, state, now=NOW)

    assert isinstance(again, Document)
    assert (again.body, again.etag, again.last_modified) == (
        RSS,
        change.get("etag"),
        change.get("last_modified"),
    )
    assert is_same_body(state.body_hash, again)


# --- redirects --------------------------------------------------------------------------------------


async def test_redirects_are_followed_with_their_cookies(feeds: FeedServer, fetcher: Fetcher) -> None:
    """A cookie set on the way is sent on that way, and forgotten afterwards."""
    feeds.redirect("/old", "/new", 301, **{"Set-Cookie": "seen=1; Path=/"}).serve("/new", RSS)
    source = Source(id="one", url=feeds.url("/old"))

    document = await fetcher.fetch(source, NEW, now=NOW)
    await fetcher.fetch(source, NEW, now=NOW)

    assert isinstance(document, Document)
    assert document.url == feeds.url("/new")
    assert feeds.asked("/new")[0].headers["cookie"] == "seen=1"
    assert "cookie" not in feeds.asked("/old")[1].headers


async def test_redirect_loop_ends(feeds: FeedServer, fetcher: Fetcher) -> None:
    """After the set number of redirects the fetch is given up."""
    feeds.redirect("/a", "/b").redirect("/b", "/a")

    error = await refusal(fetcher, Source(id="one", url=feeds.url("/a")))

    assert error.reason == "more than 5 redirects"
    assert len(feeds.requests) == 6


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("file:///etc/passwd", "not a web address: file"),
        ("ftp://files.example/feed", "not a web address: ftp"),
        ("javascript:alert(1)", "not a web address: javascript"),
        ("data:text/xml,x", "not a web address: data"),
    ],
)
async def test_redirect_off_the_web_is_refused(
    feeds: FeedServer, fetcher: Fetcher, location: str, reason: str
) -> None:
    """Only http and https are followed."""
    feeds.redirect("/a", location)

    assert (await refusal(fetcher, Source(id="one", url=feeds.url("/a")))).reason == reason


async def test_secrets_stay_with_their_host(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Named headers and a password in the address go to the source's own host, not where it redirects to."""
    feeds.redirect("/here", "/still")
    feeds.redirect("/still", feeds.url("/there", host="localhost")).serve("/there", RSS)
    url = feeds.url("/here").replace("//", "//user:pass@")

    document = await fetcher.fetch(Source(id="one", url=url, headers={"X-Key": "KEY"}), NEW, now=NOW)

    assert isinstance(document, Document)
    assert "user" not in document.url
    for path in ("/here", "/still"):
        assert feeds.asked(path)[0].headers["x-key"] == "s3cret"
        assert feeds.asked(path)[0].headers["authorization"].startswith("Basic ")
    assert not {"x-key", "authorization"} & feeds.asked("/there")[0].headers.keys()


async def test_missing_header_variable_is_named(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Nothing is sent, and the reason names the variable."""
    error = await refusal(fetcher, Source(id="one", url=feeds.url("/"), headers={"X-Key": "NONE"}))

    assert error.reason == "environment variable NONE is not set"
    assert feeds.requests == []


async def test_source_may_have_a_user_agent_of_its_own(feeds: FeedServer, fetcher: Fetcher) -> None:
    """Some hosts answer to certain clients only."""
    feeds.serve("/rss", RSS)

    await fetcher.fetch(Source(id="one", url=feeds.url("/rss"), user_agent="Reader/1"), NEW, now=NOW)

    assert feeds.requests[0].headers["user-agent"] == "Reader/1"
