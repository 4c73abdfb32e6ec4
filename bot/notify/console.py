"""Alerts on the terminal, for whoever has no Slack token, and for the demo. `render` is pure."""

from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from bot.errors import DeliveryError
from bot.model import Alert, Delivery, Receipt
from bot.notify.messages import load
from bot.notify.notices import load_notice, notice_words
from bot.notify.words import age, language, line, moment, web_address

MARKS = {"now": ("●", "red"), "today": ("●", "yellow"), "archive": ("●", "dim")}


def render(alert: Alert, now: datetime, *, mark_repeat: bool = False) -> RenderableType:
    """The alert in a few lines: headline, where from and when, why. Nothing in it is read as markup."""
    mark, colour = MARKS.get(alert.level, MARKS["now"])
    title = line(alert.title, 300) or "(no headline)"
    url = web_address(alert.url)
    seen = alert.published_at or alert.first_seen_at
    facts = [line(alert.source_name, 80), language(alert.language), f"{moment(seen)} ({age(seen, now)})"]
    rows: list[RenderableType] = [Text(" · ".join(fact for fact in facts if fact), style="dim")]
    if alert.summary:
        rows.append(Text(line(alert.summary, 240)))
    rows += [Text(line(note, 240), style="bold yellow") for note in alert.notes]
    for reason in alert.reasons:
        why = Text.assemble((line(reason.topic_name, 80), "bold cyan"), f"  {line(reason.why, 200)}")
        if reason.terms:
            why.append(": ")
            why.append(", ".join(line(term, 120) for term in reason.terms), style="green")
        rows.append(why)
    if url:
        rows.append(Text(url, style="blue underline", overflow="fold"))
    if mark_repeat:
        rows.append(Text("may repeat an earlier alert", style="dim italic"))
    headline = Text.assemble((f"{mark} ", colour), (title, "bold"))
    return Group(headline, Padding(Group(*rows), (0, 0, 1, 2)))


class ConsoleChannel:
    """Prints alerts. It can not be asked what it printed, and to print one again after a crash does no harm."""

    can_find = False

    def __init__(self, console: Console) -> None:
        self._console = console

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        """Print one alert or notice. Raises `DeliveryError` when the row holds none, or the terminal is gone."""
        try:
            now = delivery.last_attempt_at or delivery.due_at  # the outbox sets it just before the call
            if delivery.kind == "notice":
                shown: RenderableType = Text(notice_words(load_notice(delivery.message)) + "\n")
            else:
                shown = render(load(delivery.message), now, mark_repeat=mark_repeat)
        except ValueError as error:
            raise DeliveryError(
                "console", "the row holds neither alert nor notice", permanent=True
            ) from error
        try:
            self._console.print(shown)
        except OSError as error:
            raise DeliveryError("console", f"can not print: {error.strerror}", scope="channel") from error
        return Receipt(id="printed")

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Never: a terminal does not tell."""
        return None
