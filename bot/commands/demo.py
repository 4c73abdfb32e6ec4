"""`reebot demo`: the whole job, offline, on recorded feeds in two rounds of time."""

import shutil
from pathlib import Path
from typing import Annotated

import typer
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.rule import Rule

from bot import config, jobs, logs
from bot.commands.common import fail, out, run
from bot.config import Config
from bot.demofeeds import FEEDS, FeedServer, demo_config
from bot.jobs import Parts, Polled, utc_now
from bot.parts import open_parts
from bot.settings import LogSettings


def demo(
    folder: Annotated[
        Path, typer.Option("--data", help="Where the database and the digest are left; emptied first.")
    ] = Path("data/demo"),
) -> None:
    """Run everything offline: recorded feeds are polled over HTTP, alerts appear, the digest is written."""
    # The demo's own doings are the show; of the log only trouble is of interest.
    logs.configure(LogSettings(level="error"))
    _make_room(folder)
    run(_demo(folder))


def _make_room(folder: Path) -> None:
    marker = folder / ".reebot-demo"
    if folder.exists() and any(folder.iterdir()) and not marker.exists():
        fail(f"{folder} holds something that is not the demo's; name another folder with --data")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    marker.touch()


async def _demo(folder: Path) -> None:
    out.print(
        Panel.fit(
            "News comes in, is understood in three languages, and the few items that matter reach people:\n"
            "[bold]fetch → parse → classify → group → save → deliver[/]\n\n"
            "Feeds recorded for this demo are served by a web server on this machine. Nothing leaves it.",
            title="reebot",
        )
    )
    async with FeedServer(FEEDS, now=utc_now()) as server:
        demo_config(folder / "config", server)
        # Only these two: an account that is set up in this shell is not used.
        loaded = config.load({"BOT_CONFIG": str(folder / "config"), "BOT_DATA": str(folder)})
        async with open_parts(loaded, out) as parts:
            await _round(parts, "Round 1: the first poll of a feed is history, kept without alarm")
            server.round = 2
            await _round(parts, "Round 2: later, the feeds have news")
            await _digest(parts, loaded)
            await _summary(parts, folder)


async def _round(parts: Parts, title: str) -> None:
    out.print(Rule(title, style="dim"))
    sources = [source for source in parts.config.sources if source.enabled]
    polled: list[Polled] = []
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=out, transient=True
    ) as progress:
        bar = progress.add_task("polling", total=len(sources))
        for source in sources:
            polled.append(await jobs.poll_source(parts, source))
            progress.advance(bar)
    new, alerts = sum(entry.new for entry in polled), sum(entry.alerts for entry in polled)
    out.print(f"{len(polled)} feeds polled, {new} new items, {alerts} alerts.\n")
    await jobs.deliver(parts)


async def _digest(parts: Parts, loaded: Config) -> None:
    out.print(Rule("The day's digest", style="dim"))
    for entry in loaded.settings.digest:
        await jobs.make_digest(parts, entry)
    await jobs.deliver(parts)
    for path in sorted((loaded.env.data / "digests").iterdir()):
        print(path)


async def _summary(parts: Parts, folder: Path) -> None:
    counts = await parts.writer(lambda store: store.counts())
    out.print(
        f"\n{counts['items']} items kept, {counts['hits']} of them on a topic, in {counts['stories']} stories; "
        f"everything is in {folder / 'bot.db'}.\n"
    )
    out.print(Rule("Try next", style="dim"))
    prefix = f"BOT_CONFIG={folder / 'config'} BOT_DATA={folder} .venv/bin/reebot"
    for command in ("search 稀土", "search Tomtor", "sources health"):
        print(f"{prefix} {command}")
