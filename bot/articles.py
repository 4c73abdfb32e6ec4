"""Reads the article of an item that its feed does not say enough of, and judges the item again, for the poll job.

Only for sources with `article = true`, and only items that the text may decide: no topic is sure, one is within half
of possible, and the feed gave a line or two. Each article is asked for once, in the poll that first sees its item. What
fails changes nothing. Which items, is decided in `worth_reading`, which is pure.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit

import structlog

from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge
from bot.config import Config
from bot.configured import Source, Topic
from bot.errors import FetchError, ParseError
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.model import ClassifiedItem, Document, PollState

log = structlog.get_logger("bot.articles")
#: Characters of summary or text from which an item speaks for itself.
ENOUGH = 200
#: What is shorter is no article: a log-in notice, a teaser.
_SHORTEST = 100


def worth_reading(
    entries: Sequence[ClassifiedItem], source: Source, topics: Sequence[Topic], *, most: int
) -> tuple[str, ...]:
    """Keys of the items whose article may decide, at most so many, the closest to a threshold first."""
    if not source.article:
        return ()
    known = {topic.id: topic for topic in topics}
    closeness: dict[str, float] = {}
    for entry in entries:
        item, scores = entry.item, entry.classification.scores
        if max(len(item.summary), len(item.text)) >= ENOUGH or not _leads_to_article(item.url):
            continue
        if any(label.sure for label in entry.classification.labels):
            continue
        near = [
            score / known[topic_id].threshold
            for topic_id, score in scores.items()
            if topic_id in known and score >= known[topic_id].possible / 2
        ]
        if near:
            closeness[item.key] = max(near)
    return tuple(sorted(closeness, key=lambda key: -closeness[key])[:most])


def _leads_to_article(url: str) -> bool:
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return False
    # Links of a Google News search lead to a page of Google's, which needs scripts to lead further.
    return bool(host) and host != "news.google.com"


async def with_articles(
    entries: Sequence[ClassifiedItem],
    source: Source,
    config: Config,
    rulebook: Rulebook,
    fetcher: Fetcher,
    reader: Reader,
    *,
    now: datetime,
) -> tuple[ClassifiedItem, ...]:
    """The items in their order, those that were worth it with their article's text and judged by it. Never raises."""
    most = config.settings.ingest.articles_per_poll
    keys = worth_reading(entries, source, config.topics, most=most)
    wanted = [entry for entry in entries if entry.item.key in keys]
    read = await asyncio.gather(*(_read(entry, source, fetcher, reader, rulebook, now) for entry in wanted))
    better: Mapping[str, ClassifiedItem] = {entry.item.key: entry for entry in read}
    return tuple(better.get(entry.item.key, entry) for entry in entries)


async def _read(
    entry: ClassifiedItem,
    source: Source,
    fetcher: Fetcher,
    reader: Reader,
    rulebook: Rulebook,
    now: datetime,
) -> ClassifiedItem:
    item = entry.item
    # A source of its own, as the feed's headers may hold secrets that are none of the article's business.
    page = Source(id=source.id, url=item.url, user_agent=source.user_agent)
    try:
        answer = await fetcher.fetch(page, PollState(source_id=source.id), now=now)
        text = await reader.article(answer) if isinstance(answer, Document) else ""
    except (FetchError, ParseError) as error:
        log.info("article", source=source.id, item=item.key, status="failed", error=error.reason)
        return entry
    if len(text) < max(_SHORTEST, len(item.summary), len(item.text)):
        log.info("article", source=source.id, item=item.key, status="no prose")
        return entry
    fuller = replace(item, text=text)
    judged = await asyncio.to_thread(partial(judge, fuller, rulebook))
    log.info("article", source=source.id, item=item.key, status="ok", characters=len(text))
    return ClassifiedItem(item=fuller, classification=judged)
