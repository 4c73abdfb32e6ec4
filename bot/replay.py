"""What the pipeline would have done with items of the past, on a virtual clock. Sends and keeps nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime

from bot.analyse.concepts import Rulebook
from bot.config import Config
from bot.intake import absorb, judge, look
from bot.lab.examples import EPOCH
from bot.model import Item, PollState
from bot.store.store import Store


def replay(
    items: Iterable[tuple[object, Item]], config: Config, rulebook: Rulebook
) -> Iterator[dict[str, object]]:
    """What the pipeline would have done with these items, in published order on a virtual clock.

    Takes (name, item) pairs and gives for each `id`, `topics`, `story`, `copy_of`, `level` and `action`. An item
    without a date comes right after the one it follows. Nothing is sent and nothing is kept.
    """
    timed: list[tuple[datetime, object, Item]] = []
    clock = min((item.published_at for _, item in items if item.published_at), default=EPOCH)
    for name, item in items:
        clock = item.published_at or clock
        timed.append((clock, name, item))
    names: dict[str, object] = {}
    with Store.in_memory() as store:
        for now, name, item in sorted(timed, key=lambda entry: entry[0]):
            seen = replace(item, first_seen_at=now)
            earlier = names.setdefault(item.key, name)
            answer: dict[str, object] = {"id": name, "topics": [], "story": None, "copy_of": None}
            answer |= {"level": "archive", "action": "none"}
            state = PollState(source_id=item.source_id)
            found = look(store, [seen], state, config, now=now)
            if not found.fresh:
                answer["copy_of"] = earlier
            batch = absorb(
                store, judge(found, rulebook), state, config, first_poll=False, now=now, rulebook=rulebook
            )
            for entry in (*batch.items, *batch.edited):
                answer["topics"] = [label.topic_id for label in entry.classification.labels if label.sure]
            for membership in batch.memberships:
                story = next(story for story in batch.stories if story.id == membership.story_id)
                copied = names.get(membership.copy_of) if membership.copy_of else None
                answer |= {"story": story.id, "copy_of": copied}
                answer |= {"level": story.level, "action": membership.action}
            for revision in batch.revisions:
                if revision.action != "none":
                    answer["action"] = revision.action
            yield answer
