"""Pure, but for the template that it reads. A backtest for people: a table for the terminal, a page for the browser."""

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.lab.backtest import Backtest, Difference

#: Items shown of each topic's gains and losses: on the terminal, on the page.
_SHOWN, _SHOWN_ON_PAGE = 20, 500


def _groups(found: Backtest) -> Iterator[tuple[str, str, list[Difference]]]:
    for (topic, kind), rows in groupby(found.differences, key=lambda made: (made.topic_id, made.kind)):
        yield topic, kind, list(rows)


def table(found: Backtest) -> RenderableType:
    """Counts for each topic, then titles of what is gained and lost, newest first."""
    counts = Table(title=f"{found.items:,} items under rules {found.rules_version}", title_justify="left")
    counts.add_column("topic")
    for kind in ("gained", "lost", "same"):
        counts.add_column(kind, justify="right")
    for topic in found.topics:
        counts.add_row(
            topic, *(f"{found.counts.get((topic, kind), 0):,}" for kind in ("gained", "lost", "same"))
        )
    lines = [
        Text(
            f"{found.unchanged:,} items keep all their scores to the last digit; {found.under_other_rules:,} were "
            "stored under another version of the rules."
        )
    ]
    for topic, kind, rows in _groups(found):
        lines.append(Text(f"\n{topic}: {kind}", style="bold green" if kind == "gained" else "bold red"))
        for row in rows[:_SHOWN]:
            scores = f"{row.score_before:.2f} -> {row.score_after:.2f}"
            lines.append(Text(f"  {row.first_seen_at:%Y-%m-%d}  {scores}  {row.key[:8]}  {row.title}"))
        if len(rows) > _SHOWN:
            lines.append(Text(f"  and {len(rows) - _SHOWN:,} more", style="dim"))
    return Group(counts, *lines)


def page(found: Backtest, since: datetime | None) -> str:
    """The same as one HTML file that needs nothing else."""
    return _template().render(found=found, since=since, groups=list(_groups(found)), most=_SHOWN_ON_PAGE)


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    return environment.get_template("backtest.html.j2")
