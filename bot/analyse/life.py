"""Pure. Where a story stands in its life, from when its items came.

    opened      it has one owner's word and little more
    developing  a second item told it in the last day
    quiet       nothing came for a day
    reopened    something came after it had been quiet, less than a day ago
A quiet story is still open for a while (stories.py): then the next item reopens it, after that one begins anew.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from bot.model import Story

Life = Literal["opened", "developing", "quiet", "reopened"]
QUIET = timedelta(hours=24)


def life(story: Story, now: datetime) -> Life:
    """Where a story stands now."""
    if now - story.last_seen_at > QUIET:
        return "quiet"
    if story.reopened_at is not None and now - story.reopened_at <= QUIET:
        return "reopened"
    return "developing" if story.item_count > 1 else "opened"


def with_item(story: Story, now: datetime, *, is_new_owner: bool) -> Story:
    """A story after one more item came."""
    reopened_at = now if now - story.last_seen_at > QUIET else story.reopened_at
    grown = replace(
        story,
        last_seen_at=max(story.last_seen_at, now),
        item_count=story.item_count + 1,
        source_count=story.source_count + is_new_owner,
        reopened_at=reopened_at,
    )
    return replace(grown, life=life(grown, now))
