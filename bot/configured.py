"""The records a team writes: sources, and topics as rules over concepts. Frozen, standard library only.

`config.py` builds them from the files, after checking each key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

#: Read by pydantic when a record is built from a file: an unknown key is an error.
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True, slots=True)
class PageSelectors:
    """CSS selectors that find the items of a list page; all but `item` look inside one item."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    item: str
    #: Empty: the text of the link. The same as `summary`: its first line.
    title: str = ""
    #: Empty: the first link, or the item where that is one.
    link: str = ""
    date: str = ""
    summary: str = ""
    #: Attribute of the date's element that holds the date; empty: `datetime` if there is one, else the text.
    date_attribute: str = ""
    #: Where dates that name no zone are meant.
    timezone: str = "UTC"
    #: 5/6/2026 is 6 May.
    month_first: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """A feed or list page that we poll."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    url: str
    kind: Literal["feed", "page"] = "feed"
    #: "en", "ru" or "zh": the prior for items whose own text does not tell.
    language: str = "en"
    name: str = ""
    #: Trust and rank: 1.0 is ordinary press, official sources stand higher.
    weight: float = 1.0
    #: Topics this source is expected to carry; a hint for people and for cadence, never a filter.
    topics: tuple[str, ...] = ()
    #: Sent instead of the bot's own, where a host answers only to a certain one.
    user_agent: str | None = None
    fallback_url: str | None = None
    enabled: bool = True
    note: str = ""
    #: Header name -> name of the environment variable that holds its value.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Where the items stand on a source of kind "page"; None for feeds.
    page: PageSelectors | None = None
    #: An item near a threshold that brings little text is judged by its article too, fetched once.
    article: bool = False
    #: Who answers for it: several sources of one owner count as one where a story's sources are counted. Empty: by its host.
    owner: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Concept:
    """A named group of terms that mean one thing in several languages: a table in `config/concepts/`.

    Terms per language: Latin words match whole, with inflection where they end in `*`; Russian ones are
    stems when they end in `*`; Chinese ones are substrings. `not_` lists longer words that a stem must not hit
    (`not` in the file).
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    en: tuple[str, ...] = ()
    ru: tuple[str, ...] = ()
    zh: tuple[str, ...] = ()
    not_: tuple[str, ...] = ()
    #: English name shown beside a Russian or Chinese match.
    gloss: str = ""
    #: Term -> its own English name, where the concept holds several things (a group of companies).
    glosses: Mapping[str, str] = field(default_factory=dict)
    #: Concepts that count as this one too: a group such as "any rare earth metal".
    includes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One way to earn a topic. All conditions that are given must hold.

    A condition names concepts; `"a|b"` means either. Conditions are the same in all three languages.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    #: 0..1: how sure this rule alone makes us.
    weight: float
    #: One line for the reader of the alert.
    why: str
    #: Each of these, anywhere in the item.
    all: tuple[str, ...] = ()
    #: At least one of these, anywhere in the item.
    any: tuple[str, ...] = ()
    #: Each of these, in the title.
    title: tuple[str, ...] = ()
    #: Each of these, no further apart than `within` words (a Han character counts as half a word).
    near: tuple[str, ...] = ()
    within: int = 12
    #: Each of these, in one sentence.
    same_sentence: tuple[str, ...] = ()
    #: None of these, anywhere in the item. Written `not` in the file.
    not_: tuple[str, ...] = ()
    #: None of these in the title: what the item is mainly about when it only mentions ours.
    not_title: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """What the team wants to hear of: a file in `config/topics/`."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    name: str
    rules: tuple[Rule, ...]
    #: A score from here on is sure: the item carries the topic and may alert.
    threshold: float = 0.6
    #: A score from here on is possible: the digest only.
    possible: float = 0.35
    #: Concepts that take the topic away wherever they stand (the rock band, a school's sanction).
    stop: tuple[str, ...] = ()
    #: Concepts of its rules that stories of all kinds name (countries, banks, ships): one of these alone in a title does not
    #: tell that the item is about the topic.
    bystanders: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Pin:
    """A person's word on two items: they belong to one story, or they do not."""

    item_key: str
    other_key: str
    together: bool
