"""The fault table, rows 28, 30 and 32-34, with one guard taken away each: what the rows' own tests forbid happens.

Those stand in test_ingest_faults.py and test_hostile_servers.py. A guard without which nothing bad happens would be
superfluous, and a row's test that passes without it would prove nothing.
"""

import json
import re
import shutil
import ssl
import time
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.configured import Source
from bot.errors import ParseError
from bot.ingest import feed as feed_parser
from bot.ingest.feed import Contents
from bot.model import Document
from bot.store import reports
from bot.text import html_to_text
from tests.faults.scene import News, feed, sanctions, scene
from tests.faults.test_hostile_servers import RSS, Authority, raw_server
from tests.faults.test_ingest_faults import CHINESE, RUSSIAN, one
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

NEVER = re.compile("(?!)()")
ALWAYS = re.compile(b"")


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Damaged documents are read here and not in a process of their own, where a guard could not be taken away."""
    monkeypatch.setattr("bot.ingest.feed.is_ordinary", lambda _: True)


# --- row 28: answers that are no feed ---------------------------------------------------------------

CUT = feed(*sanctions(3))
CUT = CUT[: CUT.rindex(b"</description>") - 5]


async def test_28_an_etag_kept_of_a_truncated_document_hides_the_rest(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 28, every document taken for a whole one: "not modified" hides the third entry for good."""
    monkeypatch.setattr("bot.ingest.cadence.is_whole", lambda _: True)
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", CUT, etag='"1"')
        await stage.poll()
        feeds.serve("/rss", feed(*sanctions(3)), etag='"1"')
        again = await stage.poll()

        assert again.status == "not_modified"
        assert len(await stage.titles()) == 2


@pytest.mark.usefixtures("in_process")
async def test_28_a_cut_entry_that_is_taken_is_stored_without_its_words(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 28, broken-off documents taken for ended ones: the third item has lost its summary."""
    monkeypatch.setattr("bot.ingest.feed._ROOT_END", ALWAYS)
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", CUT)
        polled = await stage.poll()
        rows = await stage.rows("select title, summary from items order by rowid")

    assert polled.new == 3
    assert rows[2] == {"title": sanctions(3)[2].title, "summary": ""}


async def test_28_a_page_read_as_a_feed_without_entries_looks_well_for_ever(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 28, what is no feed no error: the page's ETag takes the place of the feed's, and nobody hears of it."""

    def lenient(text: str, document: Document, source: Source, *, careful: bool = False) -> Contents:
        try:
            return feed_parser.contents_of(text, document, source, careful=careful)
        except ParseError:
            return Contents(entries=(), sound=False)

    monkeypatch.setattr("bot.ingest.reading.contents_of", lenient)
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed(*sanctions(3)), etag='"good"')
        await stage.poll()
        feeds.serve("/rss", b"<!doctype html><html><title>Welcome</title></html>", etag='"bad"')
        polls = [await stage.poll(), await stage.poll()]
        state = await stage.state()

    assert [polled.status for polled in polls] == ["ok", "not_modified"]
    assert (state.failures, state.etag) == (0, '"bad"')


# --- row 30: hostile documents ----------------------------------------------------------------------


async def test_30_entities_that_are_not_refused_become_text(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 30, the refusal off: 400 bytes are an item of as many characters as an item may have."""
    monkeypatch.setattr("bot.ingest.feed.declares_entities", lambda _: False)
    body = (
        b'<!DOCTYPE rss [\n<!ENTITY a "' + b"ha " * 30 + b'">\n]><rss version="2.0"><channel><item>'
        b"<title>x</title><description>" + b"&a;" * 60 + b"</description></item></channel></rss>"
    )
    feeds.serve("/rss", body)
    async with scene(tmp_path, one(feeds)) as stage:
        polled = await stage.poll()
        [row] = await stage.rows("select length(summary) as characters from items")

    assert polled.status == "ok"
    assert row["characters"] > 1_900


@pytest.mark.timing
@pytest.mark.parametrize(
    ("guards", "markup"),
    [
        ({"_is_tangled": lambda _: False}, "<x>" * 4_000 + "<rt>" * 12_000),
        ({"_is_tangled": lambda _: False}, "<x " + " ".join(f"a{n}" for n in range(10_000)) + ">"),
        ({"_is_tangled": lambda _: False, "_PLAIN_BLOCK": NEVER, "_ODD_BLOCK": NEVER}, "<div>" * 10_000),
        (
            {"_FORMATTING": NEVER},
            "<ruby>" * 600 + "".join(f"<b a{n}>" for n in range(700)) + "x</ruby>" * 600,
        ),
    ],
    ids=["end tags", "attributes", "depth", "formatting"],
)
def test_30_markup_that_goes_to_the_parser_as_it_is_takes_long(
    monkeypatch: pytest.MonkeyPatch, guards: dict[str, object], markup: str
) -> None:
    """Row 30, a guard of the reading off: the same markup takes more than eight times as long."""
    guarded = took(markup)
    for name, none in guards.items():
        monkeypatch.setattr(f"bot.text.{name}", none)

    assert took(markup) > 8 * guarded


def took(markup: str) -> float:
    """Seconds of CPU to make this into text; the least of two tries."""
    tries = []
    for _ in range(2):
        began = time.process_time()
        html_to_text(markup)
        tries.append(time.process_time() - began)
    return min(tries)


# --- row 32: certificates ---------------------------------------------------------------------------


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """An authority that nobody knows."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not here")
    return Authority(tmp_path)


