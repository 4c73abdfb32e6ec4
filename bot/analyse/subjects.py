"""Pure. What a figure can be about: the concepts that `[facts]` of settings.toml names."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bot.configured import Concept


@dataclass(frozen=True, slots=True)
class Subjects:
    """Concepts to which facts are tied."""

    #: Concept -> its English name.
    materials: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, concepts: Iterable[Concept], materials: Iterable[str], others: Iterable[str]) -> "Subjects":
        """The concepts named and all that they include; names of concepts that are not there are passed over."""
        known = {concept.id: concept for concept in concepts}

        def names(wanted: Iterable[str]) -> dict[str, str]:
            seen: dict[str, str] = {}
            waiting = list(wanted)
            while waiting:
                name = waiting.pop()
                if name in known and name not in seen:
                    seen[name] = known[name].gloss or name
                    waiting.extend(known[name].includes)
            return seen

        return cls(names(materials), names(others))
