"""The outbox: each message once, whatever the channel answers and wherever the process dies."""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Delivery, Receipt
from bot.notify.fate import LONGEST_WAIT, begun
from bot.notify.outbox import Drained, drain
from tests.notify.made import NOW, StoreQueue, delivery

HOURS = timedelta(hours=1)
SECONDS = timedelta(seconds=1)


@dataclass
class Wire:
    """A channel at the wire: keeps what it took, fails as told. Not a Slack, any channel."""

    can_find: bool = True
    #: What each call of `send` meets, in order; None is success.
    script: list[Exception | None] = field(default_factory=list)
    #: True where the fault comes after the message was taken.
    taken_anyway: bool = False
    unreadable: DeliveryError | None = None
    taken: list[str] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    asked: int = 0

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        name = delivery.key.rpartition(":")[2]
        self.tried.append(name)
        error = self.script.pop(0) if self.script else None
        if error is None or self.taken_anyway:
            self.taken.append(name)
            if mark_repeat:
                self.marked.append(name)
        if error is not None:
            raise error
        return Receipt(id=f"ts-{name}", landed="C1")

    async def find(self, delivery: Delivery) -> Receipt | None:
        self.asked += 1
        if self.unreadable:
            raise self.unreadable
        name = delivery.key.rpartition(":")[2]
        return Receipt(id=f"ts-{name}", landed="C1") if name in self.taken else None


class Clock:
    """The time, told by the test."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def __iadd__(self, span: timedelta) -> "Clock":
        self.now += span
        return self


def unknown() -> OutcomeUnknown:
    """No answer came."""
    return OutcomeUnknown("slack", "no answer: TimeoutError")


async def test_a_row_is_saved_as_sending_before_the_call_and_as_sent_after_it() -> None:
    """A crash at any point leaves a trace: the database knows of a call before the channel does."""
    queue, wire = StoreQueue(delivery("a")), Wire()

    drained = await drain(queue, {"slack": wire}, clock=Clock())

    assert [state for _, state in queue.history] == ["sending", "sent"]
    assert drained == Drained(sent=1)
    row = queue.row("a")
    assert (row["receipt"], row["landed"], row["attempts"], row["error"]) == ("ts-a", "C1", 1, "")


async def test_a_refused_row_waits_longer_each_time_and_is_never_given_up() -> None:
    """An alert that Slack does not want now is tried again, at most a quarter of an hour apart, for ever."""
    queue, clock = StoreQueue(delivery("a")), Clock()
    wire = Wire(script=[DeliveryError("slack", "is_archived", scope="destination") for _ in range(40)])
    waits: list[timedelta] = []

    for _ in range(40):
        await drain(queue, {"slack": wire}, clock=clock)
        due_at = datetime.fromisoformat(str(queue.row("a")["due_at"]))
        waits.append(due_at - clock.now)
        clock.now = due_at
    await drain(queue, {"slack": wire}, clock=clock)

    assert waits[:4] == [5 * SECONDS, 10 * SECONDS, 20 * SECONDS, 40 * SECONDS]
    assert waits == sorted(waits)
    assert max(waits) == LONGEST_WAIT
    assert wire.taken == ["a"]


async def test_a_wait_that_the_channel_asks_for_is_kept() -> None:
    """Slack's Retry-After counts where it is longer than our own wait, and nobody calls before it ends."""
    queue, clock = StoreQueue(delivery("a")), Clock()
    wire = Wire(script=[DeliveryError("slack", "slow down", retry_after=30 * SECONDS, scope="channel")])
    await drain(queue, {"slack": wire}, clock=clock)

    clock += 29 * SECONDS
    await drain(queue, {"slack": wire}, clock=clock)
    too_early = list(wire.tried)
    clock += 1 * SECONDS
    await drain(queue, {"slack": wire}, clock=clock)

    assert too_early == ["a"]
    assert wire.taken == ["a"]


async def test_a_message_that_can_never_pass_is_dead_and_the_next_one_goes() -> None:
    """A permanent refusal ends the row, with its reason, and holds up nobody."""
    queue = StoreQueue(delivery("a"), delivery("b"))
    wire = Wire(script=[DeliveryError("slack", "no_text", permanent=True)])

    drained = await drain(queue, {"slack": wire}, clock=Clock())

    assert drained == Drained(sent=1, dead=1)
    assert queue.row("a")["state"] == "dead"
    assert queue.row("a")["error"] == "slack: no_text"
    assert wire.taken == ["b"]


@pytest.mark.parametrize("taken", [True, False])
async def test_an_unknown_outcome_is_looked_up_before_anything_is_sent_again(taken: bool) -> None:
    """If the channel has the message it is marked sent; if not, it goes once more, but only after two looks."""
    queue, clock = StoreQueue(delivery("a")), Clock()
    wire = Wire(script=[unknown()], taken_anyway=taken)
    await drain(queue, {"slack": wire}, clock=clock)
    assert queue.row("a")["state"] == "sending"

    for _ in range(20):
        clock += 2 * SECONDS
        await drain(queue, {"slack": wire}, clock=clock)

    assert queue.row("a")["state"] == "sent"
    assert wire.taken == ["a"]
    assert wire.tried == (["a"] if taken else ["a", "a"])
    assert wire.asked == (1 if taken else 3)
    assert wire.marked == []


