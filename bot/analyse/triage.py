"""Pure. Items of one poll -> what to write and what to do about each.

For each item that carries a topic: join its story or open one, then choose the action.
- "alert": a sure label, the story has not alerted yet, and the item is news.
- "digest": a possible label, or sure but too old for an alert (or over the first poll's limit).
- "none": a copy of what was told, an item without a topic, or history from a source's first poll.
A story alerts once: by the first item that may.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.analyse.stories import Headline, headline, match, new_story_id
from bot.model import ClassifiedItem, Membership, Story
from bot.settings import IngestSettings, StorySettings

Level = Literal["now", "today", "archive"]
_RANK: dict[Level, int] = {"archive": 0, "today": 1, "now": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Triage:
    """Stories as they stand after these items, and each item's place in them."""

    stories: tuple[Story, ...] = ()
    memberships: tuple[Membership, ...] = ()
    #: Items that alert, each with its story, in the order given.
    alerts: tuple[tuple[ClassifiedItem, Story], ...] = ()


@dataclass(slots=True)
class _Desk:
    """The stories at hand while one batch is sorted."""

    stories: dict[str, Story]
    headlines: list[Headline]
    touched: dict[str, None] = field(default_factory=dict)


def triage(
    items: Sequence[ClassifiedItem],
    stories: Sequence[Story],
    headlines: Sequence[Headline],
    *,
    first_poll: bool,
    ingest: IngestSettings,
    grouping: StorySettings,
    now: datetime,
) -> Triage:
    """Sort new items into stories.

    `stories` and `headlines` are those open now; `first_poll` says that the source was never read before.
    """
    desk = _Desk(stories={story.id: story for story in stories}, headlines=list(headlines))
    memberships: list[Membership] = []
    alerts: list[tuple[ClassifiedItem, Story]] = []
    for entry in items:
        if not entry.classification.labels:
            continue
        level = _level(entry, first_poll=first_poll, ingest=ingest, now=now)
        if level == "now" and first_poll and len(alerts) >= ingest.first_poll_alerts:
            level = "today"
        story, membership = _place(entry, level, desk, grouping, now)
        memberships.append(membership)
        if membership.action == "alert":
            alerts.append((entry, story))
    return Triage(
        stories=tuple(desk.stories[story_id] for story_id in desk.touched),
        memberships=tuple(memberships),
        # The story as it stands at the end: an item later in the batch may have joined it.
        alerts=tuple((entry, desk.stories[story.id]) for entry, story in alerts),
    )


def _place(
    entry: ClassifiedItem, level: Level, desk: _Desk, grouping: StorySettings, now: datetime
) -> tuple[Story, Membership]:
    item = entry.item
    topics = tuple(label.topic_id for label in entry.classification.labels if label.sure)
    found = match(item, desk.headlines, similarity=grouping.similarity)
    known = desk.stories.get(found.story_id) if found else None
    if known and found:
        rises = _RANK[level] > _RANK[known.level]
        story = replace(
            known,
            topics=known.topics + tuple(topic for topic in topics if topic not in known.topics),
            last_seen_at=max(known.last_seen_at, now),
            item_count=known.item_count + 1,
            level=level if rises else known.level,
        )
        action: Literal["alert", "digest", "none"] = "none"
        if rises:
            action = "alert" if level == "now" else "digest"
        reason, copy_of = found.reason, found.copy_of
    else:
        story = Story(
            id=new_story_id(item),
            title=item.title,
            url=item.url,
            topics=topics,
            first_seen_at=now,
            last_seen_at=now,
            level=level,
        )
        action = {"now": "alert", "today": "digest", "archive": "none"}[level]  # type: ignore[assignment]
        reason, copy_of = "first", None
    desk.stories[story.id] = story
    desk.touched[story.id] = None
    desk.headlines.append(
        headline(story.id, item.key, url=item.url, language=item.language, title=item.title)
    )
    return story, Membership(
        story_id=story.id, item_key=item.key, reason=reason, action=action, copy_of=copy_of
    )


def _level(entry: ClassifiedItem, *, first_poll: bool, ingest: IngestSettings, now: datetime) -> Level:
    """How loud this item would be by itself."""
    published = entry.item.published_at
    if first_poll and (published is None or now - published > timedelta(hours=ingest.first_poll_hours)):
        return "archive"
    if not any(label.sure for label in entry.classification.labels):
        return "today"
    if published is not None and now - published > timedelta(hours=ingest.stale_hours):
        return "today"
    return "now"
