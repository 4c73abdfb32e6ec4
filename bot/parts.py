"""Builds the parts that the jobs work with from the configuration, and takes them down again."""

import contextlib
import os
from collections.abc import AsyncIterator

from rich.console import Console

from bot.baseline import load_baseline
from bot.config import Config
from bot.ingest.http import Fetcher
from bot.ingest.reader import Reader
from bot.jobs import Parts, utc_now
from bot.notify.outbox import Channel
from bot.pacing import Pacer
from bot.rulebook import rulebook_of
from bot.store import tracked
from bot.store.store import Store
from bot.writer import Writer


@contextlib.asynccontextmanager
async def open_parts(config: Config, console: Console | None = None) -> AsyncIterator[Parts]:
    """The parts, ready for work; closed afterwards. Raises `StoreError` when the data folder can not be used.

    Without a `console` there are no channels, and nothing can be delivered.
    """
    rulebook = rulebook_of(config)
    # Here, so that a broken baseline stops the start and not each poll.
    baseline = load_baseline(config.folder, config.concepts, (topic.id for topic in config.topics))
    writer = Writer(lambda: Store.open(config.env.data))
    made = _channels(config, console) if console else {}
    try:
        await writer.open()
        await writer(lambda store: store.keep_sources(config.sources))
        await writer(lambda store: tracked.keep_baseline(store, baseline.claims, utc_now()))
        async with Fetcher(config.settings.ingest, env=os.environ) as fetcher, Reader() as reader:
            yield Parts(
                config=config,
                rulebook=rulebook,
                fetcher=fetcher,
                reader=reader,
                writer=writer,
                pacer=Pacer(
                    config.settings.ingest, [source.id for source in config.sources if source.enabled]
                ),
                channels=made,
            )
    finally:
        await writer.close()
        for channel in made.values():
            close = getattr(channel, "close", None)
            if close:
                await close()


def _channels(config: Config, console: Console) -> dict[str, Channel]:
    # Here and not above: a command that delivers nothing starts without Slack, mail and what they load.
    from bot.channels import channels

    return channels(config, console)
