"""Finds the feed that a person means by a site's address, for `reebot sources add`.

Order: the address itself, if it is a feed; what its page names; the usual addresses, one after the other. Every request
goes through the guard. A candidate counts only once it was read as a feed.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from bot.configured import Source
from bot.errors import FetchError, ParseError
from bot.ingest.discover import discover, is_comments
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.model import Document, PollState

#: Feeds that a page names are tried up to here; a site with one for every section is a choice for people.
_MOST = 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What stands behind an address."""

    #: Feeds that were read, the likeliest first; one: that is it; none: `reason` says why.
    feeds: tuple[str, ...] = ()
    #: Named by the page as well, and not looked at.
    others: tuple[str, ...] = ()
    reason: str = ""
    #: False: nothing was served at all, so the address may yet be right.
    served: bool = True


async def find_feeds(fetcher: Fetcher, reader: Reader, url: str, *, now: datetime) -> Found:
    """The feeds at an address of a feed or a site. Never raises for what the web serves."""
    try:
        document = await _fetch(fetcher, url, now)
    except FetchError as error:
        return Found(reason=error.reason, served=False)
    refusal = await _refusal(reader, document, now)
    if not refusal:
        return Found(feeds=(url,))
    try:
        candidates = await reader.candidates(document)
    except ParseError:
        candidates = discover(b"", document.url)
    read = await asyncio.gather(*(_is_feed(fetcher, reader, link, now) for link in candidates.named[:_MOST]))
    feeds = [link for link, is_feed in zip(candidates.named, read, strict=False) if is_feed]
    feeds = [link for link in feeds if not is_comments(link)] or feeds
    if feeds:
        return Found(feeds=tuple(feeds), others=candidates.named[_MOST:])
    for link in candidates.usual:
        if await _is_feed(fetcher, reader, link, now):
            return Found(feeds=(link,))
    return Found(reason=f"{refusal}, and no feed was found from there")


async def _fetch(fetcher: Fetcher, url: str, now: datetime) -> Document:
    answer = await fetcher.fetch(Source(id="new", url=url), PollState(source_id="new"), now=now)
    if not isinstance(answer, Document):
        raise FetchError("new", "answers that nothing changed, and was never asked before")
    return answer


async def _refusal(reader: Reader, document: Document, now: datetime) -> str:
    """Why a document is no feed; empty if it is one."""
    source = Source(id="new", url=document.url)
    try:
        await reader.read(document, source, None, now=now)
    except ParseError as error:
        return error.reason
    return ""


async def _is_feed(fetcher: Fetcher, reader: Reader, url: str, now: datetime) -> bool:
    try:
        return not await _refusal(reader, await _fetch(fetcher, url, now), now)
    except FetchError:
        return False
