"""Slack at the wire: every answer means the right thing, and nothing is posted twice."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.errors import DeliveryError, OutcomeUnknown
from bot.notify.outbox import Drained, drain
from bot.notify.slack import SlackChannel
from tests.notify.made import NOW, StoreQueue, delivery
from tests.slackserver import TOKEN, SlackServer

#: What Slack's clock says: after everything that the tests send.
LATER = NOW + timedelta(days=9)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack on loopback with two channels."""
    async with SlackServer("rare-earths", "sanctions", clock=LATER.timestamp) as server:
        yield server


def channel(slack: SlackServer, token: str = TOKEN, timeout: int = 10) -> SlackChannel:
    """Our side, without the pause between posts."""
    return SlackChannel(token, slack.url, per_second=1000.0, timeout=timeout)


async def test_a_post_carries_its_key_twice_and_unfolds_no_link(slack: SlackServer) -> None:
    """The key is in the metadata to be found again, and names the message for Slack; the receipt is Slack's own."""
    row = delivery("a")

    receipt = await channel(slack).send(row)

    (post,) = slack.posts
    assert (receipt.id, receipt.landed) == (post.ts, "C0000000000")
    assert post.metadata == {"event_type": "news_alert", "event_payload": {"id": row.key}}
    assert post.sent["unfurl_links"] in (False, "0")
    assert post.sent["unfurl_media"] in (False, "0")
    first = post.sent["client_msg_id"]
    await channel(slack).send(row)
    assert slack.posts[1].sent["client_msg_id"] == first


@pytest.mark.parametrize(
    ("fault", "scope", "kept"),
    [
        ("429", "channel", 0),
        ("error:invalid_auth", "channel", 0),
        ("error:token_revoked", "channel", 0),
        ("error:missing_scope", "channel", 0),
        ("error:is_archived", "destination", 0),
        ("error:not_in_channel", "destination", 0),
        ("error:something_slack_invents", "destination", 0),
    ],
)
async def test_a_refusal_is_proof_and_says_whom_it_concerns(
    slack: SlackServer, fault: str, scope: str, kept: int
) -> None:
    """Slack said no: the row may go again, and the fault holds one Slack channel or all of them."""
    slack.fail("chat.postMessage", fault)

    with pytest.raises(DeliveryError) as caught:
        await channel(slack).send(delivery("a"))

    assert not isinstance(caught.value, OutcomeUnknown)
    assert (caught.value.scope, caught.value.permanent) == (scope, False)
    assert caught.value.retry_after == (timedelta(seconds=30) if fault == "429" else None)
    assert len(slack.posts) == kept


@pytest.mark.parametrize(
    ("fault", "kept"),
    [
        ("500-before", 0), ("500-after", 1), ("drop-before", 0), ("drop-after", 1), ("hang-after", 1),
        ("garbage-after", 1), ("plain-after", 1), ("fatal-after", 1), ("error:internal_error", 0),
    ],
)  # fmt: skip
async def test_no_proof_is_unknown_and_the_library_never_posts_again(
    slack: SlackServer, fault: str, kept: int
) -> None:
    """Whether the post was kept can not be told from the answer; one call was made, and the history tells."""
    slack.fail("chat.postMessage", fault)
    ours = channel(slack, timeout=1)

    with pytest.raises(OutcomeUnknown):
        await ours.send(delivery("a"))

    assert [method for method, _ in slack.calls].count("chat.postMessage") == 1
    found = await ours.find(delivery("a", first_attempt_at=NOW))
    assert (found is not None) == bool(kept) == bool(slack.posts)


async def test_no_connection_is_proof_too(slack: SlackServer) -> None:
    """Where no connection was made nobody saw the message."""
    url = slack.url
    await slack.__aexit__(None, None, None)

    with pytest.raises(DeliveryError, match="no connection") as caught:
        await SlackChannel(TOKEN, url).send(delivery("a"))

    assert not isinstance(caught.value, OutcomeUnknown)


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
async def test_refused_blocks_go_once_more_as_text(slack: SlackServer, code: str) -> None:
    """A message whose form Slack refuses is worth more as plain words than not at all."""
    slack.fail("chat.postMessage", f"error:{code}")

    await channel(slack).send(delivery("a"))

    (post,) = slack.posts
    assert post.blocks == []
    assert post.key == delivery("a").key
    assert "Interfax" in post.text


async def test_text_that_is_refused_as_well_is_refused_for_good(slack: SlackServer) -> None:
    """After blocks and text there is no third form."""
    slack.fail("chat.postMessage", "error:invalid_blocks", "error:msg_too_long")

    with pytest.raises(DeliveryError, match="invalid_blocks; as text alone: msg_too_long") as caught:
        await channel(slack).send(delivery("a"))

    assert caught.value.permanent


