"""Slack: what is rendered is safe and fits, and every answer means the right thing."""

import json
import logging
import warnings
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import slackblocks
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Alert, Reason
from bot.notify.blocks import MOST_BLOCKS, MOST_CHARACTERS, characters, fit, plain
from bot.notify.outbox import Drained, drain
from bot.notify.slack import SCOPES, SlackChannel, render
from tests.notify.made import NOW, StoreQueue, alert, delivery
from tests.slackserver import TOKEN, SlackServer

ROOT = Path(__file__).parent.parent.parent
HOSTILE = (
    "<!channel>", "<!here> @everyone", "<@U1>", "<#C1>", "<http://evil.example|bank>", "*bold* _x_ ~y~ `z`", ":smile:",
    "a\r\nBcc: b@c.example", "{{7*7}}", "<script>alert(1)</script>", "\u202egnp.exe", "\x00\x07\ud800", "稀土" * 50_000,
    "😀" * 50_000, "&amp; &lt;", "", " ", "http://evil.example/a|b>c",
)  # fmt: skip
any_text = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))


@st.composite
def alerts(draw: st.DrawFn) -> Alert:
    """Any alert that a feed and a rule file could bring about, and some that they could not."""
    reason = st.builds(
        Reason,
        topic_id=any_text,
        topic_name=any_text,
        score=st.floats(0, 1),
        why=any_text,
        terms=st.lists(any_text, max_size=12).map(tuple),
    )
    return alert(
        draw(any_text),
        url=draw(any_text.map(lambda text: f"https://news.example/{text}") | any_text),
        summary=draw(any_text),
        source_name=draw(any_text),
        language=draw(st.sampled_from(["en", "ru", "zh", "und", ""]) | any_text),
        published_at=draw(st.none() | st.just(NOW)),
        level=draw(st.sampled_from(["now", "today", "archive", "odd"])),
        reasons=tuple(draw(st.lists(reason, max_size=8))),
    )


def parsed_fields(part: object) -> list[str]:
    """Every text that Slack would parse for mentions, links and marks."""
    match part:
        case {"type": "mrkdwn", "text": str(text)}:
            return [text]
        case dict():
            return [text for value in part.values() for text in parsed_fields(value)]
        case list():
            return [text for value in part for text in parsed_fields(value)]
    return []


def judged(block: dict[str, Any]) -> Any:
    """The block as slackblocks makes it: it must know every part and come to the same JSON."""
    if block["type"] != "rich_text":
        return slackblocks.Block.from_dict(block)

    def leaf(part: dict[str, Any]) -> Any:
        assert set(part) <= {"type", "text", "url", "style"}
        made = {"text": slackblocks.RichText, "link": slackblocks.RichTextLink}[part["type"]]
        words = {name: part[name] for name in ("text", "url") if name in part}
        return made(**words, **part.get("style", {}))

    def section(part: dict[str, Any]) -> Any:
        if part["type"] == "rich_text_list":
            return slackblocks.RichTextList(
                style=part["style"], elements=[section(entry) for entry in part["elements"]]
            )
        assert part["type"] == "rich_text_section"
        return slackblocks.RichTextSection([leaf(entry) for entry in part["elements"]])

    built = slackblocks.RichTextBlock([section(part) for part in block["elements"]], block_id="b")
    plain_list = {"indent": 0, "offset": 0, "border": 0}
    assert strip(built._resolve(), plain_list) == strip({**block, "block_id": "b"}, plain_list)
    return built


def strip(part: Any, defaults: dict[str, Any]) -> Any:
    """Without values that say what is so anyway."""
    match part:
        case dict():
            kept = {key: strip(value, defaults) for key, value in part.items()}
            return {key: value for key, value in kept.items() if defaults.get(key, ...) != value}
        case list():
            return [strip(value, defaults) for value in part]
    return part


def texts(part: Any) -> list[str]:
    """Every text of a block; Slack refuses an empty one."""
    match part:
        case dict():
            own = [part["text"]] if isinstance(part.get("text"), str) else []
            return own + [text for value in part.values() for text in texts(value)]
        case list():
            return [text for value in part for text in texts(value)]
    return []


