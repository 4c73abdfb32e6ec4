"""Are revisions of tracked claims found? `python -m bot.lab.revisions` replays a month of 5,000 items with 20 planted among them.

The month is made of the labelled and ordinary items with shifted dates, filled up with the made-up headlines of bot/lab/quiet.py. Each
item that names what a claim is of is read, its facts are compared with the claims, and whatever is flagged becomes a proposal, so that
its repetition is not told again. A flag on any other item counts as false, though some of those items do report a change. Pure but for `main`.
"""

import argparse
import json
import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import config
from bot.analyse.claimlife import TOLD, proposed, untold
from bot.analyse.claims import compare, concerns
from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.judge import understand
from bot.analyse.tracking import Tracking
from bot.errors import InputError
from bot.lab.examples import item_from
from bot.lab.quiet import headlines
from bot.lab.severity import watched_of
from bot.model import Item
from bot.rulebook import rulebook_of
from bot.tracked import ClaimChange, ClaimEvent

SEEDS = Path(__file__).resolve().parent.parent.parent / "seeds"
ITEMS = 5_000
DAYS = 30
START = datetime(2026, 10, 24, tzinfo=UTC)
GOAL_FOUND = 18
GOAL_FALSE_A_WEEK = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Planted:
    """An item that revises or contradicts a claim."""

    claim_id: str
    item: Item


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """What was flagged, on which item."""

    item: Item
    change: ClaimChange
    #: False: an earlier item said the same, so nobody is told again.
    is_first: bool
    #: Whether the item carries a topic; without one it makes a proposal and no alert.
    has_label: bool


def read_planted(path: Path) -> tuple[Planted, ...]:
    """The planted items of a file. Raises `InputError` with file and line."""
    found: list[Planted] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        where = f"{path}, line {number}"
        _, item = item_from(line, where=where)
        claim_id = json.loads(line).get("claim")
        if not isinstance(claim_id, str):
            raise InputError(where, "names no claim")
        found.append(Planted(claim_id=claim_id, item=replace(item, key=f"planted-{number}")))
    return tuple(found)


def month(
    planted: Sequence[Planted], ordinary: Iterable[Item], *, items: int = ITEMS, seed: int = 1
) -> tuple[Item, ...]:
    """So many items spread over a month from `START`, in published order, the planted ones at random places among them."""
    chance = random.Random(seed)  # noqa: S311  a replay that can be repeated, not a secret
    pool = list(ordinary)[: items - len(planted)]
    pool += [one.item for one in planted]
    chance.shuffle(pool)
    gap = timedelta(days=DAYS) / len(pool)
    return tuple(
        replace(item, published_at=START + gap * number, first_seen_at=START + gap * number)
        for number, item in enumerate(pool)
    )


def flags(items: Iterable[Item], rulebook: Rulebook, tracking: Tracking) -> Iterator[Flag]:
    """What each item in turn revises or contradicts, and whether it is the first to say so."""
    life: list[ClaimEvent] = []
    for item in items:
        reading = read(item, rulebook)
        if not concerns(reading.hits(), tracking):
            continue
        entry = understand(item, rulebook, facts_of_all=True)
        changes = compare(item, entry.facts, reading.hits(), tracking, folded=reading.fields())
        fresh = untold(changes, life)
        for change in changes:
            if change.verdict not in TOLD:
                continue
            at = item.published_at or item.first_seen_at
            life.append(proposed(change, source="", item_key=item.key, at=at))
            has_label = bool(entry.classification.labels)
            yield Flag(item=item, change=change, is_first=change in fresh, has_label=has_label)


def _pool() -> list[Item]:
    """Labelled and ordinary items first, then made-up headlines."""
    found: list[Item] = []
    for path in [*sorted((SEEDS / "labelled").glob("*.jsonl")), SEEDS / "ordinary" / "headlines.jsonl"]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            found.append(item_from(line, where=f"{path}, line {number}")[1])
    made = headlines(ITEMS)
    return [replace(item, key=f"{number}-{item.key}") for number, item in enumerate([*found, *made])]


def main() -> None:
    """Print what was found, what was missed and what was flagged besides."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="where the planted items stand")
    parser.add_argument("--planted", type=Path, default=SEEDS / "revisions" / "planted.jsonl")
    options = parser.parse_args()
    loaded = config.load()
    rulebook, tracking = rulebook_of(loaded), watched_of(loaded).tracking
    planted = read_planted(options.planted)
    items = month(planted, _pool(), seed=options.seed)
    began = time.process_time()
    raised = list(flags(items, rulebook, tracking))
    took = time.process_time() - began
    wanted = {one.item.key: _stem(one.claim_id) for one in planted}
    right = [flag for flag in raised if flag.change.claim_id.startswith(wanted.get(flag.item.key, "?"))]
    others = [flag for flag in raised if flag not in right and flag.is_first]
    found = {flag.item.key for flag in right}
    for one in planted:
        if one.item.key not in found:
            print(f"missed: {one.claim_id}: {one.item.title}")
    for flag in others:
        print(
            f"flagged besides: {flag.item.key} {flag.item.title}\n    {flag.change.verdict}: {flag.change.line}"
        )
    first = {flag.item.key for flag in right if flag.is_first}
    bare = {flag.item.key for flag in right if not flag.has_label}
    weeks = DAYS / 7
    print(f"{len(items):,} items, {took:.1f} s of CPU")
    print(f"planted and flagged: {len(found)} of {len(planted)} (goal {GOAL_FOUND} of 20)")
    print(f"  of these {len(found - first)} repeat what an earlier one said, {len(bare)} carry no topic")
    print(f"flagged besides: {len(others)}, {len(others) / weeks:.2f} a week (goal {GOAL_FALSE_A_WEEK:g})")


def _stem(claim_id: str) -> str:
    """Claims of one quantity differ in their last word: "russia-reserves-usgs"."""
    return claim_id.rsplit("-", 1)[0] if claim_id.startswith("russia-reserves") else claim_id


if __name__ == "__main__":
    main()
