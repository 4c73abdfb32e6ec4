"""What the team tracks: claims, the words that can change them, prices; and the weight of a story. Frozen, standard library only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar, Literal

#: Read by pydantic when a record is built from a file: an unknown key is an error.
_STRICT = {"extra": "forbid"}

#: confirms: says what is believed. revises: says that it changed. contradicts: says otherwise, without saying that it
#: changed. new: of a tracked subject and kind, for another time.
Verdict = Literal["confirms", "revises", "contradicts", "new"]
#: How an exact figure is meant: "over 80%" is met by 90%.
Bound = Literal["", "about", "over", "under"]

# --- claims ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Pattern:
    """Which figures speak of a claim. All that is given must hold; `"a|b"` in `all` means either."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: Kinds of facts (bot/facts.py), and "rank".
    kinds: tuple[str, ...]
    unit: str
    #: Concepts or words (config/claims.toml) in the figure's sentence or the title; the first says what the figure is of.
    all: tuple[str, ...] = ()
    #: None of these in the figure's sentence. Written `not` in the file.
    not_: tuple[str, ...] = ()
    #: None of these in the title: what the item as a whole is about.
    not_title: tuple[str, ...] = ()
    #: Only figures that shall hold by a date (True), only others (False), or both.
    dated: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """What is believed: a `[[claim]]` of seeds/baseline.toml."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    #: For readers: "Russia's rare earth reserves".
    name: str
    #: Claims of one quantity: two estimates of the same reserves. Whoever repeats one of them contradicts neither.
    quantity: str = ""
    #: Concept that must be the one nearest to the figure among the `holders` of config/claims.toml: whose figure it is.
    holder: str = ""
    kind: Literal["figure", "status"]
    value: float | None = None
    value_to: float | None = None
    bound: Bound = ""
    #: "t", "%", "place".
    unit: str = ""
    #: "yr": in each year.
    period: str = ""
    #: By when it shall hold: "2030".
    by: str = ""
    #: Of a status: a table of config/claims.toml, such as "delayed".
    status: str = ""
    #: Of a status: concepts or words that must stand in one clause with the status word.
    all: tuple[str, ...] = ()
    #: Of a status: none of these in the sentence.
    not_: tuple[str, ...] = ()
    match: tuple[Pattern, ...] = ()
    #: "2025-05" or "2025-05-12": since when it is believed.
    as_of: str
    #: Who says so.
    source: str
    topics: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """Words that make or break a claim, in three languages: a table of config/claims.toml, written like a concept."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    en: tuple[str, ...] = ()
    ru: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    #: For readers; empty: the id.
    gloss: str = ""
    #: Statuses that this one confirms, and those that it ends; both empty for words that are no status.
    confirms: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimChange:
    """What an item says of a tracked claim."""

    claim_id: str
    verdict: Verdict
    #: What the item says; None for a status.
    value: float | None = None
    value_to: float | None = None
    unit: str = ""
    period: str = ""
    by: str = ""
    status: str = ""
    #: |now - was| / was where both have one unit; None where they can not be compared.
    share: float | None = None
    #: For readers: "was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)".
    line: str
    #: Where the words stand in the item.
    field: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ClaimEvent:
    """A line of a claim's life: a row of `claims`, where `by` is called `due`."""

    #: Counts up; 0 before it is stored.
    number: int = 0
    claim_id: str
    #: "baseline" as shipped; "proposed" by an item, then "accepted" or "rejected" by a person; "confirmed" by an item.
    state: Literal["baseline", "proposed", "accepted", "rejected", "confirmed"]
    verdict: str = ""
    value: float | None = None
    value_to: float | None = None
    unit: str = ""
    period: str = ""
    by: str = ""
    status: str = ""
    source: str = ""
    item_key: str = ""
    line: str = ""
    at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None


# --- prices ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceKey:
    """What makes two prices comparable."""

    material: str
    #: "oxide", "metal", ...; empty where the text names none.
    form: str = ""
    #: "CNY/t".
    unit: str
    #: "VAT in", "VAT out", "FOB", "CIF" or empty.
    basis: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """One point of a series: a row of `prices`."""

    key: PriceKey
    value: float
    value_to: float | None = None
    source_id: str
    item_key: str
    at: datetime
    #: Against the series' last point that stands: 0.06 is 6% up. None for the first.
    change: float | None = None
    #: Why it waits for a look; empty when it stands.
    held: str = ""

    @property
    def middle(self) -> float:
        """The middle of a range, or the value."""
        return self.value if self.value_to is None else (self.value + self.value_to) / 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Deadline:
    """A day that was announced: something is due, ends or takes effect then."""

    on: date
    #: For readers: what is due.
    what: str
    item_key: str = ""


# --- severity --------------------------------------------------------------------------------------

Level = Literal["now", "today", "archive"]


@dataclass(frozen=True, kw_only=True, slots=True)
class EventKind:
    """A kind of event and what it adds to a story's weight: a table of config/events.toml."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    #: For readers: "a sanctions package".
    name: str
    #: Below zero for what takes weight away.
    points: float
    #: Each of these concepts or words in the title ...
    title: tuple[str, ...] = ()
    #: ... and each of these in title or summary ...
    all: tuple[str, ...] = ()
    #: ... and none of these in the title. Written `not` in the file.
    not_: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One part of a story's weight."""

    name: str
    #: What it adds, rounded to two digits; may be negative.
    points: float
    #: A few words for the reader.
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Severity:
    """How much a story matters: the parts add up to the score, and the score makes the level."""

    score: float
    level: Level
    parts: tuple[Part, ...] = field(default=())


@dataclass(frozen=True, kw_only=True, slots=True)
class Weight:
    """What an item weighed when it came: a row of `severities`."""

    item_key: str
    severity: Severity
    at: datetime
