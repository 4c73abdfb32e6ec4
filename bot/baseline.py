"""The tracked claims and their words, from `seeds/baseline.toml`, `config/claims.toml` and `config/events.toml`, checked.

Everything wrong is told at once, with file, line and key, and nothing is used half.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bot.configured import Concept
from bot.errors import ConfigError, Problem
from bot.tables import build, problem, read, repeated
from bot.tracked import Claim, EventKind, Words

BASELINE = Path(__file__).resolve().parent.parent / "seeds" / "baseline.toml"
_AS_OF = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_BY = re.compile(r"(?:\d{4}(?:-\d\d){0,2})?")


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What the files say."""

    claims: tuple[Claim, ...] = ()
    words: tuple[Words, ...] = ()
    #: Concepts and words that can own a figure.
    holders: tuple[str, ...] = ()
    #: Kinds of events, of config/events.toml.
    events: tuple[EventKind, ...] = ()


def load_baseline(
    folder: Path, concepts: Iterable[Concept], topics: Iterable[str], *, path: Path = BASELINE
) -> Baseline:
    """The claims of `path` and the words of `folder`/claims.toml. A folder without claims.toml tracks nothing.

    Raises `ConfigError` with every problem and its line.
    """
    words_path = folder / "claims.toml"
    if not words_path.exists():
        return Baseline()
    problems: list[Problem] = []
    topic_ids = set(topics)
    raw = read(words_path, problems)
    holders = tuple(raw.pop("holders", ()))
    words = [
        built
        for name, table in raw.items()
        if (built := build(Words, {"id": name, **(table if isinstance(table, dict) else {"table": table})}, words_path, name, problems))
    ]  # fmt: skip
    concept_ids = {concept.id for concept in concepts}
    problems += [
        problem(words_path, one.id, "is the name of a concept too; expected another name")
        for one in words
        if one.id in concept_ids
    ]
    known = concept_ids | {one.id for one in words}
    problems += [
        problem(words_path, "holders", f'unknown concept or word "{name}"')
        for name in holders
        if name not in known
    ]
    kinds = _event_kinds(folder / "events.toml", known, problems)
    statuses = {one.id for one in words} | {status for one in words for status in (*one.confirms, *one.ends)}
    claims: list[Claim] = []
    raw = read(path, problems)
    problems += [problem(path, key, "unknown key; expected [[claim]]") for key in raw if key != "claim"]
    tables = raw.get("claim", ())
    for number, table in enumerate(tables if isinstance(tables, list) else (), start=1):
        name = str(table.get("id", number)) if isinstance(table, dict) else str(number)
        claim = build(Claim, table, path, f"claim[{name}]", problems)
        if claim:
            claims.append(claim)
            problems += _claim_problems(path, claim, known, statuses, topic_ids)
    problems += repeated(path, (claim.id for claim in claims), "claim")
    if problems:
        raise ConfigError(tuple(_with_line(one, path) for one in problems))
    return Baseline(claims=tuple(claims), words=tuple(words), holders=holders, events=kinds)


def _event_kinds(path: Path, known: set[str], problems: list[Problem]) -> tuple[EventKind, ...]:
    kinds: list[EventKind] = []
    for name, table in read(path, problems).items():
        kind = build(
            EventKind, {"id": name, **table} if isinstance(table, dict) else table, path, name, problems
        )
        if kind is None:
            continue
        kinds.append(kind)
        if not (kind.title or kind.all):
            problems.append(problem(path, name, "has no condition; expected title or all"))
        for key, conditions in (("title", kind.title), ("all", kind.all), ("not", kind.not_)):
            problems += [
                problem(path, f"{name}.{key}", f'unknown concept or word "{one}"')
                for condition in conditions
                for one in condition.split("|")
                if one not in known
            ]
    return tuple(kinds)


def _claim_problems(
    path: Path, claim: Claim, known: set[str], statuses: set[str], topics: set[str]
) -> Iterable[Problem]:
    where = f"claim[{claim.id}]"
    if not _AS_OF.fullmatch(claim.as_of):
        yield problem(path, f"{where}.as_of", f'is "{claim.as_of}"; expected a month or day such as 2025-05')
    if not _BY.fullmatch(claim.by):
        yield problem(path, f"{where}.by", f'is "{claim.by}"; expected a year or day such as 2030')
    if not claim.source.strip():
        yield problem(path, f"{where}.source", "is empty; expected who says so")
    if claim.kind == "figure":
        if claim.value is None or not claim.unit:
            yield problem(path, f"{where}.value", "is missing; a figure has value and unit")
        if not claim.match:
            yield problem(path, f"{where}.match", "is missing; expected which figures speak of it")
    else:
        if claim.status not in statuses:
            yield problem(path, f"{where}.status", f'is "{claim.status}"; expected a status of claims.toml')
        if not claim.all:
            yield problem(
                path, f"{where}.all", "is missing; expected what the status is said of, first of all"
            )
    conditions = [
        (f"{where}.{key}", name)
        for key, names in (
            ("holder", (claim.holder,) if claim.holder else ()),
            ("all", claim.all),
            ("not", claim.not_),
            ("match.all", tuple(name for one in claim.match for name in one.all)),
            ("match.not_title", tuple(name for one in claim.match for name in one.not_title)),
            ("match.not", tuple(name for one in claim.match for name in one.not_)),
        )
        for condition in names
        for name in condition.split("|")
    ]
    for key, name in conditions:
        if name not in known:
            yield problem(path, key, f'unknown concept or word "{name}"')
    for topic in claim.topics:
        if topic not in topics:
            yield problem(path, f"{where}.topics", f'unknown topic "{topic}"')


def _with_line(one: Problem, path: Path) -> Problem:
    """The problem with the line of its claim, and of its key where the claim has one."""
    found = re.fullmatch(r"claim\[(?P<id>[^\]]*)\](?P<rest>.*)", one.key)
    if one.file != str(path) or found is None:
        return one
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    starts = [number for number, line in enumerate(lines) if line.strip() == "[[claim]]"] + [len(lines)]
    wanted = re.compile(rf'\s*id\s*=\s*"{re.escape(found["id"])}"')
    for place, (start, stop) in enumerate(pairwise(starts), start=1):
        if found["id"] == str(place) or any(wanted.match(line) for line in lines[start:stop]):
            key = re.findall(r"[a-z_]+", found["rest"])
            at = next(
                (n for n in range(start, stop) if key and re.match(rf"\s*{key[-1]}\s*=", lines[n])), start
            )
            return Problem(file=one.file, key=f"line {at + 1}: {one.key}", message=one.message)
    return one
