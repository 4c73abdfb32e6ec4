"""Pure. What becomes of an item whose source changed it after we stored it.

The new version replaces the old one, which is kept. That is news only if the item now surely carries a topic that it
did not, or a figure in its headline is new; a mended typo or a longer text is not. News of a story that never
alerted is an alert; of one that did, it belongs to that alert's thread. Never a second alert.
"""

from dataclasses import dataclass, replace
from typing import Literal

from bot.model import ClassifiedItem, Item, Membership, Story
from bot.text import normalise_title, numbers

Outcome = Literal["alert", "thread", "none"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Edit:
    """An item before and after, both under today's rules, and where it stands."""

    before: ClassifiedItem
    after: ClassifiedItem
    #: Its story and its place there; None where it had no topic.
    story: Story | None = None
    membership: Membership | None = None


def edited(stored: Item, served: Item) -> Item | None:
    """The stored item with what its source now says of it; None where that is the same.

    Key, dates of first sight and publication stay. A text that shrinks to less than half stays too: feeds cut
    their entries when these grow old, and an article's own page may have given us more than its feed.
    """
    after = replace(
        stored,
        title=served.title,
        summary=served.summary or stored.summary,
        text=served.text if 2 * len(served.text) >= len(stored.text) else stored.text,
        language=served.language,
        published_at=stored.published_at or served.published_at,
    )
    said = (stored.title, stored.summary, stored.text)
    return None if (after.title, after.summary, after.text) == said else after


def is_news(before: ClassifiedItem, after: ClassifiedItem) -> bool:
    """Whether a reader of the first version would want to hear of the second."""
    topics = _sure(after)
    if not topics:
        return False
    return not topics <= _sure(before) or bool(_figures(after) - _figures(before))


def outcome(edit: Edit, *, may_alert: bool) -> Outcome:
    """What an edit of an item that stands in a story leads to; `may_alert` as for a new item."""
    if not may_alert or not is_news(edit.before, edit.after):
        return "none"
    has_alerted = edit.story is not None and edit.story.level == "now"
    return "thread" if has_alerted else "alert"


def _sure(entry: ClassifiedItem) -> frozenset[str]:
    return frozenset(label.topic_id for label in entry.classification.labels if label.sure)


def _figures(entry: ClassifiedItem) -> frozenset[str]:
    # As stories compare them: without what belongs to a publisher's name.
    return numbers(normalise_title(entry.item.title))
