"""Prints what polling costs: reebot, whole, beside the plain loop, in five situations and with slow servers.

    python -m bench [--feeds 1000] [--runs 1] [--profile FILE]

CPU is user and system time of the whole process, start-up and helpers included. Absolute seconds drift with the
machine, so only ratios within one run mean anything.
"""

import argparse
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.documents import Feed, make_feed
from bot.configured import Source
from bot.sourcefile import to_toml

ROOT = Path(__file__).parents[1]
SITUATIONS = ("cold", "warm", "warm200", "tick", "churn")
#: Ratios of CPU that must hold, and that are wanted.
MUST = {"cold": 1.0, "warm": 1.6, "warm200": 0.08, "tick": 0.7, "churn": 0.10}
WANTED = {"cold": 0.40, "warm": 0.60, "warm200": 0.03, "tick": 0.25, "churn": 0.05}
DELAY = 0.05
SLOW_RATIO = 0.08
_SETTINGS = "[ingest]\nallow_private_addresses = true\nper_host = 32\nconcurrency = 32\n"


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What a process took: seconds of CPU and of wall time, and its peak memory in MB."""

    cpu: float
    wall: float
    peak: float


def run(command: list[str], env: dict[str, str], log: Path) -> Cost:
    """Run to its end and count; what it reaped counts as well."""
    began = time.monotonic()
    with log.open("ab") as output:
        process = subprocess.Popen(command, env=env, cwd=ROOT, stdout=output, stderr=output)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{log.read_text()[-2_000:]}")
    return Cost(cpu=used.ru_utime + used.ru_stime, wall=time.monotonic() - began, peak=used.ru_maxrss / 1_000)


def prepare(folder: Path, feeds: int, port: int) -> None:
    """A configuration with all feeds as sources, and the project's own rules."""
    config = folder / "config"
    config.mkdir()
    (config / "settings.toml").write_text(_SETTINGS)
    sources = (
        Source(id=f"f{n}", url=f"http://127.0.0.1:{port}/f{n}", language=make_language(n))
        for n in range(feeds)
    )
    (config / "sources.toml").write_text("\n".join(to_toml(source) for source in sources))
    for rules in ("topics", "concepts"):
        (config / rules).symlink_to(ROOT / "config" / rules)


def make_language(number: int) -> str:
    """The language that a source is said to have: right for most."""
    return ("en", "ru", "zh")[number % 3]


def wrong(made: list[Feed], stored: dict[str, list[str]], state: str) -> tuple[int, int]:
    """(titles of undamaged feeds, items of damaged ones) that are missing or too many."""
    titles = entries = 0
    for feed in made:
        found, wanted = stored.get(feed.name, []), feed.titles[state]
        if not feed.damage or feed.damage in ("windows-1251", "gb18030"):
            titles += len(set(found) ^ set(wanted)) + abs(len(found) - len(wanted))
        else:
            entries += abs(len(found) - (len(wanted) - (feed.damage == "broken off")))
    return titles, entries


def stored_titles(path: Path, sql: str) -> dict[str, list[str]]:
    """Feed -> titles in a database."""
    titles: dict[str, list[str]] = {}
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    for name, title in db.execute(sql):
        titles.setdefault(name, []).append(title)
    db.close()
    return titles


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def say(port: int, situation: str, delay: float = 0) -> None:
    """Set what the server does; waits until it is there."""
    for _ in range(600):
        try:
            urllib.request.urlopen(
                f"http://127.0.0.1:{port}/say/{situation}?delay={delay}", timeout=5
            ).close()
            return
        except OSError:
            time.sleep(0.2)
    sys.exit("the feed server did not start")


