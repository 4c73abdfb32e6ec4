"""The error tree. An error says where, keeps its cause, and tells whether trying again is any use.

BotError
├── ConfigError        a file or variable is wrong; lists every problem, not the first
├── FetchError         a source could not be read this time
├── ParseError         what came back is not a feed
├── InputError         a line or file given to a command is not what it expects
├── WeightsError       a file of weights for the small model can not be used
├── EmbeddingError     an embedding can not run here
├── StoreError         the database can not be used as it is; says the way out
│   └── LockedError    another process holds the data folder
└── DeliveryError      a channel refused a message: proof that nobody saw it
    └── OutcomeUnknown a channel may or may not have taken it: look before sending again
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


class BotError(Exception):
    """Everything the bot raises on purpose."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """One thing that is wrong with the configuration."""

    #: The file, or "environment".
    file: str
    #: Dotted path inside it, such as `source[3].url`; empty when the whole file is meant.
    key: str
    #: What is wrong and what was expected.
    message: str

    def __str__(self) -> str:
        return f"{self.file}: {self.key}: {self.message}" if self.key else f"{self.file}: {self.message}"


class ConfigError(BotError):
    """The configuration can not be used; `problems` holds all that was found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class FetchError(BotError):
    """A source could not be read this time.

    `reason` is short and free of secrets, as it is stored and shown. `status` is the HTTP status, if an
    answer came at all; `retry_after` is what the server asked for, if it did. Of a refusal, `headers` (some, by name
    in lower case), `head` (the beginning of its body) and `url` (whence it came) tell whose it is.
    """

    def __init__(
        self,
        source_id: str,
        reason: str,
        *,
        status: int | None = None,
        retry_after: timedelta | None = None,
        headers: Mapping[str, str] | None = None,
        head: bytes = b"",
        url: str = "",
    ) -> None:
        super().__init__(f"{source_id}: {reason}")
        self.source_id = source_id
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.headers = headers or {}
        self.head = head
        self.url = url


class ParseError(BotError):
    """What came back is not a feed; `reason` says what it looks like instead."""

    def __init__(self, source_id: str, reason: str) -> None:
        super().__init__(f"{source_id}: {reason}")
        self.source_id = source_id
        self.reason = reason


class InputError(BotError):
    """A line or file given to a command is not what it expects; `where` is file and line."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class WeightsError(BotError):
    """A file of weights can not be used; the rules stand alone."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class EmbeddingError(BotError):
    """An embedding is not known, not installed, or not for this machine."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}")
        self.name = name
        self.reason = reason


class StoreError(BotError):
    """The database can not be used as it is; the message says the way out."""


class LockedError(StoreError):
    """Another process holds the data folder."""


class DeliveryError(BotError):
    """A channel refused a message, with proof: nobody has seen it.

    `permanent` means the same message will never pass. `retry_after` is what the channel asked for.
    `scope` says whom the fault concerns: this message, its destination, or the whole channel.
    """

    def __init__(
        self,
        channel: str,
        reason: str,
        *,
        permanent: bool = False,
        retry_after: timedelta | None = None,
        scope: str = "message",
    ) -> None:
        super().__init__(f"{channel}: {reason}")
        self.channel = channel
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after
        self.scope = scope


class OutcomeUnknown(DeliveryError):  # noqa: N818  it is a state of knowledge rather than a failure
    """The channel may or may not have taken the message: look before sending again."""
