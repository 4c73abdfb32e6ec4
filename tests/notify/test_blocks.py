"""Slack: what is rendered is safe and fits, and every answer means the right thing."""

import json
from pathlib import Path
from typing import Any

import pytest
import slackblocks
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model import Alert, Reason
from bot.notify.blocks import MOST_BLOCKS, MOST_CHARACTERS, characters, fit, plain
from bot.notify.slack import SCOPES, render
from tests.notify.made import NOW, alert

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
