"""Notices that say the same become one message, and none is lost."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.model import Delivery, PollState
from bot.notify.console import ConsoleChannel
from bot.notify.notices import WINDOW, fold, load_notice, notice_deliveries
from bot.settings import SlackSettings
from bot.store.health import save_health
from bot.store.store import Store
from bot.telling import fold_notices
from bot.verdicts import Notice, SourceHealth
from tests.notify.made import NOW

OPERATORS = SlackSettings(operator_channel="#ops")


def row(number: int, *, state: str = "blocked", minutes: float = 0, good: bool = False) -> Delivery:
    """The outbox row of one source's notice, made so long after NOW."""
    at = NOW + timedelta(minutes=minutes)
    notice = Notice(
        about=f"source:s{number}:{state}:{at.isoformat()}",
        title=f"Source {number}: {state} by a wall",
        lines=("Since today.",),
        good=good,
        at=at,
        state=state,
    )
    (made,) = notice_deliveries(notice, slack=OPERATORS, has_slack_token=True, now=at)
    return made


def test_the_first_that_is_due_takes_the_others_along() -> None:
    """Nothing goes before its window ends; then all of its state go, those made a moment ago too."""
    rows = [row(1), row(2, minutes=3), row(3, minutes=9.9)]

    assert fold(rows, NOW + WINDOW - timedelta(seconds=1)) == ()
    (folded,) = fold(rows, NOW + WINDOW)
    notice = load_notice(folded.row.message)

    assert folded.keys == tuple(entry.key for entry in rows)
    assert folded.row.due_at == NOW + WINDOW
    assert (notice.title, notice.good) == ("3 sources: blocked", False)
    assert notice.lines == tuple(f"Source {number}: blocked by a wall" for number in (1, 2, 3))


def test_ten_sources_are_named_and_the_others_counted() -> None:
    """Forty at once are eleven lines."""
    (folded,) = fold([row(number) for number in range(40)], NOW + WINDOW)

    lines = load_notice(folded.row.message).lines
    assert len(lines) == 11
    assert lines[-1] == "and 30 more; `reebot sources health` names them."


def test_what_says_something_else_stays_apart() -> None:
    """Other states, other destinations, recoveries, notices of no state and rows that hold none."""
    alone = [row(1), row(2, state="silent"), row(3, state="well again", good=True)]
    elsewhere = replace(row(4), destination="#other")
    of_no_state = replace(row(5, state=""), due_at=NOW)
    broken = replace(row(6), message="{}")

    assert fold([*alone, elsewhere, of_no_state, broken, broken], NOW + WINDOW) == ()
    assert row(5, state="").due_at == NOW


def test_what_was_folded_is_not_folded_again() -> None:
    """A message that could not leave yet keeps its words; those that come later make one of their own."""
    (first,) = fold([row(1), row(2)], NOW + WINDOW)

    (second,) = fold([first.row, row(3, minutes=20), row(4, minutes=21)], NOW + timedelta(minutes=30))

    assert first.row.key not in second.keys
    assert load_notice(second.row.message).title == "2 sources: blocked"


@given(
    st.lists(st.tuples(st.sampled_from(["blocked", "silent", ""]), st.floats(0, 40)), max_size=30),
    st.floats(0, 60),
)
@settings(max_examples=60, deadline=None)
def test_each_notice_is_told_once_whatever_comes_when(made: list[tuple[str, float]], later: float) -> None:
    """A row is in one fold or in none, and a fold says the number of its rows."""
    rows = [row(number, state=state, minutes=at) for number, (state, at) in enumerate(made)]

    folds = fold(rows, NOW + timedelta(minutes=later))

    keys = [key for folded in folds for key in folded.keys]
    assert len(keys) == len(set(keys))
    assert set(keys) <= {entry.key for entry in rows}
    for folded in folds:
        assert load_notice(folded.row.message).title.startswith(f"{len(folded.keys)} sources: ")


async def test_forty_blocked_sources_are_one_message_and_their_recovery_another(tmp_path: Path) -> None:
    """In the database: one row in place of forty, due at once; none is lost, and what is due goes on meanwhile."""
    with Store.open(tmp_path) as store:
        for number in range(40):
            store.save_poll(PollState(source_id=f"s{number}"))
            save_health(store, SourceHealth(source_id=f"s{number}"), [row(number, minutes=number / 10)])
        urgent = replace(row(99, state="", minutes=5), key="notice:flood")
        save_health(store, SourceHealth(source_id="s1"), [urgent])
        meanwhile = store.due(NOW + timedelta(minutes=6), 100)
        fold_notices(store, channel=None, now=NOW + WINDOW)
        fold_notices(store, channel=None, now=NOW + WINDOW)
        due = store.due(NOW + WINDOW, 100)
        for number in range(40):
            well = row(number, state="well again", minutes=60, good=True)
            save_health(store, SourceHealth(source_id=f"s{number}"), [well])
        fold_notices(store, channel="slack", now=NOW + timedelta(hours=2))
        later = store.due(NOW + timedelta(hours=2), 100)

    assert [entry.key for entry in meanwhile] == ["notice:flood"]
    assert [load_notice(entry.message).title for entry in due] == [
        "40 sources: blocked",
        load_notice(urgent.message).title,
    ]
    assert load_notice(later[-1].message).title == "40 sources: well again"
    assert len(later) == 3
    console = Console(file=io.StringIO(), width=100)
    await ConsoleChannel(console).send(replace(due[0], channel="console"))
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue().strip().splitlines()
    assert (shown[0], len(shown)) == ("⚠️ 40 sources: blocked", 12)
    assert shown[-1].startswith("and 30 more")
