"""The open stories of a store, kept at hand from poll to poll. Only the store's thread may ask.

They are read from the database once, told of what happens after that, and read anew once a write was taken back. Whoever
changes stories by another way says `forget`. The weights of the pair decision ship in `seeds/weights/stories.json`; where these can not be read only copies join.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

import structlog

from bot.address import registrable
from bot.analyse.pairs import PairWeights, parse_pair_weights
from bot.analyse.stories import LONGEST, Window
from bot.analyse.traits import traits
from bot.config import Config
from bot.errors import WeightsError
from bot.model import Item
from bot.rulebook import WEIGHTS
from bot.store import stories
from bot.store.store import Store

log = structlog.get_logger("bot.stories")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Kept:
    window: Window
    #: What it was made for: other settings need another one.
    of: tuple[float, float, Mapping[str, str]]
    #: `Store.undone` at that time: polls that were written together may be taken back together.
    undone: int


_KEPT: WeakKeyDictionary[Store, _Kept] = WeakKeyDictionary()


def window_of(store: Store, config: Config, now: datetime) -> Window:
    """The stories open now."""
    grouping = config.settings.stories
    of = grouping.window_hours, grouping.similarity, owners(config)
    kept = _KEPT.get(store)
    if kept is None or (kept.of, kept.undone) != (of, store.undone):
        kept = _KEPT[store] = _Kept(window=_read(store, config, now), of=of, undone=store.undone)
    kept.window.close(now)
    return kept.window


def forget(store: Store) -> None:
    """Read the open stories anew the next time."""
    _KEPT.pop(store, None)


def owners(config: Config) -> dict[str, str]:
    """Source id -> who answers for it."""
    return {source.id: source.owner or registrable(source.url) or source.id for source in config.sources}


def source_count(items: list[Item], config: Config) -> int:
    """How many owners' sources brought these items."""
    known = owners(config)
    return len({known.get(item.source_id, item.source_id) for item in items})


def _read(store: Store, config: Config, now: datetime) -> Window:
    grouping, known = config.settings.stories, owners(config)
    window = Window(
        pair_weights(WEIGHTS / "stories.json"),
        hours=grouping.window_hours,
        similarity=grouping.similarity,
        pins=stories.pins(store),
    )
    found = stories.open_stories(store, now, grouping.window_hours, LONGEST)
    for story in found:
        window.put(story)
    for member in stories.members(store, [story.id for story in found]):
        item = member.item
        compared = traits(
            item,
            concepts=member.concepts,
            direction=member.direction,
            owner=known.get(item.source_id, ""),
            now=item.first_seen_at,
        )
        window.add(member.story_id, compared)
    return window


@lru_cache(maxsize=2)
def pair_weights(path: Path) -> PairWeights | None:
    """The decision as shipped; None where it can not be read, which is said once."""
    try:
        return parse_pair_weights(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError, WeightsError) as error:
        log.warning("stories", note=f"only copies join: {error}")
        return None
