"""Commands that a later version brings: they say so, and exit 2."""

from typing import NoReturn

from bot.commands.common import WRONG_USE, fail


def backup() -> None:
    """Copy the database. (not there yet)"""
    _not_yet("backup")


def restore() -> None:
    """Put a backup in place. (not there yet)"""
    _not_yet("restore")


def web() -> None:
    """Serve the browse page. (not there yet)"""
    _not_yet("web")


def _not_yet(name: str) -> NoReturn:
    fail(f"reebot {name}: not there yet; it comes in a later version", WRONG_USE)