async def test_a_row_left_sending_by_a_crash_is_looked_up_too() -> None:
    """After a restart nobody knows whether the call was made, so that the channel is asked."""
    crashed = begun(delivery("a"), NOW)
    queue, wire = StoreQueue(crashed), Wire(taken=["a"])

    drained = await drain(queue, {"slack": wire}, clock=Clock(NOW + 3 * SECONDS))

    assert drained == Drained(sent=1)
    assert wire.tried == []
    assert queue.row("a")["receipt"] == "ts-a"


async def test_an_unreadable_history_delays_a_repeat_for_hours_and_marks_it() -> None:
    """A lost alert is worse than a marked double: after the set time it is posted again and says so. It is asked rarely."""
    queue, clock = StoreQueue(delivery("a")), Clock()
    closed = DeliveryError("slack", "conversations.history: missing_scope", permanent=True)
    wire = Wire(script=[unknown()], unreadable=closed)

    await drain(queue, {"slack": wire}, clock=clock, unknown_after=6 * HOURS)
    before: list[str] = []
    while clock.now < NOW + 6 * HOURS:
        before = list(wire.taken)
        clock += timedelta(seconds=30)
        await drain(queue, {"slack": wire}, clock=clock, unknown_after=6 * HOURS)

    assert before == []
    assert wire.taken == wire.marked == ["a"]
    assert wire.asked < 60


async def test_later_news_does_not_wait_for_hours_behind_an_unknown_one() -> None:
    """While an outcome is young the order is kept; when it stays unknown the others go on."""
    queue, clock = StoreQueue(delivery("a"), delivery("b")), Clock()
    wire = Wire(script=[unknown()], unreadable=DeliveryError("slack", "missing_scope", permanent=True))

    await drain(queue, {"slack": wire}, clock=clock)
    clock += 10 * SECONDS
    await drain(queue, {"slack": wire}, clock=clock)
    young = list(wire.taken)
    clock += 30 * SECONDS
    await drain(queue, {"slack": wire}, clock=clock)

    assert young == []
    assert wire.taken == ["b"]


async def test_the_order_to_one_destination_is_kept_and_another_goes_on() -> None:
    """An archived channel holds its own rows, in their order; a healthy one notices nothing."""
    rows = [delivery(name, created_at=NOW + index * SECONDS) for index, name in enumerate("abc")]
    queue, clock = StoreQueue(*rows, delivery("x", destination="#other")), Clock(NOW + 5 * SECONDS)
    archived = DeliveryError("slack", "is_archived", scope="destination")
    wire = Wire(script=[archived, None, archived])

    await drain(queue, {"slack": wire}, clock=clock)
    first = list(wire.tried)
    clock += 2 * SECONDS
    await drain(queue, {"slack": wire}, clock=clock)
    held = list(wire.tried)
    for _ in range(10):
        clock += 5 * SECONDS
        await drain(queue, {"slack": wire}, clock=clock)

    assert sorted(first) == ["a", "x"]
    assert held == first
    assert wire.taken == ["x", "a", "b", "c"]


async def test_a_fault_of_the_whole_channel_is_met_once_not_once_for_each_row() -> None:
    """With a revoked token one call is made, everything of that channel waits, and other channels go on."""
    rows = [delivery(str(number), destination=f"#c{number // 10}") for number in range(50)]
    mail = delivery("m", channel="email", destination="a@example.org")
    queue, clock = StoreQueue(*rows, mail), Clock()
    slack, post = (
        Wire(script=[DeliveryError("slack", "invalid_auth", scope="channel")]),
        Wire(can_find=False),
    )
    channels = {"slack": slack, "email": post}

    drained = await drain(queue, channels, clock=clock)
    clock += 2 * SECONDS
    await drain(queue, channels, clock=clock)

    assert post.taken == ["m"]
    assert len(slack.tried) == 1
    assert drained.postponed == 5
    clock += 5 * SECONDS
    await drain(queue, channels, clock=clock)
    assert sorted(slack.taken, key=int) == [str(number) for number in range(50)]


async def test_rows_of_a_channel_that_is_not_set_up_wait_and_are_reported() -> None:
    """After a token is taken away its rows stay as they are, and the round says how many."""
    queue = StoreQueue(delivery("a"), delivery("c", channel="console", destination=""))
    wire = Wire(can_find=False)

    drained = await drain(queue, {"console": wire}, clock=Clock())

    assert drained == Drained(sent=1, stranded=1)
    assert queue.row("a")["state"] == "pending"
    assert queue.row("a")["attempts"] == 0


