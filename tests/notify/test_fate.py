"""What becomes of a delivery: decisions alone, no channel and no database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DeliveryError
from bot.model import Delivery
from bot.notify import fate
from tests.notify.made import NOW, delivery

SECONDS = timedelta(seconds=1)


def test_a_mail_refused_for_two_days_is_given_up_but_not_for_a_server_that_is_down() -> None:
    """A mailbox that says "later" for two days is a bounce; a relay that can not be reached is not the mail's fault."""
    row = fate.begun(delivery("m", channel="email"), NOW)
    later = NOW + timedelta(days=2)

    busy = fate.after_error(row, DeliveryError("email", "451"), later)
    down = fate.after_error(row, DeliveryError("email", "no connection", scope="channel"), later)

    assert fate.after_error(row, DeliveryError("email", "451"), later - SECONDS).state == "pending"
    assert busy.state == "dead"
    assert down.state == "pending"
    assert down.due_at == later + timedelta(minutes=5)


@given(attempts=st.integers(0, 10**6))
def test_backoff_grows_and_has_a_ceiling(attempts: int) -> None:
    """However often something failed, the wait is at least the first one and at most the longest."""
    wait = fate.backoff(attempts)

    assert 5 * SECONDS <= wait <= fate.LONGEST_WAIT
    assert wait <= fate.backoff(attempts + 1)


@pytest.mark.parametrize(
    ("decide", "expected"),
    [
        (lambda row: fate.after_not_found(row, NOW + 1 * SECONDS), NOW + 5 * SECONDS),
        (lambda row: fate.after_not_found(row, NOW + 6 * SECONDS), NOW + 35 * SECONDS),
        (lambda row: fate.after_not_found(row, NOW + 35 * SECONDS), None),
        (
            lambda row: fate.after_not_found(replace(row, attempts=6), NOW + 35 * SECONDS),
            NOW + 160 * SECONDS,
        ),
    ],
)
def test_a_first_no_of_the_history_is_not_believed(
    decide: Callable[[Delivery], Delivery | None], expected: datetime | None
) -> None:
    """History may lag: it is asked after 5 s and 35 s, and doubted for longer when attempts repeat."""
    row = fate.begun(delivery("a"), NOW)

    decided = decide(row)

    assert (decided.due_at if decided else None) == expected
