"""Pure. An alert as a Slack message: text for notifications, blocks for the channel.

Feed text stands only in rich text and plain text elements, where Slack parses nothing, and in `text` with its three
special characters escaped: it can not mention, link or format. All sizes stay below Slack's limits by construction;
`fit` is the last guard.
"""

from bot.model import Alert, Reason
from bot.notify.words import count, language, line, moment, web_address

Json = dict[str, object]
MARKS = {"now": "🔴", "today": "🟡", "archive": "⚪"}
REPEAT = "may repeat an earlier alert"
#: Slack refuses messages from some 11,000 to 13,000 characters in all blocks; nobody wrote down where exactly.
MOST_CHARACTERS = 10_000
MOST_BLOCKS = 50
_MOST_REASONS = 4
_MOST_TERMS = 6


def render(alert: Alert, *, mark_repeat: bool = False) -> Json:
    """The message: `text`, complete in itself, and `blocks`."""
    return {
        "text": plain(alert, mark_repeat=mark_repeat),
        "blocks": fit([_body(alert), _facts(alert, mark_repeat=mark_repeat)]),
    }


def plain(alert: Alert, *, mark_repeat: bool = False) -> str:
    """The alert as text alone, escaped: for notifications, screen readers, and where Slack refuses the blocks."""
    rows = [f"{_mark(alert)} {_title(alert)}"]
    rows += [line(note, 240) for note in alert.notes]
    rows += [_why(reason) for reason in alert.reasons[:_MOST_REASONS]]
    rows.append(" · ".join(_fact_words(alert)))
    url = web_address(alert.url)
    if mark_repeat:
        rows.append(REPEAT)
    escaped = [escape(row) for row in rows]
    return "\n".join([*escaped, f"<{escape(url)}>"] if url else escaped)


def escape(text: str) -> str:
    """Text for a field that Slack parses: no mention, no link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def fit(blocks: list[Json]) -> list[Json]:
    """The blocks within Slack's limits: what comes last is left out first."""
    kept: list[Json] = []
    total = 0
    for block in blocks[:MOST_BLOCKS]:
        total += characters(block)
        if total > MOST_CHARACTERS:
            break
        kept.append(block)
    return kept


def characters(part: object) -> int:
    """What a block counts: its texts and addresses, in UTF-16 units."""
    match part:
        case dict():
            return sum(
                len(value.encode("utf-16-le")) // 2
                if isinstance(value, str) and key in ("text", "url", "alt_text")
                else characters(value)
                for key, value in part.items()
            )
        case list():
            return sum(characters(entry) for entry in part)
        case _:
            return 0


def _body(alert: Alert) -> Json:
    """Headline, summary and reasons, as one block so that they stand close together."""
    url = web_address(alert.url)
    title = _text(_title(alert), bold=True)
    headline = [_text(f"{_mark(alert)} "), {**title, "type": "link", "url": url} if url else title]
    sections: list[list[Json]] = [headline]
    if alert.summary:
        sections[0].append(_text("\n" + line(alert.summary, 300)))
    sections += [[_text(line(note, 240), bold=True)] for note in alert.notes if note]
    elements: list[Json] = [{"type": "rich_text_section", "elements": section} for section in sections]
    reasons = [
        {"type": "rich_text_section", "elements": _reason(reason)} for reason in alert.reasons[:_MOST_REASONS]
    ]
    if reasons:
        elements.append({"type": "rich_text_list", "style": "bullet", "elements": reasons})
    more = len(alert.reasons) - _MOST_REASONS
    if more > 0:
        words = f"and {count(more, 'more topic')}"
        elements.append({"type": "rich_text_section", "elements": [_text(words)]})
    return {"type": "rich_text", "elements": elements}


def _reason(reason: Reason) -> list[Json]:
    elements = [_text(_topic(reason), bold=True)]
    why = line(reason.why, 200)
    if why:
        elements.append(_text(f" · {why}"))
    for number, term in enumerate(reason.terms[:_MOST_TERMS]):
        # The word as it stands in the text looks like a find; its gloss is ours and stays ordinary.
        word, bracket, gloss = line(term, 130).partition(" (")
        if not word:
            continue
        elements.append(_text(": " if number == 0 and why else "  "))
        elements.append({"type": "text", "text": word, "style": {"code": True}})
        if bracket:
            elements.append(_text(f" ({gloss}"))
    return elements


def _facts(alert: Alert, *, mark_repeat: bool) -> Json:
    words = " · ".join([*_fact_words(alert), *([REPEAT] if mark_repeat else [])])
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": words or "source unknown", "emoji": False}],
    }


def _fact_words(alert: Alert) -> list[str]:
    if alert.published_at:
        at = moment(alert.published_at)
    else:
        at = f"seen {moment(alert.first_seen_at)}, no date given"
    return [fact for fact in (line(alert.source_name, 80), at, language(alert.language)) if fact]


def _why(reason: Reason) -> str:
    terms = ", ".join(line(term, 130) for term in reason.terms[:_MOST_TERMS])
    why = " ".join(part for part in (line(reason.why, 200), f"({terms})" if terms else "") if part)
    return f"{_topic(reason)}: {why}" if why else _topic(reason)


def _topic(reason: Reason) -> str:
    return line(reason.topic_name, 80) or line(reason.topic_id, 80) or "topic"


def _title(alert: Alert) -> str:
    return line(alert.title, 300) or "(no headline)"


def _mark(alert: Alert) -> str:
    return MARKS.get(alert.level, MARKS["now"])


def _text(text: str, *, bold: bool = False) -> Json:
    return {"type": "text", "text": text, "style": {"bold": True}} if bold else {"type": "text", "text": text}
