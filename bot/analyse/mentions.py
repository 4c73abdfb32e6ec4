"""Pure. Where a text mentions what its figures can be about, and in which form: oxide, metal, concentrate.

Materials win over others (deposits, plants, companies), as a price or a share is of something. Of mentions that overlap the
longest counts: "Nd-Pr" is neither neodymium nor praseodymium.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.analyse.subjects import Subjects
from bot.analyse.terms import Hit


@dataclass(frozen=True, slots=True)
class Mention:
    """A subject in a folded text."""

    start: int
    end: int
    concept: str
    #: In English, with the form where the text gives one: "dysprosium oxide".
    name: str
    is_material: bool
    #: "oxide", "metal" and so on; empty when the text does not say.
    form: str = ""


_FORMS = (
    ("oxide", r"\boxides?\b|\bоксид|\bокис|氧化"),
    ("alloy", r"\balloys?\b|\bсплав|合金|(?<!磁)铁"),
    ("carbonate", r"\bcarbonates?\b|\bкарбонат|碳酸"),
    ("concentrate", r"\bconcentrates?\b|\bконцентрат|精矿"),
    ("chloride", r"\bchlorides?\b|\bхлорид|氯化"),
    ("metal", r"\bmetals?\b|\bметалл|金属"),
    ("magnets", r"\bmagnets?\b|\bмагнит|磁"),
    ("ore", r"\bores?\b|\bруд[аыуе]|矿石"),
)
_FORM = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _FORMS))
#: Oxides and metals that a text calls no more than that: "Металл объявлен по 580 тыс.".
BARE_FORM = re.compile(r"\boxides?\b|\bоксид[а-я]*|\bметалл(?:а|у)?\b|氧化物|\bmetal\b")


def mentions(text: str, hits: Sequence[Hit], subjects: Subjects) -> list[Mention]:
    """Where a folded text mentions subjects, by place."""
    kept: list[Mention] = []
    taken: set[int] = set()
    known = [hit for hit in hits if hit.concept in subjects.materials or hit.concept in subjects.others]
    for hit in sorted(
        known, key=lambda hit: (hit.start - hit.end, hit.start, hit.concept not in subjects.materials)
    ):
        if hit.end <= len(text) and taken.isdisjoint(range(hit.start, hit.end)):
            taken.update(range(hit.start, hit.end))
            is_material = hit.concept in subjects.materials
            name = hit.gloss or (subjects.materials if is_material else subjects.others)[hit.concept]
            form = _form(text, hit) if is_material else ""
            if form and form.rstrip("s") not in name and "magnet" not in name:
                name = f"{name.removesuffix('s')} {form}"
            kept.append(Mention(hit.start, hit.end, hit.concept, name, is_material, form))
    return sorted(kept, key=lambda mention: mention.start)


def _form(text: str, hit: Hit) -> str:
    """The form named right beside a material: behind it in English and Chinese, before it in Russian and Chinese."""
    inside = None
    for match in _FORM.finditer(text, hit.start, hit.end):
        inside = match
    if inside:
        return inside.lastgroup or ""
    found = None
    for match in _FORM.finditer(text, max(hit.start - 18, 0), hit.start):
        if re.fullmatch(r"[а-яa-z]*[ ]?", text[match.end() : hit.start]):
            found = match
    if found and found.lastgroup not in ("ore",):
        return found.lastgroup or ""
    behind = _FORM.match(text, hit.end) or _FORM.match(text, hit.end + 1)
    return (behind.lastgroup or "") if behind else ""
