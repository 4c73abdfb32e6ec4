"""`label`: shows stored items that the bot is unsure of and keeps what a person says."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot.analyse.classify import classify
from bot.analyse.judge import judge
from bot.commands.common import fail, load, out
from bot.config import Config
from bot.errors import InputError, LockedError
from bot.jobs import utc_now
from bot.lab.doubts import Doubt, doubts, labelled_line
from bot.rulebook import rulebook_of
from bot.store import feedback
from bot.store.archive import kept
from bot.store.feedback import Answer
from bot.store.store import Store

#: A topic's answers: yes, no, skip this item, quit.
_KEYS = "ynsq"


def label(
    file: Annotated[
        Path | None,
        typer.Argument(help="Answers are added here; labelled.jsonl in the data folder if left out."),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=1, help="Offer at most so many items.")] = 20,
    days: Annotated[int, typer.Option(min=1, help="Look at the items of the last so many days.")] = 30,
) -> None:
    """Label stored items near a threshold, or where rules and model disagree: y, n, s (skip), q (quit) per topic.

    Each finished item becomes one line for `evaluate` and `train`, and is not offered again. Stop the bot first.
    """
    loaded = load()
    file = file or loaded.env.data / "labelled.jsonl"
    with Store.open_read_only(loaded.env.data):
        pass  # says so when there is nothing to label yet, before one is made
    try:
        with Store.open(loaded.env.data) as store:
            finished = _ask_all(store, loaded, file, most, days)
    except LockedError as error:
        fail(f"{error}; label while the bot is stopped")
    print(f"{finished} {'item' if finished == 1 else 'items'} labelled, in {file}.")


def _ask_all(store: Store, loaded: Config, file: Path, most: int, days: int) -> int:
    rulebook = rulebook_of(loaded)
    answered = frozenset(answer.item_key for answer in feedback.answers(store))
    judges = [judge, classify] if rulebook.model else [judge]
    archive = (entry.item for entry in kept(store, utc_now() - timedelta(days=days)))
    offered = doubts(archive, rulebook, judges, answered, most)
    if not offered:
        print(f"Nothing is in doubt among the items of the last {days} days.")
    names = {topic.id: topic.name for topic in loaded.topics}
    finished = 0
    for number, doubt in enumerate(offered, start=1):
        _show(doubt, f"{number} of {len(offered)}")
        said = _ask(doubt, names)
        if said is None:
            break
        if not said:
            continue
        _append(file, json.dumps(labelled_line(doubt.item, said), ensure_ascii=False))
        feedback.keep(store, _answers(doubt, said))
        finished += 1
    return finished


def _show(doubt: Doubt, place: str) -> None:
    item = doubt.item
    out.print(Text(f"\n[{place}] {item.title or '(no title)'}", style="bold"))
    for part in (item.summary, item.text):
        if part:
            out.print(Text(part[:600]))
    out.print(Text(f"{item.source_id}, {item.language}, {item.url or 'no address'}", style="dim"))
    for label in doubt.found.labels:
        words = ", ".join(f"{e.term} ({e.gloss})" if e.gloss else e.term for e in label.evidence)
        out.print(Text(f"{label.topic_id}: {label.why}: {words}", style="dim"))


def _ask(doubt: Doubt, names: dict[str, str]) -> dict[str, bool] | None:
    """An answer for each topic, those in doubt first; {} to skip the item, None to quit."""
    said: dict[str, bool] = {}
    for topic_id in (*doubt.topics, *(name for name in names if name not in doubt.topics)):
        score = doubt.found.scores[topic_id]
        answer = ""
        while answer not in tuple(_KEYS):
            answer = typer.prompt(f"{names[topic_id]} ({score:.2f})? y/n/s/q").strip().lower()
        if answer == "q":
            return None
        if answer == "s":
            return {}
        said[topic_id] = answer == "y"
    return said


def _answers(doubt: Doubt, said: dict[str, bool]) -> list[Answer]:
    now = utc_now()
    return [
        Answer(
            item_key=doubt.item.key,
            topic_id=topic_id,
            is_right=is_right,
            score=doubt.found.scores[topic_id],
            rules_version=doubt.found.rules_version,
            answered_by="terminal",
            answered_at=now,
        )
        for topic_id, is_right in said.items()
    ]


def _append(file: Path, line: str) -> None:
    try:
        with file.open("a", encoding="utf-8") as stream:
            stream.write(line + "\n")
    except OSError as error:
        raise InputError(str(file), f"can not be written: {error.strerror}") from error
