"""Builds the rulebook that the configuration asks for: topics, concepts, and the small model where it can run.

Reads the weights from `seeds/weights/`. Whatever is wrong with the model never stops the bot: the rules stand alone, and
`notes` says so in words, for the log and for `reebot check`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import structlog

from bot.analyse.concepts import Rulebook
from bot.analyse.embedding import embedding
from bot.analyse.linear import Model, parse_weights
from bot.analyse.subjects import Subjects
from bot.config import Config
from bot.configured import Concept, Topic
from bot.errors import EmbeddingError, WeightsError

log = structlog.get_logger("bot.rulebook")
#: <embedding>.json each.
WEIGHTS = Path(__file__).resolve().parent.parent / "seeds" / "weights"


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A rulebook, and what an operator should know of it."""

    rulebook: Rulebook
    notes: tuple[str, ...] = ()


def build(
    topics: Iterable[Topic], concepts: Iterable[Concept], *, embedding_name: str, folder: Path = WEIGHTS
) -> Built:
    """The rulebook of these topics with the model on that embedding; "none" asks for rules alone. Never raises for the model."""
    rulebook = Rulebook.compile(topics, concepts)
    if embedding_name == "none":
        return Built(rulebook=rulebook, notes=("rules alone: settings.toml says model.embedding = none",))
    path = folder / f"{embedding_name}.json"
    try:
        embed = embedding(embedding_name)
        weights = parse_weights(path.read_text(encoding="utf-8"), str(path))
        if (weights.embedding, weights.size) != (embed.name, embed.size):
            raise WeightsError(str(path), f"is for {weights.embedding} with {weights.size} numbers")
    except OSError as error:
        return Built(rulebook=rulebook, notes=(f"rules alone: {path} can not be read: {error.strerror}",))
    except UnicodeDecodeError:
        return Built(rulebook=rulebook, notes=(f"rules alone: {path} is not UTF-8 text",))
    except (EmbeddingError, WeightsError) as error:
        return Built(rulebook=rulebook, notes=(f"rules alone: {error}",))
    notes = []
    if weights.rules_version != rulebook.version:
        # Still of use: most edits of rules move a few items. Its figures are no longer these rules', though.
        notes.append(
            "the model was fitted with other rules; `reebot train seeds/labelled/*.jsonl` fits it anew"
        )
    unknown = [compiled.topic.id for compiled in rulebook.topics if compiled.topic.id not in weights.topics]
    if unknown:
        notes.append(f"the model does not know {', '.join(unknown)}: rules alone there")
    return Built(rulebook=rulebook.with_model(Model(weights=weights, embed=embed)), notes=tuple(notes))


def rulebook_of(config: Config) -> Rulebook:
    """The rulebook of a configuration; notes go to the log, one line each."""
    settings = config.settings
    built = build(config.topics, config.concepts, embedding_name=settings.model.embedding)
    for note in built.notes:
        log.warning("model" if built.rulebook.model is None else "rules", note=note)
    subjects = Subjects.of(config.concepts, settings.facts.materials, settings.facts.others)
    return replace(built.rulebook, subjects=subjects)
