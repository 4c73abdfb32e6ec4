"""How well copies are told from originals, on copies made from labelled items: `python -m bot.lab.copies`.

Of each item with a headline four copies are made as publishers make them: a publisher's name at the end, an UPDATE or СРОЧНО or
快讯 before it, other punctuation and width, a word dropped or one added. Of each headline with a figure two siblings are
made, which are no copies: another figure in the same words. And all the originals stand beside each other. Every item is asked of all
that came before it, as in a running bot, in an order drawn by a fixed seed; the figures are those of pairs that end up together.
"""

import argparse
import random
import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.analyse.copies import Addresses, find_copy
from bot.analyse.shelf import Shelf
from bot.analyse.traits import traits
from bot.lab.examples import read_labelled
from bot.lab.grouping import pairwise
from bot.model import Item
from bot.settings import StorySettings

_ROOT = Path(__file__).parents[2]
_SUFFIXES = {
    "en": (" - Reuters", " | Mining Weekly", " - The Moscow Times", " — Bloomberg", " - mining.com"),
    "ru": (" - Интерфакс", " | Ведомости", " — РБК", " - ТАСС", " - Российская газета"),
    "zh": ("_新浪财经", " - 财联社", "|第一财经", "-观察者网", "_东方财富网"),
}
_PREFIXES = {
    "en": ("UPDATE 2-", "BREAKING: ", "Exclusive: ", "WATCH: "),
    "ru": ("СРОЧНО: ", "Молния! ", "Эксклюзив: ", "ОБНОВЛЕНО: "),
    "zh": ("快讯:", "【突发】", "重磅!", "独家|"),
}
_ADDED = {"en": " today", "ru": " сегодня", "zh": "今日"}
#: Part of a figure, which an edit leaves as it is.
_SCALES = frozenset(["тыс.", "млн", "млрд", "bln", "mln", "million", "billion", "not", "не"])
_NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
_HAN = re.compile("[\u3400-\u9fff]")


def copies(item: Item, draw: random.Random) -> Iterator[Item]:
    """Four copies of an item, each re-dressed in another way, all without an address."""
    language = item.language if item.language in _SUFFIXES else "en"
    title = item.title
    marks = {", ": "; ", ": ": " - ", "«": '"', "»": '"', "、": ",", "—": "-"}
    punctuated = title
    for mark, other in marks.items():
        punctuated = punctuated.replace(mark, other)
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isdigit() and language == "zh" else c for c in punctuated)
    dressed = (
        title + draw.choice(_SUFFIXES[language]),
        draw.choice(_PREFIXES[language]) + title,
        wide.upper() if language == "en" else wide + "!",
        _edited(title, language, draw),
    )
    for number, text in enumerate(dressed):
        yield replace(item, key=f"{item.key}+{number}", title=text, url="", summary="", text="")


def siblings(item: Item, draw: random.Random) -> Iterator[Item]:
    """Two items in the same words with another figure, where there is a figure to change."""
    places = list(_NUMBER.finditer(item.title))
    for number in range(2 if places else 0):
        place = draw.choice(places)
        whole = re.match(r"\d+", place[0])
        other = (
            str(int(whole[0] if whole else "1") + draw.choice((1, 2, 7, 30)) + number)
            + place[0][len(whole[0]) if whole else 0 :]
        )
        title = item.title[: place.start()] + other + item.title[place.end() :]
        yield replace(item, key=f"{item.key}~{number}", title=title, url="", summary="", text="")


def _edited(title: str, language: str, draw: random.Random) -> str:
    """One word less, or one more; never a figure."""
    if language == "zh" or draw.random() < 0.5:
        return title + _ADDED[language]
    words = title.split()
    spare = [
        place
        for place, word in enumerate(words)
        if not _NUMBER.search(word) and len(word) < 8 and word.lower() not in _SCALES
    ]
    if len(words) < 6 or not spare:
        return title + _ADDED[language]
    gone = draw.choice(spare)
    return " ".join(word for place, word in enumerate(words) if place != gone)


def copy_set(items: Sequence[Item], *, seed: int = 1) -> tuple[list[Item], dict[str, str]]:
    """Originals, copies and siblings, mixed; and the original of each, which for siblings are they themselves.

    Items whose headline is another's in all but dress are taken once.
    """
    draw = random.Random(seed)  # noqa: S311  made-up data
    made: list[Item] = []
    original: dict[str, str] = {}
    for item in items:
        if not item.title:
            continue
        plain = replace(item, summary="", text="", url="")
        for one in (plain, *copies(item, draw)):
            made.append(one)
            original[one.key] = item.key
        taken = {item.title}
        for one in siblings(item, draw):
            if one.title not in taken:
                taken.add(one.title)
                made.append(one)
                original[one.key] = one.key
    draw.shuffle(made)
    return made, original


def told_apart(items: Sequence[Item], similarity: float) -> dict[str, Hashable]:
    """Item -> the first item of those of which it is a copy."""
    shelf, addresses = Shelf(), Addresses()
    found: dict[str, Hashable] = {}
    for item in items:
        one = traits(item, now=item.first_seen_at)
        copy = find_copy(one, addresses, shelf, similarity=similarity)
        found[item.key] = found[copy.of] if copy else item.key
        addresses.add(one)
        shelf.add(one)
    return found


def main() -> None:
    """Print pairwise precision, recall and F1 for each language and together."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--similarity", type=float, default=StorySettings().similarity)
    similarity = parser.parse_args().similarity
    rows = read_labelled(sorted((_ROOT / "seeds/labelled").glob("*.jsonl")))
    table = Table("language", "items", "F1", "P", "R", box=None)
    for language in ("en", "ru", "zh", ""):
        made, original = copy_set([row.item for row in rows if language in ("", row.item.language)])
        found = pairwise(told_apart(made, similarity), original)
        figures = (f"{figure:.4f}" for figure in (found.f1, found.precision, found.recall))
        table.add_row(language or "all", f"{len(made):,}", *figures)
    Console().print(table)


if __name__ == "__main__":
    main()
