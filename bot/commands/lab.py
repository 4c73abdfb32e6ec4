"""The lab on stored items: `backtest`."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot import config
from bot.commands.common import WRONG_USE, err, fail, load, out
from bot.jobs import utc_now
from bot.lab import report
from bot.lab.backtest import backtest as run_backtest
from bot.rulebook import rulebook_of
from bot.store.archive import count_kept, kept
from bot.store.store import Store

_UNITS = {"d": timedelta(days=1), "w": timedelta(weeks=1), "h": timedelta(hours=1)}


def moment(written: str, now: datetime) -> datetime:
    """ "90d", "12w", "36h" before `now`, or a date. Raises `ValueError`."""
    if span := re.fullmatch(r"(\d{1,5})([hdw])", written):
        return now - int(span[1]) * _UNITS[span[2]]
    found = datetime.fromisoformat(written)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def backtest(
    rules: Annotated[Path, typer.Option(help="The folder whose topics/ and concepts/ are tried.")],
    since: Annotated[
        str, typer.Option(help="Only items seen since: 90d, 12w, 36h or a date. Empty: all.")
    ] = "90d",
    html: Annotated[Path | None, typer.Option(help="Also write a report to look at in a browser.")] = None,
) -> None:
    """Judge the stored items by other rules: which would gain a topic, which would lose one. Changes nothing."""
    loaded = load()
    try:
        start = moment(since, utc_now()) if since else None
    except (ValueError, OverflowError):
        fail(f'--since: "{since}" is neither a span such as 90d nor a date such as 2026-09-01', WRONG_USE)
    topics, concepts = config.load_rules(rules)
    # The whole configuration with these rules: the model that live uses has its say here too.
    rulebook = partial(rulebook_of, replace(loaded, topics=topics, concepts=concepts))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        Store.open_read_only(loaded.env.data) as store,
        Progress(*columns, console=err, transient=True) as bar,
    ):
        task = bar.add_task("Judging", total=count_kept(store, start))
        found = run_backtest(kept(store, start), rulebook, progress=lambda done: bar.advance(task, done))
    out.print(report.table(found))
    if html:
        try:
            html.write_text(report.page(found, start), encoding="utf-8")
        except OSError as error:
            fail(f"{html}: can not be written: {error.strerror}")
        err.print(f"{html} written", highlight=False, markup=False)
