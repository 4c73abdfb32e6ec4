"""`reebot`, or `python -m bot`: the commands. Exit 0 it went well, 1 the work failed, 2 wrong use or configuration."""

import os
import sys
from collections.abc import Callable

import typer

from bot import __version__
from bot.commands import lab, label, reading, rules, service, sources, training
from bot.commands.demo import demo
from bot.errors import BotError, ConfigError

cli = typer.Typer(
    help="Watches the news on Russia's rare earths, sanctions and Chinese prices; alerts Slack and mails a digest.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

COMMANDS: dict[str, Callable[..., None]] = {
    "run": service.run_service,
    "poll": service.poll,
    "deliver": service.deliver,
    "digest": service.digest,
    "check": service.check,
    "demo": demo,
    "search": reading.search,
    "explain": reading.explain,
    "classify": rules.classify_lines,
    "replay": rules.replay,
    "evaluate": rules.evaluate_files,
    "backtest": lab.backtest,
    "label": label.label,
    "train": training.train,
}
for name, command in COMMANDS.items():
    cli.command(name)(command)
cli.add_typer(sources.cli, name="sources", help="List, add, remove, check, import and export sources.")

for name, text in {
    "backup": "Copy the database. (not there yet)",
    "restore": "Put a backup in place. (not there yet)",
    "web": "Serve the browse page. (not there yet)",
}.items():

    def later(context: typer.Context) -> None:
        rules.not_yet(context.info_name or "")

    cli.command(name, help=text, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
        later
    )


@cli.callback(invoke_without_command=True)
def _top(version: bool = typer.Option(False, "--version", help="Print the version and stop.")) -> None:
    if version:
        print(f"reebot {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; what the bot raises on purpose becomes a message and an exit code."""
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
