"""Throw damaged feeds at the parser: `make fuzz`, or `python -m tests.fuzz_feeds [COUNT] [SEED]`.

Each of 10,000 documents (by default) is a recorded feed with one to four mutations: flipped bytes, cuts, doubled
pieces, swapped tags, lies about the encoding, nesting, references and marks that open without end. Parsing one must
give items or a `ParseError` within 2 s of CPU, and the memory of a process must not grow with the number of feeds.
Where the quick way is taken, it must give what feedparser gives.
The same seed makes the same documents; a failing one is written to a file.
"""

import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from multiprocessing import Pool
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress

from bot.configured import Source
from bot.demofeeds import FEEDS, documents
from bot.errors import ParseError
from bot.ingest.feed import parse
from bot.model import Document
from tests.bothways import both_ways

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
SOURCE = Source(id="fuzz", url="https://news.example/feeds/rss")
#: Of one parse, in CPU seconds; past the second bound it counts as hanging and is broken off.
SLOW, HANGING = 2.0, 20
#: Megabytes that a process may have grown by from its first hundreds of feeds to its last.
GROWTH = 40
BATCH = 100
_REAL = Path(__file__).parents[2] / "shared" / "data" / "real-feeds"
_ENTRY = re.compile(rb"<(item|entry)\b.*?</\1\s*>", re.DOTALL)
_TAG = re.compile(rb"<[^<>]{1,200}>")
#: Entries that are kept of a seed, and its size: many small documents find more than few large ones.
_ENTRIES, _SIZE = 4, 30_000

Mutation = Callable[[bytes, Random], bytes]


@cache
def seeds() -> tuple[bytes, ...]:
    """Feeds as sites served them where these lie beside the project, and the demo's in any case."""
    real = [path.read_bytes() for path in sorted(_REAL.glob("*.xml"))]
    made = [found.body for number in (1, 2) for _, found in sorted(documents(FEEDS, number, NOW).items())]
    return tuple(_shortened(body)[:_SIZE] for body in real + made)


def _shortened(body: bytes) -> bytes:
    """The document with its first few entries only."""
    kept = 0

    def entry(found: re.Match[bytes]) -> bytes:
        nonlocal kept
        kept += 1
        return found[0] if kept <= _ENTRIES else b""

    return _ENTRY.sub(entry, body)


# --- mutations --------------------------------------------------------------------------------------


def _place(body: bytes, random: Random) -> int:
    """Somewhere, as often as not at the edge of a tag."""
    tags = [found.start() for found in _TAG.finditer(body)]
    return random.choice(tags) if tags and random.random() < 0.5 else random.randint(0, len(body))


def flip(body: bytes, random: Random) -> bytes:
    """Some bytes become others."""
    changed = bytearray(body)
    for _ in range(random.choice((1, 2, 8, 64))):
        if changed:
            changed[random.randrange(len(changed))] = random.choice(
                (0, 0x3C, 0x3E, 0x26, random.randrange(256))
            )
    return bytes(changed)


def cut(body: bytes, random: Random) -> bytes:
    """A piece is missing, often the end."""
    first = _place(body, random)
    return body[:first] + (b"" if random.random() < 0.5 else body[_place(body, random) :])


def double(body: bytes, random: Random) -> bytes:
    """A piece stands there again and again."""
    first, last = sorted((_place(body, random), _place(body, random)))
    piece = body[first:last][:2_000]
    return body[:last] + piece * random.choice((1, 2, 20)) + body[last:]


def swap(body: bytes, random: Random) -> bytes:
    """Two tags change places."""
    tags = list(_TAG.finditer(body))
    if len(tags) < 2:
        return body
    one, other = sorted(random.sample(tags, 2), key=lambda found: found.start())
    between = body[one.end() : other.start()]
    return body[: one.start()] + other[0] + between + one[0] + body[other.end() :]


