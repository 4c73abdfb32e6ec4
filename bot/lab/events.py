"""Labelled items as stories see them, each with the event that it reports."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge, packed
from bot.analyse.linear import direction, passage
from bot.analyse.traits import Traits, traits
from bot.errors import InputError
from bot.lab.examples import Labelled


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """One labelled item."""

    traits: Traits
    #: As its file names it, and with the names of one event made one.
    story: str
    event: str
    #: Whether the bot gives it a topic: only such items are grouped when it runs.
    is_labelled: bool


def reports(rows: Sequence[Labelled], rulebook: Rulebook, one_event: dict[str, str]) -> tuple[Report, ...]:
    """Labelled items, oldest first. All are embedded if the rulebook has a model; the bot embeds those near a topic only."""
    found = []
    for row in rows:
        item, towards = row.item, b""
        if rulebook.model is not None:
            model = rulebook.model
            towards = packed(direction(model.weights, item.language, model.embed(passage(item))))
        found.append(
            Report(
                traits=traits(
                    item,
                    concepts=read(item, rulebook).concepts(),
                    direction=towards,
                    now=item.first_seen_at + timedelta(days=1),
                ),
                story=row.story,
                event=one_event.get(row.story, row.story),
                is_labelled=bool(judge(item, rulebook).labels),
            )
        )
    return tuple(sorted(found, key=lambda report: (report.traits.at, report.traits.item_key)))


def one_event(path: Path, stories: Iterable[str]) -> dict[str, str]:
    """Story -> the first name of its event, of those that have several. Raises `InputError` for a name that nobody bears."""
    known = set(stories)
    names: dict[str, str] = {}
    for group in tomllib.loads(path.read_text(encoding="utf-8"))["same"]:
        for name in group:
            if name not in known or name in names:
                raise InputError(str(path), f"{name}: no such story, or it stands here twice")
            names[name] = group[0]
    return names
