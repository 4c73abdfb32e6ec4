"""Pure. What is remembered of a source from poll to poll, which of its addresses is asked, and when to speak up.

Addresses: the configured one is asked, or where it permanently redirects to once that was followed with success for
a day. After repeated failure the fallback takes over, and the configured address is tried again every few hours.
Nothing is ever written into the configuration.

The operator is told of a new state once it lasted some polls, and of the recovery; a single bad poll is no news.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from bot.configured import Source
from bot.ingest.health import MOVED_POLLS, SLOW, SLOW_POLLS, Answer, Observation, is_believed, verdict
from bot.ingest.reading import Listing
from bot.ingest.silence import learn
from bot.model import Item, Sighting
from bot.verdicts import UNREAD, WELL, Kind, Memory, Route, SourceHealth, Verdict

#: Failures in a row before the fallback takes over; a wall or a web page seldom goes away by itself.
FALLBACK_AFTER = 3
FALLBACK_AFTER_WALL = 2
#: While the fallback is read, the configured address is tried again so often.
RETRY_DIRECT = timedelta(hours=6)
#: Entries of one poll that are looked for in the next.
_REMEMBERED_KEYS = 5
#: Polls whose overlap is kept.
_OVERLAPS = 20
#: Fewer entries tell nothing of a window.
_FEWEST_ENTRIES = 3
#: The newest items, among which hits are looked for.
_RECENT = 150
_LEARN_EVERY = timedelta(days=1)
_LEARN_AGAIN = timedelta(hours=3)
#: Polls in a row with a verdict before the operator hears of it; one where it is not named.
_CONFIRMED: dict[Kind, int] = {"failing": 3, "blocked": 2, "html": 2, "empty": 2, "off_topic": 2}
_WELL_AGAIN = 2
_MOST_TIMES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """What a document lists."""

    keys: tuple[str, ...] = ()
    #: Of its entries, so many were not known before.
    new: int = 0
    dated: int = 0
    newest_at: datetime | None = None
    longest_gap: timedelta | None = None
    languages: dict[str, int]
    #: Keys of the newest entries.
    newest_keys: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Poll:
    """How one poll went."""

    now: datetime
    route: Route
    #: Of the address that was read in the end.
    answer: Answer
    #: Of the configured address, where it failed and the fallback was asked in the same poll.
    refusal: Answer | None = None
    #: Time to the end of the answer.
    took: timedelta = timedelta()
    #: Where permanent redirects led to; empty when there were none.
    moved_to: str = ""
    #: None when nothing was parsed: it failed, or nothing changed.
    window: Window | None = None


def window_of(items: Sequence[Item | Listing], new: int) -> Window:
    """What a document with these entries lists, in its order."""
    dated = sorted(
        ((item.published_at, item) for item in items if item.published_at),
        key=lambda pair: pair[0],
        reverse=True,
    )
    dates = [at for at, _ in dated]
    # Without dates, the order of the document: newest first is usual.
    newest = [item for _, item in dated] or items
    return Window(
        keys=tuple(item.key for item in items),
        new=new,
        dated=len(dated),
        newest_at=dates[0] if dates else None,
        longest_gap=max((later - earlier for later, earlier in pairwise(dates)), default=None),
        languages=dict(Counter(item.language for item in items)),
        newest_keys=tuple(item.key for item in newest[:_REMEMBERED_KEYS]),
    )


# --- addresses --------------------------------------------------------------------------------------


def route(source: Source, memory: Memory, now: datetime) -> Route:
    """Which address to ask in this poll."""
    if memory.address not in ("", source.url):
        return "direct"
    if _is_given_up(source, memory) and memory.failed_at and now - memory.failed_at < RETRY_DIRECT:
        return "fallback"
    return "moved" if _is_believed(memory) else "direct"


def address(source: Source, memory: Memory, way: Route) -> str:
    """The address that a route means."""
    match way:
        case "fallback":
            return source.fallback_url or source.url
        case "moved":
            return memory.moved_to or source.url
        case "direct":
            return source.url


def takes_over(source: Source, health: SourceHealth, refusal: Poll) -> bool:
    """Whether the fallback is to be asked at once, after the configured address refused as told."""
    return _is_given_up(source, judge(health, source, refusal).memory)


def _is_given_up(source: Source, memory: Memory) -> bool:
    if not source.fallback_url:
        return False
    is_wall = memory.fault is not None and memory.fault.kind in UNREAD - {"failing"}
    return memory.failures >= (FALLBACK_AFTER_WALL if is_wall else FALLBACK_AFTER)


def _is_believed(memory: Memory) -> bool:
    return bool(memory.moved_to) and is_believed(memory.moved_polls, _moved_for(memory))


def _moved_for(memory: Memory) -> timedelta:
    if memory.moved_since is None or memory.moved_seen_at is None:
        return timedelta()
    return memory.moved_seen_at - memory.moved_since


# --- from poll to poll ------------------------------------------------------------------------------


def judge(health: SourceHealth, source: Source, poll: Poll) -> SourceHealth:
    """The source's health after a poll; `told` is left as it was, see `announce`."""
    memory = health.memory
    if memory.address != source.url:
        memory = _forget_address(memory, source)
    refusal = poll.refusal or (poll.answer if poll.answer.error and poll.route != "fallback" else None)
    if refusal is not None:
        memory = _after_refusal(memory, poll)
        memory = replace(memory, fault=verdict(_observation(memory, source, poll, refusal)))
    elif poll.route != "fallback":
        memory = _after_success(memory, poll)
    if not poll.answer.error:
        memory = _after_reading(memory, poll)
    seen = _observation(memory, source, poll, poll.answer)
    if poll.route == "fallback":
        # The count of failures is the configured address's.
        found = verdict(replace(seen, failures=0))
        found = _with_fallback(memory.fault or Verdict(kind="failing"), found)
    else:
        found = verdict(seen)
    return _settled(replace(health, memory=memory), found, poll.now)


