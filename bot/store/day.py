"""What one day brought: the stories for a digest, and the counts it rests on. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.model import Item, Label, PollState
from bot.store.health import healths
from bot.store.labels import label_from
from bot.store.reports import sources_of
from bot.store.rows import Row, from_row, iso
from bot.store.store import Store
from bot.verdicts import UNREAD, SourceHealth, in_words


@dataclass(frozen=True, kw_only=True, slots=True)
class StoryOfDay:
    """One story under one topic: the item that shows it best, and who carried it."""

    story_id: str
    item: Item
    label: Label
    #: Ids, first one first, of all sources of the story.
    source_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """How much came in between two moments."""

    items: int
    #: Items with a sure label.
    hits: int
    stories: int


def stories_of_day(store: Store, since: datetime, until: datetime) -> tuple[StoryOfDay, ...]:
    """Stories with a labelled item seen in (since, until], once for each topic.

    Of several items the surest stands for the story, of equally sure ones the first. History from a source's
    first poll is left out.
    """
    rows = store.rows(
        "select items.*, labels.topic_id, labels.score, labels.sure, labels.why, labels.evidence, labels.rule_ids,"
        " labels.parts, labels.rule_score, labels.model_score, labels.rules_version as label_version, story_id"
        " from items join labels on labels.item_key = items.key"
        " join story_items on story_items.item_key = items.key join stories on stories.id = story_id"
        " where items.first_seen_at > ? and items.first_seen_at <= ? and stories.level != 'archive'"
        " order by labels.sure desc, labels.score desc, items.first_seen_at, items.rowid",
        [iso(since), iso(until)],
    )
    best: dict[tuple[str, str], Row] = {}
    for row in rows:
        best.setdefault((row["story_id"], row["topic_id"]), row)
    sources = sources_of(store, [story_id for story_id, _ in best])
    return tuple(
        StoryOfDay(
            story_id=story_id,
            item=from_row(Item, row),
            label=label_from({**row, "rules_version": row["label_version"]}),
            source_ids=sources[story_id],
        )
        for (story_id, _), row in best.items()
    )


def counts(store: Store, since: datetime, until: datetime) -> Counts:
    """What was stored in (since, until]."""
    span = [iso(since), iso(until)]
    row = store.rows(
        "select (select count(*) from items where first_seen_at > ? and first_seen_at <= ?) as items,"
        " (select count(distinct item_key) from labels join items on key = item_key"
        "  where sure and first_seen_at > ? and first_seen_at <= ?) as hits,"
        " (select count(distinct story_id) from story_items join items on key = item_key"
        "  where first_seen_at > ? and first_seen_at <= ?) as stories",
        [*span, *span, *span],
    )[0]
    return Counts(**row)


def unread_sources(store: Store, source_ids: Sequence[str], since: datetime) -> tuple[tuple[str, str], ...]:
    """(id, why) of each of these sources that was not read well since then, with its verdict as the reason."""
    states = store.poll_states()
    verdicts = healths(store)
    unread = []
    for source_id in source_ids:
        state = states.get(source_id)
        if state is None or state.ok_at is None:
            unread.append((source_id, _why(state, verdicts) if state else "not polled yet"))
        elif state.ok_at < since:
            unread.append((source_id, _why(state, verdicts)))
    return tuple(unread)


def _why(state: PollState, verdicts: dict[str, SourceHealth]) -> str:
    health = verdicts.get(state.source_id)
    if health and health.kind in UNREAD:
        return in_words(health.kind, health.detail)
    return state.error or "not polled"
