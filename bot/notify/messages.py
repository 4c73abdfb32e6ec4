"""Pure. What to say and to whom: an alert by its topics' routes, the day's digest for each reader.

An alert's key is made of channel, destination and story, so that one event is one alert in one place however often
it is reported. A digest's key is made of list, local date and recipient. All text is cleaned here, once.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from pydantic import TypeAdapter

from bot.configured import Source, Topic
from bot.model import (
    Alert,
    Coverage,
    Delivery,
    Digest,
    DigestEntry,
    DigestSection,
    Evidence,
    Item,
    Label,
    Reason,
    Story,
)
from bot.notify import digestmail
from bot.notify.words import line, web_address
from bot.settings import DigestList, SlackSettings

#: In UTF-16 units. A headline of a wire agency is 60 to 150 long.
_TITLE, _SUMMARY, _WHY, _TERM, _NAME, _NOTE = 300, 400, 200, 60, 80, 240
_MOST_NOTES = 4
_FIELDS = ("title", "summary", "text")
_ALERT = TypeAdapter(Alert)

# --- alerts -----------------------------------------------------------------------------------------


def alert_for(
    item: Item,
    source: Source,
    labels: Iterable[Label],
    story: Story,
    topics: Iterable[Topic],
    notes: Iterable[str] = (),
) -> Alert:
    """An item as news for a channel, with a reason for each topic it surely carries, surest first.

    `notes` tell what it changes: one line for each tracked claim or price.
    If no label is sure the possible ones speak, as an alert without a reason is of no use.
    """
    names = {topic.id: topic.name for topic in topics}
    ranked = sorted(labels, key=lambda label: -label.score)
    spoken = [label for label in ranked if label.sure] or ranked
    return Alert(
        story_id=story.id,
        item_key=item.key,
        title=line(item.title, _TITLE),
        url=web_address(item.url),
        summary=_summary(item),
        source_name=line(source.name or source.id, _NAME),
        language=item.language,
        published_at=item.published_at,
        first_seen_at=item.first_seen_at,
        level=story.level,
        reasons=tuple(
            Reason(
                topic_id=label.topic_id,
                topic_name=line(names.get(label.topic_id, label.topic_id), _NAME),
                score=label.score,
                why=line(label.why, _WHY),
                terms=matched_words(label.evidence),
            )
            for label in spoken
        ),
        notes=tuple(line(note, _NOTE) for note in notes)[:_MOST_NOTES],
    )


def matched_words(evidence: Iterable[Evidence], most: int = 8) -> tuple[str, ...]:
    """The words that counted, as they stand in the item, in reading order: "Томтор (Tomtor)".

    A word is named once, whatever its case; of several words with one gloss the first is named.
    """
    found: dict[str, str] = {}
    ranks = {field: rank for rank, field in enumerate(_FIELDS)}
    for entry in sorted(evidence, key=lambda entry: (ranks.get(entry.field, len(ranks)), entry.start)):
        term, gloss = line(entry.term, _TERM), line(entry.gloss, _TERM)
        if not term:
            continue
        same = gloss.casefold() in ("", term.casefold())
        found.setdefault((term if same else gloss).casefold(), term if same else f"{term} ({gloss})")
    return tuple(found.values())[:most]


def alert_deliveries(
    alert: Alert, *, slack: SlackSettings, has_slack_token: bool, now: datetime
) -> tuple[Delivery, ...]:
    """One outbox row for each place that wants this alert, each place once.

    With a Slack token these are the channels of its topics; a topic without a channel of its own goes to the
    common one. Without a token it is the terminal.
    """
    if not has_slack_token:
        return (_alert_delivery(alert, "console", "", now),)
    routes = [slack.topic_channels.get(reason.topic_id, slack.channel) for reason in alert.reasons]
    return tuple(
        _alert_delivery(alert, "slack", channel, now) for channel in dict.fromkeys(routes or [slack.channel])
    )


def _alert_delivery(alert: Alert, channel: str, destination: str, now: datetime) -> Delivery:
    return Delivery(
        key=f"alert:{channel}:{destination}:{alert.story_id}",
        kind="alert",
        channel=channel,
        destination=destination,
        message=dump(alert),
        created_at=now,
        due_at=now,
    )


def dump(alert: Alert) -> str:
    """The alert as JSON, for the outbox."""
    return _ALERT.dump_json(alert).decode()


def load(text: str) -> Alert:
    """The alert that `dump` wrote. Raises `ValueError` on anything else."""
    return _ALERT.validate_json(text)


# --- the digest -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """A story under one of its topics, offered to a digest; a story with three topics is offered three times."""

    story_id: str
    #: The item that shows the story best.
    item: Item
    label: Label
    #: All that carried the story, first one first.
    sources: tuple[Source, ...]


def build_digest(
    candidates: Iterable[Candidate],
    entry: DigestList,
    coverage: Coverage,
    *,
    topics: Sequence[Topic],
    local_date: date,
    since_at: datetime,
    until_at: datetime,
    most: int = 12,
) -> Digest:
    """The stories of a day for one list: by topic in the order of `topics`, at most `most` under each.

    A story stands under its best topic only, and there names its others: nobody reads the same news twice. Under a
    topic, sure ones come first; then what scores higher (to a tenth, as finer differences mean nothing), what more
    sources carried, what a weightier source carried, and what is newer.
    """
    wanted = [topic for topic in topics if not entry.topics or topic.id in entry.topics]
    order = {topic.id: rank for rank, topic in enumerate(wanted)}
    by_story: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.label.topic_id in order:
            by_story.setdefault(candidate.story_id, []).append(candidate)
    by_topic: dict[str, list[tuple[Candidate, tuple[str, ...]]]] = {}
    for offered in by_story.values():
        ranked = sorted(offered, key=lambda c: (not c.label.sure, -c.label.score, order[c.label.topic_id]))
        others = [wanted[order[c.label.topic_id]].name for c in ranked[1:] if c.label.sure]
        by_topic.setdefault(ranked[0].label.topic_id, []).append((ranked[0], tuple(others)))
    sections = []
    for topic in wanted:
        found = sorted(by_topic.get(topic.id, ()), key=lambda pair: _rank(pair[0]))
        if found:
            sections.append(
                DigestSection(
                    topic_id=topic.id,
                    topic_name=line(topic.name, _NAME),
                    entries=tuple(_entry(candidate, others) for candidate, others in found[:most]),
                    more=max(0, len(found) - most),
                )
            )
    return Digest(
        list_id=entry.id,
        local_date=local_date,
        timezone=entry.timezone,
        since_at=since_at,
        until_at=until_at,
        sections=tuple(sections),
        coverage=coverage,
    )


def _rank(candidate: Candidate) -> tuple[bool, float, int, float, float, str]:
    item, label, sources = candidate.item, candidate.label, candidate.sources
    weight = max((source.weight for source in sources), default=0.0)
    seen = item.published_at or item.first_seen_at
    return (not label.sure, -round(label.score, 1), -len(sources), -weight, -seen.timestamp(), item.key)


def _entry(candidate: Candidate, also: tuple[str, ...]) -> DigestEntry:
    item, label = candidate.item, candidate.label
    return DigestEntry(
        title=line(item.title, _TITLE),
        url=web_address(item.url),
        summary=_summary(item),
        language=item.language,
        published_at=item.published_at,
        first_seen_at=item.first_seen_at,
        sources=tuple(line(source.name or source.id, _NAME) for source in candidate.sources),
        why=line(label.why, _WHY),
        terms=matched_words(label.evidence, most=6),
        score=label.score,
        sure=label.sure,
        also=tuple(line(name, _NAME) for name in also),
    )


def _summary(item: Item) -> str:
    # Some feeds repeat the headline as summary; to read it twice tells nothing.
    summary, title = line(item.summary or item.text, _SUMMARY), line(item.title, _TITLE)
    return "" if summary.casefold() == title.casefold() else summary


def digest_deliveries(
    digest: Digest, *, to: Sequence[str], sender: str, has_smtp: bool, now: datetime
) -> tuple[Delivery, ...]:
    """One outbox row for each reader, with the finished message inside, so that every attempt sends equal bytes.

    Without a mail server, or without readers, it is one row that becomes files. Equal addresses get one message.
    """
    name = f"{digest.list_id}-{digest.local_date.isoformat()}"
    if has_smtp and to:
        return tuple(
            _digest_delivery(
                name, "email", address, {"mime": digestmail.finished(digest, address, sender, now)}, now
            )
            for address in dict.fromkeys(to)
        )
    readers = ", ".join(to) or "undisclosed-recipients:;"
    files = {
        "html": digestmail.render_html(digest),
        "mime": digestmail.finished(digest, readers, sender, now),
    }
    return (_digest_delivery(name, "file", f"{name}.html", files, now),)


def _digest_delivery(
    name: str, channel: str, destination: str, message: dict[str, str], now: datetime
) -> Delivery:
    return Delivery(
        key=f"digest:{channel}:{destination}:{name}",
        kind="digest",
        channel=channel,
        destination=destination,
        message=json.dumps(message, ensure_ascii=False),
        created_at=now,
        due_at=now,
    )
