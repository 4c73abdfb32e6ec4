"""The records that flow. Frozen, standard library only.

fetch -> `Document` -> parse -> `Item` -> classify -> `Label` -> group -> `Story` -> `Batch` -> save
-> `Delivery` -> deliver -> `Receipt`. Times end in `_at`, are aware and in UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Literal

from bot.facts import Fact
from bot.seen import Seen
from bot.tracked import ClaimEvent, Price, Weight

# --- ingest ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PollState:
    """What we remember of a source between polls."""

    source_id: str
    etag: str | None = None
    last_modified: str | None = None
    #: Of the last body (`bot/ingest/fingerprint.py`): equal bytes are not parsed again.
    body_hash: str | None = None
    next_poll_at: datetime | None = None
    polled_at: datetime | None = None
    #: Last time the source was read well; None means it never was, so its next items are history.
    ok_at: datetime | None = None
    #: Failures in a row.
    failures: int = 0
    #: "new", "ok", "not_modified" or "failed".
    status: str = "new"
    #: Why the last poll failed; empty when it did not. Free of secrets.
    error: str = ""
    #: Why the next poll is when it is, in words.
    reason: str = ""
    #: How many entries the last document listed: its window. 0 is not known.
    entries: int = 0
    #: JSON of what the feed itself asks of those who poll it (`bot/ingest/wishes.py`); empty when nothing.
    wishes: str = ""
    #: How often it was polled, ever.
    requests: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """The bytes that a source served."""

    source_id: str
    #: Where the bytes came from in the end, after redirects: relative links are relative to this.
    url: str
    body: bytes = field(repr=False)
    #: SHA-256 of the bytes as received; empty where they were not packed.
    packed_hash: str = field(default="", compare=False, repr=False)
    content_type: str = ""
    etag: str | None = None
    last_modified: str | None = None
    fetched_at: datetime
    #: The server's headers ask that it is not polled again before this.
    not_before: datetime | None = None
    #: What the verdict on the source needs: some headers, by name in lower case; the time that the answer took; where
    #: permanent redirects led, or nothing.
    headers: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    took: timedelta = field(default=timedelta(), compare=False)
    moved_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NotModified:
    """Nothing changed: the source says so by the validators we sent, or serves what it served, bit by bit."""

    source_id: str
    fetched_at: datetime
    #: The server's headers ask that it is not polled again before this.
    not_before: datetime | None = None
    #: As in `Document`.
    took: timedelta = field(default=timedelta(), compare=False)
    moved_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Item:
    """One entry of a feed, as plain text."""

    #: Our identity for it: stable across polls, unique in the database.
    key: str
    source_id: str
    guid: str = ""
    #: As the feed gives it, made absolute; http or https, or empty.
    url: str = ""
    title: str = ""
    summary: str = ""
    text: str = ""
    #: "en", "ru", "zh", another ISO 639-1 code, or "und" when nothing tells.
    language: str = "und"
    #: None when the feed gives no usable date.
    published_at: datetime | None = None
    first_seen_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """When an item was published and first seen, and whether it was of use: what a source's rhythm is learnt from."""

    published_at: datetime | None
    first_seen_at: datetime
    #: It surely carries a topic.
    relevant: bool


# --- analyse --------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """A matched term and where it stands."""

    #: The words as they stand in the item.
    term: str
    #: "title", "summary" or "text"; offsets count characters (code points) in that field.
    field: str
    start: int
    end: int
    concept: str = ""
    #: English gloss for a term in another language; empty when none is needed.
    gloss: str = ""
    #: The strongest rule that it served.
    rule_id: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ScorePart:
    """What one rule brings to a score; the parts' evidence adds up (bot/analyse/classify.py has the formula)."""

    rule_id: str
    #: As written in the topic's file.
    weight: float
    #: Where all that the rule asks for was met.
    where: Literal["title", "body", "aside", "background"]
    #: -ln(1 - weight) times the factor of the place.
    evidence: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One topic that an item carries, and what in the text earned it."""

    topic_id: str
    #: 0..1; how sure we are, all in all.
    score: float
    #: True: good enough for an alert. False: "possible", for the digest only.
    sure: bool
    evidence: tuple[Evidence, ...]
    #: The rules that fired, strongest first.
    rule_ids: tuple[str, ...] = ()
    #: What the strongest rule says of itself, or that the model alone found it; for the reader of the alert.
    why: str = ""
    #: What each rule that fired brings, strongest first; empty on labels stored before parts were kept.
    parts: tuple[ScorePart, ...] = ()
    rules_version: str = ""
    #: 0..1; what the rules say by themselves.
    rule_score: float = 0.0
    #: 0..1; what the model says of concepts and wording with the rules left out. None: no model was asked.
    model_score: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Classification:
    """What rules and model say of one item: a score for each topic, a label for each that passed."""

    #: Topic id -> 0..1, for every topic.
    scores: Mapping[str, float]
    labels: tuple[Label, ...]
    #: Of the rules, and after a plus of the model's weights where there is a model.
    rules_version: str
    #: What stories compare beside the words: the concepts met, and where an embedding was asked, the direction of the wording
    #: (half-precision numbers, packed). Not part of the judgement, so two that judge alike are equal.
    concepts: frozenset[str] = field(default=frozenset(), compare=False)
    direction: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassifiedItem:
    """An item and what the rules say of it."""

    item: Item
    classification: Classification
    #: The figures in its prose; read only of items that carry a label.
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """Items about one event."""

    id: str
    title: str
    url: str
    topics: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    item_count: int = 1
    #: "now" alerts, "today" goes to the digest, "archive" is only kept.
    level: Literal["now", "today", "archive"] = "now"
    #: How many owners of sources reported it: one owner's many sites count once.
    source_count: int = 1
    #: Where it stands in its life (bot/analyse/life.py), as it was when last written.
    life: Literal["opened", "developing", "quiet", "reopened"] = "opened"
    #: When an item came after it had been quiet; None if none did.
    reopened_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Membership:
    """An item's place in a story."""

    story_id: str
    item_key: str
    #: Why it joined: "first", "pinned", "same address", "same headline", "same text", "same event", "merged" or "split".
    reason: str
    #: What replay and explain show: "alert", "thread", "digest" or "none".
    action: Literal["alert", "thread", "digest", "none"]
    #: The item of which this is a copy, if it is one.
    copy_of: str | None = None


