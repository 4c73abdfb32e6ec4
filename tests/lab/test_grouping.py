"""What measures stories and copies: known groupings give known figures."""

from pathlib import Path

import pytest

from bot.analyse.concepts import Rulebook
from bot.analyse.pairs import FEATURES, PairWeights
from bot.config import load_rules
from bot.errors import InputError
from bot.lab.events import one_event, reports
from bot.lab.examples import read_labelled
from bot.lab.grouping import bcubed, pairwise
from bot.lab.stories import grouped
from bot.lab.storyfit import HeldOut, common_tokens, everything, tabulate

TRUTH = {"a": 1, "b": 1, "c": 1, "d": 2}
ROWS = read_labelled(sorted(Path("seeds/labelled").glob("*.jsonl")))


@pytest.mark.parametrize(
    ("found", "precision", "recall"),
    [
        ({"a": 1, "b": 1, "c": 1, "d": 2}, 1.0, 1.0),
        ({"a": 1, "b": 2, "c": 3, "d": 4}, 1.0, 0.5),
        ({"a": 1, "b": 1, "c": 1, "d": 1}, 0.625, 1.0),
        ({"a": 1, "b": 1, "c": 2, "d": 2}, 0.75, (2 / 3 + 2 / 3 + 1 / 3 + 1) / 4),
    ],
    ids=["right", "apart", "together", "mixed"],
)
def test_bcubed_by_hand(found: dict[str, int], precision: float, recall: float) -> None:
    """Each item's share of its group and of its event, averaged."""
    agreement = bcubed(found, TRUTH)

    assert agreement.precision == pytest.approx(precision)
    assert agreement.recall == pytest.approx(recall)


def test_pairs_by_hand() -> None:
    """Of two pairs together one is right; of three that belong together one is found."""
    agreement = pairwise({"a": 1, "b": 1, "c": 2, "d": 2}, TRUTH)

    assert agreement.precision == 0.5
    assert agreement.recall == pytest.approx(1 / 3)
    assert agreement.f1 == pytest.approx(0.4)
    assert pairwise({"a": 1, "b": 2}, {"a": 1, "b": 2}).f1 == 1


def test_one_event_has_one_name(tmp_path: Path) -> None:
    """The shipped list names stories that exist, each once; a list that does not is refused."""
    names = one_event(Path("seeds/labelled/events.toml"), (row.story for row in ROWS))
    assert names["us-301-magnets-2024-05"] == "us-301-2024-05"

    for wrong in ('same = [["us-301-2024-05", "nobody"]]', 'same = [["us-301-2024-05", "us-301-2024-05"]]'):
        (tmp_path / "events.toml").write_text(wrong)
        with pytest.raises(InputError, match=r"events\.toml"):
            one_event(tmp_path / "events.toml", (row.story for row in ROWS))


def test_the_fit_learns_what_tells_events_apart() -> None:
    """On labelled items without an embedding shared concepts speak for one event and are never asked of their own folds."""
    topics, concepts = load_rules(Path("config"))
    dev = [row for row in ROWS if row.id.startswith("own-") and row.item.published_at]
    items = reports(dev, Rulebook.compile(topics, concepts), {})
    common = common_tokens([item.traits for item in items])
    blank = PairWeights(weights={}, threshold=0.5, plain_threshold=0.5, common=common)

    pairs = tabulate(items, blank)
    score = HeldOut(items, pairs, common)
    event = {item.traits.item_key: item.event for item in items}
    found = bcubed(grouped(items, lambda _: blank, score), event)

    apart = bcubed({key: key for key in event}, event)
    across = everything(pairs, common).weights[False, False]
    assert across[1 + FEATURES.index("concepts")] > 0
    assert across[1 + FEATURES.index("wording")] == 0
    assert found.f1 > apart.f1
    assert found.precision > 0.9
