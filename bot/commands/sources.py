"""The sources: `list`, `add`, `remove`, `health`, `import` and `export`."""

import json
import os
import sys
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer
from rich.table import Table
from rich.text import Text

from bot import sourcefile
from bot.commands.common import AsJson, fail, load, out, run
from bot.config import Config
from bot.configured import Source
from bot.finder import Found, find_feeds
from bot.ingest.http import Fetcher
from bot.ingest.opml import from_opml, to_opml
from bot.ingest.reader import Reader
from bot.jobs import utc_now
from bot.model import PollState
from bot.store import reports
from bot.store.health import healths
from bot.store.store import Store
from bot.verdicts import UNREAD, WELL, Kind, SourceHealth, in_words, name_of

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="List, add, remove, check, import and export sources.",
)
_LOOK_SECONDS = 10.0
#: Columns from which the reason for the next poll stands beside it; in fewer it would break into words.
_WIDE = 120


@cli.command("list")
def show(
    everything: Annotated[bool, typer.Option("--all", help="Disabled ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the configured sources."""
    chosen = [source for source in load().sources if source.enabled or everything]
    if as_json:
        print(json.dumps([asdict(source) for source in chosen], ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "lang", "topics", "weight", "address"):
        table.add_column(heading, no_wrap=heading != "topics", overflow="ellipsis")
    for source in chosen:
        style = "" if source.enabled else "dim"
        topics = ", ".join(source.topics)
        table.add_row(source.id, source.language, topics, f"{source.weight:g}", source.url, style=style)
    out.print(table)
    out.print(f"{len(chosen)} sources.")


@cli.command()
def add(
    url: Annotated[str, typer.Argument(help="The address of a feed, or of a site that has one.")],
    name: Annotated[str, typer.Option(help="What people call it.")] = "",
    source_id: Annotated[str, typer.Option("--id", help="Made from the address if left out.")] = "",
    language: Annotated[str, typer.Option(help="en, ru or zh.")] = "en",
    topic: Annotated[
        list[str] | None, typer.Option(help="Topic it is expected to carry; may be repeated.")
    ] = None,
    weight: Annotated[float, typer.Option(help="1 is ordinary press; official sources stand higher.")] = 1.0,
    as_given: Annotated[bool, typer.Option("--as-given", help="Do not look at the address first.")] = False,
) -> None:
    """Add a source to sources.toml, comments kept; where the address is a site's, its feed is looked for."""
    loaded = load()
    feed = url if as_given else _feed_at(url, loaded)
    source = Source(
        id=source_id or _id_from(url),
        url=feed,
        name=name,
        language=language,
        topics=tuple(topic or ()),
        weight=weight,
    )
    sourcefile.add(loaded.folder / "sources.toml", source)
    print(f"Added {source.id}. `reebot poll --source {source.id}` tries it.")


def _feed_at(url: str, loaded: Config) -> str:
    """The feed meant by an address; ends the command where people have to choose."""

    async def look() -> Found:
        # A person waits for this, so not as long as a poll may.
        ingest = replace(loaded.settings.ingest, timeout_seconds=_LOOK_SECONDS)
        async with Fetcher(ingest, env=os.environ) as fetcher, Reader() as reader:
            return await find_feeds(fetcher, reader, url, now=utc_now())

    found = run(look())
    if len(found.feeds) == 1 and not found.others:
        if found.feeds[0] != url:
            print(f"{url} is a page; its feed is {found.feeds[0]}")
        return found.feeds[0]
    if found.feeds:
        lines = [f"{url} has several feeds; add the one you want:"]
        lines += [f"  reebot sources add '{feed}'" for feed in (*found.feeds, *found.others)]
        fail("\n".join(lines))
    if found.served:
        fail(
            f"{url}: {found.reason}. A list page without a feed can be read with selectors: "
            f'see kind = "page" in {loaded.folder / "sources.toml"}. --as-given adds it all the same.'
        )
    print(f"{url} could not be looked at ({found.reason}); added as given.", file=sys.stderr)
    return url


def _id_from(url: str) -> str:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return (
        "".join(letter if letter.isalnum() and letter.isascii() else "-" for letter in host).strip("-")
        or "source"
    )


@cli.command()
def remove(source_id: Annotated[str, typer.Argument(metavar="ID")]) -> None:
    """Take a source out of sources.toml; its stored items stay."""
    sourcefile.remove(load().folder / "sources.toml", source_id)
    print(f"Removed {source_id}.")


@cli.command()
def health(as_json: AsJson = False) -> None:
    """Show how each source does: its verdict, last read, newest item, next poll; what needs a hand comes last."""
    loaded = load()
    with Store.open_read_only(loaded.env.data) as store:
        states = store.poll_states()
        verdicts = healths(store)
        activity = reports.source_activity(store)
    now = utc_now()
    rows = []
    for source in loaded.sources:
        if source.enabled:
            state = states.get(source.id, PollState(source_id=source.id))
            verdict = verdicts.get(source.id, SourceHealth(source_id=source.id))
            count, newest = activity.get(source.id, (0, None))
            rows.append((source, state, verdict, count, newest))
    if as_json:
        shown = [
            {
                **asdict(state),
                "verdict": verdict.kind,
                "verdict_detail": verdict.detail,
                "verdict_since_at": verdict.since_at,
                "read_via": verdict.memory.route,
                "moved_to": verdict.memory.moved_to,
                "items": count,
                "newest_item_at": newest,
            }
            for _, state, verdict, count, newest in rows
        ]
        print(json.dumps(shown, ensure_ascii=False, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("source", "state", "read", "newest item", "items", "next poll"):
        table.add_column(heading, justify="right" if heading == "items" else "left", no_wrap=True)
    wide = out.width >= _WIDE
    if wide:
        table.add_column("")
    rows.sort(key=lambda row: (row[2].kind in WELL, row[0].id))
    for source, state, verdict, count, newest in rows:
        table.add_row(
            source.id,
            f"[{_colour(verdict.kind)}]{name_of(verdict.kind)}[/]",
            _ago(state.ok_at, now),
            _ago(newest, now),
            str(count),
            _ago(state.next_poll_at, now),
            *([Text(state.reason, style="dim")] if wide else []),
        )
    out.print(table)
    reasons = [] if wide else [(source.id, state.reason) for source, state, *_ in rows if state.reason]
    if reasons:
        out.print("\nWhy the next poll is then:")
    for name, reason in reasons:
        out.print(Text.assemble(f"{name}: ", (reason, "dim")))
    unwell = [(source, verdict) for source, _, verdict, _, _ in rows if verdict.kind not in WELL]
    if unwell:
        out.print(f"\nNot well, {len(unwell)} of {len(rows)}:")
    for source, verdict in unwell:
        # Text, not str: a page's title may hold what Rich takes for markup.
        out.print(Text(f"{source.id}: {in_words(verdict.kind, verdict.detail)}"))


def _colour(kind: Kind) -> str:
    if kind == "new":
        return "dim"
    return "green" if kind in WELL else "red" if kind in UNREAD else "yellow"


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return "never"
    seconds = (now - moment).total_seconds()
    amount = abs(seconds)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if amount >= size:
            text = f"{amount / size:.0f} {unit}"
            break
    else:
        text = f"{amount:.0f} s"
    return f"{text} ago" if seconds >= 0 else f"in {text}"


@cli.command("import")
def import_(path: Annotated[Path, typer.Argument(help="An OPML file.")]) -> None:
    """Add the feeds of an OPML file to sources.toml; those that are there already are left alone."""
    loaded = load()
    try:
        found = from_opml(path.read_bytes(), {topic.id for topic in loaded.topics})
    except OSError as error:
        fail(f"{path}: can not be read: {error.strerror}")
    added = sourcefile.import_sources(loaded.folder / "sources.toml", found)
    print(f"{len(added)} sources added, {len(found) - len(added)} known already.")


@cli.command()
def export(path: Annotated[Path | None, typer.Argument(help="Standard output if left out.")] = None) -> None:
    """Write the sources as OPML, for feed readers and other copies of reebot."""
    text = to_opml(load().sources)
    if path is None:
        print(text)
    else:
        path.write_text(text, encoding="utf-8")
        print(f"{path} written.")