def is_time_to_learn(memory: Memory, now: datetime) -> bool:
    """Whether the source's long view is a day old, or was not to be had a while ago."""
    if memory.learned_at is None:
        return True
    return now - memory.learned_at >= (_LEARN_EVERY if memory.habit else _LEARN_AGAIN)


def learned(memory: Memory, sightings: Sequence[Sighting], now: datetime) -> Memory:
    """The memory with what these items, newest first, teach of the source's habit and its usual share of hits."""
    recent, past = sightings[:_RECENT], sightings[_RECENT:]
    return replace(
        memory,
        # A source that fell silent for two months teaches nothing; what was known of it still holds.
        habit=learn((seen.published_at or seen.first_seen_at for seen in sightings), now) or memory.habit,
        learned_at=now,
        past_items=len(past),
        past_hits=_hits(past),
        recent_items=len(recent),
        recent_hits=_hits(recent),
    )


def _hits(sightings: Iterable[Sighting]) -> int:
    return sum(seen.relevant for seen in sightings)


def _forget_address(memory: Memory, source: Source) -> Memory:
    # The first address of a source is no change: what was read so far stays comparable.
    kept = memory if not memory.address else Memory(habit=memory.habit, learned_at=memory.learned_at)
    return replace(kept, address=source.url)


def _after_refusal(memory: Memory, poll: Poll) -> Memory:
    # A redirect that leads into failure is not followed any more.
    return replace(
        _not_moved(memory),
        failures=memory.failures + 1,
        failing_since=memory.failing_since or poll.now,
        failed_at=poll.now,
    )


def _not_moved(memory: Memory) -> Memory:
    return replace(memory, moved_to="", moved_since=None, moved_seen_at=None, moved_polls=0)


