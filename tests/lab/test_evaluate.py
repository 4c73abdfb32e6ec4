"""The scorecard: labelled lines in, figures and mistakes out."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from bot.analyse.concepts import Rulebook
from bot.configured import Concept, Rule, Topic
from bot.errors import InputError
from bot.lab.evaluate import Counts, evaluate, render
from bot.lab.examples import Labelled, item_from, labelled_from, read_labelled

RULEBOOK = Rulebook.compile(
    [
        Topic(
            id=name,
            name=name,
            rules=(
                Rule(id="sure", weight=0.9, why="sure", any=(name,)),
                Rule(id="maybe", weight=0.4, why="maybe", any=(f"{name}-maybe",)),
            ),
        )
        for name in ("ore", "ban")
    ],
    [
        Concept(id="ore", en=("ore",), ru=("руд*",)),
        Concept(id="ban", en=("ban",), ru=("запрет*",)),
        Concept(id="ore-maybe", en=("rock",)),
        Concept(id="ban-maybe", en=("limit",)),
    ],
)


def row(name: str, title: str, *topics: str, lang: str = "en") -> Labelled:
    """A labelled item."""
    line = json.dumps({"id": name, "title": title, "topics": topics, "lang": lang})
    return labelled_from(line, where="line 1")


ROWS = (
    row("1", "ore", "ore"),
    row("2", "ore ban", "ore"),
    row("3", "ban", "ban"),
    row("4", "nothing", "ban"),
    row("5", "руда", "ore", lang="ru"),
    row("6", "nothing", "ore", lang="ru"),
    row("7", "a limit"),
    row("8", "a rock", "ore", lang="ru"),
)


def test_counts_per_topic_and_language() -> None:
    """Right, wrong and missed are counted for each topic in each language and add up to the totals."""
    card = evaluate(ROWS, RULEBOOK)

    assert card.total("ore", "en") == Counts(right=2)
    assert card.total("ore", "ru") == Counts(right=1, missed=2)
    assert card.total("ban") == Counts(right=1, wrong=1, missed=1)
    assert card.total() == Counts(right=4, wrong=1, missed=3)
    assert card.total().precision == pytest.approx(0.8)
    assert card.total().recall == pytest.approx(4 / 7)


def test_macro_f1_is_the_mean_over_topics() -> None:
    """Every topic weighs the same, whatever its size: here F1 of 6/8 and 2/4."""
    assert evaluate(ROWS, RULEBOOK).macro_f1() == pytest.approx((0.75 + 0.5) / 2)


def test_possible_labels_are_counted_apart() -> None:
    """A label that is only possible counts as missed, and as possible beside."""
    card = evaluate(ROWS, RULEBOOK)

    assert (card.possible_right, card.possible_wrong) == (1, 1)
    assert next(mistake for mistake in card.mistakes if mistake.id == "8").got == ()


def test_the_worst_mistakes_come_first() -> None:
    """A topic missed outright is worse than one scored near the line."""
    mistakes = evaluate(ROWS, RULEBOOK).mistakes

    assert [mistake.id for mistake in mistakes] == ["4", "6", "2", "8"]
    assert mistakes[2].terms == ("ban",)


def test_a_topic_that_only_the_rows_know_is_missed() -> None:
    """Labels for a topic without rules lower the score rather than vanish."""
    assert evaluate([row("1", "x", "unknown")], RULEBOOK).total("unknown") == Counts(missed=1)


def test_an_empty_file_has_a_scorecard() -> None:
    """Nothing to score gives zeros, not a division by zero."""
    card = evaluate([], RULEBOOK)

    assert card.macro_f1() == 0
    assert card.as_dict()["micro"]["precision"] == 0


def test_the_scorecard_prints_and_shows_titles_as_they_are() -> None:
    """The table holds figures and mistakes; what looks like markup in a title is text."""
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(render(evaluate([*ROWS, row("9", "[red]ore[/] [b", lang="zh")], RULEBOOK)))

    printed = console.export_text()
    assert "[red]ore[/] [b" in printed
    assert "macro F1" in printed
    assert "micro precision" in printed


def test_as_dict_is_plain_json_with_every_mistake() -> None:
    """A program gets the same figures, and all mistakes."""
    plain = json.loads(json.dumps(evaluate(ROWS, RULEBOOK).as_dict()))

    assert plain["topics"]["ore"]["languages"]["ru"]["missed"] == 2
    assert plain["macro_f1"] == 0.625
    assert len(plain["mistakes"]) == 4


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ("{", "not valid JSON"),
        ("[1]", "expected a JSON object, got list"),
        ('{"topics": []}', "expected at least one of title, summary, text"),
        ('{"title": 5, "topics": []}', "title: expected text, got int"),
        ('{"title": "x"}', "topics: expected a list of topic ids"),
        ('{"title": "x", "topics": "ore"}', "topics: expected a list of topic ids"),
        ('{"title": "x", "topics": [], "published": "soon"}', "published: expected a date"),
        ('{"title": "x", "topics": [], "published": "0001-01-01T00:00:00+14:00"}', "out of range"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, complaint: str) -> None:
    """The message has file, line and what was expected."""
    file = tmp_path / "bad.jsonl"
    file.write_text('{"title": "fine", "topics": []}\n\n' + line + "\n")

    with pytest.raises(InputError) as caught:
        read_labelled([file])

    assert f"{file}:3: " in str(caught.value)
    assert complaint in str(caught.value)


def test_every_bad_line_and_file_is_named_at_once(tmp_path: Path) -> None:
    """Two bad lines, a missing file and one in another encoding are reported together."""
    file, other = tmp_path / "bad.jsonl", tmp_path / "cp1251.jsonl"
    file.write_text("{\n{\n")
    other.write_bytes("руда".encode("cp1251"))

    with pytest.raises(InputError) as caught:
        read_labelled([file, tmp_path / "none.jsonl", other])

    message = str(caught.value)
    assert f"{file}:1" in message
    assert f"{file}:2" in message
    assert "none.jsonl: can not be read" in message
    assert "cp1251.jsonl: is not UTF-8" in message


def test_a_line_of_news_becomes_an_item() -> None:
    """Fields land where they belong, dates become UTC, and the language is found where none is given."""
    line = {
        "id": 7,
        "title": "Цены на неодим выросли",
        "url": "https://news.example/1",
        "source": "wire",
        "published": "2026-11-23T08:00:00+03:00",
    }
    name, made = item_from(json.dumps(line), where="line 1")

    assert name == 7
    assert made.key == "7"
    assert made.language == "ru"
    assert made.source_id == "wire"
    assert str(made.published_at) == "2026-11-23 05:00:00+00:00"
    assert made.first_seen_at == made.published_at


def test_half_a_surrogate_pair_does_not_reach_an_item() -> None:
    """JSON can write what no database can store."""
    _, made = item_from('{"title": "ore \\ud83d"}', where="line 1")

    assert made.title == "ore ?"


def test_the_scorecard_cuts_nothing_at_80_columns() -> None:
    """Names of topics and all three intervals stand uncut in a terminal of the usual width."""
    shares = [row(str(n), "ore" if n % 3 else "ban", "ore", "china-pricing") for n in range(120)]
    console = Console(width=80, record=True, file=open("/dev/null", "w"))  # noqa: SIM115
    with console.file:
        console.print(render(evaluate([*shares, *ROWS], RULEBOOK)))

    lines = [line.split() for line in console.export_text().splitlines()]
    figures = [words for words in lines if words and words[0] in ("ore", "ban", "china-pricing", "all")]
    assert ["china-pricing", "en"] in [words[:2] for words in figures]
    assert not any("…" in word for words in figures for word in words)
    assert {len(words) for words in figures} == {11}
