"""Pages that take minutes, or more memory than there is: whoever reads one gives up in time, and the others go on."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot import watch
from bot.configured import PageSelectors, Source
from bot.errors import ParseError
from bot.finder import find_feeds
from bot.ingest.http import Fetcher
from bot.ingest.markup import check
from bot.ingest.reader import Reader
from bot.model import Document
from bot.settings import IngestSettings
from tests.faults.scene import Peak
from tests.feedserver import FeedServer, feeds
from tests.ingest.test_page import LIST, NOW, PAGES
from tests.ingest.test_page import document as page

__all__ = ["feeds"]

#: 2 MB within the bounds of `check`: each end tag looks for its element through all that are open. Over 40 s.
END_TAGS = "<div>" * 10_000 + "</li>" * 400_000
#: 250 kB, on which a selector of three steps takes over 40 s.
NESTED = "<ul><li><a href=/x>t</a><p class=s>s</p><time>1 May 2026</time>" * 3_900
STEPS = Source(
    id="steps",
    url="https://a.example/",
    kind="page",
    page=PageSelectors(item="li li", title="div span a, a", summary="p:not(.s p) ~ p", date="div time"),
)
#: What a source that is asked on loopback may need.
OPEN = IngestSettings(allow_private_addresses=True, timeout_seconds=5)
RSS = b'<rss version="2.0"><channel><title>t</title><item><title>One</title></item></channel></rss>'


@pytest.fixture
async def reader() -> AsyncIterator[Reader]:
    """A reader that gives a document two seconds."""
    async with Reader(seconds=2) as made:
        yield made


class Gap:
    """The longest that the event loop stood still within a `with` block, in seconds."""

    async def __aenter__(self) -> "Gap":
        self.longest = 0.0
        self._task = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.02)
            self.longest = max(self.longest, time.monotonic() - began)


@pytest.mark.timing
@pytest.mark.parametrize(
    ("source", "html"), [(LIST, END_TAGS), (STEPS, NESTED)], ids=["end tags", "selector"]
)
async def test_a_list_page_that_hangs_is_given_up_in_time(reader: Reader, source: Source, html: str) -> None:
    """It is a `ParseError` that says so; the loop turned meanwhile, and the next page is read."""
    check(html)
    began = time.monotonic()

    async with Gap() as gap:
        with pytest.raises(ParseError, match="could not be parsed within 2 s"):
            await reader.read(page(source, html), source, None, now=NOW)
    took = time.monotonic() - began
    after = await reader.read(page(LIST, "<li><a href=/1>One</a>"), LIST, None, now=NOW)

    assert took < 4
    assert gap.longest < 1
    assert [item.title for item in after.items] == ["One"]


@pytest.mark.parametrize("name", ["ofac.html", "ministry-ru.html", "ministry-zh.html", "telegram.html"])
async def test_an_ordinary_page_starts_no_process(
    reader: Reader, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The recorded pages are read in a thread, as they always were."""
    monkeypatch.setattr("bot.ingest.reader._COMMAND", ("/nowhere",))
    document = page(LIST, (PAGES / name).read_bytes())

    assert (await reader.candidates(document)).usual
    await reader.article(document)
    with pytest.raises(ParseError, match="nothing on the page fits"):
        await reader.read(document, replace(LIST, page=PageSelectors(item="x-none")), None, now=NOW)


@pytest.mark.timing
async def test_a_first_look_at_a_page_that_hangs_names_it(feeds: FeedServer, reader: Reader) -> None:
    """`check --live` says what is wrong with that source within its time, and looks at the others meanwhile."""
    feeds.serve("/hang", END_TAGS.encode(), "text/html").serve("/rss", RSS)
    hanging = Source(id="hang", url=feeds.url("/hang"), kind="page", page=LIST.page)
    began = time.monotonic()

    async with Fetcher(OPEN, env={}) as fetcher, Gap() as gap:
        looks = await asyncio.gather(
            *(
                watch.look(fetcher, reader, source, now=NOW)
                for source in (hanging, Source(id="one", url=feeds.url("/rss")))
            )
        )

    assert (looks[0].kind, looks[0].detail) == ("failing", "it could not be parsed within 2 s")
    assert [look.brings for look in looks] == [False, True]
    assert time.monotonic() - began < 5
    assert gap.longest < 1


@pytest.mark.timing
async def test_without_the_bound_a_page_takes_what_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the same kind with a twentieth of the work: taken for ordinary, no allowance of time ends it."""
    smaller = page(LIST, "<div>" * 6_000 + "</li>" * 120_000)
    began = time.monotonic()

    async with Reader(seconds=0.3) as hasty:
        with pytest.raises(ParseError, match="within 0"):
            await hasty.candidates(smaller)
        guarded = time.monotonic() - began
        monkeypatch.setattr("bot.ingest.discover.check_ordinary", lambda _: None)
        assert (await hasty.candidates(smaller)).usual
        unguarded = time.monotonic() - began - guarded

    assert guarded < 1
    assert unguarded > 1


@pytest.mark.timing
async def test_a_site_that_hangs_is_looked_for_at_the_usual_addresses(
    feeds: FeedServer, reader: Reader
) -> None:
    """Which feeds its page names can not be found out in time; its feed is found where such feeds are."""
    feeds.serve("/", END_TAGS.encode(), "text/html").serve("/rss.xml", RSS)

    async with Fetcher(OPEN, env={}) as fetcher, Gap() as gap:
        found = await find_feeds(fetcher, reader, feeds.url("/"), now=NOW)

    assert found.feeds == (feeds.url("/rss.xml"),)
    assert gap.longest < 1


@pytest.mark.timing
async def test_an_article_of_five_megabytes_is_read_apart_within_bounds(reader: Reader) -> None:
    """Its prose comes whole; this process' memory does not grow by what trafilatura takes."""
    prose = "<p>Traders in three ports said on Tuesday that the neodymium price rose for a fifth week in a row.</p>"
    html = f"<html><body><article>{prose * 12_000}</article></body></html>"
    html += "<!--" + "x" * (4_900_000 - len(html)) + "-->"
    document = Document(source_id="a", url="https://a.example/1", body=html.encode(), fetched_at=NOW)

    async with Reader() as patient, Gap() as gap:
        with Peak() as peak:
            text = await patient.article(document)

    assert text.startswith("Traders in three ports")
    assert gap.longest < 1
    assert peak.megabytes < 60


async def test_a_page_that_eats_memory_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """With an allowance that the page alone exceeds it is refused in words, and the next one is read."""
    limited = "import bot.ingest.worker as worker; worker.MEMORY = 150_000_000; worker.main()"
    monkeypatch.setattr("bot.ingest.reader._COMMAND", (sys.executable, "-c", limited))

    async with Reader(seconds=60) as reader:
        with pytest.raises(ParseError, match=r"too much memory|breaks the parser"):
            await reader.read(page(LIST, "<div>" + "</p>" * 1_200_000), LIST, None, now=NOW)
        after = await reader.read(page(LIST, "<li><a href=/1>One</a>" + " " * 600_000), LIST, None, now=NOW)

    assert [item.title for item in after.items] == ["One"]
