"""`reebot`, or `python -m bot`: the commands. Exit 0 it went well, 1 the work failed, 2 wrong use or configuration."""

import os
import signal
import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from bot import __version__
from bot.errors import BotError, ConfigError

#: Command -> its module in bot/commands and its name there: a function, or a Typer of its own.
COMMANDS = {
    "run": ("service", "run_service"),
    "poll": ("rounds", "poll"),
    "deliver": ("rounds", "deliver"),
    "digest": ("rounds", "digest"),
    "check": ("service", "check"),
    "demo": ("demo", "demo"),
    "search": ("reading", "search"),
    "explain": ("reading", "explain"),
    "classify": ("rules", "classify_lines"),
    "replay": ("rules", "replay"),
    "evaluate": ("rules", "evaluate_files"),
    "backtest": ("lab", "backtest"),
    "label": ("label", "label"),
    "train": ("training", "train"),
    "sources": ("sources", "cli"),
    "story": ("story", "cli"),
    "claims": ("claims", "cli"),
    "backup": ("backups", "backup"),
    "restore": ("backups", "restore"),
    "web": ("later", "web"),
}


class _Commands(TyperGroup):
    """Imports a command when it is asked for: `poll` need not wait for the lab, nor `classify` for Slack."""

    # Any: Typer has a click of its own, whose names are private.
    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, name: str) -> Any:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name]
        found = getattr(import_module(f"bot.commands.{module}"), attribute)
        if isinstance(found, typer.Typer):
            command = get_command(found)
            command.name = name
            return command
        one = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        # What is not there yet says so whatever it is given.
        lenient = {"allow_extra_args": True, "ignore_unknown_options": True} if module == "later" else {}
        one.command(name, context_settings=lenient)(found)
        return get_command(one)


cli = typer.Typer(
    cls=_Commands,
    help="Watches the news on Russia's rare earths, sanctions and Chinese prices; alerts Slack and mails a digest.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@cli.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        print(f"reebot {__version__}")
        raise typer.Exit


def _leave(number: int, _: object) -> None:
    raise SystemExit(0)


def main() -> None:
    """Run the command line; what the bot raises on purpose becomes a message and an exit code."""
    if sys.argv[1:2] == ["run"]:
        # Here, as the imports and the rules take a second until the service has handlers of its own. There is nothing
        # to finish yet, so a stop is a clean end; nor is there anything to reload.
        signal.signal(signal.SIGTERM, _leave)
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        cli()
    except ConfigError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except BotError as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # `reebot search ... | head`: nobody reads on, which is no fault. Keep Python from saying so at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)


if __name__ == "__main__":
    main()
