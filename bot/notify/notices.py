"""Pure. A notice about the bot itself: its outbox row, and its words as plain text.

A notice goes to Slack's operator channel where one is set and a token is there; the log has it in any case. Those on
the state of a source wait for others like them, which an outage or a new installation brings by the dozen: what says the
same then becomes one message.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from bot.model import Delivery
from bot.notify.words import line
from bot.settings import SlackSettings
from bot.verdicts import Notice

_NOTICE = TypeAdapter(Notice)
_MARKS = {True: "✅", False: "⚠️"}
#: So many sources are named in one message, and the others counted.
_NAMED = 10
_TITLE, _LINE, _MOST_LINES = 300, 300, _NAMED + 1
#: Polls that fail are repeated after 15 minutes or so, each a little earlier or later than the others.
WINDOW = timedelta(minutes=10)


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
        due_at=now + WINDOW if notice.state else now,
    )
    return (delivery,)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """One outbox row in place of several."""

    row: Delivery
    #: Of the rows that it stands for.
    keys: tuple[str, ...]


def fold(waiting: Sequence[Delivery], now: datetime) -> tuple[Fold, ...]:
    """What becomes one message of the notices that wait, oldest first, none of which was ever tried.

    The first of a state that is due takes all others to its destination along, due or not. One alone stays as it is, as
    does a row that holds no notice.
    """
    groups: dict[tuple[str, str, str], list[tuple[Delivery, Notice]]] = {}
    for row in waiting:
        try:
            notice = load_notice(row.message)
        except ValueError:
            continue  # the channel has words for it
        if notice.state:
            groups.setdefault((row.channel, row.destination, notice.state), []).append((row, notice))
    return tuple(
        _folded(group, state, now)
        for (_, _, state), group in groups.items()
        if len(group) > 1 and any(row.due_at <= now for row, _ in group)
    )


def _folded(group: Sequence[tuple[Delivery, Notice]], state: str, now: datetime) -> Fold:
    first, oldest = group[0]
    lines = [notice.title for _, notice in group[:_NAMED]]
    if len(group) > _NAMED:
        lines.append(f"and {len(group) - _NAMED} more; `reebot sources health` names them.")
    notice = Notice(
        about=f"{oldest.about}+{len(group) - 1}",
        title=f"{len(group)} sources: {state}",
        lines=tuple(lines),
        good=oldest.good,
        at=now,
    )
    row = replace(
        first, key=f"{first.key}+{len(group) - 1}", message=_NOTICE.dump_json(notice).decode(), due_at=now
    )
    return Fold(row=row, keys=tuple(row.key for row, _ in group))


def load_notice(text: str) -> Notice:
    """The notice that an outbox row holds. Raises `ValueError` on anything else."""
    return _NOTICE.validate_json(text)


def notice_words(notice: Notice) -> str:
    """The notice as text, a title and its lines. Feeds' words may stand in it: not yet escaped for any channel."""
    rows = [f"{_MARKS[notice.good]} {line(notice.title, _TITLE)}"]
    return "\n".join([*rows, *(line(row, _LINE) for row in notice.lines[:_MOST_LINES])])
