"""Recorded feeds served on loopback, for `reebot demo` and for tests of the whole bot.

`materialise` and `documents` turn the files in `seeds/demo` into what a site would serve at `now`: placeholders
become dates, text becomes bytes in the feed's own encoding. `FeedServer` serves one of two rounds of them over
real HTTP, with validators, and `demo_config` writes a configuration that polls it.
"""

import hashlib
import re
import shutil
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Literal, Self

from aiohttp import web

from bot.configured import Source
from bot.errors import ConfigError, ParseError, Problem
from bot.sourcefile import to_toml

_ROOT = Path(__file__).resolve().parent.parent
FEEDS = _ROOT / "seeds" / "demo"
RULES = _ROOT / "config"
ROUNDS = (1, 2)

#: How a feed writes dates: RSS as in mail, Atom, RDF and JSON Feed as ISO 8601.
DateStyle = Literal["mail", "iso"]

_PLACEHOLDER = re.compile(r"\{\{-(\d{1,6})([mhd])\}\}")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}

_SETTINGS = """\
# Written by the demo: a configuration that polls the recorded feeds.

[ingest]
allow_private_addresses = true  # they are served on this machine
interval_minutes = 0.05
requests_per_day = 1_000_000    # each feed every three seconds
per_host = 16
timeout_seconds = 10.0
first_poll_alerts = 0           # round 1 is history, round 2 is the news

[[digest]]
id = "demo"
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoFeed:
    """One table of `manifest.toml`."""

    id: str
    name: str
    #: Inside `round1/` and `round2/`; also the path it is served under.
    file: str
    language: str
    format: Literal["rss", "atom", "rdf", "json"]
    #: What is served; the file itself is UTF-8.
    encoding: str
    content_type: str
    weight: float = 1.0
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServedDocument:
    """What a request for one feed gets."""

    body: bytes = field(repr=False)
    content_type: str
    #: With its quotes.
    etag: str
    #: Of the newest item, or `now` where the feed has none. Whole seconds.
    last_modified_at: datetime


def read_manifest(folder: Path = FEEDS) -> tuple[DemoFeed, ...]:
    """The feeds of a folder, in order. Raises `ConfigError` when the folder holds none."""
    path = folder / "manifest.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["feed"]
        return tuple(DemoFeed(**{**table, "topics": tuple(table.get("topics", ()))}) for table in tables)
    except OSError as error:
        hint = "the recorded feeds are not here; they come with a checkout of the repository"
        raise ConfigError((Problem(file=str(path), key="", message=hint),)) from error
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise ConfigError((Problem(file=str(path), key="", message=f"is damaged: {error}"),)) from error


def materialise(raw: bytes, now: datetime, style: DateStyle, encoding: str = "utf-8") -> bytes:
    """Pure. The file as served at `now`: dates in place of placeholders, bytes in `encoding`.

    `raw` is UTF-8. An XML declaration is changed to name the new encoding. Raises `ParseError` when anything
    in double braces is not a placeholder, or when a letter is not in the encoding.
    """
    text = raw.decode("utf-8")
    text = _PLACEHOLDER.sub(lambda match: _written(now - _age(match), style), text)
    if "{{" in text:
        start = text.index("{{")
        raise ParseError("demo", f"unknown placeholder {text[start : start + 20]!r}")
    if text.startswith("<?xml"):
        text = text.replace('encoding="UTF-8"', f'encoding="{encoding}"', 1)
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start : error.end]
        raise ParseError("demo", f"{letter!r} can not be written in {encoding}") from error


def documents(folder: Path, round_number: int, now: datetime) -> dict[str, ServedDocument]:
    """Path on the server -> what it serves in that round. Reads files. Raises `ConfigError`, `ParseError`."""
    served: dict[str, ServedDocument] = {}
    for feed in read_manifest(folder):
        raw = (folder / f"round{round_number}" / feed.file).read_bytes()
        style: DateStyle = "mail" if feed.format == "rss" else "iso"
        body = materialise(raw, now, style, feed.encoding)
        ages = [_age(match) for match in _PLACEHOLDER.finditer(raw.decode("utf-8"))]
        served[_path(feed)] = ServedDocument(
            body=body,
            content_type=feed.content_type,
            etag=f'"{hashlib.sha256(body).hexdigest()[:16]}"',
            last_modified_at=(now - min(ages, default=timedelta())).replace(microsecond=0),
        )
    return served


class FeedServer:
    """The recorded feeds on 127.0.0.1, on a free port, for as long as the `async with` block lasts.

    Dates are relative to the one `now` of the server, so the items of round 1 stay as they are in round 2.
    """

    def __init__(self, folder: Path = FEEDS, *, now: datetime) -> None:
        self.feeds = read_manifest(folder)
        self._rounds = {number: documents(folder, number, now) for number in ROUNDS}
        self._round = ROUNDS[0]
        self._runner: web.AppRunner | None = None

    @property
    def round(self) -> int:
        """Which round is served: 1, or 2 with the newer items."""
        return self._round

    @round.setter
    def round(self, number: int) -> None:
        if number not in self._rounds:
            raise ValueError(f"no round {number}; there are {', '.join(map(str, self._rounds))}")
        self._round = number

    def url(self, feed_id: str) -> str:
        """Where a feed is served. Raises `KeyError` for an unknown one, `RuntimeError` before the start."""
        if self._runner is None:
            raise RuntimeError("the server has no address before it is started")
        path = next((_path(feed) for feed in self.feeds if feed.id == feed_id), None)
        if path is None:
            raise KeyError(feed_id)
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}{path}"

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/{file}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_error: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _answer(self, request: web.Request) -> web.Response:
        document = self._rounds[self._round].get(request.path)
        if document is None:
            raise web.HTTPNotFound
        validators = {
            "ETag": document.etag,
            "Last-Modified": format_datetime(document.last_modified_at.astimezone(UTC), usegmt=True),
        }
        if _is_unchanged(request, document):
            return web.Response(status=304, headers=validators)
        return web.Response(body=document.body, headers={"Content-Type": document.content_type, **validators})


def demo_config(folder: Path, server: FeedServer, rules: Path = RULES) -> None:
    """Write a configuration that polls `server`; topics and concepts are copied from `rules`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.toml").write_text(_SETTINGS, encoding="utf-8")
    tables = [to_toml(_source(feed, server)) for feed in server.feeds]
    (folder / "sources.toml").write_text("\n".join(tables), encoding="utf-8")
    for name in ("topics", "concepts"):
        shutil.copytree(rules / name, folder / name, dirs_exist_ok=True)


