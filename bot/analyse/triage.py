"""Pure. Items of one poll -> what to write and what to do about each.

For each item that carries a topic: join its story or open one, then choose the action.
- "alert": a sure label, the story has not alerted yet, and the item is news.
- "digest": a possible label, or sure but too old for an alert (or over the limit of a backlog).
- "none": a copy of what was told, an item without a topic, or history: a source's first poll, a flood.
- "thread": only for an edit, see revisions.py.
A story alerts once: by the first item that may.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.analyse.revisions import Edit, Outcome, is_news, outcome
from bot.analyse.stories import Headline, Headlines, headline, match, new_story_id
from bot.model import ClassifiedItem, Membership, Story
from bot.settings import IngestSettings, StorySettings

Level = Literal["now", "today", "archive"]
#: From so many items on an index of all headlines pays.
_MANY = 100
_RANK: dict[Level, int] = {"archive": 0, "today": 1, "now": 2}


@dataclass(frozen=True, kw_only=True, slots=True)
class Backlog:
    """A document of which most is history: what a first poll finds, or a flood."""

    #: Only items published since then may alert ...
    since_at: datetime
    #: ... and at most so many.
    alerts: int
    #: Whether an item without a date counts as published since.
    is_undated_news: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Triage:
    """Stories as they stand after these items, and each item's place in them."""

    stories: tuple[Story, ...] = ()
    #: New ones, and those of edits that changed.
    memberships: tuple[Membership, ...] = ()
    #: Items that alert, each with its story, in the order given.
    alerts: tuple[tuple[ClassifiedItem, Story], ...] = ()
    #: What each edit led to, in the order given.
    outcomes: tuple[Outcome, ...] = ()


@dataclass(slots=True)
class _Desk:
    """The stories at hand while one batch is sorted."""

    stories: dict[str, Story]
    headlines: Headlines
    touched: dict[str, None] = field(default_factory=dict)


def triage(
    items: Sequence[ClassifiedItem],
    stories: Sequence[Story],
    headlines: Sequence[Headline],
    *,
    backlog: Backlog | None = None,
    edits: Sequence[Edit] = (),
    ingest: IngestSettings,
    grouping: StorySettings,
    now: datetime,
) -> Triage:
    """Sort new items, then edited ones, into stories.

    `stories` and `headlines` are those open now; `backlog` says that most of the items are history.
    """
    many = len(items) + len(edits) > _MANY
    desk = _Desk(
        stories={story.id: story for story in stories},
        headlines=Headlines(headlines, similarity=grouping.similarity, many=many),
    )
    memberships: list[Membership] = []
    alerts: list[tuple[ClassifiedItem, Story]] = []
    for entry in items:
        if not entry.classification.labels:
            continue
        level = _level(entry, backlog=backlog, ingest=ingest, now=now)
        if level == "now" and backlog and len(alerts) >= backlog.alerts:
            level = "today"
        story, membership = _place(entry, level, desk, grouping, now)
        memberships.append(membership)
        if membership.action == "alert":
            alerts.append((entry, story))
    most = len(alerts) + ingest.flood_alerts
    outcomes: list[Outcome] = []
    for edit in edits:
        level = _level(edit.after, backlog=None, ingest=ingest, now=now)
        # A site that rewrites every headline at once has no news in each of them.
        if level == "now" and len(alerts) >= most:
            level = "today"
        placed, result = _reconsider(edit, level, desk, grouping, now)
        outcomes.append(result)
        if placed:
            memberships.append(placed)
            if placed.action == "alert":
                alerts.append((edit.after, desk.stories[placed.story_id]))
    return Triage(
        stories=tuple(desk.stories[story_id] for story_id in desk.touched),
        memberships=tuple(memberships),
        # The story as it stands at the end: an item later in the batch may have joined it.
        alerts=tuple((entry, desk.stories[story.id]) for entry, story in alerts),
        outcomes=tuple(outcomes),
    )


def _place(
    entry: ClassifiedItem, level: Level, desk: _Desk, grouping: StorySettings, now: datetime
) -> tuple[Story, Membership]:
    item = entry.item
    topics = _sure_topics(entry)
    found = match(item, desk.headlines.near(item), similarity=grouping.similarity)
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
    desk.headlines.add(headline(story.id, item.key, url=item.url, language=item.language, title=item.title))
    return story, Membership(
        story_id=story.id, item_key=item.key, reason=reason, action=action, copy_of=copy_of
    )


def _reconsider(
    edit: Edit, level: Level, desk: _Desk, grouping: StorySettings, now: datetime
) -> tuple[Membership | None, Outcome]:
    """An edited item's place, where that is new or changed, and what the edit led to."""
    labels = edit.after.classification.labels
    if edit.story is None or edit.membership is None:
        if not labels:
            return None, "none"
        # It had no topic and now has one: to the stories it is a new item.
        told = {story_id for story_id, story in desk.stories.items() if story.level == "now"}
        story, membership = _place(edit.after, level, desk, grouping, now)
        if membership.action == "alert":
            return membership, "alert"
        is_late_news = level == "now" and story.id in told and is_news(edit.before, edit.after)
        return membership, "thread" if is_late_news else "none"
    # The desk's copy: an item of this batch may have joined the story, or made it alert.
    known = desk.stories.setdefault(edit.story.id, edit.story)
    result = outcome(replace(edit, story=known), may_alert=level == "now")
    if result == "none":
        return None, result
    topics = _sure_topics(edit.after)
    desk.stories[known.id] = replace(
        known,
        topics=known.topics + tuple(topic for topic in topics if topic not in known.topics),
        last_seen_at=max(known.last_seen_at, now),
        level="now",
    )
    desk.touched[known.id] = None
    return (replace(edit.membership, action="alert") if result == "alert" else None), result


def _sure_topics(entry: ClassifiedItem) -> tuple[str, ...]:
    return tuple(label.topic_id for label in entry.classification.labels if label.sure)


def _level(entry: ClassifiedItem, *, backlog: Backlog | None, ingest: IngestSettings, now: datetime) -> Level:
    """How loud this item would be by itself."""
    published = entry.item.published_at
    if backlog and (not backlog.is_undated_news if published is None else published < backlog.since_at):
        return "archive"
    if not any(label.sure for label in entry.classification.labels):
        return "today"
    if published is not None and now - published > timedelta(hours=ingest.stale_hours):
        return "today"
    return "now"
