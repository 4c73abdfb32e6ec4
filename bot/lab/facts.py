"""How well figures are read: `python -m bot.lab.facts` prints precision and recall for each language and kind, with the mistakes.

A fact agrees with a labelled one when both are of one family (`FAMILY`), in one unit, and their values differ by at most 0.5% (a
range by both ends); of a date the whole date must agree. Period, subject, kind within the family, `date` and `is_previous` are
counted apart, over the facts that agree.
- `seeds/facts/*.jsonl` label every fact of a line. What else is found is wrong.
- The news items of `seeds/labelled/` label only some of their facts. There a fact is wrong when it misreads a labelled figure: its
  digits are those of a label (its value times a power of ten), it agrees with no label, and no label with that value is found.
  Either end of a range will do, as labels give one. Facts about which the labels say nothing are counted as "unlabelled".
The comparison is pure; only `main` reads files and the clock.
"""

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.facts import Fact
from bot.lab.examples import item_from
from bot.model import Item

#: Kinds that a comparison does not tell apart: which mass it is, the subject's own words often leave open.
FAMILY: Mapping[str, str] = {
    **dict.fromkeys(
        ("quota", "reserves", "output", "capacity", "export", "import", "demand", "stock", "quantity"), "mass"
    ),
    **dict.fromkeys(("investment", "revenue", "profit", "loss", "contract", "money"), "money"),
    **dict.fromkeys(("share", "stake", "rate"), "share"),
    **{kind: kind for kind in ("price", "change", "count", "index", "deadline", "effective")},
}
#: Words of the given labels -> ours.
_KINDS = {"exports": "export", "resources": "reserves", "resource": "reserves", "stockpile": "stock", "volume": "quantity", "target": "output", "tax": "rate"}  # fmt: skip
_SCALES = {"kt": 1e3, "Mt": 1e6, "bn RUB": 1e9, "m RUB": 1e6, "mn RUB": 1e6, "mn CNY": 1e6, "m CNY/t": 1e6}
_UNITS = {"kt": "t", "Mt": "t", "t REO": "t", "entries": "entities", "kt/yr": "t", "t/yr": "t"}
ROUNDING = 0.005


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A labelled fact in our words."""

    kind: str
    value: float
    value_to: float | None
    unit: str
    date: str = ""
    subject: str = ""
    period: str = ""
    is_previous: bool = False
    #: The label gives all that the text says, so that a range needs both ends.
    is_whole: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Example:
    """An item with its labelled facts."""

    id: str
    item: Item
    wanted: tuple[Wanted, ...]
    #: Every fact of it is labelled.
    is_whole: bool


@dataclass(slots=True)
class Tally:
    """What a set of examples gave."""

    right: int = 0
    missed: int = 0
    wrong: int = 0
    unlabelled: int = 0
    #: Attribute -> (right, of).
    attributes: dict[str, list[int]] = field(default_factory=dict)
    by_kind: Counter[tuple[str, str]] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """0..1; 1 where nothing was found."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """0..1; 1 where nothing was to be found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0


def examples(lines: Iterable[str], *, where: str) -> list[Example]:
    """Examples of labelled lines; those without `facts` are left out. Raises `InputError` on a bad line."""
    found = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row = json.loads(line)
        if "facts" not in row:
            continue
        name, item = item_from(line, where=f"{where}:{number}")
        is_whole = "topics" not in row
        found.append(
            Example(
                id=str(name),
                item=item,
                wanted=tuple(
                    _wanted(fact, is_whole=is_whole) for fact in row["facts"] if _value(fact) is not None
                ),
                is_whole=is_whole,
            )
        )
    return found


def _value(fact: Mapping[str, Any]) -> float | None:
    value = fact.get("value", fact.get("value_low", fact.get("low")))
    return None if value is None else float(value)


def _wanted(fact: Mapping[str, Any], *, is_whole: bool) -> Wanted:
    unit = fact["unit"]
    scale = _SCALES.get(unit, 1e3 if unit == "kt/yr" else 1.0)
    kind = _KINDS.get(fact["kind"], fact["kind"])
    plain = unit.split(" ", 1)[1] if unit in _SCALES and " " in unit else _UNITS.get(unit, unit)
    if not is_whole:
        # The given labels call 13% less ore an "output" and a licence's cost a "price": the unit says which family it is.
        if plain == "%" and FAMILY.get(kind) != "share":
            kind = "change" if fact["value"] < 0 else "share"
        elif kind == "price" and "/" not in plain:
            kind = "money"
    to = fact.get("value_to", fact.get("value_max", fact.get("value_high")))
    return Wanted(
        kind=kind,
        value=(_value(fact) or 0.0) * scale,
        value_to=None if to is None else float(to) * scale,
        unit=plain,
        date=str(fact.get("date", fact.get("by", ""))),
        subject=fact.get("subject", ""),
        period=fact.get("period", "yr" if unit.endswith("/yr") and "CNY" not in unit else ""),
        is_previous=bool(fact.get("is_previous")),
        is_whole=is_whole,
    )


def _near(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=ROUNDING)


def agrees(fact: Fact, wanted: Wanted) -> bool:
    """Whether a fact is the labelled one, by the rule at the top."""
    if FAMILY[fact.kind] != FAMILY[wanted.kind] or fact.unit != wanted.unit:
        return False
    if fact.unit == "date":
        return fact.date == wanted.date
    if not wanted.is_whole:
        return any(value is not None and _near(value, wanted.value) for value in (fact.value, fact.value_to))
    if not _near(fact.value, wanted.value):
        return False
    if wanted.value_to is None or fact.value_to is None:
        return wanted.value_to is None and fact.value_to is None
    return _near(fact.value_to, wanted.value_to)


