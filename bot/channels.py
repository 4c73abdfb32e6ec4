"""One of each channel that the environment allows. Imported only where something is delivered: slack-sdk is slow to load."""

from rich.console import Console

from bot.config import Config
from bot.notify.console import ConsoleChannel
from bot.notify.email import EmailChannel, FileChannel
from bot.notify.outbox import Channel
from bot.notify.slack import SlackChannel


def channels(config: Config, console: Console) -> dict[str, Channel]:
    """One of each channel that the environment allows."""
    env = config.env
    made: dict[str, Channel] = {
        "console": ConsoleChannel(console),
        "file": FileChannel(env.data / "digests"),
    }
    if env.slack_bot_token:
        made["slack"] = SlackChannel(env.slack_bot_token.get_secret_value(), env.slack_api_url)
    if env.smtp_url:
        made["email"] = EmailChannel(env.smtp_url.get_secret_value())
    return made
