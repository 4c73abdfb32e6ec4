"""Looking at what is stored: `search` and `explain`."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.padding import Padding
from rich.text import Text

from bot.analyse.classify import score_of
from bot.analyse.judge import judge
from bot.commands.common import AsJson, fail, load, out
from bot.commands.facts import fact_line
from bot.model import Classification, Item, Label
from bot.rulebook import rulebook_of
from bot.store import reports, tracked
from bot.store.identity import revisions_of
from bot.store.store import Store


def search(
    query: Annotated[str, typer.Argument(help='Words in any of three languages; "..." for a phrase.')],
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Find stored items, best first."""
    with Store.open_read_only(load().env.data) as store:
        hits = reports.search(store, query, limit)
    if as_json:
        print(json.dumps([asdict(hit) for hit in hits], ensure_ascii=False, default=str))
        return
    for hit in hits:
        when = hit.published_at or hit.first_seen_at
        out.print(Text(hit.title or "(no title)", style="bold"))
        topics = f"  [{', '.join(hit.topics)}]" if hit.topics else ""
        out.print(Text(f"  {when:%Y-%m-%d %H:%M}  {hit.source_id}  {hit.key[:8]}{topics}", style="dim"))
    if not hits:
        out.print("Nothing found.")


def explain(
    name: Annotated[
        str, typer.Argument(metavar="ITEM", help="An item's key, the start of one, or its address.")
    ],
    as_json: AsJson = False,
) -> None:
    """Show why an item was or was not alerted: the matched words in place, the score, its story, its deliveries."""
    loaded = load()
    with Store.open_read_only(loaded.env.data) as store:
        item = store.item(name)
        if item is None:
            fail(f"{name}: no such item, or more than one; `reebot search` shows keys")
        stored = store.classification(item.key)
        again = judge(item, rulebook_of(loaded))
        if as_json:
            _print_json(store, item, stored, again)
            return
        _show_item(item, stored)
        for topic in loaded.topics:
            label = next((label for label in stored.labels if label.topic_id == topic.id), None)
            _show_topic(topic.name, stored.scores.get(topic.id, 0.0), label)
        for fact in store.facts(item.key):
            place = f"  ({fact.field} {fact.start}-{fact.end})"
            out.print(Text(fact_line(fact, loaded.settings.fx)).append(place, style="dim"))
        _show_weight(store, item)
        _show_reproduction(stored, again)
        _show_story(store, item)
        _show_revisions(store, item)


def _print_json(store: Store, item: Item, stored: Classification, again: Classification) -> None:
    story = reports.story_of(store, item.key)
    found = {
        "item": asdict(item),
        "stored": asdict(stored),
        "now": asdict(again),
        "reproduced": stored == again,
        "story": asdict(story[0]) if story else None,
        "reason": story[1] if story else None,
        "action": story[2] if story else "none",
        "facts": [asdict(fact) for fact in store.facts(item.key)],
        "severity": asdict(weighed.severity) if (weighed := tracked.weight(store, item.key)) else None,
        "deliveries": reports.deliveries_of(store, item.key),
        "revisions": [asdict(revision) for revision in revisions_of(store, item.key)],
    }
    print(json.dumps(found, ensure_ascii=False, default=str))


def _show_item(item: Item, stored: Classification) -> None:
    out.print(_marked(item.title, "title", stored, style="bold"))
    for field in ("summary", "text"):
        value = getattr(item, field)
        if value:
            out.print(Padding(_marked(value, field, stored), (0, 0, 0, 2)))
    when = f"{item.published_at:%Y-%m-%d %H:%M} UTC" if item.published_at else "undated"
    out.print(Text(f"{item.source_id}, {when}, {item.language}, {item.url or 'no address'}", style="dim"))
    out.print(Text(f"seen {item.first_seen_at:%Y-%m-%d %H:%M} UTC, key {item.key}\n", style="dim"))


def _marked(value: str, field: str, stored: Classification, style: str = "") -> Text:
    text = Text(value, style=style)
    for label in stored.labels:
        for piece in label.evidence:
            if piece.field == field:
                text.stylize("black on yellow", piece.start, piece.end)
    return text


