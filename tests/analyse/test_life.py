"""A story's life, from when its items came."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.analyse.life import life, with_item
from bot.analyse.stories import LONGEST, closes_at
from bot.model import Story

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
STORY = Story(id="s", title="", url="", topics=(), first_seen_at=MONDAY, last_seen_at=MONDAY)


def test_a_story_is_opened_develops_goes_quiet_and_is_reopened() -> None:
    """One item opens it, a second one develops it, a day without any silences it, the next one reopens it for a day."""
    second = with_item(STORY, MONDAY + timedelta(hours=2), is_new_owner=True)
    late = with_item(second, MONDAY + 2 * DAY, is_new_owner=False)
    later = with_item(late, MONDAY + 2.5 * DAY, is_new_owner=False)

    lives = [
        life(STORY, MONDAY),
        second.life,
        life(second, MONDAY + 1.5 * DAY),
        late.life,
        later.life,
        life(later, MONDAY + 3.2 * DAY),
        life(later, MONDAY + 4 * DAY),
    ]

    assert lives == ["opened", "developing", "quiet", "reopened", "reopened", "developing", "quiet"]


def test_only_a_new_owner_is_another_source() -> None:
    """Items are counted one by one, sources by who answers for them."""
    grown = with_item(with_item(STORY, MONDAY, is_new_owner=True), MONDAY, is_new_owner=False)

    assert (grown.item_count, grown.source_count) == (3, 2)


@pytest.mark.parametrize(("lived", "open_for"), [(0, 3), (2, 3), (5, 5), (60, 14)])
def test_a_story_stays_open_as_long_as_it_lived(lived: int, open_for: int) -> None:
    """72 hours at least, two weeks at most."""
    old = Story(id="s", title="", url="", topics=(), first_seen_at=MONDAY - lived * DAY, last_seen_at=MONDAY)

    assert closes_at(old, timedelta(hours=72)) == MONDAY + open_for * DAY
    assert timedelta(days=14) == LONGEST