async def test_a_fault_of_our_own_stops_only_its_row(caplog: pytest.LogCaptureFixture) -> None:
    """A bug that one message meets is logged and leaves it unknown; the other destinations are served."""
    queue = StoreQueue(delivery("a"), delivery("b", destination="#other"))
    wire = Wire(script=[KeyError("bug")])

    drained = await drain(queue, {"slack": wire}, clock=Clock())

    assert drained == Drained(sent=1, unknown=1)
    assert queue.row("a")["error"] == "slack: KeyError"


async def test_what_can_not_be_recorded_is_not_sent() -> None:
    """A full disk stops the round before the call: a send that leaves no trace is a double later."""

    class Full(StoreQueue):
        async def save(self, delivery: Delivery) -> None:
            raise OSError("disk full")

    wire = Wire()

    with pytest.raises(OSError, match="disk full"):
        await drain(Full(delivery("a")), {"slack": wire}, clock=Clock())

    assert wire.tried == []


async def test_no_call_is_begun_after_the_budget() -> None:
    """A stop must not wait behind a long queue: the round ends and the rest goes next time."""
    queue, wire = StoreQueue(delivery("a"), delivery("b")), Wire()

    drained = await drain(queue, {"slack": wire}, clock=Clock(), budget=timedelta(microseconds=1))

    assert drained == Drained()
    assert queue.row("a")["state"] == "pending"


async def test_a_mail_without_answer_is_sent_once_more_after_half_an_hour() -> None:
    """Mail has no read-back: the same row goes a second time, marked by nothing but its Message-ID, never a third."""
    row = delivery("m", channel="email", destination="a@example.org")
    queue, clock = StoreQueue(row), Clock()
    wire = Wire(can_find=False, script=[unknown(), unknown(), unknown()])
    times: list[timedelta] = []

    for _ in range(200):
        before = len(wire.tried)
        await drain(queue, {"email": wire}, clock=clock)
        if len(wire.tried) > before:
            times.append(clock.now - NOW)
        clock += timedelta(minutes=1)

    assert times == [timedelta(0), timedelta(minutes=30)]
    assert queue.row("m")["state"] == "dead"
    assert "probably taken" in str(queue.row("m")["error"])


async def test_refusals_before_a_lost_answer_do_not_use_up_the_second_try() -> None:
    """A greylisted mail whose answer is lost later is still sent once more: "later" was proof that nobody saw it."""
    queue, clock = StoreQueue(delivery("m", channel="email", destination="a@example.org")), Clock()
    later = DeliveryError("email", "451 later")
    wire = Wire(can_find=False, script=[later, later, later, unknown()])

    for _ in range(120):
        await drain(queue, {"email": wire}, clock=clock)
        clock += timedelta(minutes=1)

    assert wire.taken == ["m"]
    assert queue.row("m")["state"] == "sent"


async def test_only_two_mails_are_on_their_way_at_a_time() -> None:
    """A row that waits for a free connection is not yet "sending": a crash leaves few outcomes unknown."""
    rows = [
        delivery(str(number), channel="email", destination=f"r{number}@example.org") for number in range(9)
    ]
    queue = StoreQueue(*rows)
    most = 0

    class Slow(Wire):
        async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
            nonlocal most
            await asyncio.sleep(0.001)
            most = max(most, len(queue.store.unknown()))
            return await super().send(delivery, mark_repeat=mark_repeat)

    drained = await drain(queue, {"email": Slow(can_find=False)}, clock=Clock())

    assert drained == Drained(sent=9)
    assert most == 2


@given(
    faults=st.lists(
        st.sampled_from(["ok", "refused", "lost before", "lost after", "crash before", "crash after"])
    ),
    names=st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1),
)
async def test_every_message_arrives_exactly_once_whatever_happens(
    faults: list[str], names: list[str]
) -> None:
    """With a readable history, any mix of refusals, lost answers and crashes ends with each message taken once."""

    class Crash(BaseException):
        """The process dies."""

    script = list(faults)

    class Rough(Wire):
        async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
            fault = script.pop(0) if script else "ok"
            if fault == "refused":
                raise DeliveryError("slack", "channel_not_found", scope="destination")
            if fault == "lost before":
                raise unknown()
            if fault == "crash before":
                raise Crash
            receipt = await super().send(delivery, mark_repeat=mark_repeat)
            if fault == "lost after":
                raise unknown()
            if fault == "crash after":
                raise Crash
            return receipt

    rows = [delivery(name, created_at=NOW + index * SECONDS) for index, name in enumerate(names)]
    queue, wire, clock = StoreQueue(*rows), Rough(), Clock(NOW + HOURS)

    for _ in range(20 + 12 * len(faults)):
        with contextlib.suppress(Crash, BaseExceptionGroup):
            await drain(queue, {"slack": wire}, clock=clock)
        clock += timedelta(minutes=5)

    assert sorted(wire.taken) == sorted(names)
    assert {queue.row(name)["state"] for name in names} == {"sent"}
