"""Pure. A notice about the bot itself: its outbox row, and its words as plain text.

A notice goes to Slack's operator channel where one is set and a token is there; the log has it in any case.
"""

from datetime import datetime

from pydantic import TypeAdapter

from bot.model import Delivery
from bot.notify.words import line
from bot.settings import SlackSettings
from bot.verdicts import Notice

_NOTICE = TypeAdapter(Notice)
_MARKS = {True: "✅", False: "⚠️"}
_TITLE, _LINE, _MOST_LINES = 300, 300, 10


def notice_deliveries(
    notice: Notice, *, slack: SlackSettings, has_slack_token: bool, now: datetime
) -> tuple[Delivery, ...]:
    """The outbox row for the operator channel, or none where there is no such channel."""
    if not (has_slack_token and slack.operator_channel):
        return ()
    delivery = Delivery(
        key=f"notice:slack:{slack.operator_channel}:{notice.about}",
        kind="notice",
        channel="slack",
        destination=slack.operator_channel,
        message=_NOTICE.dump_json(notice).decode(),
        created_at=now,
        due_at=now,
    )
    return (delivery,)


def load_notice(text: str) -> Notice:
    """The notice that an outbox row holds. Raises `ValueError` on anything else."""
    return _NOTICE.validate_json(text)


def notice_words(notice: Notice) -> str:
    """The notice as text, a title and its lines. Feeds' words may stand in it: not yet escaped for any channel."""
    rows = [f"{_MARKS[notice.good]} {line(notice.title, _TITLE)}"]
    return "\n".join([*rows, *(line(row, _LINE) for row in notice.lines[:_MOST_LINES])])