def _misreads(fact: Fact, wanted: Wanted) -> bool:
    """Whether a fact has the digits of a label."""
    if not fact.value or not wanted.value:
        return False
    power = math.log10(abs(fact.value / wanted.value))
    return abs(power - round(power)) < 1e-6


def compare(example: Example, facts: Sequence[Fact], tally: Tally) -> None:
    """Add what one example gave to a tally."""
    left = list(facts)
    missed: list[Wanted] = []
    for wanted in example.wanted:
        match = next(
            (fact for fact in left if agrees(fact, wanted) and fact.is_previous == wanted.is_previous), None
        ) or next((fact for fact in left if agrees(fact, wanted)), None)
        if match is None:
            missed.append(wanted)
            continue
        left.remove(match)
        tally.right += 1
        tally.by_kind["right", wanted.kind] += 1
        _attributes(match, wanted, tally)
    for wanted in missed:
        tally.missed += 1
        tally.by_kind["missed", wanted.kind] += 1
        tally.mistakes.append(
            f"missed {example.id}: {wanted.kind} {wanted.value:g} {wanted.unit} {wanted.date}"
        )
    for fact in left:
        told = f"{example.id}: {fact.kind} {fact.value:g}{f'..{fact.value_to:g}' if fact.value_to else ''} {fact.unit} {fact.date}"
        if example.is_whole or any(_misreads(fact, wanted) for wanted in missed):
            tally.wrong += 1
            tally.by_kind["wrong", fact.kind] += 1
            tally.mistakes.append(f"wrong  {told}")
        else:
            tally.unlabelled += 1


def _attributes(fact: Fact, wanted: Wanted, tally: Tally) -> None:
    pairs: list[tuple[str, str, str]] = [("kind", fact.kind, wanted.kind)]
    if wanted.is_whole:
        pairs += [
            ("is_previous", str(fact.is_previous), str(wanted.is_previous)),
            ("date", fact.date, wanted.date),
        ]
        pairs += [("period", fact.period, wanted.period)]
    if wanted.subject:
        pairs.append(("subject", fact.subject, wanted.subject))
    for name, found, asked in pairs:
        count = tally.attributes.setdefault(name, [0, 0])
        count[0] += found == asked
        count[1] += 1


def main() -> int:
    """Print the figures, and how fast they came; 1 when a goal is missed."""
    from bot import config
    from bot.analyse.facts import extract
    from bot.analyse.folding import fold
    from bot.analyse.subjects import Subjects
    from bot.rulebook import build
    from bot.settings import FactSettings

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--quiet", action="store_true", help="leave the mistakes out")
    wanted = parser.parse_args()
    files = wanted.files or sorted(
        [*Path("seeds/facts").glob("*.jsonl"), *Path("seeds/labelled").glob("news-*.jsonl")]
    )
    topics, concepts = config.load_rules(Path("config"))
    rulebook = build(topics, concepts, embedding_name="none").rulebook
    subjects = Subjects.of(concepts, FactSettings().materials, FactSettings().others)
    tallies: dict[str, Tally] = {}
    work: list[Any] = []
    for path in files:
        for example in examples(path.read_text(encoding="utf-8").split("\n"), where=str(path)):
            fields = {"title": example.item.title, "summary": example.item.summary, "text": example.item.text}
            folded = {name: fold(text) for name, text in fields.items() if text}
            hits = {
                name: rulebook.matcher.find(fields[name], text).in_order() for name, text in folded.items()
            }
            facts = extract(example.item, hits, subjects, folded=folded)
            work.append((example.item, hits, folded))
            group = path.stem.rsplit("-", 1)[0].split("-")[0]
            for name in (f"{group} {example.item.language}", f"{group} all"):
                compare(example, facts, tallies.setdefault(name, Tally()))
    for name, tally in sorted(tallies.items()):
        apart = ", ".join(f"{key} {right}/{of}" for key, (right, of) in tally.attributes.items())
        print(  # noqa: T201
            f"{name:10} P {tally.precision:.3f}  R {tally.recall:.3f}  right {tally.right}, missed {tally.missed}, "
            f"wrong {tally.wrong}, unlabelled {tally.unlabelled}; {apart}"
        )
        if name.endswith(" all"):
            for kind in sorted({kind for _, kind in tally.by_kind}):
                counts = ", ".join(
                    f"{what} {tally.by_kind[what, kind]}" for what in ("right", "missed", "wrong")
                )
                print(f"    {kind}: {counts}")  # noqa: T201
        elif not wanted.quiet:
            for line in tally.mistakes:
                print(f"    {line}")  # noqa: T201
    _speed(work, subjects, extract)
    return int(
        any(t.precision < 0.95 or t.recall < 0.85 for name, t in tallies.items() if name.endswith(" all"))
    )


def _speed(work: Sequence[Any], subjects: Any, extract: Any) -> None:
    strings = sum(bool(text) for item, _, _ in work for text in (item.title, item.summary, item.text))
    best = math.inf
    for _ in range(5):
        began = time.process_time()
        for item, hits, folded in work:
            extract(item, hits, subjects, folded=folded)
        best = min(best, time.process_time() - began)
    print(f"{strings / best:,.0f} strings/s of CPU time ({strings} strings, best of 5)")  # noqa: T201


if __name__ == "__main__":
    raise SystemExit(main())
