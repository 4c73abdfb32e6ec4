"""`run`, the service; and `check`, which says whether it could run."""

import sys
from typing import Annotated

import typer

from bot import app, config
from bot.baseline import load_baseline
from bot.commands.common import WRONG_USE, err, fail, load, run
from bot.config import Config
from bot.errors import ConfigError
from bot.rulebook import build


def run_service() -> None:
    """Run the bot: poll, deliver and mail digests until SIGTERM or Ctrl-C."""
    run(app.serve(load()))


def check(
    live: Annotated[bool, typer.Option(help="Also probe the feeds, Slack and the mail server.")] = False,
) -> None:
    """Check the configuration, the rules and the environment; list every problem."""
    try:
        loaded = config.load()
        baseline = load_baseline(loaded.folder, loaded.concepts, (topic.id for topic in loaded.topics))
    except ConfigError as error:
        for problem in error.problems:
            print(problem, file=sys.stderr)
        fail(f"{len(error.problems)} problem{'s' * (len(error.problems) != 1)}", WRONG_USE)
    enabled = sum(source.enabled for source in loaded.sources)
    rules = sum(len(topic.rules) for topic in loaded.topics)
    print(
        f"{loaded.folder}: sound. {enabled} sources on, {len(loaded.sources) - enabled} off; "
        f"{len(loaded.topics)} topics, {rules} rules, {len(loaded.concepts)} concepts; "
        f"{len(loaded.settings.digest)} digest lists; {len(baseline.claims)} tracked claims."
    )
    wanted = loaded.settings.model.embedding
    built = build(loaded.topics, loaded.concepts, embedding_name=wanted)
    if (model := built.rulebook.model) is not None:
        print(f"Rules and model judge together: {wanted}, weights {model.weights.version}.")
    for note in built.notes:
        print(f"Note: {note}.")
    env, slack = loaded.env, loaded.settings.slack
    print(
        f"Alerts go to {f'Slack, {slack.channel}' if env.slack_bot_token else 'the terminal: no SLACK_BOT_TOKEN'}."
    )
    print(f"Digests go {'out by mail' if env.smtp_url else f'to {env.data}/digests: no SMTP_URL'}.")
    if live:
        _check_live(loaded)


def _check_live(loaded: Config) -> None:
    problems = 0
    for name, verdict in run(app.probe(loaded)):
        problems += bool(verdict)
        err.print(f"[red]✗[/] {name}: {verdict}" if verdict else f"[green]✓[/] {name}", highlight=False)
    if problems:
        fail(f"{problems} of the probes failed")