def lie(body: bytes, random: Random) -> bytes:
    """It is written in one encoding and claims another."""
    names = (
        "utf-8",
        "utf-16",
        "utf-16-le",
        "utf-32",
        "cp1251",
        "koi8-r",
        "gb18030",
        "big5",
        "shift_jis",
        "utf-7",
    )
    text = body.decode("utf-8", "replace").encode(random.choice(names), "replace")
    claim = random.choice((*names, "rot13", "zip", "idna", "x" * 30)).encode()
    return re.sub(rb'encoding="[^"]{0,40}"', b'encoding="' + claim + b'"', text, count=1)


def nest(body: bytes, random: Random) -> bytes:
    """Elements inside each other, deep and mostly left open."""
    name = random.choice(
        (b"item", b"channel", b"div", b"b", b"a", b"table", b"x:y", b"content", b"media:group")
    )
    depth = random.choice((10, 100, 1_000))
    at = _place(body, random)
    closed = (b"</" + name + b">") * depth if random.random() < 0.5 else b""
    return body[:at] + (b"<" + name + b">") * depth + closed + body[at:]


def odd(body: bytes, random: Random) -> bytes:
    """Something stands there that opens without end, or that no text may hold."""
    pieces = (
        b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?", b"<!DOCTYPE x [", b"<!ENTITY a 'b'>", b"&a;", b"&#xD800;",
        b"&#0;", b"&#x110000;", b"&#99999999999;", b"&", b"<", b"\xff\xfe", b"\xef\xbb\xbf", b"\0", b"\xed\xa0\x80",
        "\u202e\ufffe\U000e0041".encode(), b' xmlns:a="b"', b' xml:base="javascript:x"', b"<a " + b"b='c' " * 50,
        b"{", b'{"items": [{}]}', b"<pubDate>" + b"9" * 500 + b"</pubDate>", b"<link>http://[::1</link>",
        b"&amp;" * 500, b"<p>" * 500, "и\u0306".encode() * 300, b"<title/>", b"<guid/>", b"<svg><style>",
    )  # fmt: skip
    at = _place(body, random)
    return body[:at] + random.choice(pieces) + body[at:]


MUTATIONS: tuple[Mutation, ...] = (flip, cut, double, swap, lie, nest, odd)
_TYPES = (
    "",
    "text/xml",
    "text/xml; charset=utf-8",
    "text/html; charset=gb2312",
    "application/json",
    "x; charset=\x00",
)


def mutated(number: int, seed: int, originals: tuple[bytes, ...]) -> tuple[bytes, str, tuple[str, ...]]:
    """Document number so and so of a run: its bytes, its content type, and what was done to it."""
    random = Random(f"{seed} {number}")  # noqa: S311  makes test data
    body = originals[number % len(originals)]
    done = random.choices(MUTATIONS, k=random.randint(1, 4))
    for mutation in done:
        body = mutation(body, random)
    return body[:200_000], random.choice(_TYPES), tuple(mutation.__name__ for mutation in done)


# --- the run ----------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came of some documents."""

    counts: Counter[str] = field(default_factory=Counter)
    #: (CPU seconds, document number, mutations) of the slowest.
    slowest: tuple[float, int, tuple[str, ...]] = (0.0, -1, ())
    #: (document number, what went wrong).
    failures: list[tuple[int, str]] = field(default_factory=list)
    #: Process id -> megabytes in use after each of its batches.
    memory: dict[int, list[float]] = field(default_factory=dict)

    def add(self, other: "Tally") -> None:
        """Take another's figures in."""
        self.counts += other.counts
        self.slowest = max(self.slowest, other.slowest)
        self.failures += other.failures
        for process, measured in other.memory.items():
            self.memory.setdefault(process, []).extend(measured)

    def growth(self) -> float:
        """The most that a process grew by after its first quarter, in megabytes."""
        return max(
            (max(seen) - max(seen[: max(1, len(seen) // 4)]) for seen in self.memory.values()), default=0.0
        )


class _HangingError(BaseException):
    """Not an `Exception`, which the parser may catch."""


def _break_off(*_: object) -> None:
    raise _HangingError


def one_batch(job: tuple[int, int, int]) -> Tally:
    """Parse documents first to last of a run."""
    seed, first, last = job
    tally = Tally()
    originals = seeds()
    signal.signal(signal.SIGALRM, _break_off)
    for number in range(first, last):
        body, content_type, done = mutated(number, seed, originals)
        document = Document(
            source_id="fuzz", url=SOURCE.url, body=body, content_type=content_type, fetched_at=NOW
        )
        began = time.process_time()
        signal.alarm(HANGING)
        try:
            items = parse(document, SOURCE, now=NOW)
            tally.counts["feeds"] += 1
            tally.counts["items"] += len(items)
            # What is stored and sent must be text that can be written down.
            str(items).encode()
        except ParseError:
            tally.counts["refused"] += 1
        except _HangingError:
            tally.failures.append((number, f"hangs ({', '.join(done)})"))
        except Exception as error:  # noqa: BLE001  what the fuzz is looking for
            tally.failures.append((number, f"{type(error).__name__}: {error} ({', '.join(done)})"))
        finally:
            signal.alarm(0)
        took = time.process_time() - began
        if not tally.failures or tally.failures[-1][0] != number:
            _compare(body, content_type, number, tally)
        tally.slowest = max(tally.slowest, (took, number, done))
        if took > SLOW:
            tally.failures.append((number, f"took {took:.1f} s ({', '.join(done)})"))
    tally.memory[os.getpid()] = [_megabytes()]
    return tally


def _compare(body: bytes, content_type: str, number: int, tally: Tally) -> None:
    """Hold the quick way against feedparser."""
    try:
        ways = both_ways(body, content_type=content_type)
    except ParseError:
        return
    tally.counts["quick"] += ways.quick is not None
    if difference := ways.difference():
        tally.failures.append((number, f"the quick way differs: {difference}"))


def _megabytes() -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) / 1000 if found else 0.0


def run(count: int, seed: int, processes: int = 2) -> Iterator[Tally]:
    """The tallies of a run, batch by batch as they are done."""
    jobs = [(seed, first, min(first + BATCH, count)) for first in range(0, count, BATCH)]
    with Pool(processes) as pool:
        yield from pool.imap_unordered(one_batch, jobs)


def main(count: int = 10_000, seed: int = 1) -> int:
    """Run, report, and give the exit code: 0 when nothing went wrong."""
    console = Console()
    total = Tally()
    began = time.monotonic()
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(f"{count:,} damaged feeds", total=count)
        for tally in run(count, seed):
            total.add(tally)
            progress.update(task, advance=BATCH)
    growth = total.growth()
    took, number, done = total.slowest
    console.print(
        f"{count:,} damaged feeds (seed {seed}, {len(seeds())} originals) in {time.monotonic() - began:.0f} s: "
        f"{total.counts['feeds']:,} read with {total.counts['items']:,} items, {total.counts['refused']:,} refused, "
        f"{total.counts['quick']:,} by the quick way, "
        f"{len(total.failures)} failures",
        highlight=False,
    )
    console.print(
        f"slowest: {took:.2f} s of CPU (number {number}: {', '.join(done)}); memory grew by {growth:.0f} MB at most",
        highlight=False,
    )
    for number, what in total.failures[:20]:
        path = Path(tempfile.gettempdir()) / f"fuzz-{seed}-{number}.xml"
        path.write_bytes(mutated(number, seed, seeds())[0])
        console.print(f"number {number}: {what}; written to {path}", highlight=False, markup=False)
    if growth > GROWTH:
        console.print(f"memory must not grow by more than {GROWTH} MB", highlight=False)
    return 1 if total.failures or growth > GROWTH else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:3])))
