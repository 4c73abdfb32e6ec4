"""One line per unit of work, as logfmt or JSON on standard error, without secrets.

Everything goes through one formatter, the libraries' own lines included. Secret values that were given at start
are starred wherever they turn up, tracebacks included. httpx is kept at WARNING: it logs whole URLs.
"""

import logging
import sys
from collections.abc import Iterable

import structlog
from structlog.typing import EventDict, Processor

from bot.settings import LogSettings

#: Libraries that say too much at INFO; httpx puts passwords of URLs into its lines.
_QUIET = ("httpx", "httpcore", "apscheduler", "slack_sdk", "aiohttp", "asyncio")


def configure(settings: LogSettings, secrets: Iterable[str] = ()) -> None:
    """Set logging up for the process."""
    hide = _Redactor(secrets)
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.format_exc_info,
    ]
    renderer: Processor
    if settings.format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    else:
        renderer = structlog.processors.LogfmtRenderer(
            key_order=["at", "level", "event"], bool_as_flag=False, drop_missing=True
        )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, hide, _one_line, renderer],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.level.upper())
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Redactor:
    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first, so that a secret which holds another one is starred whole. Very short ones would star
        # ordinary words.
        self._secrets = sorted({secret for secret in secrets if len(secret) >= 6}, key=len, reverse=True)

    def __call__(self, logger: object, method: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if isinstance(value, str):
                for secret in self._secrets:
                    value = value.replace(secret, "***")
                event[key] = value
        return event


def _one_line(logger: object, method: str, event: EventDict) -> EventDict:
    return {key: value for key, value in event.items() if value is not None}
