"""Takes in what a poll brought, for the jobs: tells new entries from known, edited and respelt ones, and saves it all.

`look` and `absorb` run in the store's thread, `judge` in one of its own. What is what is decided in
bot/analyse/flood.py, revisions.py and triage.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.analyse.concepts import Rulebook
from bot.analyse.flood import Flood, flood, is_suspect, recognise
from bot.analyse.judge import understand
from bot.analyse.outcome import Backlog, Triage
from bot.analyse.revisions import Edit, edited
from bot.config import Config
from bot.configured import Source
from bot.model import Batch, ClassifiedItem, Delivery, Item, PollState, Revision, Story
from bot.notify.fate import doubted
from bot.notify.messages import alert_deliveries, alert_for
from bot.notify.notices import notice_deliveries
from bot.seen import Seen
from bot.store import identity
from bot.store.backup import restored_since
from bot.store.store import Store
from bot.verdicts import Notice

if TYPE_CHECKING:
    from bot.analyse.assess import Assessment

log = structlog.get_logger("bot.intake")


@dataclass(frozen=True, kw_only=True, slots=True)
class Sorted:
    """A document's items by what they are to us."""

    #: Not stored yet, in the document's order.
    fresh: tuple[Item, ...] = ()
    #: (as stored, as it is now) of each stored item that its source changed.
    edited: tuple[tuple[Item, Item], ...] = ()
    #: New key -> key of the stored item that came under it.
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: Far more new items than this source brings; None on an ordinary day.
    flood: Flood | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """The same, with what the rules say."""

    fresh: tuple[ClassifiedItem, ...] = ()
    edited: tuple[tuple[ClassifiedItem, ClassifiedItem], ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    flood: Flood | None = None


def look(store: Store, items: Sequence[Item], state: PollState, config: Config, *, now: datetime) -> Sorted:
    """Sort a document's items; `state.entries` counts all that the document lists, `items` may leave known ones out."""
    known = identity.stored(store, [item.key for item in items])
    # By the stored key: an item and its alias in one document are one item, and the first spelling counts.
    edits: dict[str, tuple[Item, Item]] = {}
    unseen: dict[str, Item] = {}
    for item in items:
        if item.key not in known:
            unseen.setdefault(item.key, item)
        elif (after := edited(known[item.key], item)) and after.key not in edits:
            edits[after.key] = (known[item.key], after)
    if state.ok_at is None or not unseen:
        return Sorted(fresh=tuple(unseen.values()), edited=tuple(edits.values()))
    entries = max(state.entries, len(items))
    same_titles = identity.with_titles(store, state.source_id, [item.title for item in unseen.values()])
    aliases = recognise(unseen.values(), same_titles, suspect=is_suspect(len(unseen), entries))
    fresh = tuple(item for item in unseen.values() if item.key not in aliases)
    waited = (now - state.ok_at) / timedelta(days=1)
    usual = 0.0
    if len(fresh) >= config.settings.ingest.flood_items:
        usual = identity.usual_per_day(store, state.source_id, now) * waited
    found = flood(fresh, entries=entries, last_ok_at=state.ok_at, usual=usual, ingest=config.settings.ingest)
    return Sorted(fresh=fresh, edited=tuple(edits.values()), aliases=aliases, flood=found)


def classify_all(items: Iterable[Item], rulebook: Rulebook) -> tuple[ClassifiedItem, ...]:
    """Each item with what rules and model say of it, and the figures of those that carry a label."""
    return tuple(understand(item, rulebook) for item in items)


def judge(seen: Sorted, rulebook: Rulebook) -> Judged:
    """What the rules say of all of it; of an edit's both sides, as the rules may have changed between them."""
    befores = classify_all((before for before, _ in seen.edited), rulebook)
    afters = classify_all((after for _, after in seen.edited), rulebook)
    return Judged(
        fresh=classify_all(seen.fresh, rulebook),
        edited=tuple(zip(befores, afters, strict=True)),
        aliases=seen.aliases,
        flood=seen.flood,
    )


def absorb(
    store: Store,
    judged: Judged,
    poll_state: PollState,
    config: Config,
    *,
    first_poll: bool,
    now: datetime,
    seen: Seen | None = None,
    rulebook: Rulebook | None = None,
) -> Batch:
    """Group items into stories, decide on alerts, and save it all in one transaction.

    A `first_poll` brings history; `seen` is the document to remember; with a `rulebook` items are weighed. Runs in the store's thread from its first read to its commit, so that two
    sources that report one event at the same moment find each other.
    """
    backlog = judged.flood.backlog if judged.flood else None
    if first_poll:
        ingest = config.settings.ingest
        since = now - timedelta(hours=ingest.first_poll_hours)
        backlog = Backlog(since_at=since, alerts=ingest.first_poll_alerts)
    try:
        batch = _sorted(store, judged, poll_state, config, backlog, now, seen, rulebook)
        store.save(batch)
    except BaseException:
        # What the open stories learnt did not happen.
        from bot.openstories import forget

        forget(store)
        raise
    return batch


def _sorted(
    store: Store,
    judged: Judged,
    poll_state: PollState,
    config: Config,
    backlog: Backlog | None,
    now: datetime,
    seen: Seen | None,
    rulebook: Rulebook | None,
) -> Batch:
    found = _triage(store, judged, config, backlog, now)
    weighed = _weigh(store, judged, found, config, rulebook, now) if rulebook and not backlog else {}
    batch = Batch(
        poll=poll_state,
        items=judged.fresh,
        edited=tuple(after for _, after in judged.edited),
        revisions=tuple(
            Revision(
                item_key=old.item.key,
                title=old.item.title,
                summary=old.item.summary,
                text=old.item.text,
                seen_at=now,
                action=action,
            )
            for (old, _), action in zip(judged.edited, found.outcomes, strict=True)
        ),
        aliases=judged.aliases,
        stories=found.stories,
        memberships=found.memberships,
        deliveries=tuple(
            delivery
            for entry, story in found.alerts
            for delivery in _alerts(entry, story, config, now, weighed)
        ),
        seen=seen,
    )
    if weighed:
        from bot.weighing import with_weights

        batch = with_weights(batch, weighed, _sources(config), now)
    if batch.deliveries and (taken_at := restored_since(store, now)):
        batch = replace(batch, deliveries=tuple(doubted(one, taken_at) for one in batch.deliveries))
    return replace(batch, deliveries=batch.deliveries + _notices(batch, judged, config, now))


def _triage(store: Store, judged: Judged, config: Config, backlog: Backlog | None, now: datetime) -> Triage:
    after = [entry for _, entry in judged.edited]
    if not any(entry.classification.labels for entry in (*judged.fresh, *after)):
        return Triage(outcomes=tuple("none" for _ in after))
    # Only now, as they load numpy and the open stories: most polls bring nothing on a topic.
    from bot.analyse.triage import triage
    from bot.openstories import owners, window_of

    places = identity.places(store, [entry.item.key for entry in after])
    edits = []
    for old, new in judged.edited:
        story, membership = places.get(new.item.key, (None, None))
        edits.append(Edit(before=old, after=new, story=story, membership=membership))
    return triage(
        judged.fresh,
        window_of(store, config, now),
        owners=owners(config),
        backlog=backlog,
        edits=edits,
        ingest=config.settings.ingest,
        now=now,
    )


def _weigh(
    store: Store, judged: Judged, found: Triage, config: Config, rulebook: Rulebook, now: datetime
) -> Mapping[str, "Assessment"]:
    """What the items that have a place in a story amount to. History is not weighed: its figures are not news."""
    placed = {one.item_key: one.story_id for one in found.memberships}
    entries = [entry for entry in judged.fresh if entry.item.key in placed]
    places = {entry.item.key: placed[entry.item.key] for entry in entries}
    if not entries:
        return {}
    # Most polls bring nothing to weigh.
    from bot import weighing

    counts = {story.id: story.source_count for story in found.stories}
    return weighing.weigh_all(
        store,
        entries,
        weighing.pasts(store, places, counts, rulebook),
        weighing.watch_of(config),
        weighing.hits_of(entries[: weighing.MOST], rulebook),
        sources=_sources(config),
        settings=config.settings.severity,
        now=now,
    )


def _alerts(
    entry: ClassifiedItem,
    story: Story,
    config: Config,
    now: datetime,
    weighed: Mapping[str, "Assessment"],
) -> tuple[Delivery, ...]:
    item = entry.item
    source = _source(item.source_id, config)
    notes: tuple[str, ...] = ()
    if item.key in weighed:
        from bot.weighing import notes_of

        notes = notes_of(weighed[item.key], config.settings.severity)
    alert = alert_for(item, source, entry.classification.labels, story, config.topics, notes)
    has_token = config.env.slack_bot_token is not None
    return alert_deliveries(alert, slack=config.settings.slack, has_slack_token=has_token, now=now)


def _sources(config: Config) -> dict[str, Source]:
    return {source.id: source for source in config.sources}


def _source(source_id: str, config: Config) -> Source:
    # A replayed item may come from a source that is not configured; its id serves as its name.
    return _sources(config).get(source_id, Source(id=source_id, url=""))


def _notices(batch: Batch, judged: Judged, config: Config, now: datetime) -> tuple[Delivery, ...]:
    """What the operator hears of a flood, or of a feed that gave all its entries new addresses: once a day."""
    source = _source(batch.poll.source_id, config)
    respelt = is_suspect(len(judged.aliases) + len(judged.fresh), batch.poll.entries) and judged.aliases
    if not (judged.flood or respelt):
        return ()
    alerts = sum(membership.action == "alert" for membership in batch.memberships)
    lines: tuple[str, ...] = ()
    if judged.aliases:
        known = f"{len(judged.aliases):,} known entries came under new addresses or ids; none of them is new."
        lines = (known,)
    if judged.flood:
        title = f"{source.name or source.id}: {judged.flood.why}"
        lines += (f"All are kept, {alerts} alerted. The rest is history, or over the limit.",)
    else:
        title = f"{source.name or source.id}: its entries have new addresses"
    log.warning(
        "flood" if judged.flood else "respelt",
        source=source.id,
        new=len(judged.fresh),
        known=len(judged.aliases),
        alerts=alerts,
    )
    notice = Notice(about=f"flood:{source.id}:{now:%Y-%m-%d}", title=title, lines=lines, at=now)
    slack, has_token = config.settings.slack, config.env.slack_bot_token is not None
    return notice_deliveries(notice, slack=slack, has_slack_token=has_token, now=now)
