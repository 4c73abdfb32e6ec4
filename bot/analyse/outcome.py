"""What triage is told of a document, and what it answers. Apart from it, as most polls bring nothing to triage."""

from dataclasses import dataclass
from datetime import datetime

from bot.analyse.revisions import Outcome
from bot.model import ClassifiedItem, Membership, Story


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
