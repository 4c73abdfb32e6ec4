"""Polls of a document that changes, over real HTTP and a real database."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from bot import jobs
from bot.config import Config
from bot.configured import Source
from bot.ingest.reader import Reader
from bot.parts import open_parts
from bot.settings import Environment, IngestSettings, ModelSettings, Settings
from tests.feedserver import FeedServer, feeds
from tests.ingest.test_feed import rss
from tests.ingest.test_reader import HANGING
from tests.ingest.test_reading import news

__all__ = ["feeds"]


def config(folder: Path, *sources: Source) -> Config:
    """These sources, and no topics."""
    return Config(
        folder=folder,
        settings=Settings(
            ingest=IngestSettings(allow_private_addresses=True), model=ModelSettings(embedding="none")
        ),
        sources=sources,
        topics=(),
        concepts=(),
        env=Environment(data=folder),
    )


async def test_a_document_is_followed_from_change_to_change(tmp_path: Path, feeds: FeedServer) -> None:
    """New: the one new entry. Another date: not modified. An edit: kept, and nothing new. The address of the source's
    items stays one row each."""
    source = Source(id="one", url=feeds.url("/rss"))
    stamp = "<lastBuildDate>{}</lastBuildDate><item>"
    versions = [
        rss(news(1), news(2)),
        rss(news(1), news(2), news(3)).replace("<item>", stamp.format("a"), 1),
        rss(news(1), news(2), news(3)).replace("<item>", stamp.format("b"), 1),
        rss(news(1), news(2).replace("News 2", "News 2, corrected"), news(3)).replace(
            "<item>", stamp.format("c"), 1
        ),
    ]

    polls = []
    async with open_parts(config(tmp_path, source)) as parts:
        for body in versions:
            feeds.serve("/rss", body.encode())
            polls.append(await jobs.poll_source(parts, source))
        rows = await parts.writer(lambda store: store.rows("select title from items order by url"))

    assert [(poll.status, poll.items, poll.new) for poll in polls] == [
        ("ok", 2, 2),
        ("ok", 3, 1),
        ("not_modified", 0, 0),
        ("ok", 3, 0),
    ]
    assert [row["title"] for row in rows] == ["News 1", "News 2, corrected", "News 3"]


@pytest.mark.timing
async def test_sources_are_polled_on_time_while_two_documents_hang_the_parser(
    tmp_path: Path, feeds: FeedServer
) -> None:
    """Both processes for dubious documents are stuck; a hundred sources are read meanwhile, and the two fail in words."""
    hanging = [Source(id=f"hang{n}", url=feeds.url(f"/hang{n}")) for n in range(2)]
    others = [Source(id=f"ok{n}", url=feeds.url(f"/ok{n}")) for n in range(100)]
    for n in range(2):
        feeds.serve(f"/hang{n}", HANGING.encode())
    for n in range(100):
        feeds.serve(f"/ok{n}", rss(news(n)).encode())

    async with open_parts(config(tmp_path, *hanging, *others)) as made, Reader(seconds=8) as reader:
        parts = replace(made, reader=reader)
        stuck = [asyncio.create_task(jobs.poll_source(parts, source)) for source in hanging]
        await asyncio.sleep(0.5)
        began = time.monotonic()
        polls = await jobs.poll(parts, others)
        took = time.monotonic() - began
        assert not any(task.done() for task in stuck)
        failed = await asyncio.gather(*stuck)

    assert {poll.status for poll in polls} == {"ok"}
    assert took < 7
    assert [poll.error for poll in failed] == ["it could not be parsed within 8 s"] * 2
