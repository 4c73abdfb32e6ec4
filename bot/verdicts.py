"""The records of source health: a verdict, what is remembered from poll to poll, a notice. Standard library only.

poll -> `Observation` (bot/ingest/health.py) -> `Verdict` -> `SourceHealth`, kept beside the poll -> `Notice` when it
changed for good. Times end in `_at`, are aware and in UTC.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

Kind = Literal[
    "new",  # never polled
    "ok",
    "not_modified",  # well, and says that nothing changed
    "slow",
    "moved",  # a permanent redirect, seen repeatedly
    "blocked",  # by a wall, which the detail names
    "html",  # a web page in place of a feed
    "empty",  # a feed without entries
    "undated",  # no entry has a date
    "zombie",  # answers 200, newest item long past
    "frozen",  # the same entries for far longer than its usual gap
    "silent",  # nothing new beyond three times its usual gap
    "off_topic",  # a valid feed of the wrong thing
    "truncated",  # its window is shorter than the time between polls
    "gone",  # HTTP 410
    "failing",  # any other failure
]
#: Kinds with which nothing is wrong.
WELL: frozenset[Kind] = frozenset({"new", "ok", "not_modified"})
#: Kinds of a source that could not be read.
UNREAD: frozenset[Kind] = frozenset({"blocked", "html", "gone", "failing"})
#: The address that was read: the configured one, where that has moved to, or the configured fallback.
Route = Literal["direct", "moved", "fallback"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What state a source is in."""

    kind: Kind
    #: A few words for people, free of secrets; empty when there is nothing to say.
    detail: str = ""


def in_words(kind: Kind, detail: str) -> str:
    """A verdict as the predicate of a sentence about its source: "blocked by Qrator (HTTP 403)"."""
    return _PHRASES.get(kind, "{}").replace("{}", detail) if detail else name_of(kind)


def name_of(kind: Kind) -> str:
    """The verdict's name for people: "off topic"."""
    return {"not_modified": "unchanged", "html": "not a feed", "new": "not polled yet"}.get(
        kind, kind.replace("_", " ")
    )


_PHRASES: dict[Kind, str] = {
    "slow": "slow: {}",
    "moved": "moved {}",
    "blocked": "blocked by {}",
    "html": "serves {}",
    "empty": "serves {}",
    "undated": "undated: {}",
    "frozen": "frozen: {}",
    "silent": "silent: {}",
    "off_topic": "off topic: {}",
    "truncated": "polled too seldom: {}",
    "failing": "fails: {}",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Habit:
    """How a source publishes, learned from the times of its items."""

    learned_at: datetime
    #: Five sixths of the time lie in gaps no longer than this, counted in its own busy hours (see silence.py).
    usual_gap: timedelta
    #: How busy each hour of the day is (24, UTC) and each day of the week (7, Monday first); 1 is the average.
    hours: tuple[float, ...]
    days: tuple[float, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """What the next verdict needs to know of the polls before."""

    # The document that was read last.
    #: Which address it came from; a change of address starts the comparison anew.
    route: Route = "direct"
    #: Since when that one is read.
    read_since: datetime | None = None
    #: How many entries it had; None: none was read yet.
    entries: int | None = None
    dated: int = 0
    newest_at: datetime | None = None
    #: The longest time between two entries that follow one another.
    longest_gap: timedelta | None = None
    #: Language code -> entries in it.
    languages: dict[str, int] = field(default_factory=dict)
    #: Keys of its newest entries.
    newest_keys: tuple[str, ...] = ()
    #: When a document last had an entry that was new to us; None before the second document.
    changed_at: datetime | None = None
    #: "1" for each of the last polls whose document still listed an entry of the one before, "0" where none did.
    overlaps: str = ""
    #: Up by one with each slow answer, down by one with each quick one.
    slowness: int = 0

    # The configured address, to which all of this belongs: one that was corrected starts anew.
    address: str = ""
    #: Failures in a row.
    failures: int = 0
    failing_since: datetime | None = None
    #: When it failed last, and how; None when it is well.
    failed_at: datetime | None = None
    fault: Verdict | None = None
    #: Where a permanent redirect leads; empty when there is none.
    moved_to: str = ""
    moved_since: datetime | None = None
    #: When it was last followed with success, until it is believed.
    moved_seen_at: datetime | None = None
    #: Polls in a row that followed it and were read well.
    moved_polls: int = 0

    # The long view, learned once a day.
    habit: Habit | None = None
    learned_at: datetime | None = None
    #: Of the items before the recent ones: how many there are and how many carry a topic for sure; then the recent.
    past_items: int = 0
    past_hits: int = 0
    recent_items: int = 0
    recent_hits: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceHealth:
    """A source's verdict as it is kept: since when, and what the operator knows of it."""

    source_id: str
    kind: Kind = "new"
    detail: str = ""
    #: Since when it is in this state.
    since_at: datetime | None = None
    #: Polls in a row with this verdict, up to a few.
    times: int = 0
    #: The kind that the operator was told last; "ok" when all is well as far as they know.
    told: Kind = "ok"
    told_at: datetime | None = None
    memory: Memory = field(default_factory=Memory, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class Notice:
    """A message about the bot itself for its operator, before any channel's own form."""

    #: What it is about: "source:kommersant:blocked:2026-11-24T08:05:00+00:00". Makes the outbox key.
    about: str
    title: str
    #: Further lines, each a sentence or two.
    lines: tuple[str, ...] = ()
    #: False: something is wrong. True: it is well again.
    good: bool = False
    at: datetime
    #: What several of its kind say together: "blocked". Empty: it is never folded.
    state: str = ""
