"""Trying the rules: `classify`, `replay`, `evaluate`, and what is not there yet of the lab."""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import config
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import understand
from bot.commands.common import FAILED, AsJson, err, fail, load, out
from bot.commands.facts import fact_answer
from bot.config import Config
from bot.errors import InputError
from bot.lab import scorecards
from bot.lab.evaluate import evaluate, read_labelled, render
from bot.lab.examples import item_from
from bot.model import ClassifiedItem, Item
from bot.replay import replay as replay_items
from bot.rulebook import rulebook_of
from bot.settings import ExchangeRates

RulesFolder = Annotated[
    Path | None, typer.Option("--rules", help="Take topics/ and concepts/ from this folder.")
]


def classify_lines(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines (the only form; for clarity).")
    ] = True,
    rules: RulesFolder = None,
) -> None:
    """Label items from standard input: JSON lines in, one JSON line out for each, in the same order."""
    loaded = load()
    rulebook = _rulebook(loaded, rules)
    failed = False
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            name, item = item_from(line, where=f"line {number}")
        except InputError as error:
            # The line keeps its place, so that a program can pair what it sent with what it got.
            failed = True
            answer: dict[str, Any] = {"id": None, "line": number, "error": str(error)}
        else:
            answer = _answer(name, understand(item, rulebook, facts_of_all=True), loaded.settings.fx)
        print(json.dumps(answer, ensure_ascii=False))
    if failed:
        raise typer.Exit(FAILED)


def _answer(name: object, classified: ClassifiedItem, fx: ExchangeRates) -> dict[str, Any]:
    item, found = classified.item, classified.classification
    sure = [label for label in found.labels if label.sure]
    return {
        "id": name,
        "lang": item.language,
        "topics": [label.topic_id for label in sure],
        "scores": dict(found.scores),
        "evidence": [
            {
                "topic": label.topic_id,
                "term": piece.term,
                "start": piece.start,
                "end": piece.end,
                "field": piece.field,
                "concept": piece.concept,
            }
            for label in sure
            for piece in label.evidence
        ],
        "facts": [fact_answer(fact, fx) for fact in classified.facts],
    }


def replay(
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help="Read JSON lines (the only form; for clarity).")
    ] = True,
    rules: RulesFolder = None,
) -> None:
    """Send items from standard input through the whole pipeline in published order, on a virtual clock.

    Nothing is sent. One JSON line comes out for each item, in the order of their times.
    """
    loaded = load()
    rulebook = _rulebook(loaded, rules)
    items: list[tuple[object, Item]] = []
    problems: list[str] = []
    for number, line in _lines():
        try:
            items.append(item_from(line, where=f"line {number}"))
        except InputError as error:
            problems.append(str(error))
    for answer in replay_items(items, loaded, rulebook):
        print(json.dumps(answer, ensure_ascii=False))
    if problems:
        fail("\n".join(problems))


def _lines() -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(sys.stdin, start=1) if line.strip())


def evaluate_files(
    files: Annotated[list[Path], typer.Argument(help="Labelled items, one JSON object a line.")],
    rules: RulesFolder = None,
    save: Annotated[
        Path | None,
        typer.Option(help="Keep the scorecard here; one that is there already is compared with first."),
    ] = None,
    against: Annotated[
        Path | None, typer.Option(help="Compare with this saved scorecard; exit 1 where recall fell.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Score the rules on labelled items: precision, recall and F1 for each topic and language, with 95% intervals."""
    rulebook = _rulebook(load(), rules)
    scorecard = evaluate(read_labelled(files), rulebook)
    if as_json:
        print(json.dumps(scorecard.as_dict(), ensure_ascii=False))
    else:
        out.print(render(scorecard))
    before = against or (save if save and save.exists() else None)
    changes = scorecards.compare(scorecards.load(before), scorecard, files) if before else ()
    for change in changes:
        err.print(str(change), highlight=False, markup=False)
    if save:
        scorecards.save(scorecard, files, save)
        err.print(f"{save} written", highlight=False, markup=False)
    if any(change.is_loss for change in changes):
        raise typer.Exit(FAILED)


def _rulebook(loaded: Config, folder: Path | None) -> Rulebook:
    if folder is None:
        return rulebook_of(loaded)
    topics, concepts = config.load_rules(folder)
    return rulebook_of(replace(loaded, topics=topics, concepts=concepts))
