"""Tables of a TOML file to checked records; what is wrong is collected, each with file and key."""

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from bot.errors import Problem

Record = TypeVar("Record")


def read(path: Path, problems: list[Problem]) -> dict[str, Any]:
    """The tables of a TOML file; empty after adding why it can not be read."""
    try:
        # utf-8-sig: some editors on Windows put a mark in front, which TOML does not allow
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        problems.append(problem(path, "", "no such file"))
    except tomllib.TOMLDecodeError as error:
        problems.append(problem(path, "", f"not valid TOML: {error}"))
    except UnicodeDecodeError:
        problems.append(problem(path, "", "not UTF-8 text"))
    except OSError as error:
        problems.append(problem(path, "", f"can not be read: {error.strerror}"))
    return {}


def build(
    record: type[Record], table: object, path: Path, where: str, problems: list[Problem]
) -> Record | None:
    """One record from one table, or None after adding what is wrong."""
    try:
        return _adapter(record).validate_python(_keywords_escaped(table))
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=True):
            parts = [part if isinstance(part, str) else f"[{part + 1}]" for part in found["loc"]]
            key = ".".join([where, *parts] if where else parts).replace(".[", "[")
            problems.append(problem(path, key.replace("not_", "not"), _expected(found)))
    return None


def _adapter(record: type[Record]) -> TypeAdapter[Record]:
    if record not in _ADAPTERS:
        _ADAPTERS[record] = TypeAdapter(record)
    return _ADAPTERS[record]


#: To make one takes longer than to check a hundred sources with it.
_ADAPTERS: dict[type[Any], TypeAdapter[Any]] = {}


def _expected(found: Mapping[str, Any]) -> str:
    match found["type"]:
        case "unexpected_keyword_argument":
            return "unknown key"
        case "missing" | "missing_keyword_only_argument" | "missing_argument":
            return "is missing"
        case _:
            given = repr(found["input"])
            return f"{found['msg'].replace('Input should be', 'expected')}, got {given[:60]}"


def _keywords_escaped(table: object) -> object:
    """The same table with `not`, which Python keeps for itself, spelt `not_`."""
    match table:
        case dict():
            return {"not_" if key == "not" else key: _keywords_escaped(value) for key, value in table.items()}
        case list():
            return [_keywords_escaped(value) for value in table]
        case _:
            return table


def repeated(path: Path, ids: Iterable[str], what: str) -> Iterable[Problem]:
    """A problem for each id that comes a second time."""
    seen: set[str] = set()
    for name in ids:
        if name in seen:
            yield problem(path, f"{what}[{name}]", "this id is used twice")
        seen.add(name)


def is_web_address(url: str) -> bool:
    """True for an http or https address with a host."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def problem(path: Path, key: str, message: str) -> Problem:
    """One thing that is wrong in a file."""
    return Problem(file=str(path), key=key, message=message)