def hits(folder: Path = FEEDS) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """Feed id -> guid -> topics, for the items that are on a topic: what the rules should find."""
    tables = tomllib.loads((folder / "hits.toml").read_text(encoding="utf-8"))
    return {feed: {guid: tuple(topics) for guid, topics in table.items()} for feed, table in tables.items()}


def _source(feed: DemoFeed, server: FeedServer) -> Source:
    return Source(
        id=feed.id,
        url=server.url(feed.id),
        language=feed.language,
        name=feed.name,
        weight=feed.weight,
        topics=feed.topics,
    )


def _path(feed: DemoFeed) -> str:
    return f"/{feed.file}"


def _age(match: re.Match[str]) -> timedelta:
    return int(match[1]) * _UNITS[match[2]]


def _written(moment: datetime, style: DateStyle) -> str:
    moment = moment.astimezone(UTC).replace(microsecond=0)
    if style == "mail":
        return format_datetime(moment, usegmt=True)
    return moment.isoformat().replace("+00:00", "Z")


def _is_unchanged(request: web.Request, document: ServedDocument) -> bool:
    """As RFC 9110 has it: If-None-Match decides where it is given, If-Modified-Since otherwise."""
    if request.if_none_match is not None:
        return any(tag.value in ("*", document.etag.strip('"')) for tag in request.if_none_match)
    since = request.if_modified_since
    return since is not None and document.last_modified_at <= since
