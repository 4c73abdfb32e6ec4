"""What every command shares: the configuration, the terminal, and how a command ends."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn, TypeVar

import typer
from rich.console import Console

from bot import config, logs
from bot.config import Config

Answer = TypeVar("Answer")

#: Results go to standard output, everything said about the work to standard error.
out = Console()
err = Console(stderr=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]

#: Exit codes: 0 it went well.
FAILED = 1
WRONG_USE = 2


def load() -> Config:
    """The checked configuration, with logging set up by it. Raises `ConfigError`."""
    loaded = config.load()
    logs.configure(loaded.settings.log, config.secrets(loaded, os.environ))
    return loaded


def run(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run the asynchronous part of a command."""
    return asyncio.run(work)


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End the command with one plain line."""
    print(message, file=sys.stderr)
    raise typer.Exit(code)
