"""Edit `sources.toml` in place: add, remove and import sources; order and comments stay.

The text is cut by lines and never written anew as a whole, so everything a person wrote there is kept. What
comes out is read back before it takes the old file's place in one step: it must hold the sources it should
and no others, or nothing is changed and `ConfigError` says why.
"""

import dataclasses
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from bot.config import load_sources
from bot.configured import PageSelectors, Source
from bot.errors import ConfigError, Problem
from bot.ingest.opml import free_id, set_selectors

_TABLE = re.compile(r"\s*\[\[\s*source\s*\]\]")
_SUBTABLE = re.compile(r"\s*\[\[?\s*source\s*\.")
_HEADER = re.compile(r"\s*\[")


def to_toml(source: Source) -> str:
    """Pure. The `[[source]]` table of one source, without the keys that hold their default."""
    lines = ["[[source]]"]
    for field in dataclasses.fields(Source):
        value = getattr(source, field.name)
        is_default = value == field.default or (field.name == "headers" and not value)
        if isinstance(value, PageSelectors):
            value = set_selectors(value)
        if not is_default:
            lines.append(f"{field.name} = {toml_value(value)}")
    return "\n".join(lines) + "\n"


def toml_value(value: object) -> str:
    """Pure. A string, number, truth value, or a tuple or mapping of such, as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case float() | int():
            return repr(value)
        case dict():
            return "{ " + ", ".join(f"{toml_value(key)} = {toml_value(value[key])}" for key in value) + " }"
        case tuple() | list():
            return "[" + ", ".join(toml_value(part) for part in value) + "]"
        case _:
            # a JSON string is a TOML string, but for this one control character
            return json.dumps(str(value), ensure_ascii=False).replace("\x7f", "\\u007f")


def add(path: Path, source: Source) -> None:
    """Put a source at the end of the file. Raises `ConfigError` when its id or address is there already."""
    present = load_sources(path)
    for other in present:
        if other.id == source.id:
            raise _refusal(path, f"source[{source.id}].id", "this id is taken; choose another one")
        if other.url == source.url:
            raise _refusal(path, f"source[{source.id}].url", f'already polled as "{other.id}"')
    _append(path, present, (source,))


def import_sources(path: Path, sources: Iterable[Source]) -> tuple[Source, ...]:
    """Add every source whose address is not in the file yet; gives back those that were added.

    One whose id is taken gets the next free number behind it. Raises `ConfigError` when nothing was written.
    """
    present = load_sources(path)
    urls = {source.url for source in present}
    ids = {source.id for source in present}
    added: list[Source] = []
    for source in sources:
        if source.url in urls:
            continue
        fresh = dataclasses.replace(source, id=free_id(source.id, ids))
        added.append(fresh)
        urls.add(fresh.url)
        ids.add(fresh.id)
    if added:
        _append(path, present, tuple(added))
    return tuple(added)


def remove(path: Path, source_id: str) -> None:
    """Take a source out, with the comment that touches it from above.

    Comments set apart by an empty line stay. Raises `ConfigError` when there is no such source, or when it is
    the last one.
    """
    present = load_sources(path)
    number = next((index for index, source in enumerate(present) if source.id == source_id), None)
    if number is None:
        raise _refusal(path, f"source[{source_id}]", "no such source")
    left = present[:number] + present[number + 1 :]
    if not left:
        raise _refusal(
            path, f"source[{source_id}]", "is the last source; a bot without any has nothing to do"
        )
    lines = _text(path).split("\n")
    starts = [index for index, line in enumerate(lines) if _TABLE.match(line)]
    if len(starts) != len(present):
        raise _refusal(path, "", "not written as [[source]] tables throughout; please edit it by hand")
    _replace(path, "\n".join(_without_table(lines, starts[number])), left)


def _without_table(lines: list[str], start: int) -> list[str]:
    end = start + 1
    while end < len(lines) and (not _HEADER.match(lines[end]) or _SUBTABLE.match(lines[end])):
        end += 1
    is_last = end == len(lines)
    # What stands between the last key and the next table belongs to that table ...
    last_key = end
    while _is_blank(lines[last_key - 1]) or _is_comment(lines[last_key - 1]):
        last_key -= 1
    # ... but for comments right below the key, unless they run on into the next table.
    below = last_key
    while below < end and _is_comment(lines[below]):
        below += 1
    end = below if below < end or is_last else last_key
    above = start
    while above > 0 and _is_comment(lines[above - 1]):
        above -= 1
    start = above or start  # a comment that opens the file speaks of the file
    if end < len(lines) and _is_blank(lines[end]) and (start == 0 or _is_blank(lines[start - 1])):
        end += 1
    return lines[:start] + lines[end:]


def _is_blank(line: str) -> bool:
    return not line.strip()


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _append(path: Path, present: tuple[Source, ...], sources: tuple[Source, ...]) -> None:
    text = _text(path)
    newline = "\r\n" if "\r\n" in text else "\n"
    tables = "".join("\n" + to_toml(source) for source in sources)
    _replace(path, text.rstrip() + newline + tables.replace("\n", newline), present + sources)


def _text(path: Path) -> str:
    # bytes, so that line ends stay as they are; the mark of some editors in front goes
    return path.read_bytes().decode("utf-8-sig")


def _replace(path: Path, text: str, expected: tuple[Source, ...]) -> None:
    """Write the file in one step, after proof that it holds exactly `expected`."""
    _check_topics(path, expected)
    target = path.resolve()  # a symbolic link stays one
    temporary = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=target.parent, prefix=f".{target.name}.", suffix=".new", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(target, temporary)
        try:
            found = load_sources(temporary)
        except ConfigError as error:
            named = (dataclasses.replace(problem, file=str(path)) for problem in error.problems)
            raise ConfigError(tuple(named)) from error
        if found != expected:
            raise _refusal(
                path, "", "is laid out in a way that can not be edited safely; please do it by hand"
            )
        temporary.replace(target)
    except OSError as error:
        raise _refusal(path, "", f"can not be written: {error.strerror}") from error
    except UnicodeEncodeError as error:
        raise _refusal(path, "", "the new text holds half a character, which no file can keep") from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


def _check_topics(path: Path, sources: tuple[Source, ...]) -> None:
    folder = path.parent / "topics"
    if not folder.is_dir():
        return
    known = {topic.stem for topic in folder.glob("*.toml")}
    for source in sources:
        for topic in source.topics:
            if topic not in known:
                raise _refusal(path, f"source[{source.id}].topics", f'unknown topic "{topic}"')


def _refusal(path: Path, key: str, message: str) -> ConfigError:
    return ConfigError((Problem(file=str(path), key=key, message=message),))
