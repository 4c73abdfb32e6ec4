"""Answers of people to labels: right or wrong, by whom and when. The only SQL on `feedback`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bot.store.rows import from_row, to_row
from bot.store.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What one person said of one topic on one item."""

    item_key: str
    topic_id: str
    #: True: the item carries the topic, whatever the bot said.
    is_right: bool
    #: What the bot said, 0..1, and under which rules.
    score: float
    rules_version: str
    #: A person or a place: "terminal", a Slack user.
    answered_by: str
    answered_at: datetime


def keep(store: Store, answers: Iterable[Answer]) -> None:
    """Remember answers in one transaction; a person's later answer replaces the earlier one."""
    store.write_all(
        "insert or replace into feedback (item_key, topic_id, is_right, score, rules_version, answered_by, answered_at)"
        " values (:item_key, :topic_id, :is_right, :score, :rules_version, :answered_by, :answered_at)",
        [to_row(answer) for answer in answers],
    )


def answers(store: Store) -> tuple[Answer, ...]:
    """All of them, oldest first."""
    rows = store.rows("select * from feedback order by answered_at, item_key, topic_id")
    return tuple(from_row(Answer, row) for row in rows)
