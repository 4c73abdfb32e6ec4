"""Pure. Prices, quantities, shares, money, changes, counts and dates in an item's prose -> normalised `Fact`s.

Figures come from amounts.py, dates from deadlines.py, the words that say what they are from cues.py, and what they are of from the
matcher's hits (subjects.py). For each figure, in this order:
1. It is a change where a sign, "by", "на" or a word such as "fell" stands at it and no "to", "до", 至 between; else a level.
2. Its kind follows from its unit, and among kinds of one unit from the nearest word: in its clause, its sentence, its field, the title.
3. It is tied to the nearest material of its clause, else to the nearest other subject there, then likewise of its sentence, then to
   what the figure before was of or to the title's first material (`assumed` says "subject").
Prices often leave out what the trade knows: yuan per tonne, dollars per kilogram, and in lists the currency altogether. Such parts
are filled in only beside a material, within the range in which such prices are, and `assumed` says so. A bare number is never a
fact by itself. Nothing is converted here (money.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice

from bot.analyse import cues, figurekinds
from bot.analyse.amounts import Amount, amounts
from bot.analyse.deadlines import Due, due_dates, may_hold_dates
from bot.analyse.folding import Folded, fold
from bot.analyse.mentions import Mention, mentions
from bot.analyse.subjects import Subjects
from bot.analyse.surroundings import Surroundings
from bot.analyse.terms import Hit
from bot.facts import Fact
from bot.model import Item

FIELDS = ("title", "summary", "text")
#: Beyond so many an item is a table, not prose.
MOST_FACTS = 60
#: Figures of a field that are looked at to find those.
MOST_FIGURES = 300
#: Characters of a field that are read: the work on a hostile page is bounded, and prose tells its figures early.
MOST_TEXT = 20_000
#: Kinds that a date does not belong to: a count or a change has happened.
_UNDATED = frozenset(("change", "count", "index", "loss", "contract", "deadline", "effective"))

#: A fact and its place in the folded text.
Placed = tuple[int, int, Fact]


def extract(
    item: Item,
    hits: Mapping[str, Sequence[Hit]],
    subjects: Subjects,
    *,
    folded: Mapping[str, Folded] | None = None,
) -> tuple[Fact, ...]:
    """The facts of an item, in order of reading; offsets count characters of the original field.

    `hits` are the matcher's, by field, in places of the folded text; `folded` saves folding twice. Never raises.
    """
    originals = {name: getattr(item, name) for name in FIELDS if getattr(item, name)}
    texts = {
        # A character folds by itself, so hits in the whole text have the same places in its beginning.
        name: fold(text[:MOST_TEXT]) if len(text) > MOST_TEXT else (folded or {}).get(name) or fold(text)
        for name, text in originals.items()
    }
    found = {name: amounts(text, originals[name], item.language) for name, text in texts.items()}
    default = figurekinds.default_price([one for figures in found.values() for one in figures])
    published_on = item.published_at.date() if item.published_at else None
    title_kinds: list[cues.Cue] = []
    title_mention: Mention | None = None
    is_list: bool | None = None
    facts: list[Fact] = []
    dated = {name for name, text in texts.items() if may_hold_dates(text.text)}
    for name, text in texts.items():
        if name == "title" and (dated or any(found.values())):
            title_kinds = cues.kinds(text.text)
            mentioned = mentions(text.text, hits.get(name, ()), subjects)
            title_mention = next((one for one in mentioned if one.is_material), None)
        if not found[name] and name not in dated:
            continue
        clause_ends, sentence_ends = cues.bounds(text.text)
        found_dates = due_dates(text.text, clause_ends, published_on) if name in dated else ()
        dues = list(islice(found_dates, MOST_FACTS))
        if not found[name] and not dues:
            continue
        if is_list is None:
            is_list = any(cues.LISTS.search(other.text) for other in texts.values())
        around = Surroundings(
            field=name,
            folded=text,
            clause_ends=clause_ends,
            sentence_ends=sentence_ends,
            kinds=title_kinds if name == "title" else cues.kinds(text.text),
            title_kinds=title_kinds,
            mentions=mentioned if name == "title" else mentions(text.text, hits.get(name, ()), subjects),
            title_mention=title_mention,
            default_price=default,
            is_list=is_list,
        )
        facts += _facts_of(around, found[name], dues, facts[-1] if facts else None)
        if len(facts) >= MOST_FACTS:
            break
    return tuple(facts[:MOST_FACTS])


def _facts_of(
    around: Surroundings, found: Sequence[Amount], dues: Sequence[Due], last: Fact | None
) -> list[Fact]:
    """The facts of one field; `last` is the one before it."""
    placed: list[Placed] = []
    for one in found[:MOST_FIGURES]:
        if any(due.start < one.end and one.start < due.end for due in dues):
            continue
        fact = figurekinds.fact_of(one, around, last)
        if fact is not None:
            placed.append((one.start, one.end, fact))
            last, around.last_at = fact, one.start
            if len(placed) == MOST_FACTS:
                break
    placed = [_only_beside_newer(one, placed, around) for one in placed]
    for due in dues:
        _place(due, placed, around)
    placed.sort(key=lambda entry: entry[0])
    return [fact for _, _, fact in placed]


def _only_beside_newer(one: Placed, placed: Sequence[Placed], around: Surroundings) -> Placed:
    """A figure is an older one only beside a newer one of its kind in the sentence."""
    start, end, fact = one
    if not fact.is_previous:
        return one
    since, until = around.sentence(start, end)
    has_newer = any(
        not other.is_previous
        and other.kind == fact.kind
        and other.unit == fact.unit
        and since <= place < until
        for place, _, other in placed
    )
    return one if has_newer else (start, end, replace(fact, is_previous=False))


def _place(due: Due, placed: list[Placed], around: Surroundings) -> None:
    """Give "by 2030" to the nearest figure of its sentence; any other date is a fact of its own."""
    if due.is_by:
        since, until = around.sentence(due.start, due.end)
        near = [
            (due.start - end if end <= due.start else start - due.end, index)
            for index, (start, end, fact) in enumerate(placed)
            if since <= start < until and fact.kind not in _UNDATED and not fact.is_previous and not fact.date
        ]
        if near:
            index = min(near)[1]
            start, end, fact = placed[index]
            placed[index] = start, end, replace(fact, date=due.on)
            return
    mention, is_far = around.subject(due.start, due.end)
    start, end = around.folded.original(due.start, due.end)
    fact = Fact(
        kind="effective" if due.is_effective else "deadline",
        subject=mention.concept if mention else "",
        item=mention.name if mention else "",
        value=float(due.year),
        unit="date",
        date=due.on,
        assumed=("subject",) if is_far and mention else (),
        field=around.field,
        start=start,
        end=end,
    )
    placed.append((due.start, due.end, fact))
