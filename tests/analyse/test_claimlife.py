"""What becomes of claims and deadlines: accepted revisions, proposals told once, days that come near."""

from datetime import UTC, date, datetime, timedelta

from bot.analyse.claimlife import current, deadlines, decided, due, proposed, untold
from bot.facts import Fact
from bot.tracked import Claim, ClaimChange, Deadline

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
GOAL = Claim(
    id="goal",
    name="The goal",
    kind="figure",
    value=12,
    unit="%",
    by="2030",
    as_of="2025-05",
    source="the article",
)
DELAYED = Claim(
    id="tomtor", name="Tomtor", kind="status", status="delayed", as_of="2025-05", source="the article"
)
TONNES = ClaimChange(claim_id="goal", verdict="revises", value=3000, unit="t", by="2030", line="now 3,000 t")


def test_an_accepted_revision_is_the_new_baseline() -> None:
    """After a person accepts it the claim holds the new value, its source and its day."""
    event = decided(proposed(TONNES, source="TASS", item_key="i", at=NOW), accept=True, by="anna", at=NOW)

    goal, tomtor = current((GOAL, DELAYED), (event,))

    assert (goal.value, goal.unit, goal.by, goal.source, goal.as_of) == (
        3000,
        "t",
        "2030",
        "TASS",
        "2026-11-23",
    )
    assert tomtor == DELAYED


def test_a_rejected_or_waiting_revision_changes_nothing() -> None:
    """Only an accepted proposal moves the baseline."""
    waiting = proposed(TONNES, source="TASS", item_key="i", at=NOW)
    rejected = decided(waiting, accept=False, by="anna", at=NOW)

    assert current((GOAL,), (waiting, rejected)) == (GOAL,)


def test_the_same_news_is_told_once() -> None:
    """A revision that was proposed, or rejected, is not told again, be it rounded differently; another value is."""
    life = (proposed(TONNES, source="TASS", item_key="i", at=NOW),)
    again = ClaimChange(claim_id="goal", verdict="contradicts", value=3010, unit="t", by="2030", line="")
    other = ClaimChange(claim_id="goal", verdict="revises", value=5000, unit="t", by="2030", line="")
    repeat = ClaimChange(claim_id="goal", verdict="confirms", value=12, unit="%", by="2030", line="")

    assert untold((again, other, repeat), life) == (other,)


def test_a_deadline_without_a_day_is_the_last_one() -> None:
    """A month or year stands for its last day; what is no date is left out."""
    facts = [
        Fact(kind="deadline", value=2026, unit="date", date="2026-12"),
        Fact(kind="effective", value=2027, unit="date", date="2027", item="magnets"),
        Fact(kind="deadline", value=2026, unit="date", date="2026-02-30"),
        Fact(kind="share", value=12, unit="%", date="2030"),
    ]

    found = deadlines(facts, "Licences end", "i")

    assert [(one.on, one.what) for one in found] == [
        (date(2026, 12, 31), "Licences end"),
        (date(2027, 12, 31), "magnets: Licences end"),
    ]


def test_deadlines_are_due_from_so_many_days_ahead_to_the_day() -> None:
    """Of four deadlines those of today and within the days are due, the nearest first."""
    days = [Deadline(on=NOW.date() + timedelta(days=number), what=str(number)) for number in (8, 7, 0, -1)]

    assert [one.what for one in due(days, NOW, 7)] == ["0", "7"]
