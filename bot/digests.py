"""A list's digest, from what the store holds: whether it is due, what it says, and its place in the outbox.

Each function is one question to the store or one transaction; `jobs.py` tells the time.
"""

from datetime import date, datetime

from bot.config import Config
from bot.configured import Source
from bot.model import Coverage, Digest
from bot.notify import timing
from bot.notify.messages import Candidate, build_digest, digest_deliveries
from bot.settings import DigestList
from bot.store import day
from bot.store.reports import has_digest, last_digest_end
from bot.store.store import Store


def is_due(store: Store, config: Config, entry: DigestList, now: datetime) -> bool:
    """True when the list's hour has come and today's digest was not made.

    Not before every source was asked once: a new installation would mail an empty digest in its first second.
    """
    if not timing.is_time(entry, now) or has_digest(store, entry.id, str(timing.local_date(entry, now))):
        return False
    states = store.poll_states()
    return all(source.id in states for source in config.sources if source.enabled)


def make(store: Store, config: Config, entry: DigestList, on: date | None, now: datetime) -> Digest | None:
    """Record and queue the digest of the given local date, else today's; None if it was made before."""
    if has_digest(store, entry.id, str(on or timing.local_date(entry, now))):
        return None
    digest = preview(store, config, entry, on, now)
    deliveries = digest_deliveries(
        digest,
        to=entry.to,
        sender=config.settings.mail.sender,
        has_smtp=config.env.smtp_url is not None,
        now=now,
    )
    store.save_digest(digest, deliveries)
    return digest


def preview(store: Store, config: Config, entry: DigestList, on: date | None, now: datetime) -> Digest:
    """The digest as it would be now."""
    local_date = on or timing.local_date(entry, now)
    since, until = timing.window(entry, local_date, last_end=last_digest_end(store, entry.id), now=now)
    sources = {source.id: source for source in config.sources}
    enabled = [source for source in config.sources if source.enabled]
    unread = day.unread_sources(store, [source.id for source in enabled], since)
    counts = day.counts(store, since, until)
    coverage = Coverage(
        items=counts.items,
        hits=counts.hits,
        stories=counts.stories,
        sources_read=len(enabled) - len(unread),
        sources_unread=tuple((sources[name].name or name, why) for name, why in unread),
    )
    candidates = [
        Candidate(
            story_id=found.story_id,
            item=found.item,
            label=found.label,
            # A source that left the configuration is still named.
            sources=tuple(sources.get(name, Source(id=name, url="")) for name in found.source_ids),
        )
        for found in day.stories_of_day(store, since, until)
    ]
    return build_digest(
        candidates,
        entry,
        coverage,
        topics=config.topics,
        local_date=local_date,
        since_at=since,
        until_at=until,
    )
