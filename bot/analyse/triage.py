"""Pure. Items of one poll -> what to write and what to do about each.

For each item that carries a topic: join its story or open one, then choose the action.
- "alert": a sure label, the story has not alerted yet, and the item is news.
- "digest": a possible label, or sure but too old for an alert (or over the limit of a backlog).
- "none": a copy of what was told, an item without a topic, or history: a source's first poll, a flood.
- "thread": only for an edit, see revisions.py.
A story alerts once: by the first item that may.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal

from bot.analyse.life import with_item
from bot.analyse.outcome import Backlog, Triage
from bot.analyse.revisions import Edit, Outcome, is_news, outcome
from bot.analyse.stories import Window, new_story_id
from bot.analyse.traits import Traits, traits
from bot.model import ClassifiedItem, Membership, Story
from bot.settings import IngestSettings

Level = Literal["now", "today", "archive"]
#: Of one poll so many items are weighed against open stories; of a flood's others only copies join.
_MOST_WEIGHED = 500
_RANK: dict[Level, int] = {"archive": 0, "today": 1, "now": 2}


@dataclass(slots=True)
class _Desk:
    """The stories at hand while one batch is sorted."""

    window: Window
    #: Source id -> who answers for it.
    owners: Mapping[str, str]
    now: datetime
    weighed: int = 0
    touched: dict[str, Story] = field(default_factory=dict)

    def put(self, story: Story) -> None:
        self.window.put(story)
        self.touched[story.id] = story

    def traits(self, entry: ClassifiedItem) -> Traits:
        found = entry.classification
        return traits(
            entry.item,
            concepts=found.concepts,
            direction=found.direction,
            owner=self.owners.get(entry.item.source_id, ""),
            now=self.now,
        )


def triage(
    items: Sequence[ClassifiedItem],
    window: Window,
    *,
    owners: Mapping[str, str],
    backlog: Backlog | None = None,
    edits: Sequence[Edit] = (),
    ingest: IngestSettings,
    now: datetime,
) -> Triage:
    """Sort new items, then edited ones, into stories.

    `window` holds the stories open now, and learns of what happens here; `owners` says who answers for a source, by its id;
    `backlog` says that most of the items are history.
    """
    desk = _Desk(window=window, owners=owners, now=now)
    memberships: list[Membership] = []
    alerts: list[tuple[ClassifiedItem, Story]] = []
    for entry in items:
        if not entry.classification.labels:
            continue
        level = _level(entry, backlog=backlog, ingest=ingest, now=now)
        if level == "now" and backlog and len(alerts) >= backlog.alerts:
            level = "today"
        story, membership = _place(entry, level, desk, now)
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
        placed, result = _reconsider(edit, level, desk, now)
        outcomes.append(result)
        if placed:
            memberships.append(placed)
            if placed.action == "alert":
                alerts.append((edit.after, desk.touched[placed.story_id]))
    return Triage(
        stories=tuple(desk.touched.values()),
        memberships=tuple(memberships),
        # The story as it stands at the end: an item later in the batch may have joined it.
        alerts=tuple((entry, desk.touched[story.id]) for entry, story in alerts),
        outcomes=tuple(outcomes),
    )


def _place(entry: ClassifiedItem, level: Level, desk: _Desk, now: datetime) -> tuple[Story, Membership]:
    item = entry.item
    topics = _sure_topics(entry)
    compared = desk.traits(entry)
    # History is stored for the record: whether two of its items tell of one event can not make anybody look up.
    copies_only = level == "archive" or desk.weighed >= _MOST_WEIGHED
    desk.weighed += not copies_only
    found = desk.window.find(compared, copies_only=copies_only)
    known = desk.window.story(found.story_id) if found else None
    if known and found:
        rises = _RANK[level] > _RANK[known.level]
        is_new_owner = compared.owner not in desk.window.owners(known.id)
        story = replace(
            with_item(known, now, is_new_owner=is_new_owner),
            topics=known.topics + tuple(topic for topic in topics if topic not in known.topics),
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
    desk.put(story)
    desk.window.add(story.id, compared)
    return story, Membership(
        story_id=story.id, item_key=item.key, reason=reason, action=action, copy_of=copy_of
    )


def _reconsider(edit: Edit, level: Level, desk: _Desk, now: datetime) -> tuple[Membership | None, Outcome]:
    """An edited item's place, where that is new or changed, and what the edit led to."""
    labels = edit.after.classification.labels
    if edit.story is None or edit.membership is None:
        if not labels:
            return None, "none"
        # It had no topic and now has one: to the stories it is a new item.
        story, membership = _place(edit.after, level, desk, now)
        if membership.action == "alert":
            return membership, "alert"
        # The story had alerted before: it is at level now, and this item did not bring it there.
        was_told = story.level == "now" and membership.reason != "first"
        is_late_news = level == "now" and was_told and is_news(edit.before, edit.after)
        return membership, "thread" if is_late_news else "none"
    # The desk's copy: an item of this batch may have joined the story, or made it alert.
    known = desk.window.story(edit.story.id) or edit.story
    result = outcome(replace(edit, story=known), may_alert=level == "now")
    if desk.window.story(known.id):
        desk.window.add(known.id, desk.traits(edit.after))
    if result == "none":
        return None, result
    topics = _sure_topics(edit.after)
    desk.put(
        replace(
            known,
            topics=known.topics + tuple(topic for topic in topics if topic not in known.topics),
            last_seen_at=max(known.last_seen_at, now),
            level="now",
        )
    )
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