def _after_success(memory: Memory, poll: Poll) -> Memory:
    well = replace(memory, failures=0, failing_since=None, failed_at=None, fault=None)
    if poll.route == "moved":
        return well
    if not poll.moved_to:
        return _not_moved(well)
    if poll.moved_to != memory.moved_to:
        return replace(
            well, moved_to=poll.moved_to, moved_since=poll.now, moved_seen_at=poll.now, moved_polls=1
        )
    if _is_believed(memory):
        return well
    return replace(well, moved_seen_at=poll.now, moved_polls=min(memory.moved_polls + 1, MOVED_POLLS))


def _after_reading(memory: Memory, poll: Poll) -> Memory:
    step = 1 if poll.took > SLOW else -1
    memory = replace(memory, slowness=min(max(memory.slowness + step, 0), SLOW_POLLS))
    window = poll.window
    if window is None:
        return memory
    # "direct" and "moved" are one feed, a fallback is another.
    is_same = memory.entries is not None and (memory.route == "fallback") == (poll.route == "fallback")
    overlaps = memory.overlaps if is_same else ""
    changed_at = memory.changed_at if is_same else None
    if is_same and memory.newest_keys and len(window.keys) >= _FEWEST_ENTRIES:
        listed = set(window.keys)
        overlaps += "1" if any(key in listed for key in memory.newest_keys) else "0"
    if is_same and window.new:
        changed_at = poll.now
    return replace(
        memory,
        route=poll.route,
        read_since=memory.read_since if is_same and memory.read_since else poll.now,
        entries=len(window.keys),
        dated=window.dated,
        newest_at=window.newest_at,
        longest_gap=window.longest_gap,
        languages=window.languages,
        newest_keys=window.newest_keys or memory.newest_keys,
        changed_at=changed_at,
        overlaps=overlaps[-_OVERLAPS:],
    )


def _observation(memory: Memory, source: Source, poll: Poll, answer: Answer) -> Observation:
    return Observation(
        now=poll.now,
        answer=answer,
        # A fallback is a feed.
        source_kind="feed" if poll.route == "fallback" else source.kind,
        route=poll.route,
        failures=memory.failures,
        failing_since=memory.failing_since,
        slowness=memory.slowness,
        moved_to=memory.moved_to,
        moved_polls=memory.moved_polls,
        moved_for=_moved_for(memory),
        entries=memory.entries,
        dated=memory.dated,
        newest_at=memory.newest_at,
        longest_gap=memory.longest_gap,
        languages=memory.languages,
        expected_language=source.language,
        read_since=memory.read_since,
        changed_at=memory.changed_at,
        overlaps=memory.overlaps,
        habit=memory.habit,
        past_items=memory.past_items,
        past_hits=memory.past_hits,
        recent_items=memory.recent_items,
        recent_hits=memory.recent_hits,
    )


def _with_fallback(fault: Verdict, found: Verdict) -> Verdict:
    """What is wrong with the configured address, and how its fallback does."""
    if found.kind in WELL:
        return replace(fault, detail=f"{fault.detail}; its fallback is read instead")
    return replace(fault, detail=f"{fault.detail}; its fallback: {found.detail}")


# --- speaking up ------------------------------------------------------------------------------------


def _settled(health: SourceHealth, found: Verdict, now: datetime) -> SourceHealth:
    is_same = _state(found.kind) == _state(health.kind)
    return replace(
        health,
        kind=found.kind,
        detail=found.detail,
        since_at=health.since_at if is_same and health.since_at else now,
        times=min(health.times + 1, _MOST_TIMES) if is_same else 1,
    )


def announce(health: SourceHealth, now: datetime) -> tuple[SourceHealth, bool]:
    """The health with what the operator is told now, and whether there is something to tell."""
    state = _state(health.kind)
    needed = _WELL_AGAIN if state == "ok" else _CONFIRMED.get(state, 1)
    if state == health.told or health.times < needed:
        return health, False
    return replace(health, told=state, told_at=now), True


def _state(kind: Kind) -> Kind:
    return "ok" if kind in WELL else kind