def main() -> None:
    """Measure and print; exit 1 where a "must" is missed or an item is."""
    options = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n")[0])
    options.add_argument("--feeds", type=int, default=1_000)
    options.add_argument("--json", action="store_true")
    given = options.parse_args()
    console = Console(stderr=given.json)
    port = free_port()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = folder / "log"
        prepare(folder, given.feeds, port)
        server = subprocess.Popen(
            [sys.executable, "-m", "bench.server", str(given.feeds), str(port)], cwd=ROOT
        )
        env = {**os.environ, "BOT_CONFIG": str(folder / "config"), "BOT_DATA": str(folder / "data")}
        # Both sides as they start every day but the first: compiled.
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        run([sys.executable, "-m", "bot", "poll", "--help"], env, log)
        commands = {
            "plain": [
                sys.executable,
                "-m",
                "bench.plain",
                str(given.feeds),
                str(port),
                str(folder / "plain.db"),
            ],
            "reebot": [sys.executable, "-m", "bot", "poll", "--all", "--json"],
        }
        costs: dict[tuple[str, str], Cost] = {}
        try:
            with Progress(console=console, transient=True) as progress:
                task = progress.add_task("feeds", total=given.feeds + 2 * len(SITUATIONS) + 2)
                made = []
                for number in range(given.feeds):
                    # Without the bodies: a child's peak counts what its parent held when it was started.
                    made.append(replace(make_feed(number), bodies={}))
                    progress.advance(task)
                for situation in (*SITUATIONS, "slow"):
                    is_slow = situation == "slow"
                    # After "churn" that state is what all know: asked again, nothing changed.
                    say(port, "churn" if is_slow else situation, DELAY if is_slow else 0)
                    for who, command in commands.items():
                        progress.update(task, description=f"{situation}, {who}")
                        costs[situation, who] = run(command, env, log)
                        progress.advance(task)
        finally:
            server.terminate()
            server.wait()
        stored = stored_titles(folder / "data" / "bot.db", "select source_id, title from items")
        titles, entries = wrong(made, stored, "tick")
        theirs = wrong(made, stored_titles(folder / "plain.db", "select feed, title from entries"), "tick")
    ratios = {s: costs[s, "reebot"].cpu / costs[s, "plain"].cpu for s in SITUATIONS}
    slow = costs["slow", "reebot"].wall / costs["slow", "plain"].wall
    report(console, costs, ratios, slow)
    total = sum(map(len, stored.values()))
    console.print(
        f"{given.feeds} feeds, {total:,} items. Stored wrong: {titles} titles of sound feeds, {entries} items of damaged"
        f" ones (plain loop: {theirs[0]} and {theirs[1]}). Served by aiohttp from a process of its own."
    )
    if given.json:
        print(json.dumps({"ratios": ratios, "slow": slow, "peak_mb": costs["cold", "reebot"].peak}))
    missed = [s for s in SITUATIONS if ratios[s] > MUST[s]] + ["slow"] * (slow > SLOW_RATIO)
    if missed or titles or entries:
        sys.exit(f"missed: {', '.join(missed) or 'items'}")


def report(
    console: Console, costs: dict[tuple[str, str], Cost], ratios: dict[str, float], slow: float
) -> None:
    """The table."""
    table = Table(box=None, pad_edge=False)
    for heading in (
        "",
        "plain CPU s",
        "reebot CPU s",
        "ratio",
        "must",
        "wanted",
        "plain wall",
        "reebot wall",
        "peak MB",
    ):
        table.add_column(heading, justify="right" if heading else "left")
    for situation in SITUATIONS:
        one, other = costs[situation, "plain"], costs[situation, "reebot"]
        ratio = ratios[situation]
        colour = "red" if ratio > MUST[situation] else "yellow" if ratio > WANTED[situation] else "green"
        table.add_row(
            situation, f"{one.cpu:.2f}", f"{other.cpu:.2f}", f"[{colour}]{ratio:.3f}[/]", f"{MUST[situation]:.2f}",
            f"{WANTED[situation]:.2f}", f"{one.wall:.1f}", f"{other.wall:.1f}", f"{one.peak:.0f} / {other.peak:.0f}",
        )  # fmt: skip
    one, other = costs["slow", "plain"], costs["slow", "reebot"]
    colour = "red" if slow > SLOW_RATIO else "green"
    table.add_row(
        f"warm, {DELAY * 1000:.0f} ms", f"{one.cpu:.2f}", f"{other.cpu:.2f}", f"wall [{colour}]{slow:.3f}[/]",
        f"{SLOW_RATIO:.2f}", "", f"{one.wall:.1f}", f"{other.wall:.1f}", f"{one.peak:.0f} / {other.peak:.0f}",
    )  # fmt: skip
    console.print(table)


if __name__ == "__main__":
    main()
