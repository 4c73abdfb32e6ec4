"""What other rules would have made of the stored items: gained, lost, same. Reads items, writes nothing.

Each item goes through `judge`, the function that judges new items, so a backtest under the rules that are in
force gives what is stored, to the last digit. Large archives are judged by several processes. What an item carries
is its sure labels; a topic that a rules folder no longer has is lost, one that is new is gained.
"""

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Literal

from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge
from bot.model import Classification, Item
from bot.store.archive import Kept

Kind = Literal["gained", "lost"]
#: Items handed to a process at a time.
_CHUNK = 1_000
#: Fewer items than this are judged sooner than other processes start.
_WORTH_PROCESSES = 4_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One item that would gain or lose one topic."""

    kind: Kind
    topic_id: str
    key: str
    title: str
    url: str
    source_id: str
    language: str
    first_seen_at: datetime
    #: 0..1 then and now.
    score_before: float
    score_after: float
    #: Matched words that earn a gained topic.
    terms: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Backtest:
    """The result of one run."""

    items: int
    rules_version: str
    #: Every topic of the rules, and those that only stored labels know, in order of the alphabet.
    topics: tuple[str, ...]
    #: (topic, "gained", "lost" or "same") -> how many items.
    counts: Mapping[tuple[str, str], int]
    #: Newest first within each topic; the counts are theirs.
    differences: tuple[Difference, ...]
    #: Items whose stored scores were made under another version of the rules.
    under_other_rules: int
    #: Items whose scores of all topics stay as stored, to the last digit.
    unchanged: int


def backtest(
    archive: Iterable[Kept],
    rules: Callable[[], Rulebook],
    *,
    processes: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Backtest:
    """Judge an archive anew and compare. `progress` is told how many more are done.

    `rules` makes the rulebook and can be pickled, as each process makes its own.
    `processes` as many as there are processors by default; 1 keeps to this one.
    """
    rulebook = rules()
    counts: Counter[tuple[str, str]] = Counter()
    differences: list[Difference] = []
    known = {compiled.topic.id for compiled in rulebook.topics}
    items = other = unchanged = 0
    for entries, verdicts in _judged(archive, rules, rulebook, processes or os.cpu_count() or 1):
        for entry, found in zip(entries, verdicts, strict=True):
            items += 1
            other += entry.rules_version != rulebook.version
            unchanged += dict(found.scores) == entry.scores
            before = {topic for topic, sure in entry.labels.items() if sure}
            after = {label.topic_id for label in found.labels if label.sure}
            known |= before
            counts.update((topic, "same") for topic in before & after)
            for topic in sorted(before ^ after):
                made = _difference(entry, found, topic, "gained" if topic in after else "lost")
                counts[topic, made.kind] += 1
                differences.append(made)
        progress(len(entries))
    differences.sort(key=lambda made: made.first_seen_at, reverse=True)
    differences.sort(key=lambda made: (made.topic_id, made.kind))
    return Backtest(
        items=items,
        rules_version=rulebook.version,
        topics=tuple(sorted(known)),
        counts=dict(counts),
        differences=tuple(differences),
        under_other_rules=other,
        unchanged=unchanged,
    )


def _difference(entry: Kept, found: Classification, topic: str, kind: Kind) -> Difference:
    item = entry.item
    words = (piece.term for label in found.labels if label.topic_id == topic for piece in label.evidence)
    return Difference(
        kind=kind,
        topic_id=topic,
        key=item.key,
        title=item.title or item.summary[:100],
        url=item.url,
        source_id=item.source_id,
        language=item.language,
        first_seen_at=item.first_seen_at,
        score_before=entry.scores.get(topic, 0.0),
        score_after=found.scores.get(topic, 0.0),
        terms=tuple(dict.fromkeys(words)) if kind == "gained" else (),
    )


def _judged(
    archive: Iterable[Kept], rules: Callable[[], Rulebook], rulebook: Rulebook, processes: int
) -> Iterator[tuple[list[Kept], list[Classification]]]:
    """The archive in chunks, in order, each with its verdicts."""
    chunks = _chunks(archive)
    first = list(islice(chunks, _WORTH_PROCESSES // _CHUNK))
    if processes == 1 or len(first) < _WORTH_PROCESSES // _CHUNK:
        for chunk in (*first, *chunks):
            yield chunk, [judge(entry.item, rulebook) for entry in chunk]
        return
    # spawn: a fork of a process with threads may hang.
    pool = ProcessPoolExecutor(
        processes,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(rules,),
    )
    with pool:
        waiting = [(chunk, pool.submit(_judge, [entry.item for entry in chunk])) for chunk in first]
        while waiting:
            chunk, future = waiting.pop(0)
            # One in for one out: the archive is never in memory as a whole.
            for following in islice(chunks, 1):
                waiting.append((following, pool.submit(_judge, [entry.item for entry in following])))
            yield chunk, future.result()


def _chunks(archive: Iterable[Kept]) -> Iterator[list[Kept]]:
    source = iter(archive)
    return iter(lambda: list(islice(source, _CHUNK)), [])


#: In a process of the pool: the rules, compiled once.
_rulebook: Rulebook | None = None


def _prepare(rules: Callable[[], Rulebook]) -> None:
    global _rulebook
    _rulebook = rules()


def _judge(items: list[Item]) -> list[Classification]:
    if _rulebook is None:
        raise RuntimeError("the process was not prepared")
    return [judge(item, _rulebook) for item in items]
