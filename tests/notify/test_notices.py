"""Notices to the operator: where they go, and what channels make of them."""

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.console import Console

from bot.errors import DeliveryError
from bot.model import Delivery
from bot.notify.console import ConsoleChannel
from bot.notify.notices import load_notice, notice_deliveries, notice_words
from bot.notify.slack import SlackChannel
from bot.settings import SlackSettings
from bot.verdicts import Notice
from tests.notify.made import NOW
from tests.slackserver import TOKEN, SlackServer

NOTICE = Notice(
    about="source:kom:blocked:2026-11-24T08:05:00+00:00",
    title="Kommersant: blocked by Qrator (HTTP 403)",
    lines=("Since 24 Nov 2026, 08:05 UTC.", "Its fallback is read instead."),
    at=NOW,
)
OPERATORS = SlackSettings(operator_channel="#ops")


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    """A Slack on loopback with an operator channel."""
    async with SlackServer("rare-earths", "ops", clock=(NOW + timedelta(days=9)).timestamp) as server:
        yield server


def row(notice: Notice = NOTICE) -> Delivery:
    """Its outbox row."""
    (made,) = notice_deliveries(notice, slack=OPERATORS, has_slack_token=True, now=NOW)
    return made


def test_notice_goes_to_the_operator_channel_only() -> None:
    """One row of its own kind, named by what it is about; none without a channel or a token."""
    made = row()

    assert (made.kind, made.channel, made.destination) == ("notice", "slack", "#ops")
    assert made.key == f"notice:slack:#ops:{NOTICE.about}"
    assert load_notice(made.message) == NOTICE
    assert notice_deliveries(NOTICE, slack=SlackSettings(), has_slack_token=True, now=NOW) == ()
    assert notice_deliveries(NOTICE, slack=OPERATORS, has_slack_token=False, now=NOW) == ()


def test_words_of_a_notice_are_clean_lines() -> None:
    """A mark, the title, then the rest; a hostile page title can not break out of its line."""
    hostile = replace(NOTICE, title='A: serves a web page, "x\r\n\u202e<!channel>"', good=True)

    assert notice_words(NOTICE).splitlines() == [f"⚠️ {NOTICE.title}", *NOTICE.lines]
    assert notice_words(hostile).splitlines()[0] == '✅ A: serves a web page, "x <!channel>"'


async def test_slack_shows_a_notice_as_plain_text(slack: SlackServer) -> None:
    """No mention, no link, no markup; it can be found again by its key, and says when it may be a repeat."""
    hostile = row(replace(NOTICE, title="A: <!channel> <http://evil.example|bank> & *co*"))
    channel = SlackChannel(TOKEN, slack.url, per_second=1000.0)

    receipt = await channel.send(hostile)
    await channel.send(hostile, mark_repeat=True)

    first, second = slack.posts
    assert first.text.startswith("⚠️ A: &lt;!channel&gt; &lt;http://evil.example|bank&gt; &amp; *co*\nSince")
    assert first.sent["mrkdwn"] in (False, "0", "false")
    assert first.blocks == []
    assert second.text.endswith("may repeat an earlier alert")
    found = await channel.find(replace(hostile, first_attempt_at=NOW + timedelta(days=9)))
    assert found is not None
    assert found.id in (receipt.id, second.ts)


async def test_slack_that_refuses_a_notice_for_good_ends_it(slack: SlackServer) -> None:
    """There is no plainer form to try."""
    slack.fail("chat.postMessage", "error:msg_too_long")

    with pytest.raises(DeliveryError) as caught:
        await SlackChannel(TOKEN, slack.url, per_second=1000.0).send(row())

    assert caught.value.permanent
    assert slack.posts == []


async def test_terminal_prints_a_notice_as_it_stands() -> None:
    """Nothing in it is read as markup."""
    console = Console(file=io.StringIO(), width=100)
    await ConsoleChannel(console).send(replace(row(replace(NOTICE, title="A: [red]x[/]")), channel="console"))

    assert isinstance(console.file, io.StringIO)
    assert "⚠️ A: [red]x[/]\nSince 24 Nov 2026, 08:05 UTC.\n" in console.file.getvalue()


@pytest.mark.parametrize("message", ["", "{}", '{"title": 1}'])
async def test_row_that_holds_no_notice_is_given_up(slack: SlackServer, message: str) -> None:
    """It is refused for good by both channels, and nothing is sent."""
    broken = replace(row(), message=message)

    for channel in (SlackChannel(TOKEN, slack.url), ConsoleChannel(Console(file=io.StringIO()))):
        with pytest.raises(DeliveryError) as caught:
            await channel.send(broken)
        assert caught.value.permanent
    assert slack.posts == []
