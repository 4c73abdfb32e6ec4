"""Files and environment to one frozen `Config`, checked once.

`load` reads `settings.toml`, `sources.toml`, `topics/*.toml` and `concepts/*.toml` from one folder. It raises
`ConfigError` with every problem it finds, each with file, key and what was expected; nothing is used half.
Secrets come from the environment only and print as stars.
"""

import math
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from bot.configured import Concept, Source, Topic
from bot.errors import ConfigError, Problem
from bot.selectors import selector_problems
from bot.settings import Environment, FactSettings, Settings
from bot.tables import build, is_web_address, problem, read, repeated

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_TERM_WORD = re.compile(r"[^*]+\*?")
_HAN = re.compile("[\u3400-\u9fff]")
#: A shorter stem hits words that have nothing to do with it.
_SHORTEST_STEM = 3
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All that the bot is told, checked."""

    folder: Path
    settings: Settings
    #: In file order, disabled ones included.
    sources: tuple[Source, ...]
    topics: tuple[Topic, ...]
    concepts: tuple[Concept, ...]
    env: Environment


def load(env: Mapping[str, str] | None = None) -> Config:
    """Read and check everything. Raises `ConfigError` with all problems found."""
    env = os.environ if env is None else env
    folder = Path(env.get("BOT_CONFIG") or "config")
    if not folder.is_dir():
        hint = "no such folder; name one with BOT_CONFIG, or start from the config/ of the repository"
        raise ConfigError((Problem(file=str(folder), key="", message=hint),))
    problems: list[Problem] = []
    settings = _settings(folder, problems)
    sources = read_sources(folder / "sources.toml", problems)
    topics, concepts = read_rules(folder, problems)
    environment = _environment(env, problems)
    problems += _cross_checks(folder, settings, sources, topics, env)
    problems += _subject_problems(folder / "settings.toml", settings.facts, concepts)
    if problems:
        raise ConfigError(tuple(problems))
    return Config(
        folder=folder, settings=settings, sources=sources, topics=topics, concepts=concepts, env=environment
    )


def load_rules(folder: Path) -> tuple[tuple[Topic, ...], tuple[Concept, ...]]:
    """Only the topics and concepts of a folder, for trying rules out. Raises `ConfigError`."""
    problems: list[Problem] = []
    topics, concepts = read_rules(folder, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return topics, concepts


def secrets(config: Config, env: Mapping[str, str]) -> list[str]:
    """Every secret value that was given, for the log to star."""
    known = [config.env.slack_bot_token, config.env.slack_app_token, config.env.smtp_url]
    found = [secret.get_secret_value() for secret in known if secret]
    if config.env.smtp_url:
        found.append(urlsplit(config.env.smtp_url.get_secret_value()).password or "")
    found += [env.get(variable, "") for source in config.sources for variable in source.headers.values()]
    return [secret for secret in found if secret]


def reload_rules(loaded: Config) -> tuple[tuple[Topic, ...], tuple[Concept, ...]]:
    """The rules as they are now, fit for settings and sources as they were loaded. Raises `ConfigError`."""
    problems: list[Problem] = []
    topics, concepts = read_rules(loaded.folder, problems)
    problems += _cross_checks(loaded.folder, loaded.settings, loaded.sources, topics, os.environ)
    if problems:
        raise ConfigError(tuple(problems))
    return topics, concepts


def load_sources(path: Path) -> tuple[Source, ...]:
    """Only the sources of a file. Raises `ConfigError`."""
    problems: list[Problem] = []
    sources = read_sources(path, problems)
    if problems:
        raise ConfigError(tuple(problems))
    return sources


def read_rules(folder: Path, problems: list[Problem]) -> tuple[tuple[Topic, ...], tuple[Concept, ...]]:
    """Topics and concepts of a folder; what is wrong with them is added to `problems`."""
    concepts: list[Concept] = []
    written_in: dict[str, Path] = {}
    for path in sorted((folder / "concepts").glob("*.toml")):
        for name, table in read(path, problems).items():
            if not isinstance(table, dict):
                problems.append(problem(path, name, "expected a table of terms, such as [tomtor]"))
                continue
            concept = build(Concept, {"id": name, **table}, path, name, problems)
            if concept is None:
                continue
            problems += _concept_problems(path, concept)
            concepts.append(concept)
            written_in[concept.id] = path
    problems += repeated(folder / "concepts", (concept.id for concept in concepts), "concept")

    known = {concept.id for concept in concepts}
    for concept in concepts:
        for other in concept.includes:
            if other not in known:
                message = f'unknown concept "{other}"'
                problems.append(problem(written_in[concept.id], f"{concept.id}.includes", message))
    topics: list[Topic] = []
    paths = sorted((folder / "topics").glob("*.toml"))
    if not paths:
        problems.append(problem(folder / "topics", "", "no topics; expected one .toml file each"))
    for path in paths:
        raw = read(path, problems)
        if not raw:
            continue
        raw["rules"] = raw.pop("rule", [])
        topic = build(Topic, {"id": path.stem, **raw}, path, "", problems)
        if topic is None:
            continue
        topics.append(topic)
        problems += _topic_problems(path, topic, known)
    return tuple(topics), tuple(concepts)


def _concept_problems(path: Path, concept: Concept) -> Iterable[Problem]:
    if not (concept.en or concept.ru or concept.zh or concept.includes):
        message = "has no terms; expected at least one of en, ru, zh, includes"
        yield problem(path, concept.id, message)
    for term, gloss in concept.glosses.items():
        if term not in (*concept.en, *concept.ru, *concept.zh):
            yield problem(path, f"{concept.id}.glosses", f'"{term}" is not among the terms of en, ru, zh')
        elif not gloss.strip():
            yield problem(path, f"{concept.id}.glosses", f'"{term}": expected its English name')
    for key in ("en", "ru", "zh", "not_"):
        for term in getattr(concept, key):
            where = f"{concept.id}.{key.rstrip('_')}"
            words = [word for word in re.split(r"[\s-]+", term) if word]
            if not any(char.isalnum() for char in term):
                yield problem(path, where, f'"{term}" holds no letter')
            elif not all(_TERM_WORD.fullmatch(word) for word in words):
                yield problem(path, where, f'"{term}": expected * at the end of a word only')
            elif any(len(word) < _SHORTEST_STEM + 1 for word in words if word.endswith("*")):
                message = f'"{term}": expected at least {_SHORTEST_STEM} letters before *'
                yield problem(path, where, message)
            elif (key == "zh") != bool(_HAN.search(term)) and key != "not_":
                script = "a" if key == "zh" else "no"
                yield problem(path, where, f'"{term}": expected {script} Chinese character')


def _topic_problems(path: Path, topic: Topic, known: set[str]) -> Iterable[Problem]:
    if topic.id != path.stem:
        yield problem(path, "id", f'is "{topic.id}"; expected "{path.stem}" as the file is called')
    if not topic.rules:
        yield problem(path, "rule", "no rules; expected at least one [[rule]]")
    if not 0 < topic.possible <= topic.threshold <= 1:
        yield problem(path, "threshold", "expected 0 < possible <= threshold <= 1")
    yield from repeated(path, (rule.id for rule in topic.rules), "rule")
    for key, concepts in (("stop", topic.stop), ("bystanders", topic.bystanders)):
        for concept in concepts:
            if concept not in known:
                yield problem(path, key, f'unknown concept "{concept}"')
    for rule in topic.rules:
        where = f"rule[{rule.id}]"
        if not 0 < rule.weight <= 1:
            yield problem(path, f"{where}.weight", f"is {rule.weight}; expected a number above 0, up to 1")
        if not (rule.all or rule.any or rule.title or rule.near or rule.same_sentence):
            yield problem(path, where, "has no condition; expected all, any, title, near or same_sentence")
        for condition in ("all", "any", "title", "near", "same_sentence", "not_", "not_title"):
            for alternatives in getattr(rule, condition):
                for concept in alternatives.split("|"):
                    if concept not in known:
                        key = f"{where}.{condition.rstrip('_')}"
                        yield problem(
                            path, key, f'unknown concept "{concept}"; expected one of config/concepts/'
                        )


def _settings(folder: Path, problems: list[Problem]) -> Settings:
    path = folder / "settings.toml"
    built = build(Settings, read(path, problems), path, "", problems)
    if built is None:
        return Settings()
    problems += repeated(path, (entry.id for entry in built.digest), "digest")
    ingest = built.ingest
    for name in (
        "timeout_seconds",
        "max_bytes",
        "concurrency",
        "per_host",
        "interval_minutes",
        "requests_per_day",
        "shortest_interval_seconds",
        "longest_interval_hours",
    ):
        if getattr(ingest, name) <= 0:
            problems.append(problem(path, f"ingest.{name}", "expected a number above 0"))
    for entry in built.digest:
        where = f"digest[{entry.id}]"
        if not _ID.fullmatch(entry.id):
            problems.append(problem(path, f"{where}.id", "expected small letters, digits and dashes"))
        try:
            ZoneInfo(entry.timezone)
        except (KeyError, ValueError, OSError):  # not found, not a name at all, a folder of the zone data
            message = f'unknown zone "{entry.timezone}"; expected a name such as "Europe/Berlin"'
            problems.append(problem(path, f"{where}.timezone", message))
        for address in entry.to:
            if not _ADDRESS.fullmatch(address):
                problems.append(problem(path, f"{where}.to", f'"{address}" is not a mail address'))
    return built


def read_sources(path: Path, problems: list[Problem]) -> tuple[Source, ...]:
    """Sources of a file; what is wrong with them is added to `problems`."""
    raw = read(path, problems)
    for key in raw.keys() - {"source"}:
        problems.append(problem(path, key, "unknown key; expected [[source]] tables only"))
    tables = raw.get("source", [])
    if not isinstance(tables, list) or not tables:
        if path.is_file():
            problems.append(problem(path, "source", "no sources; expected at least one [[source]] table"))
        return ()
    sources: list[Source] = []
    for number, table in enumerate(tables, start=1):
        name = table.get("id", number) if isinstance(table, dict) else number
        where = f"source[{name}]"
        source = build(Source, table, path, where, problems)
        if source is None:
            continue
        sources.append(source)
        if not _ID.fullmatch(source.id):
            problems.append(problem(path, f"{where}.id", "expected small letters, digits and dashes"))
        if source.weight <= 0:
            problems.append(problem(path, f"{where}.weight", "expected a number above 0"))
        for key in ("url", "fallback_url"):
            url = getattr(source, key)
            if url is not None and not is_web_address(url):
                problems.append(problem(path, f"{where}.{key}", "expected an http or https address"))
        problems += _kind_problems(path, where, source)
    problems += repeated(path, (source.id for source in sources), "source")
    return tuple(sources)


def _kind_problems(path: Path, where: str, source: Source) -> Iterable[Problem]:
    if source.kind == "page" and source.page is None:
        yield problem(
            path, f"{where}.page", 'is missing; kind "page" needs a table [source.page] of selectors'
        )
    elif source.kind != "page" and source.page is not None:
        yield problem(path, f"{where}.page", 'expected only with kind = "page"')
    elif source.page is not None:
        for key, message in selector_problems(source.page):
            yield problem(path, f"{where}.page.{key}", message)
    if source.article and urlsplit(source.url).hostname == "news.google.com":
        yield problem(path, f"{where}.article", "Google News links lead to Google, not to the article")


def _cross_checks(
    folder: Path,
    settings: Settings,
    sources: tuple[Source, ...],
    topics: tuple[Topic, ...],
    env: Mapping[str, str],
) -> Iterable[Problem]:
    known = {topic.id for topic in topics}
    path = folder / "sources.toml"
    for source in sources:
        # Where no topic could be read at all that is the problem, not the eighty places that name one.
        for topic in source.topics if known else ():
            if topic not in known:
                yield problem(path, f"source[{source.id}].topics", f'unknown topic "{topic}"')
        for header, variable in source.headers.items():
            if source.enabled and not env.get(variable):
                where = f"source[{source.id}].headers.{header}"
                yield problem(path, where, f"environment variable {variable} is not set")
    path = folder / "settings.toml"
    for topic in settings.slack.topic_channels:
        if topic not in known:
            yield problem(path, f"slack.topic_channels.{topic}", "unknown topic")
    if settings.fx.rates and settings.fx.as_of is None:
        yield problem(path, "fx.as_of", "is missing; expected the day of the rates, such as 2026-11-20")
    for code, rate in settings.fx.rates.items():
        if not (re.fullmatch("[A-Z]{3}", code) and 0 < rate < math.inf):
            yield problem(path, f"fx.rates.{code}", "expected a currency code such as CNY and a rate above 0")
    for entry in settings.digest:
        for topic in entry.topics:
            if topic not in known:
                yield problem(path, f"digest[{entry.id}].topics", f'unknown topic "{topic}"')


def _subject_problems(path: Path, facts: FactSettings, concepts: tuple[Concept, ...]) -> Iterable[Problem]:
    known = {concept.id for concept in concepts}
    # The defaults name shipped concepts, which a team may have dropped; what a team writes must be there.
    for key, names, usual in (
        ("materials", facts.materials, FactSettings().materials),
        ("others", facts.others, FactSettings().others),
    ):
        for name in names:
            if names != usual and name not in known:
                yield problem(path, f"facts.{key}", f'unknown concept "{name}"')


def _environment(env: Mapping[str, str], problems: list[Problem]) -> Environment:
    def complain(name: str, expected: str) -> None:
        problems.append(Problem(file="environment", key=name, message=expected))

    def secret(name: str) -> SecretStr | None:
        value = env.get(name, "").strip()
        return SecretStr(value) if value else None

    token, app_token, smtp = secret("SLACK_BOT_TOKEN"), secret("SLACK_APP_TOKEN"), secret("SMTP_URL")
    api_url = env.get("SLACK_API_URL") or "https://slack.com/api/"
    # A stand-in may take tokens of any form; Slack does not.
    if token and not env.get("SLACK_API_URL") and not token.get_secret_value().startswith("xox"):
        complain("SLACK_BOT_TOKEN", "does not look like a bot token; expected one that starts with xoxb-")
    if app_token and not app_token.get_secret_value().startswith("xapp-"):
        complain("SLACK_APP_TOKEN", "does not look like an app token; expected one that starts with xapp-")
    if smtp:
        try:
            parts = urlsplit(smtp.get_secret_value())
            usable = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port or 1) > 0
        except ValueError:
            usable = False
        if not usable:
            complain("SMTP_URL", "expected smtp://user:password@host:587 or smtps://user:password@host:465")
    if not is_web_address(api_url):
        complain("SLACK_API_URL", "expected an http or https address")
    return Environment(
        data=Path(env.get("BOT_DATA") or "data"),
        slack_bot_token=token,
        slack_app_token=app_token,
        slack_api_url=api_url.rstrip("/") + "/",
        smtp_url=smtp,
    )