@given(alerts(), st.booleans())
@settings(max_examples=60, deadline=None)
def test_any_alert_becomes_a_message_that_slack_can_take(found: Alert, repeat: bool) -> None:
    """Limits hold by an independent judge and by our own count, and nothing from a feed is parsed."""
    message = render(found, mark_repeat=repeat)
    blocks: Any = message["blocks"]

    json.dumps(message).encode("ascii").decode().encode("utf-8", "strict")
    json.dumps(message, ensure_ascii=False).encode("utf-8", "strict")
    assert 1 <= len(blocks) <= MOST_BLOCKS
    assert characters(blocks) <= MOST_CHARACTERS
    slackblocks.Message(channel="#x", text=str(message["text"]), blocks=[judged(block) for block in blocks])
    assert not parsed_fields(blocks)
    assert all(texts(blocks))
    text = str(message["text"])
    assert 0 < len(text) <= 4000
    assert "<!" not in text
    assert "<@" not in text
    assert "<#" not in text
    assert all(link.startswith(("http://", "https://")) for link in text.split("<")[1:])


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_shown_as_text(title: str) -> None:
    """Its visible characters stand in one text element, on one line."""
    message: Any = render(alert(title))
    link = message["blocks"][0]["elements"][0]["elements"][1]

    assert link["type"] == "link"
    assert link["url"] == "https://news.example/tomtor?a=1&b=2"
    assert "\n" not in link["text"]
    assert "\u202e" not in link["text"]
    if title.startswith("<") and len(title) < 50:
        assert link["text"] == title


def test_an_alert_says_what_why_where_and_when() -> None:
    """Headline as link, topic with its reason and matched words, source, time with zone, language."""
    message: Any = render(alert())
    body, facts = message["blocks"]
    flat = json.dumps(body, ensure_ascii=False)

    assert "Томтор: выдана новая лицензия" in flat
    assert {"type": "text", "text": "Томтор", "style": {"code": True}} in body["elements"][1]["elements"][0][
        "elements"
    ]
    assert " (Tomtor)" in flat
    assert "names a Russian deposit" in flat
    assert facts["elements"][0]["text"] == "Interfax · 24 Nov 2026, 07:53 UTC · Russian"
    for words in (
        "Томтор: выдана",
        "Russia's rare earths",
        "(licence)",
        "Interfax",
        "07:53 UTC",
        "a=1&amp;b=2",
    ):
        assert words in message["text"]


def test_an_alert_without_a_usable_address_has_no_link() -> None:
    """Only http and https become links; the headline stays."""
    for url in ("javascript:alert(1)", "", "ftp://x.example", "https://", "https://[bad"):
        message: Any = render(alert(url=url))
        headline = message["blocks"][0]["elements"][0]["elements"]
        assert [part["type"] for part in headline[:2]] == ["text", "text"]
        assert "<" not in message["text"]


def test_a_repeat_says_so_in_both_forms() -> None:
    """Whoever reads the blocks or the notification knows that it may be a double."""
    message: Any = render(alert(), mark_repeat=True)

    assert "may repeat an earlier alert" in message["blocks"][1]["elements"][0]["text"]
    assert "may repeat an earlier alert" in plain(alert(), mark_repeat=True)
    assert "may repeat" not in json.dumps(render(alert()))


def test_fit_leaves_out_what_comes_last() -> None:
    """Too many or too long blocks are cut from the end, as the first ones matter most."""
    block: dict[str, object] = {"type": "section", "text": {"type": "plain_text", "text": "x" * 900}}

    assert len(fit([block] * 20)) == 11
    assert len(fit([{"type": "divider"}] * 60)) == MOST_BLOCKS


def test_the_manifest_asks_for_the_scopes_that_the_code_needs() -> None:
    """A scope too few breaks the bot at its first call, one too many is a door left open."""
    manifest = json.loads((ROOT / "config" / "slack-app.json").read_text())

    assert sorted(manifest["oauth_config"]["scopes"]["bot"]) == sorted(SCOPES)
    assert manifest["settings"]["token_rotation_enabled"] is False


# --- at the wire ------------------------------------------------------------------------------------


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack on loopback with two channels."""
    async with SlackServer("rare-earths", "sanctions") as server:
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

    assert [method for method, _ in slack.calls] == ["chat.postMessage"]
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


@pytest.mark.parametrize(
    ("method", "fault", "permanent"),
    [
        ("conversations.history", "error:missing_scope", True),
        ("conversations.history", "500-before", False),
        ("conversations.history", "429", False),
        ("conversations.history", "garbage-after", False),
        ("conversations.list", "error:missing_scope", True),
        ("auth.test", "drop-before", False),
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
    import asyncio
    import time

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


def test_the_fake_refuses_what_it_does_not_know() -> None:
    """A slip in a fault's name would make a test that can not fail."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SlackServer("a", "b").channels == {"a": "C0000000000", "b": "C0000000001"}