async def test_a_post_is_found_on_any_page_and_by_name_or_id(slack: SlackServer) -> None:
    """The history is read page by page; a channel's name is turned into its id first."""
    slack.page = 3
    ours = channel(slack)
    for number in range(10):
        await ours.send(delivery(str(number)))
    fresh = channel(slack)

    by_name = await fresh.find(delivery("0", first_attempt_at=NOW))
    by_id = await fresh.find(
        delivery("0", first_attempt_at=NOW, landed="C0000000000", destination="#rare-earths")
    )
    missing = await fresh.find(delivery("none", first_attempt_at=NOW))

    assert by_name == by_id
    assert by_name is not None
    assert by_name.id == slack.posts[0].ts
    assert missing is None


async def test_the_history_is_read_from_a_minute_before_the_first_attempt(slack: SlackServer) -> None:
    """Clocks differ a little; what stands in the channel from long before is not read."""
    ours = channel(slack)
    await ours.send(delivery("a"))

    assert await ours.find(delivery("a", first_attempt_at=LATER + timedelta(seconds=59)))
    assert not await ours.find(delivery("a", first_attempt_at=LATER + timedelta(seconds=61)))


@pytest.mark.parametrize(
    ("method", "fault", "permanent"),
    [
        ("conversations.history", "error:missing_scope", True),
        ("conversations.history", "500-before", False),
        ("conversations.history", "429", False),
        ("conversations.history", "garbage-after", False),
        ("conversations.list", "error:missing_scope", True),
    ],
)
async def test_a_history_that_can_not_be_read_is_no_answer(
    slack: SlackServer, method: str, fault: str, permanent: bool
) -> None:
    """Nothing found and nothing readable are different things: only the first may lead to a second post."""
    slack.always(method, fault)

    with pytest.raises(DeliveryError) as caught:
        await channel(slack).find(delivery("a", first_attempt_at=NOW))

    assert caught.value.permanent is permanent


async def test_an_unknown_channel_name_is_a_fault_of_that_destination(slack: SlackServer) -> None:
    """A typing slip in the settings holds its own alerts and no others."""
    ours = channel(slack)

    for call in (ours.send, ours.find):
        with pytest.raises(DeliveryError) as caught:
            await call(delivery("a", destination="#nowhere"))
        assert caught.value.scope == "destination"


async def test_probe_checks_token_and_membership(slack: SlackServer) -> None:
    """`reebot check --live` learns what is wrong before the first alert, and nothing is posted."""
    await channel(slack).probe(("#rare-earths", "#sanctions"))

    with pytest.raises(DeliveryError, match="invalid_auth"):
        await channel(slack, token="xoxb-wrong").probe()
    with pytest.raises(DeliveryError, match="#nowhere"):
        await channel(slack).probe(("#nowhere",))
    assert slack.posts == []


async def test_posts_to_one_channel_are_paced_and_another_is_not_held(slack: SlackServer) -> None:
    """After a small burst a channel gets so many a second; the pace is its own."""
    ours = SlackChannel(TOKEN, slack.url, per_second=10.0, burst=2)
    began = time.monotonic()

    await asyncio.gather(*(ours.send(delivery(str(n))) for n in range(5)))
    slow = time.monotonic() - began
    began = time.monotonic()
    await ours.send(delivery("x", destination="#sanctions"))
    fast = time.monotonic() - began

    assert slow >= 0.29
    assert fast < 0.1


async def test_a_storm_of_faults_ends_with_each_alert_once(slack: SlackServer) -> None:
    """Through the outbox: 60 alerts, every second call fails in some way, each stands in Slack once and in order."""
    faults = [
        "429",
        "500-after",
        "500-before",
        "drop-after",
        "garbage-after",
        "fatal-after",
        "plain-after",
        "drop-before",
    ]
    slack.fail("chat.postMessage", *(fault for fault in faults * 4 for fault in (fault, "")))
    slack.fail("conversations.history", "500-before", "", "429", "", "drop-before")
    rows = [delivery(f"n{number:02}", created_at=NOW + timedelta(seconds=number)) for number in range(60)]
    queue, now = StoreQueue(*rows), NOW + timedelta(hours=1)
    ours = channel(slack)
    total = 0

    for _ in range(200):
        drained: Drained = await drain(queue, {"slack": ours}, clock=lambda: now)  # noqa: B023
        total += drained.sent
        now += timedelta(seconds=31)

    assert total == 60
    assert [post.key for post in slack.posts] == [row.key for row in rows]


async def test_the_token_is_nowhere_but_in_the_header(
    slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    """No exception, log line, row or repr holds it, whatever goes wrong."""
    secret = "xoxb-very-secret-token"
    caplog.set_level(logging.DEBUG)
    ours = SlackChannel(secret, slack.url, timeout=1)
    queue = StoreQueue(delivery("a"), delivery("b", destination="#sanctions"))
    said = [repr(ours), str(vars(ours).keys())]

    slack.fail("chat.postMessage", "drop-after")
    for call in (ours.send, ours.find, ours.send):
        with pytest.raises(DeliveryError) as caught:
            await call(delivery("a"))
        error: BaseException | None = caught.value
        while error:
            said += [str(error), repr(error)]
            error = error.__cause__
    await drain(queue, {"slack": ours}, clock=lambda: NOW)
    said += [str(row) for row in queue.store.rows("select * from outbox")]

    assert "invalid_auth" in "".join(said)
    assert secret not in "".join(said)
    assert secret not in caplog.text
