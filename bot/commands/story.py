"""`story show | merge | split`: what the bot took for one event, and a person's word on it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from bot.analyse.life import life
from bot.analyse.stories import new_story_id
from bot.commands.common import AsJson, fail, load, out
from bot.config import Config
from bot.errors import LockedError
from bot.jobs import utc_now
from bot.model import Story
from bot.openstories import source_count
from bot.store import reports, stories
from bot.store.store import Store

cli = typer.Typer(no_args_is_help=True, help="Show a story, merge two, or take an item out of one.")
StoryId = Annotated[str, typer.Argument(help="A story's id, or the beginning of it.")]


@cli.command()
def show(story_id: StoryId, as_json: AsJson = False) -> None:
    """Show a story: where it stands, and each item with why it is there."""
    loaded = load()
    with Store.open_read_only(loaded.env.data) as store:
        story = _story(store, story_id)
        told = stories.told(store, story.id)
    now = utc_now()
    if as_json:
        items = [
            {
                "key": entry.item.key,
                "title": entry.item.title,
                "source": entry.item.source_id,
                "language": entry.item.language,
                "seen": entry.item.first_seen_at.isoformat(),
                "reason": entry.reason,
                "action": entry.action,
                "copy_of": entry.copy_of,
            }
            for entry in told
        ]
        print(
            json.dumps(
                {
                    "id": story.id,
                    "title": story.title,
                    "topics": story.topics,
                    "level": story.level,
                    "life": life(story, now),
                    "first_seen": story.first_seen_at.isoformat(),
                    "last_seen": story.last_seen_at.isoformat(),
                    "sources": story.source_count,
                    "items": items,
                },
                ensure_ascii=False,
            )
        )
        return
    sources = f"{story.source_count} {'source' if story.source_count == 1 else 'sources'}"
    out.print(Text(story.title or "(no headline)", style="bold"))
    out.print(
        Text(f"{story.id}: {life(story, now)}, level {story.level}, {sources}, {', '.join(story.topics)}")
    )
    table = Table("item", "seen", "source", "headline", "why", "action", box=None)
    for entry in told:
        item = entry.item
        table.add_row(
            *map(
                Text,
                (
                    item.key[:12],
                    f"{item.first_seen_at:%Y-%m-%d %H:%M}",
                    item.source_id,
                    item.title,
                    entry.reason,
                    entry.action,
                ),
            )
        )
    out.print(table)


@cli.command()
def merge(into: StoryId, other: StoryId) -> None:
    """Two stories are one event: the second's items move into the first, and stay together. Nobody is alerted. Stop the bot first."""
    with _writing() as (store, loaded):
        kept, gone = _story(store, into), _story(store, other)
        if kept.id == gone.id:
            fail(f"{other}: is that story already")
        items = [entry.item for one in (kept, gone) for entry in stories.told(store, one.id)]
        whole = stories.merge(store, kept, gone, source_count=source_count(items, loaded), now=utc_now())
    print(f"{whole.id}: {whole.item_count} items of {whole.source_count} sources.")


@cli.command()
def split(
    item: Annotated[str, typer.Argument(help="An item's key, the beginning of it, or its address.")],
) -> None:
    """An item is another event: it leaves its story for one of its own, and stays apart. Nobody is alerted. Stop the bot first."""
    with _writing() as (store, loaded):
        found = store.item(item)
        if found is None:
            fail(f"{item}: no such item, or several")
        place = reports.story_of(store, found.key)
        if place is None:
            fail(f"{found.key}: stands in no story")
        stay = [entry.item for entry in stories.told(store, place[0].id) if entry.item.key != found.key]
        alone = stories.split(
            store,
            place[0],
            found,
            new_story_id(found),
            source_count=source_count(stay, loaded),
            now=utc_now(),
        )
    print(f"{alone.id}: {found.title}")


@contextmanager
def _writing() -> Iterator[tuple[Store, Config]]:
    loaded = load()
    with Store.open_read_only(loaded.env.data):
        pass  # says so where there is no database yet, before one is made
    try:
        with Store.open(loaded.env.data) as store:
            yield store, loaded
    except LockedError as error:
        fail(f"{error}; change stories while the bot is stopped")


def _story(store: Store, name: str) -> Story:
    found = stories.story(store, name)
    if found is None:
        fail(f"{name}: no such story, or several")
    return found
