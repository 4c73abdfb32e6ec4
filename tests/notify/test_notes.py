"""What an alert says of the claims and prices that it changes, in each channel's form."""

import json
from datetime import timedelta
from io import StringIO

from rich.console import Console

from bot.configured import Source
from bot.model import Item, Story
from bot.notify.blocks import characters
from bot.notify.blocks import render as blocks
from bot.notify.console import render
from bot.notify.messages import alert_for, dump, load
from tests.notify.made import NOW, alert

NOTE = "Russia's goal: was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)"
ITEM = Item(key="i", source_id="s", title="Goal cut", language="en", first_seen_at=NOW)
STORY = Story(id="s1", title="Goal cut", url="", topics=(), first_seen_at=NOW, last_seen_at=NOW)


def test_an_alert_takes_four_notes_through_the_outbox() -> None:
    """Lines are cleaned, four are kept, and what the outbox holds gives them back."""
    notes = [f"{NOTE}\n<!channel> {number}" for number in range(6)]

    made = alert_for(ITEM, Source(id="s", url=""), (), STORY, (), notes)

    assert len(made.notes) == 4
    assert all("\n" not in note for note in made.notes)
    assert load(dump(made)) == made


def test_a_row_of_before_there_were_notes_is_still_an_alert() -> None:
    """An outbox row written by an earlier version holds no notes."""
    row = json.loads(dump(alert()))
    del row["notes"]

    assert load(json.dumps(row)) == alert()


def test_slack_and_the_terminal_show_the_note() -> None:
    """The note stands in the blocks, in the text alone, and on the terminal; nothing in it is a mention."""
    noted = alert(notes=(f"{NOTE} <!channel>",))
    screen = Console(file=StringIO(), width=200)
    screen.print(render(noted, NOW + timedelta(minutes=1)))
    shown = screen.file.getvalue() if isinstance(screen.file, StringIO) else ""

    message = blocks(noted)

    assert NOTE in json.dumps(message["blocks"], ensure_ascii=False)
    assert NOTE in str(message["text"])
    assert "<!channel>" not in str(message["text"])
    assert NOTE in shown
    assert characters(blocks(alert())["blocks"]) < characters(message["blocks"])
