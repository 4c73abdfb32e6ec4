"""How long a backtest of many items takes: `python -m bot.lab.speed [ITEMS]`. Writes only to a folder of its own.

The items are the labelled ones again and again, each with a number in its title, so that no two are alike; that is
harder than a real archive, of which most is off topic. Reading them from the database counts. Rules alone, without the
small model, which takes about a hundredth of a second for each item that is near a topic.
"""

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console

from bot import config
from bot.analyse.classify import classify
from bot.analyse.concepts import Rulebook
from bot.lab.backtest import backtest
from bot.lab.examples import read_labelled
from bot.model import Batch, ClassifiedItem, Item, PollState
from bot.store.archive import kept
from bot.store.store import Store

_ROOT = Path(__file__).parents[2]
_BATCH = 5_000


def made_up(count: int) -> Iterator[Item]:
    """So many items, a minute apart."""
    rows = read_labelled(sorted((_ROOT / "seeds/labelled").glob("news-*.jsonl")))
    began = datetime(2026, 1, 1, tzinfo=UTC)
    for number, row in enumerate(islice(cycle(rows), count)):
        yield replace(
            row.item,
            key=f"{number:032x}",
            title=f"{row.item.title} ({number})",
            first_seen_at=began + timedelta(minutes=number),
        )


def fill(store: Store, items: Iterator[Item], rulebook: Rulebook) -> None:
    """Store the items as polls would have."""
    state = PollState(source_id="made-up")
    while batch := list(islice(items, _BATCH)):
        judged = (ClassifiedItem(item=item, classification=classify(item, rulebook)) for item in batch)
        store.save(Batch(poll=state, items=tuple(judged)))


def main() -> None:
    """Build the archive, then time the backtest alone."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("items", nargs="?", type=int, default=100_000)
    count = parser.parse_args().items
    topics, concepts = config.load_rules(_ROOT / "config")
    console = Console()
    with TemporaryDirectory() as folder, Store.open(Path(folder)) as store:
        fill(store, made_up(count), Rulebook.compile(topics, concepts))
        began = time.monotonic()
        found = backtest(kept(store), partial(Rulebook.compile, topics, concepts))
        took = time.monotonic() - began
    console.print(
        f"{found.items:,} items in {took:.1f} s, {found.items / took:,.0f} a second; "
        f"{found.unchanged:,} as stored, {len(found.differences)} gained or lost"
    )


if __name__ == "__main__":
    main()
