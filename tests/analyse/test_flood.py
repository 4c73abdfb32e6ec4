"""Floods: old entries in another spelling are recognised, and what is really new at once is held."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.analyse.flood import flood, is_suspect, recognise
from bot.model import Item
from bot.settings import IngestSettings
from tests.analyse.test_stories import NOW, entry

INGEST = IngestSettings(flood_items=200, flood_alerts=5)
LONG = "Ministry publishes the list of rare earth deposits for auction"


def stored() -> Item:
    """An item of a day ago."""
    return entry("old", LONG, published_at=NOW - timedelta(days=1), summary="A lead.").item


def served(**changes: object) -> Item:
    """The same entry under another key and address."""
    return replace(stored(), key="new", url="https://moved.example/x", **changes)  # type: ignore[arg-type]


def knows(one: Item, other: Item, *, suspect: bool) -> bool:
    """Whether the second is recognised as the first."""
    return recognise([other], [one], suspect=suspect) == {"new": "old"}


@pytest.mark.parametrize(
    ("changes", "always", "suspect"),
    [
        ({}, True, True),
        ({"published_at": NOW - timedelta(hours=16)}, False, True),
        ({"published_at": None}, False, True),
        ({"summary": ""}, False, True),
        ({"summary": "Another lead."}, False, False),
        ({"published_at": NOW + timedelta(hours=9)}, False, False),
        ({"title": LONG + " 2"}, False, False),
    ],
    ids=["same", "zone lost", "date lost", "lead lost", "other lead", "other day", "other title"],
)
def test_an_entry_is_recognised_by_headline_time_and_lead(
    changes: dict[str, object], always: bool, suspect: bool
) -> None:
    """All three prove it; in a document that is mostly new the headline does, if nothing contradicts it."""
    assert knows(stored(), served(**changes), suspect=False) is always
    assert knows(stored(), served(**changes), suspect=True) is suspect


def test_a_headline_of_each_day_proves_nothing() -> None:
    """ "Prices" with no lead may be any day's, and so may "Prices" without a date."""
    old = replace(stored(), title="Prices", summary="")
    undated = replace(served(), title="Prices", summary="", published_at=None)

    assert not knows(old, replace(undated, published_at=old.published_at), suspect=False)
    assert not knows(old, undated, suspect=True)


def some(count: int, *, hours: float, undated: bool = False) -> list[Item]:
    """New items, published so long ago."""
    at = None if undated else NOW - timedelta(hours=hours)
    return [replace(stored(), key=f"k{number}", published_at=at) for number in range(count)]


@pytest.mark.parametrize(
    ("fresh", "entries", "usual", "held"),
    [
        (some(199, hours=0.5), 1000, 0.0, False),
        (some(200, hours=0.5), 1000, 0.0, True),
        (some(200, hours=0.5, undated=True), 1000, 0.0, True),
        (some(400, hours=0.5), 400, 100.0, False),
        (some(500, hours=0.5), 500, 100.0, True),
        (some(30, hours=5), 30, 0.0, True),
        (some(30, hours=0.5), 30, 0.0, False),
        (some(30, hours=5, undated=True), 30, 0.0, False),
        (some(24, hours=5), 30, 0.0, False),
        (some(9, hours=5), 9, 0.0, False),
        ([], 30, 0.0, False),
    ],
    ids=[
        "busy",
        "many",
        "many undated",
        "many as usual",
        "more than usual",
        "old ones",
        "news after a break",
        "undated",
        "a part",
        "a short document",
        "nothing",
    ],
)
def test_a_flood_is_far_more_than_usual_or_mostly_old(
    fresh: list[Item], entries: int, usual: float, held: bool
) -> None:
    """Two hundred at once unless that is usual; or nearly a whole document from before the last poll."""
    last = NOW - timedelta(hours=1)

    found = flood(fresh, entries=entries, last_ok_at=last, usual=usual, ingest=INGEST)

    assert (found is not None) is held
    if found:
        assert (found.backlog.since_at, found.backlog.alerts) == (last, 5)


def test_a_document_is_suspect_from_ten_entries_and_four_fifths_on() -> None:
    """A short document is new as a whole now and then."""
    assert [is_suspect(9, 9), is_suspect(8, 10), is_suspect(9, 10), is_suspect(10, 10)] == [
        False,
        False,
        True,
        True,
    ]
