"""A scorecard of rules on labelled items: precision, recall and F1 per topic and language. Pure.

A topic counts as found when its label is sure, that is, good enough for an alert; what is only possible (digest)
is counted beside. Macro F1 is the mean over topics of F1 over all languages together; micro figures count every
(item, topic) pair alike. With nothing found precision is 0, with nothing to find recall is 0.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from bot.analyse.concepts import Rulebook
from bot.analyse.judge import judge
from bot.lab.examples import Labelled, read_labelled
from bot.lab.intervals import Interval, f1_interval, wilson

__all__ = ["Counts", "Mistake", "Scorecard", "evaluate", "read_labelled", "render"]

#: Mistakes listed by `render`; `as_dict` has all.
SHOWN_MISTAKES = 15
ALL = "all"


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a topic was found rightly, found wrongly, and missed."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.right + other.right, self.wrong + other.wrong, self.missed + other.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is right, 0..1."""
        return self.right / (self.right + self.wrong) if self.right else 0.0

    @property
    def recall(self) -> float:
        """Share of what was to be found, 0..1."""
        return self.right / (self.right + self.missed) if self.right else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 0..1."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0

    @property
    def precision_interval(self) -> Interval:
        """95% interval of the precision."""
        return wilson(self.right, self.right + self.wrong)

    @property
    def recall_interval(self) -> Interval:
        """95% interval of the recall."""
        return wilson(self.right, self.right + self.missed)

    @property
    def f1_interval(self) -> Interval:
        """95% interval of F1."""
        return f1_interval(self.right, self.wrong, self.missed)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mistake:
    """An item whose sure topics are not the expected ones."""

    id: str
    language: str
    title: str
    expected: tuple[str, ...]
    got: tuple[str, ...]
    #: Topic -> score, of every topic that is wrong or missed.
    scores: Mapping[str, float]
    #: Matched words of the wrong topics.
    terms: tuple[str, ...]

    @property
    def size(self) -> float:
        """How far the scores are from what they should be: the worst come first."""
        return sum(score if topic in self.got else 1 - score for topic, score in self.scores.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class Scorecard:
    """The result of one evaluation."""

    items: int
    rules_version: str
    topics: tuple[str, ...]
    #: In order of the alphabet, as found on the items.
    languages: tuple[str, ...]
    #: (topic, language) -> counts.
    counts: Mapping[tuple[str, str], Counts]
    #: Labels that were only possible: rightly, and wrongly.
    possible_right: int = 0
    possible_wrong: int = 0
    mistakes: tuple[Mistake, ...] = field(default=(), repr=False)

    def total(self, topic: str = ALL, language: str = ALL) -> Counts:
        """Counts of one topic, one language, both, or everything."""
        return sum(
            (
                counts
                for (one, other), counts in self.counts.items()
                if topic in (ALL, one) and language in (ALL, other)
            ),
            Counts(),
        )

    def macro_f1(self, language: str = ALL) -> float:
        """Mean over topics of F1, in one language or over all together."""
        if not self.topics:
            return 0.0
        return sum(self.total(topic, language).f1 for topic in self.topics) / len(self.topics)

    def recall_gap(self, topic: str = ALL) -> float:
        """How far apart the languages are in recall, 0..1; of languages that have something to find."""
        totals = (self.total(topic, language) for language in self.languages)
        recalls = [counts.recall for counts in totals if counts.right + counts.missed]
        return max(recalls) - min(recalls) if recalls else 0.0

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values for JSON."""

        def ends(interval: Interval) -> list[float]:
            return [round(end, 4) for end in interval]

        def plain(counts: Counts) -> dict[str, Any]:
            return {
                "precision": round(counts.precision, 4),
                "recall": round(counts.recall, 4),
                "f1": round(counts.f1, 4),
                "right": counts.right,
                "wrong": counts.wrong,
                "missed": counts.missed,
                "precision_95": ends(counts.precision_interval),
                "recall_95": ends(counts.recall_interval),
                "f1_95": ends(counts.f1_interval),
            }

        return {
            "items": self.items,
            "rules_version": self.rules_version,
            "macro_f1": round(self.macro_f1(), 4),
            "micro": plain(self.total()),
            "recall_gap": round(self.recall_gap(), 4),
            "topics": {
                topic: {
                    **plain(self.total(topic)),
                    "recall_gap": round(self.recall_gap(topic), 4),
                    "languages": {lang: plain(self.total(topic, lang)) for lang in self.languages},
                }
                for topic in self.topics
            },
            "languages": {
                lang: {**plain(self.total(language=lang)), "macro_f1": round(self.macro_f1(lang), 4)}
                for lang in self.languages
            },
            "possible": {"right": self.possible_right, "wrong": self.possible_wrong},
            "mistakes": [
                {
                    "id": mistake.id,
                    "lang": mistake.language,
                    "title": mistake.title,
                    "expected": list(mistake.expected),
                    "got": list(mistake.got),
                    "scores": dict(mistake.scores),
                    "terms": list(mistake.terms),
                }
                for mistake in self.mistakes
            ],
        }


def evaluate(rows: Iterable[Labelled], rulebook: Rulebook) -> Scorecard:
    """Classify every row and compare. A topic that only the rows know counts as missed."""
    rows = tuple(rows)
    topics = {compiled.topic.id for compiled in rulebook.topics} | {t for row in rows for t in row.topics}
    counts: Counter[tuple[str, str, str]] = Counter()
    possible: Counter[bool] = Counter()
    mistakes: list[Mistake] = []
    for row in rows:
        found = judge(row.item, rulebook)
        got = {label.topic_id for label in found.labels if label.sure}
        possible.update(label.topic_id in row.topics for label in found.labels if not label.sure)
        for topic in got | row.topics:
            outcome = "missed" if topic not in got else "right" if topic in row.topics else "wrong"
            counts[topic, row.item.language, outcome] += 1
        if got != row.topics:
            mistakes.append(
                Mistake(
                    id=row.id,
                    language=row.item.language,
                    title=row.item.title,
                    expected=tuple(sorted(row.topics)),
                    got=tuple(sorted(got)),
                    scores={topic: found.scores.get(topic, 0.0) for topic in sorted(got ^ row.topics)},
                    terms=tuple(
                        piece.term
                        for label in found.labels
                        if label.topic_id in got - row.topics
                        for piece in label.evidence
                    ),
                )
            )
    languages = sorted({row.item.language for row in rows})
    return Scorecard(
        items=len(rows),
        rules_version=rulebook.version,
        topics=tuple(sorted(topics)),
        languages=tuple(languages),
        counts={
            (topic, lang): Counts(*(counts[topic, lang, outcome] for outcome in ("right", "wrong", "missed")))
            for topic in sorted(topics)
            for lang in languages
        },
        possible_right=possible[True],
        possible_wrong=possible[False],
        mistakes=tuple(sorted(mistakes, key=lambda mistake: (-mistake.size, mistake.id))),
    )


def render(scorecard: Scorecard) -> RenderableType:
    """The scorecard for a terminal: one line for each topic, language and pair, then the worst mistakes."""
    table = Table(
        title=f"{scorecard.items} items, rules {scorecard.rules_version}",
        title_justify="left",
        box=None,  # lines between columns would leave too little of 80 for three intervals
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for name in ("topic", "lang"):
        table.add_column(name, no_wrap=True)
    for name in ("precision", "recall", "F1", "right", "wrong", "missed"):
        table.add_column(name, justify="right", no_wrap=True)

    def line(topic: str, language: str, counts: Counts, style: str = "") -> None:
        shares = (
            f"{share:.2f} [dim]{_short(low)}-{_short(high)}[/]"
            for share, (low, high) in (
                (counts.precision, counts.precision_interval),
                (counts.recall, counts.recall_interval),
                (counts.f1, counts.f1_interval),
            )
        )
        table.add_row(
            topic, language, *shares, str(counts.right), str(counts.wrong), str(counts.missed), style=style
        )

    for topic in scorecard.topics:
        for language in scorecard.languages:
            line(topic, language, scorecard.total(topic, language))
        line(topic, ALL, scorecard.total(topic), "bold")
        table.add_row()
    for language in scorecard.languages:
        line(ALL, language, scorecard.total(language=language))
    line(ALL, ALL, scorecard.total(), "bold")

    micro = scorecard.total()
    by_language = ", ".join(f"{lang} {scorecard.macro_f1(lang):.3f}" for lang in scorecard.languages)
    gaps = ", ".join(f"{topic} {100 * scorecard.recall_gap(topic):.1f}" for topic in scorecard.topics)
    summary = Text(
        f"macro F1 {scorecard.macro_f1():.3f} ({by_language})\n"
        f"micro precision {micro.precision:.3f}, recall {micro.recall:.3f}, F1 {micro.f1:.3f}\n"
        f"recall gap between languages {100 * scorecard.recall_gap():.1f} points ({gaps})\n"
        f"small figures: 95% intervals\n"
        f"possible, for the digest only: {scorecard.possible_right} right, {scorecard.possible_wrong} wrong"
    )
    if not scorecard.mistakes:
        return Group(table, summary)
    worst = Table(
        title=f"worst of {len(scorecard.mistakes)} mistakes", title_justify="left", show_lines=False
    )
    for name in ("id", "title", "expected", "got"):
        worst.add_column(name, overflow="fold", min_width=13 if name == "expected" else None)
    for mistake in scorecard.mistakes[:SHOWN_MISTAKES]:
        got = ", ".join(mistake.got) or "none"
        if mistake.terms:
            got += f" ({', '.join(mistake.terms[:4])})"
        # Text, not str: a title may hold what Rich takes for markup.
        worst.add_row(Text(mistake.id), Text(mistake.title), ", ".join(mistake.expected) or "none", Text(got))
    return Group(table, summary, worst)


def _short(share: float) -> str:
    """0.75 as .75, and 1 as 1: each of three columns saves some places."""
    return f"{share:.2f}".removeprefix("0").replace("1.00", "1")
