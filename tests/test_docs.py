"""What the documents tell a newcomer to type works."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.store.store import Store

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", ROOT / "docs" / "operations.md")
_BLOCK = re.compile(r"^```\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def command_lines(page: Path) -> list[str]:
    """The lines of the page's plain code blocks that are commands, comments at their ends left out."""
    lines = [line for block in _BLOCK.findall(page.read_text()) for line in block.splitlines()]
    return [
        re.sub(r"\s+#.*$", "", line) for line in lines if re.match(r"(make|echo|\.venv/bin/reebot) ", line)
    ]


LINES = [(page, line) for page in PAGES for line in command_lines(page)]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder that looks like a fresh clone after set-up, with an empty database."""
    for name in ("config", "seeds"):
        shutil.copytree(ROOT / name, tmp_path / name)
    command = tmp_path / ".venv" / "bin" / "reebot"
    command.parent.mkdir(parents=True)
    command.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m bot "$@"\n')
    command.chmod(0o755)
    Store.open(tmp_path / "data").close()
    return tmp_path


def test_the_documents_hold_commands() -> None:
    """The pattern that finds commands finds those of the first screen."""
    found = [line for _, line in LINES]

    assert {"make demo", "make run", "make test", ".venv/bin/reebot check"} <= set(found)
    assert len(found) > 8


@pytest.mark.parametrize("line", sorted({line for _, line in LINES if not line.startswith("make ")}))
def test_a_command_of_the_documents_works(clone: Path, line: str) -> None:
    """Each command ends with 0 in a fresh clone, and none ends in a traceback."""
    env = {
        name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "SMTP_", "BOT_"))
    }

    done = subprocess.run(
        ["bash", "-c", line], cwd=clone, env=env, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("line", sorted({line for _, line in LINES if line.startswith("make ")}))
def test_a_target_of_the_documents_exists(line: str) -> None:
    """Each target is one that make knows; what they do is run by .ci/run, in a fresh clone."""
    done = subprocess.run(["make", "-n", line.split()[1]], cwd=ROOT, capture_output=True, check=False)

    assert done.returncode == 0


def test_every_command_of_the_program_says_what_it_does() -> None:
    """`reebot --help` lists the commands, and each one's own help ends with 0."""
    runner = CliRunner()
    names = re.findall(r"^│ ([a-z]+) ", runner.invoke(cli, ["--help"]).output, re.MULTILINE)
    assert {"run", "poll", "deliver", "digest", "check", "classify", "replay", "explain", "search"} <= set(
        names
    )

    for name in names:
        shown = runner.invoke(cli, [name, "--help"])
        assert shown.exit_code == 0
        assert "Usage" in shown.output
