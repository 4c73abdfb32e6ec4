"""`backup` and `restore`: a checked copy of the database, and one put back."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.common import AsJson, fail, load
from bot.config import Config
from bot.jobs import utc_now
from bot.notify import timing
from bot.store import backup as copies


def backup(as_json: AsJson = False) -> None:
    """Copy the database to BOT_DATA/backups and check the copy. The bot may run meanwhile."""
    loaded = load()
    made = copies.make(loaded.env.data, now=utc_now(), keep=loaded.settings.backup.keep)
    if as_json:
        print(json.dumps(asdict(made), default=str))
    else:
        print(
            f"{made.path}: {made.size / 1e6:.1f} MB, checked. The newest {loaded.settings.backup.keep} are kept."
        )


def restore(
    file: Annotated[
        Path | None, typer.Argument(help="The copy; the newest in BOT_DATA/backups if left out.")
    ] = None,
) -> None:
    """Put a copy in the database's place, with the bot stopped. The file that was there is kept beside it."""
    loaded = load()
    data = loaded.env.data
    kept = copies.backups(data)
    if file is None and not kept:
        fail(f"no copy in {data / copies.FOLDER}; name one: reebot restore FILE")
    path = file or kept[0].path
    if not path.is_file():
        fail(f"{path}: no such file")
    now = utc_now()
    done = copies.restore(data, path, now=now, digests_sent=_digests_sent(loaded, now))
    print(f"{path} is in place: {done.items:,} items, as of {done.backup.taken_at:%Y-%m-%d %H:%M} UTC.")
    if done.replaced:
        print(f"The database that was there is kept as {done.replaced}.")
    print("What was sent since then is not sent again: Slack's history is asked before an alert is posted,")
    print("and today's digests, if their hour has passed, are taken as sent.")
    if done.to_look_up or done.let_lie:
        print(
            f"{done.to_look_up} deliveries will be looked up; {done.let_lie} waiting mails are taken as sent."
        )


def _digests_sent(loaded: Config, now: datetime) -> list[tuple[str, str]]:
    """The digests (list, local date) whose hour has passed today."""
    return [
        (entry.id, str(timing.local_date(entry, now)))
        for entry in loaded.settings.digest
        if timing.is_time(entry, now)
    ]