def _show_topic(name: str, score: float, label: Label | None) -> None:
    verdict = "not this topic" if label is None else "sure" if label.sure else "possible"
    colour = {"sure": "green", "possible": "yellow"}.get(verdict, "dim")
    out.print(f"[{colour}]{name}: {score} ({verdict})[/]", highlight=False)
    if label is None:
        return
    out.print(f"  {label.why}", highlight=False, markup=False)
    if not label.parts:
        out.print(f"  rules: {', '.join(label.rule_ids)}", highlight=False, markup=False)
    for part in label.parts:
        told = (
            f"  rule {part.rule_id}: weight {part.weight} in the {part.where}, evidence {part.evidence:.4f}"
        )
        out.print(told, highlight=False, markup=False)
    if label.parts:
        total = sum(part.evidence for part in label.parts)
        out.print(f"  rules: 1 - exp(-{total:.4f}) = {score_of(label.parts)}", highlight=False, markup=False)
    if label.model_score is not None:
        told = f"  model: {label.model_score} by concepts and wording alone, {label.score} with the rules"
        out.print(told, highlight=False, markup=False)
    for piece in label.evidence:
        gloss = f" ({piece.gloss})" if piece.gloss else ""
        out.print(
            Text(
                f"  {piece.term}{gloss}: {piece.concept}, {piece.field} {piece.start}-{piece.end}"
                + (f", rule {piece.rule_id}" if piece.rule_id else ""),
                style="dim",
            )
        )


def _show_weight(store: Store, item: Item) -> None:
    """What the item weighed when it came, part by part; nothing for items of before there were weights."""
    weighed = tracked.weight(store, item.key)
    if weighed is None:
        return
    severity = weighed.severity
    out.print(Text(f"Weight {severity.score:g}, level {severity.level}:"))
    for part in severity.parts:
        out.print(Text(f"  {part.name} {part.points:+g}  {part.why}", style="dim"))
    total = round(sum(part.points for part in severity.parts), 2)
    if total != severity.score:
        fail(f"the stored parts make {total:g}, not the stored weight {severity.score:g}")


def _show_reproduction(stored: Classification, again: Classification) -> None:
    wrong = [
        label.topic_id for label in stored.labels if label.parts and score_of(label.parts) != label.rule_score
    ]
    if wrong:
        fail(f"the stored parts do not make the stored score of {', '.join(wrong)}")
    if stored.rules_version != again.rules_version:
        out.print(
            f"\nStored under rules {stored.rules_version}; the rules of today ({again.rules_version}) say:"
        )
        for topic_id, score in again.scores.items():
            out.print(f"  {topic_id}: {score}", highlight=False)
    elif stored == again:
        out.print(f"\nReproduced to the last digit under rules {again.rules_version}.", highlight=False)
    else:
        fail(f"the stored scores are not reproduced under rules {again.rules_version}: {dict(again.scores)}")


def _show_story(store: Store, item: Item) -> None:
    story = reports.story_of(store, item.key)
    if story is None:
        out.print("No story, as no topic was found: no alert.")
        return
    found, reason, action = story
    out.print(
        Text(
            f'Story {found.id} "{found.title}": {found.item_count} items, level {found.level}. Joined as {reason}; {action}.'
        )
    )
    for row in reports.deliveries_of(store, item.key):
        where = f"{row['channel']} {row['destination']}".strip()
        when = f" at {row['sent_at'][:16].replace('T', ' ')} UTC" if row["sent_at"] else ""
        out.print(Text(f"  {where}: {row['state']}{when} {row['error']}".rstrip()))


#: What an edit led to, in words.
_LED_TO = {"alert": "; that made it an alert", "thread": "; news of a story that had alerted", "none": ""}


def _show_revisions(store: Store, item: Item) -> None:
    for revision in revisions_of(store, item.key):
        when = f"{revision.seen_at:%Y-%m-%d %H:%M} UTC"
        out.print(Text(f'Until {when} it read "{revision.title}"{_LED_TO[revision.action]}.'))
