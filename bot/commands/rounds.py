"""One round of each job, then the end: `poll`, `deliver`, `digest`."""

import json
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot import jobs
from bot.commands.common import FAILED, WRONG_USE, AsJson, fail, load, out, run
from bot.config import Config
from bot.configured import Source
from bot.jobs import Polled
from bot.notify.digestmail import render_html
from bot.parts import open_parts


def poll(
    everything: Annotated[bool, typer.Option("--all", help="Poll every enabled source, due or not.")] = False,
    source: Annotated[
        list[str] | None, typer.Option(help="Poll this source, due or not. May be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Poll the sources that are due, once, and save what is new. Alerts wait in the outbox for `deliver`."""
    loaded = load()
    chosen = _chosen(loaded, source or [])

    async def work() -> tuple[Polled, ...]:
        async with open_parts(loaded) as parts:
            if source:
                wanted = chosen
            elif everything:
                wanted = tuple(entry for entry in loaded.sources if entry.enabled)
            else:
                wanted = await jobs.due_sources(parts)
            return await jobs.poll(parts, wanted)

    polled = run(work())
    if as_json:
        print(json.dumps([asdict(entry) for entry in polled], ensure_ascii=False))
    else:
        _show_polled(polled)
    # One dead feed among eighty is ordinary; all of them at once is a failed command.
    if polled and all(entry.status == "failed" for entry in polled):
        raise typer.Exit(FAILED)


def _chosen(loaded: Config, names: list[str]) -> tuple[Source, ...]:
    known = {entry.id: entry for entry in loaded.sources}
    unknown = [name for name in names if name not in known]
    if unknown:
        fail(f"no such source: {', '.join(unknown)}; `reebot sources list` shows them", WRONG_USE)
    return tuple(known[name] for name in names)


def _show_polled(polled: tuple[Polled, ...]) -> None:
    if not polled:
        out.print("No source is due. `reebot poll --all` polls them all the same.")
        return
    table = Table(box=None, pad_edge=False)
    for heading, justify in (
        ("source", "left"),
        ("status", "left"),
        ("items", "right"),
        ("new", "right"),
        ("alerts", "right"),
        ("", "left"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]  # two literals
    colours = {"ok": "green", "not_modified": "dim", "failed": "red"}
    for entry in sorted(
        polled, key=lambda entry: (entry.status != "failed", -entry.alerts, -entry.new, entry.source_id)
    ):
        table.add_row(
            entry.source_id,
            f"[{colours[entry.status]}]{entry.status.replace('_', ' ')}[/]",
            str(entry.items or ""),
            str(entry.new or ""),
            str(entry.alerts or ""),
            entry.error,
        )
    out.print(table)
    failed = sum(entry.status == "failed" for entry in polled)
    out.print(
        f"\n{len(polled)} sources polled, {failed} failed; {sum(e.new for e in polled)} new items, "
        f"{sum(e.alerts for e in polled)} alerts in the outbox."
    )


def deliver(as_json: AsJson = False) -> None:
    """Send what waits in the outbox and is due, once."""
    loaded = load()

    async def work() -> dict[str, int]:
        async with open_parts(loaded, out) as parts:
            drained = await jobs.deliver(parts)
            counts = await parts.writer(lambda store: store.counts())
            return {**asdict(drained), "waiting": counts["waiting"]}

    result = run(work())
    if as_json:
        print(json.dumps(result))
    else:
        out.print(", ".join(f"{count} {name}" for name, count in result.items()) + ".")
    if result.get("dead"):
        raise typer.Exit(FAILED)


def digest(
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Local date of the digest; today's if left out."),
    ] = None,
    preview: Annotated[
        Path | None, typer.Option(help="Write the HTML here; send and record nothing.")
    ] = None,
    digest_list: Annotated[str | None, typer.Option("--list", help="Only this list.")] = None,
) -> None:
    """Make the digest of each list, unless that day's was made already, and send it."""
    loaded = load()
    lists = [entry for entry in loaded.settings.digest if digest_list in (None, entry.id)]
    if not lists:
        fail("no such digest list; config/settings.toml names them in [[digest]]", WRONG_USE)
    wanted: date | None = on.date() if on else None

    async def work() -> list[str]:
        async with open_parts(loaded, out) as parts:
            if preview:
                preview.write_text(
                    render_html(await jobs.preview_digest(parts, lists[0], wanted)), encoding="utf-8"
                )
                return [f"{preview} written; nothing was sent."]
            lines = []
            for entry in lists:
                made = await jobs.make_digest(parts, entry, wanted)
                lines.append(f"{entry.id}: {'made' if made else 'made before, not again'}")
            drained = await jobs.deliver(parts)
            return [*lines, f"{drained.sent} delivered, {drained.postponed} waiting, {drained.dead} refused."]

    for line in run(work()):
        print(line)