@pytest.mark.parametrize("wrong", ["issuer", "host", "date"])
async def test_32_a_certificate_that_is_not_checked_lets_anyone_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: Authority, wrong: str
) -> None:
    """Row 32, the client's check off: each of the wrong certificates is read like the right one."""
    host, days = ("other.example" if wrong == "host" else "localhost"), (-1 if wrong == "date" else 2)
    tls = authority.serves(host, days)
    unchecked = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    monkeypatch.setattr("bot.ingest.wire.httpx.create_ssl_context", lambda *_, **__: unchecked)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: {len(RSS)}\r\n\r\n".encode()
    async with (
        raw_server(head, RSS, tls=tls, host="localhost") as port,
        scene(tmp_path, Source(id="one", url=f"https://localhost:{port}/")) as stage,
    ):
        polled = await stage.poll()

    assert (polled.status, polled.new) == ("ok", 2)


# --- row 33: encodings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "encoding", "claim"),
    [(RUSSIAN, "cp1251", "koi8-r"), (RUSSIAN, "utf-8", "windows-1251"), (CHINESE, "gb18030", "utf-8")],
)
async def test_33_a_charset_that_is_believed_makes_nonsense_of_the_text(
    feeds: FeedServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    title: str,
    encoding: str,
    claim: str,
) -> None:
    """Row 33, the claim taken at its word and nothing mended: the title is not what was written."""
    monkeypatch.setattr(
        "bot.ingest.feed.decode", lambda body, kind: body.decode(kind.partition("charset=")[2], "replace")
    )
    monkeypatch.setattr("bot.ingest.feed.mend", lambda text: text)
    body = feed(News(title=title, link="https://a.example/1")).decode()
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", body.replace("utf-8", claim).encode(encoding), f"text/xml; charset={claim}")
        await stage.poll()
        titles = await stage.titles()

    assert titles
    assert titles != [title]


@pytest.mark.usefixtures("in_process")
async def test_33_half_an_emoji_that_is_left_in_costs_the_document(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 33, references to what is no character kept: the parser gives up the document as damaged."""
    monkeypatch.setattr("bot.ingest.feed.legal", lambda text: text)
    body = feed(News(title="MARK", link="https://a.example/1")).replace(b"MARK", b"one &#xD83D; two")
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", body)
        polled = await stage.poll()

    assert polled.error == "damaged XML (UnicodeEncodeError)"


def surrogates() -> bytes:
    """A JSON Feed with half an emoji in each of its parts, where it may stand as an escape."""
    title = sanctions(1)[0].title
    entry = {
        "id": "a\ud83d",
        "url": "https://a.example/1",
        "title": f"{title}\ud83d",
        "content_text": "b\udc00",
    }
    return json.dumps(
        {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [entry]}
    ).encode()


async def test_33_lone_surrogates_of_a_json_feed_are_dropped(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 33: JSON may spell halves of characters, which neither SQLite nor a channel takes; they are gone."""
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed())
        await stage.poll()
        feeds.serve("/rss", surrogates(), "application/feed+json")
        polled = await stage.poll()
        titles = await stage.titles()
        [message] = await stage.alerts()

    assert (polled.status, titles) == ("ok", [sanctions(1)[0].title])
    assert message.isprintable()


async def test_33_surrogates_that_are_not_dropped_can_not_be_stored(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 33, the cleaning off: the whole poll fails on one character."""
    monkeypatch.setattr("bot.text._INVISIBLE", NEVER)
    feeds.serve("/rss", surrogates(), "application/feed+json")
    async with scene(tmp_path, one(feeds)) as stage:
        with capture_logs():  # the traceback with all its values takes 20 s to print
            polled = await stage.poll()

        assert polled.status == "failed"
        assert "UnicodeEncodeError" in polled.error
        assert await stage.titles() == []


# --- row 34: dates ----------------------------------------------------------------------------------


async def test_34_dates_that_are_believed_lie_ahead_or_hide_the_news(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 34, every date believed: the one of 2100 is its source's newest for decades, that of 1970 never alerts."""
    for module in ("entries", "reading"):
        monkeypatch.setattr(f"bot.ingest.{module}.believable", lambda at, _: at)
    ahead, ancient = (
        replace(news, hours=None, inside=f"<pubDate>{date}</pubDate>")
        for news, date in zip(
            sanctions(2), ("Fri, 01 Jan 2100 00:00:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"), strict=True
        )
    )
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed())
        await stage.poll()
        feeds.serve("/rss", feed(ancient))
        old = await stage.poll()
        feeds.serve("/rss", feed(ahead, ancient))
        await stage.poll()
        activity = await stage.ask(reports.source_activity)

    assert (old.new, old.alerts) == (1, 0)
    assert activity["one"][1] is not None
    assert activity["one"][1].year == 2100
