"""`reebot claims`: what is believed, what items propose, and a person's answer, as a process on a real database."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.model import Batch, PollState
from bot.store.store import Store
from bot.tracked import ClaimEvent

ROOT = Path(__file__).resolve().parents[1]
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
PROPOSAL = ClaimEvent(
    claim_id="russia-goal-2030",
    state="proposed",
    verdict="revises",
    value=3000.0,
    unit="t",
    by="2030",
    source="TASS",
    item_key="i0",
    line="was 12% by 2030 (May 2025), now 3,000 t by 2030 (TASS)",
    at=NOW,
)


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """The shipped configuration and a database with one proposal."""
    with Store.open(tmp_path / "data") as store:
        store.save(Batch(poll=PollState(source_id="one"), claims=(PROPOSAL,)))
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("BOT_", "SLACK_", "SMTP_"))
    }
    return {**kept, "BOT_CONFIG": str(ROOT / "config"), "BOT_DATA": str(tmp_path / "data"), "COLUMNS": "160"}


def claims(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """What the command prints, and how it ends."""
    return subprocess.run(
        [sys.executable, "-m", "bot", "claims", *arguments],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_an_accepted_proposal_is_the_new_baseline_with_its_history(env: dict[str, str]) -> None:
    """It waits, is accepted once, and then stands in bold over what was believed before."""
    before = claims(env)
    accepted = claims(env, "accept", "1")
    again = claims(env, "accept", "1")
    after = claims(env)

    assert "1 proposals wait" in before.stdout
    assert "1: revises, now 3,000 t by 2030 (TASS): proposed" in before.stdout
    assert accepted.returncode == 0
    assert again.returncode == 1
    assert "no proposal waits under this number" in again.stderr
    assert "world rare earth output: 3,000 t by 2030 (russia-goal-2030)" in after.stdout
    assert "May 2025  12% by 2030, the article of May 2025" in after.stdout
    assert "proposed" not in after.stdout.replace("proposals", "")


def test_a_rejected_proposal_leaves_the_baseline(env: dict[str, str]) -> None:
    """The claim's value stays, and its life says that somebody said no."""
    claims(env, "reject", "1")
    found = {claim["id"]: claim for claim in json.loads(claims(env, "--json").stdout)}

    goal = found["russia-goal-2030"]
    assert (goal["value"], goal["unit"]) == (12.0, "%")
    assert [event["state"] for event in goal["life"]] == ["rejected"]
    assert goal["life"][0]["decided_by"]


def test_before_the_first_poll_the_baseline_is_shown(env: dict[str, str], tmp_path: Path) -> None:
    """Without a database there is nothing to decide, and the list still says what is believed."""
    empty = {**env, "BOT_DATA": str(tmp_path / "none")}

    assert "19 claims, 0 proposals" in claims(empty).stdout
    assert claims(empty, "accept", "1").returncode == 1
    assert not (tmp_path / "none").exists()