# --- notify ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """One topic of an alert in words: what it is called, how sure we are, and what earned it."""

    topic_id: str
    topic_name: str
    score: float
    #: One line that a newcomer understands.
    why: str
    #: Matched words, each with its gloss in brackets where it has one, without repeats.
    terms: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alert:
    """News for a channel, before any channel's own form."""

    story_id: str
    item_key: str
    title: str
    url: str
    summary: str
    source_name: str
    language: str
    #: The feed's date, or None; `first_seen_at` is when we saw it.
    published_at: datetime | None
    first_seen_at: datetime
    level: str
    reasons: tuple[Reason, ...]
    #: One line for each tracked claim or price that it changes: "was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)".
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestEntry:
    """One story of the day."""

    title: str
    url: str
    summary: str
    language: str
    published_at: datetime | None
    first_seen_at: datetime
    #: Names of the sources that carried it, first one first.
    sources: tuple[str, ...]
    why: str
    terms: tuple[str, ...]
    score: float
    #: False: the rules were not sure enough for an alert.
    sure: bool
    #: Names of the other topics that the story surely carries.
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestSection:
    """One topic of the day, best first."""

    topic_id: str
    topic_name: str
    entries: tuple[DigestEntry, ...]
    #: Entries that did not fit.
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """What the digest rests on; the counts add up with the database."""

    items: int
    hits: int
    stories: int
    sources_read: int
    #: (name, why) of each enabled source that was not read in the window.
    sources_unread: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """A day's stories for one list, before any channel's own form."""

    list_id: str
    #: In the list's own zone.
    local_date: date
    timezone: str
    since_at: datetime
    until_at: datetime
    sections: tuple[DigestSection, ...]
    coverage: Coverage


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivery:
    """An outbox row: a message for one destination, and how far it got."""

    #: Unique: kind + channel + destination + what it is about. Doubles as the idempotency key.
    key: str
    kind: Literal["alert", "digest", "notice"]
    #: "slack", "console", "email" or "file".
    channel: str
    #: Slack channel, mail address or path; empty for the console.
    destination: str
    #: JSON: an `Alert`, a `Notice` (bot/verdicts.py), or for mail the finished message.
    message: str = field(repr=False)
    state: Literal["pending", "sending", "sent", "dead"] = "pending"
    attempts: int = 0
    created_at: datetime
    due_at: datetime
    #: When the first attempt left, from which a read-back searches.
    first_attempt_at: datetime | None = None
    #: When the last one left: how long its outcome may stay unknown counts from here.
    last_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    #: What the channel gave back: Slack's `ts`, a Message-ID, a path.
    receipt: str = ""
    #: Where it landed, in the channel's own terms: Slack's channel id.
    landed: str = ""
    error: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Receipt:
    """Proof that a channel took a message."""

    id: str
    landed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Revision:
    """An item's words as they were before its source changed them."""

    item_key: str
    title: str
    summary: str
    text: str
    #: When we saw the version that replaced this one.
    seen_at: datetime
    #: What the change led to: "alert", "thread" (news of a story that had alerted) or "none".
    action: Literal["alert", "thread", "none"] = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """Everything one poll wishes to write, in one transaction."""

    poll: PollState
    items: tuple[ClassifiedItem, ...] = ()
    #: Stored items as they stand after an edit, and what each said before.
    edited: tuple[ClassifiedItem, ...] = ()
    revisions: tuple[Revision, ...] = ()
    #: Key under which a stored item came again -> that item's key.
    aliases: Mapping[str, str] = field(default_factory=dict)
    #: New ones and ones that grew, as they stand afterwards.
    stories: tuple[Story, ...] = ()
    memberships: tuple[Membership, ...] = ()
    deliveries: tuple[Delivery, ...] = ()
    #: What the items say of tracked claims, their prices, and what each item weighs.
    claims: tuple[ClaimEvent, ...] = ()
    prices: tuple[Price, ...] = ()
    weights: tuple[Weight, ...] = ()
    #: The document that brought all this, to be recognised when it comes again.
    seen: Seen | None = None
