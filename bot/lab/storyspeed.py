"""How many items a second go through copies and stories: `python -m bot.lab.storyspeed [--window 15000] [--share 0.1]`.

The window is filled first, then a thousand more items are timed, on one core, in CPU time. Items are made of labelled ones, with
words exchanged so that no two are alike, spread over 72 hours. Of all that is polled `--share` carry a topic; only these are
compared, and only these are in the window, as nothing else can join a story. Judging and embedding items is no part of it.
"""

import argparse
import random
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rich.console import Console

from bot import config
from bot.analyse.classify import read
from bot.analyse.concepts import Rulebook
from bot.analyse.pairs import parse_pair_weights
from bot.analyse.stories import Window, new_story_id
from bot.analyse.traits import traits
from bot.lab.examples import read_labelled
from bot.model import Item, Story
from bot.settings import StorySettings

_ROOT = Path(__file__).parents[2]
_SIZE = 512
_TIMED = 1_000


def made_up(count: int, share: float, seed: int = 1) -> Iterator[tuple[Item, frozenset[str], bytes]]:
    """So many items over 72 hours, each with its concepts and a direction; those without a topic have neither."""
    draw = random.Random(seed)  # noqa: S311  made-up data
    numbers = np.random.default_rng(seed)
    rows = read_labelled(sorted((_ROOT / "seeds/labelled").glob("*.jsonl")))
    topics, concepts = config.load_rules(_ROOT / "config")
    rulebook = Rulebook.compile(topics, concepts)
    met = [frozenset(read(row.item, rulebook).concepts()) for row in rows]
    centres = numbers.normal(size=(len(rows), _SIZE))
    words: dict[str, list[str]] = {}
    for row in rows:
        words.setdefault(row.item.language, []).extend(_pieces(row.item.title))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(count):
        place = draw.randrange(len(rows))
        item = rows[place].item
        pool = words[item.language]
        title = "".join(piece if draw.random() < 0.6 else draw.choice(pool) for piece in _pieces(item.title))
        at = began + number * timedelta(hours=72) / count
        changed = replace(item, key=f"{number:032x}", title=title, url="", published_at=at, first_seen_at=at)
        if draw.random() >= share:
            yield changed, frozenset(), b""
            continue
        mixed = centres[place] + 1.5 * numbers.normal(size=_SIZE)
        yield changed, met[place], (mixed / np.linalg.norm(mixed)).astype("<f2").tobytes()


def _pieces(title: str) -> Sequence[str]:
    return list(title) if " " not in title else [f"{word} " for word in title.split()]


def main() -> None:
    """Fill the window, time what comes after, and print both."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--window", type=int, default=15_000)
    parser.add_argument("--share", type=float, default=0.1)
    wanted = parser.parse_args()
    weights = parse_pair_weights((_ROOT / "seeds/weights/stories.json").read_text(encoding="utf-8"), "")
    grouping = StorySettings()
    window = Window(weights, hours=10_000, similarity=grouping.similarity)
    items = list(made_up(wanted.window + _TIMED, wanted.share))
    tracemalloc.start()
    for entry in items[: wanted.window]:
        _place(window, *entry, weigh=False)
    memory = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    held = len(window)
    began = time.process_time()
    joined = sum(_place(window, *entry) for entry in items[wanted.window :])
    took = time.process_time() - began
    compared = sum(bool(direction) for _, _, direction in items[wanted.window :])
    Console().print(
        f"{_TIMED / took:,.0f} items a second, {1000 * took / max(1, compared):.2f} ms for each of the {compared} with a topic; "
        f"{held:,} of {wanted.window:,} items are in the window, {memory / 1e6:.0f} MB; {joined} joined a story"
    )


def _place(
    window: Window, item: Item, concepts: frozenset[str], direction: bytes, *, weigh: bool = True
) -> bool:
    """One item on its way through copies and stories; whether it joined a story."""
    if not direction:
        return False
    now = item.first_seen_at
    compared = traits(item, concepts=concepts, direction=direction, now=now)
    window.close(now)
    match = window.find(compared, copies_only=not weigh)
    if match:
        window.add(match.story_id, compared)
        return True
    story_id = new_story_id(item)
    window.put(Story(id=story_id, title="", url="", topics=(), first_seen_at=now, last_seen_at=now))
    window.add(story_id, compared)
    return False


if __name__ == "__main__":
    main()
