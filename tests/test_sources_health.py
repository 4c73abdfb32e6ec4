"""`reebot sources health`: verdicts for people at 100 columns, and for programs as JSON."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.model import PollState
from bot.store.health import save_health
from bot.store.store import Store
from bot.verdicts import Memory, SourceHealth

ROOT = Path(__file__).resolve().parents[1]
SINCE = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
SOURCES = """
[[source]]
id = "kommersant-economics"
url = "https://www.kommersant.example/rss"
language = "ru"

[[source]]
id = "strategic-metals-review"
url = "https://metals.example/rss"

[[source]]
id = "xitu-prices-of-baotou"
url = "https://xitu.example/rss"
language = "zh"
"""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A configuration of three sources and a database that knows two of them."""
    shutil.copytree(ROOT / "config", tmp_path / "config")
    (tmp_path / "config" / "sources.toml").write_text(SOURCES)
    with Store.open(tmp_path / "data") as store:
        now = datetime.now(UTC)
        for name, kind, detail in (
            (
                "kommersant-economics",
                "blocked",
                "Qrator (HTTP 403), 30 times in 4 d; its fallback is read instead",
            ),
            ("strategic-metals-review", "ok", ""),
        ):
            store.save_poll(
                PollState(
                    source_id=name,
                    ok_at=now - timedelta(minutes=12),
                    polled_at=now,
                    next_poll_at=now + timedelta(minutes=14, seconds=30),
                    status="ok",
                )
            )
            memory = Memory(route="fallback" if kind == "blocked" else "direct")
            save_health(
                store,
                SourceHealth(source_id=name, kind=kind, detail=detail, since_at=SINCE, memory=memory),  # type: ignore[arg-type]  # the literals above
            )
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "SLACK_", "SMTP_"))
    }
    return {
        **kept,
        "COLUMNS": "100",
        "BOT_CONFIG": str(tmp_path / "config"),
        "BOT_DATA": str(tmp_path / "data"),
    }


def health(env: dict[str, str], *options: str) -> str:
    """What the command prints."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", "sources", "health", *options],
        cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return done.stdout


def test_table_fits_100_columns_and_words_stand_below_it(env: dict[str, str]) -> None:
    """Names and verdicts are whole; what is not well comes first, and is told in a line of its own."""
    lines = health(env).splitlines()

    assert max(len(line) for line in lines) <= 100
    assert lines[1].split()[:4] == ["kommersant-economics", "blocked", "12", "min"]
    assert lines[2].split()[:2] == ["strategic-metals-review", "ok"]
    assert "xitu-prices-of-baotou" in lines[3]
    assert "not polled yet" in lines[3]
    assert "Not well, 1 of 3:" in lines
    assert lines[-1] == (
        "kommersant-economics: blocked by Qrator (HTTP 403), 30 times in 4 d; its fallback is read instead"
    )


def test_json_has_the_verdict(env: dict[str, str]) -> None:
    """Kind, words, since when, and which address is read."""
    first, second, third = json.loads(health(env, "--json"))

    assert (first["verdict"], first["read_via"]) == ("blocked", "fallback")
    assert first["verdict_detail"].startswith("Qrator (HTTP 403)")
    assert datetime.fromisoformat(first["verdict_since_at"]) == SINCE
    assert (second["verdict"], second["verdict_detail"], second["read_via"]) == ("ok", "", "direct")
    assert (third["verdict"], third["verdict_since_at"]) == ("new", None)


def test_reasons_stand_below_where_the_table_has_no_room(env: dict[str, str]) -> None:
    """At 80 columns the reason for the next poll is one line of its own, not a column of broken words."""
    with Store.open(Path(env["BOT_DATA"])) as store:
        now = datetime.now(UTC)
        store.save_poll(
            PollState(
                source_id="strategic-metals-review",
                next_poll_at=now,
                reason="its share of the budget: 3.1 items a day",
            )
        )

    shown = health({**env, "COLUMNS": "80"})

    assert "strategic-metals-review: its share of the budget: 3.1 items a day" in shown.splitlines()
