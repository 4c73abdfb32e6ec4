"""Commands that a later version brings: they say so, and exit 2."""

from typing import NoReturn

from bot.commands.common import WRONG_USE, fail


def web() -> None:
    """Serve the browse page. (not there yet)"""
    _not_yet("web")


def _not_yet(name: str) -> NoReturn:
    fail(f"reebot {name}: not there yet; it comes in a later version", WRONG_USE)
