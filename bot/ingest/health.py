"""Pure. What state a source is in, from what was observed of it.

The first of these that holds is the verdict. Not read: gone, blocked, html, failing. Read, but of little use: empty,
off_topic, zombie, frozen, silent, undated, truncated. Read, with a remark: moved, slow. Else not_modified or ok.
An answer that changed nothing keeps the verdict on the document that still stands. Where evidence is thin the
verdict is the milder one: a false alarm costs the operator's trust in the next.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.ingest.charset import decode
from bot.ingest.silence import FACTOR, quiet_for
from bot.ingest.walls import is_html, page_title, which_wall
from bot.text import clean
from bot.verdicts import Habit, Route, Verdict

#: An answer that takes longer is slow: a third of what a fetch may take.
SLOW = timedelta(seconds=10)
#: Slow answers, quick ones taken off, that make a slow source.
SLOW_POLLS = 3
#: A permanent redirect is believed after so many polls over so long a time.
MOVED_POLLS = 3
MOVED_FOR = timedelta(days=1)
#: Nobody publishes so seldom, unless the entries themselves show it.
ZOMBIE_AFTER = timedelta(days=45)
#: Where too few entries tell how seldom that is.
ZOMBIE_UNTAUGHT = timedelta(days=180)
#: Frozen beyond three times the wait that makes a source silent, and never sooner than this.
FROZEN_FACTOR = 3 * FACTOR
FROZEN_AFTER = timedelta(days=3)
FROZEN_UNTAUGHT = timedelta(days=30)
#: Of the last polls that could be compared, so many without an entry in common are no chance.
SLIPS = 2
#: Entries whose language must be known before it can be the wrong one.
_FEWEST_LANGUAGES = 8
_WRONG_LANGUAGE = 0.9
#: A share of hits that fell to none by chance less often than this did not fall by chance.
_BY_CHANCE = 1e-4
_FEWEST_HITS = 20
_LONG_FAILURE = timedelta(days=7)
_LANGUAGES = {
    "en": "English",
    "ru": "Russian",
    "zh": "Chinese",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ja": "Japanese",
    "uk": "Ukrainian",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """What came back from an address, as far as health needs it."""

    #: HTTP status; None when no answer came at all.
    status: int | None = None
    #: By name in lower case.
    headers: Mapping[str, str] = field(default_factory=dict)
    #: The beginning of the body, unpacked.
    head: bytes = b""
    #: Where it came from in the end.
    url: str = ""
    #: Why it could not be fetched or parsed; empty when it was read.
    error: str = ""
    not_modified: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Observation:
    """All that a verdict rests on: the answer of this poll, and what is known of the document that stands."""

    now: datetime
    answer: Answer
    #: "feed", or "page" where HTML is what we ask for.
    source_kind: str = "feed"
    route: Route = "direct"
    #: Failures in a row, this one included, and since when.
    failures: int = 0
    failing_since: datetime | None = None
    #: Up by one with each slow answer, down by one with each quick one.
    slowness: int = 0
    #: Where a permanent redirect leads, and how often and how long it was followed with success.
    moved_to: str = ""
    moved_polls: int = 0
    moved_for: timedelta = timedelta()

    #: Entries of the document, and those of them with a date. None: none was read yet.
    entries: int | None = None
    dated: int = 0
    newest_at: datetime | None = None
    longest_gap: timedelta | None = None
    languages: Mapping[str, int] = field(default_factory=dict)
    expected_language: str = ""
    #: Since when this address is read.
    read_since: datetime | None = None
    #: When a document last had an entry that was new to us; None before the second document.
    changed_at: datetime | None = None
    #: "1" for each of the last polls that still listed an entry of the one before, "0" where none did.
    overlaps: str = ""
    habit: Habit | None = None
    #: Items before the recent ones and how many of them carry a topic for sure; then the recent ones.
    past_items: int = 0
    past_hits: int = 0
    recent_items: int = 0
    recent_hits: int = 0


def verdict(seen: Observation) -> Verdict:
    """The state of a source. Never raises, whatever the answer holds."""
    if seen.answer.error:
        return _unread(seen)
    return (
        _empty(seen)
        or _off_topic(seen)
        or _stale(seen)
        or _undated(seen)
        or _truncated(seen)
        or _moved(seen)
        or _slow(seen)
        or Verdict(kind="not_modified" if seen.answer.not_modified else "ok")
    )


# --- not read ---------------------------------------------------------------------------------------


def _unread(seen: Observation) -> Verdict:
    answer = seen.answer
    if answer.status == 410:
        return Verdict(kind="gone", detail="HTTP 410: gone for good, says its server")
    head = decode(answer.head, answer.headers.get("content-type", ""))
    wall = which_wall(answer.status, answer.headers, head, url=answer.url)
    if wall:
        return Verdict(kind="blocked", detail=f"{wall} (HTTP {answer.status}){_lasting(seen)}")
    if seen.source_kind == "feed" and is_html(head) and answer.status is not None and answer.status < 300:
        title = clean(page_title(head))[:60]
        what = f'a web page, "{title}"' if title else "a web page"
        return Verdict(kind="html", detail=f"{what}, in place of a feed{_lasting(seen)}")
    return Verdict(kind="failing", detail=f"{answer.error}{_lasting(seen)}")


def _lasting(seen: Observation) -> str:
    if seen.failing_since is None or seen.failures < 2:
        return ""
    lasted = seen.now - seen.failing_since
    words = f", {seen.failures} times in {span(lasted)}"
    return f"{words}: correct its address or disable it" if lasted >= _LONG_FAILURE else words


# --- read, but of little use ------------------------------------------------------------------------


def _empty(seen: Observation) -> Verdict | None:
    return Verdict(kind="empty", detail="a feed without entries") if seen.entries == 0 else None


def _off_topic(seen: Observation) -> Verdict | None:
    """Written in the wrong language, or without any of what it used to bring."""
    known = {code: count for code, count in seen.languages.items() if code not in ("", "und")}
    total = sum(known.values())
    # A fallback is a search in a language of its own choice.
    if total >= _FEWEST_LANGUAGES and seen.expected_language and seen.route != "fallback":
        code, count = max(known.items(), key=lambda pair: pair[1])
        if code != seen.expected_language and count >= _WRONG_LANGUAGE * total:
            found = _LANGUAGES.get(code, code)
            expected = _LANGUAGES.get(seen.expected_language, seen.expected_language)
            return Verdict(kind="off_topic", detail=f"written in {found}, where {expected} is expected")
    if seen.past_hits >= _FEWEST_HITS and seen.recent_items and not seen.recent_hits:
        # Half the old share: news has its seasons.
        share = seen.past_hits / seen.past_items / 2
        if seen.recent_items * math.log1p(-share) < math.log(_BY_CHANCE):
            was = f"{seen.past_hits / seen.past_items:.0%}"
            detail = f"none of its last {seen.recent_items} items is on a topic; {was} used to be"
            return Verdict(kind="off_topic", detail=detail)
    return None


def _stale(seen: Observation) -> Verdict | None:
    """Zombie, frozen or silent, which are one thing after ever longer waits."""
    newest, changed, now = seen.newest_at, seen.changed_at, seen.now
    # What was there before we came, we did not see stand still.
    same_since = changed or seen.read_since
    signs = [at for at in (newest, changed) if at is not None and at <= now] or [seen.read_since or now]
    if (
        newest is not None
        and not _is_young(seen, newest)
        and (changed is None or now - changed > FROZEN_AFTER)
    ):
        return Verdict(kind="zombie", detail=f"answers, but its newest item is {span(now - newest)} old")
    if not seen.entries:
        return None
    usual = f"; usually within {span(seen.habit.usual_gap)}" if seen.habit else ""
    # Entries may be dated anew each day and still be the same.
    if same_since is not None and now - same_since > FROZEN_AFTER:
        if seen.habit:
            is_frozen = quiet_for(seen.habit, same_since, now) > FROZEN_FACTOR
        else:
            is_frozen = now - same_since > max(FROZEN_UNTAUGHT, 3 * (seen.longest_gap or timedelta()))
        if is_frozen:
            return Verdict(kind="frozen", detail=f"the same entries for {span(now - same_since)}{usual}")
    last = max(signs)
    if seen.habit and quiet_for(seen.habit, last, now) > FACTOR:
        return Verdict(kind="silent", detail=f"nothing new for {span(now - last)}{usual}")
    return None


def _is_young(seen: Observation, newest: datetime) -> bool:
    if seen.dated < 3:
        return seen.now - newest <= ZOMBIE_UNTAUGHT
    gap = max(seen.longest_gap or timedelta(), seen.habit.usual_gap if seen.habit else timedelta())
    return seen.now - newest <= max(ZOMBIE_AFTER, 2 * gap)


def _undated(seen: Observation) -> Verdict | None:
    # A page has dates where its selectors name them: that is the configuration's business.
    if (
        seen.source_kind == "page"
        or not seen.entries
        or seen.dated > 0.2 * seen.entries
        or (seen.dated and seen.entries < 5)
    ):
        return None
    few = "only a few entries have" if seen.dated else "no entry has"
    return Verdict(kind="undated", detail=f"{few} a usable date; the time of the poll is taken")


def _truncated(seen: Observation) -> Verdict | None:
    slips = seen.overlaps.count("0")
    if slips < SLIPS or not seen.entries:
        return None
    detail = f"in {slips} of {len(seen.overlaps)} polls none of the {seen.entries} entries was known: items slip through"
    return Verdict(kind="truncated", detail=detail)


# --- read, with a remark ----------------------------------------------------------------------------


def is_believed(polls: int, lasted: timedelta) -> bool:
    """Whether a permanent redirect was followed with success often and long enough to be believed."""
    return polls >= MOVED_POLLS and lasted >= MOVED_FOR


def _moved(seen: Observation) -> Verdict | None:
    if not seen.moved_to or not is_believed(seen.moved_polls, seen.moved_for):
        return None
    return Verdict(kind="moved", detail=f"for good to {address_words(seen.moved_to)}: correct its address")


def _slow(seen: Observation) -> Verdict | None:
    if seen.slowness < SLOW_POLLS:
        return None
    return Verdict(kind="slow", detail=f"takes longer than {SLOW.total_seconds():.0f} s to answer")


# --- words ------------------------------------------------------------------------------------------


def span(length: timedelta) -> str:
    """A length of time in its largest unit: "3 d", "5 h", "20 min"."""
    hours = length.total_seconds() / 3600
    if hours >= 48:
        return f"{hours / 24:.0f} d"
    return f"{hours:.0f} h" if hours >= 1 else f"{max(1.0, hours * 60):.0f} min"


def address_words(url: str) -> str:
    """Host and path of an address; its query may hold a key and stays out."""
    try:
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path
    except ValueError:
        return "another address"
    return clean(f"{host}{path}")[:80]
