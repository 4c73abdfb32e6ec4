"""Edits: the new version is kept, and told again only where it says something new."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.analyse.outcome import Triage
from bot.analyse.revisions import Edit, edited, is_news
from bot.analyse.triage import triage
from bot.model import ClassifiedItem, Item, Label, Membership, Story
from bot.settings import IngestSettings
from tests.analyse.test_stories import NOW, POSSIBLE, SURE, entry, window

QUOTA = Label(topic_id="china-pricing", score=0.9, sure=True, evidence=())
TITLE = "China sets rare earth quota for the first half of the year"


def version(title: str = TITLE, *labels: Label, summary: str = "") -> ClassifiedItem:
    """One version of one item."""
    return entry("a", title, *(labels or (SURE,)), summary=summary)


def told(level: str = "now") -> tuple[Story, Membership]:
    """The story of that item and its place there."""
    story = Story(
        id="s",
        title=TITLE,
        url="",
        topics=("sanctions",),
        first_seen_at=NOW,
        last_seen_at=NOW,
        level=level,  # type: ignore[arg-type]  # one of the three
    )
    return story, Membership(story_id="s", item_key="a", reason="first", action="digest")


def sort(*edits: Edit, stories: tuple[Story, ...] = (), later: timedelta = timedelta(hours=1)) -> Triage:
    """Triage of these edits alone."""
    open_now = window()
    for story in stories:
        open_now.put(story)
    return triage((), open_now, owners={}, edits=edits, ingest=IngestSettings(), now=NOW + later)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (version("China sets rare-earth quota for the first half of the year"), False),
        (version(TITLE, SURE, summary="A longer text with 5,000 in it"), False),
        (version(f"{TITLE} - 36氪"), False),
        (version(f"{TITLE}: 120,000 t"), True),
        (version(TITLE, SURE, QUOTA), True),
        (version(TITLE, QUOTA), True),
        (version(f"{TITLE}: 120,000 t", POSSIBLE), False),
        (version(f"{TITLE}: 120,000 t", replace(SURE, sure=False), POSSIBLE), False),
    ],
    ids=["typo", "text", "publisher", "figure", "topic", "other topic", "unsure", "unsure twice"],
)
def test_an_edit_is_news_by_a_sure_topic_or_a_figure_in_the_headline(
    after: ClassifiedItem, expected: bool
) -> None:
    """A typo mended, a text grown or a publisher named is none; what carries no sure topic never is."""
    assert is_news(version(), after) is expected


@pytest.mark.parametrize(("level", "result"), [("now", "thread"), ("today", "alert"), ("archive", "alert")])
def test_news_in_an_edit_alerts_only_a_story_that_never_did(level: str, result: str) -> None:
    """A story that alerted gets it as a thread; one that did not alerts now, once."""
    story, membership = told(level)
    edit = Edit(before=version(), after=version(f"{TITLE}: 120,000 t"), story=story, membership=membership)

    found = sort(edit, stories=(story,))
    again = sort(replace(edit, story=found.stories[0]), stories=found.stories)

    assert found.outcomes == (result,)
    assert len(found.alerts) == (result == "alert")
    assert found.stories[0].level == "now"
    assert again.outcomes == ("thread",)
    assert again.alerts == ()


def test_an_edit_without_news_changes_no_story() -> None:
    """Nothing is written beside the item itself."""
    story, membership = told("today")
    edit = Edit(
        before=version(), after=version(TITLE.replace("first", "1st")), story=story, membership=membership
    )
    same = replace(edit, after=version(TITLE + "!"))

    assert sort(same, stories=(story,)) == Triage(outcomes=("none",))


def test_an_edit_of_an_old_item_alerts_nobody() -> None:
    """What was published days ago is as stale edited as it was new."""
    story, membership = told("archive")
    edit = Edit(before=version(), after=version(f"{TITLE}: 5 t"), story=story, membership=membership)

    found = sort(edit, stories=(story,), later=timedelta(days=4))

    assert (found.outcomes, found.alerts) == (("none",), ())


def test_an_item_that_gains_its_first_topic_is_sorted_like_a_new_one() -> None:
    """It opens a story and alerts; beside a story that alerted it is a thread."""
    blank = entry("a", TITLE)
    edit = Edit(before=blank, after=version())
    other = (entry("b", TITLE + "!", SURE),)
    twin = triage(other, window(), owners={}, ingest=IngestSettings(), now=NOW)

    alone = sort(edit)
    together = triage(other, window(), owners={}, edits=(edit,), ingest=IngestSettings(), now=NOW)

    assert (alone.outcomes, len(alone.alerts)) == (("alert",), 1)
    assert len(twin.alerts) == 1
    assert (together.outcomes, len(together.alerts)) == (("thread",), 1)
    assert [membership.action for membership in together.memberships] == ["alert", "none"]


def test_a_site_that_rewrites_all_its_headlines_alerts_a_few_times_at_most() -> None:
    """Fifty edits with new figures at once are a new layout, not fifty pieces of news."""
    edits = []
    for number in range(50):
        title = (
            f"{'abcdefghijklmnopqrstuvwxyz'[number % 26] * 9} {number // 26 * 'zz '} sanctions widened again"
        )
        before = entry(f"k{number}", title, SURE)
        after = entry(f"k{number}", f"{title} 24.11.2026", SURE)
        story = replace(told("archive")[0], id=f"s{number}")
        membership = Membership(story_id=story.id, item_key=f"k{number}", reason="first", action="none")
        edits.append(Edit(before=before, after=after, story=story, membership=membership))

    found = sort(*edits)

    assert len(found.alerts) == IngestSettings().flood_alerts


def test_what_is_stored_from_an_edit() -> None:
    """New words, language and a late date come in; key, first sight, date and a longer text stay."""
    stored = replace(version().item, summary="old", text="a long text of an article " * 20)
    served = replace(
        stored,
        title="New",
        summary="",
        text="cut",
        published_at=NOW + timedelta(hours=9),
        first_seen_at=NOW + timedelta(hours=9),
    )

    after = edited(stored, served)

    assert after == replace(stored, title="New")
    assert edited(replace(stored, published_at=None), served) == replace(
        stored, title="New", published_at=served.published_at
    )


words = st.text("ab ", max_size=6)


@given(st.tuples(words, words, words), st.tuples(words, words, words))
def test_an_edit_settles(first: tuple[str, str, str], second: tuple[str, str, str]) -> None:
    """Served again, the version that was taken in is no edit: no revision at each poll."""

    def made(parts: tuple[str, str, str]) -> Item:
        title, summary, text = parts
        return replace(version().item, title=title, summary=summary, text=text)

    after = edited(made(first), made(second))

    assert edited(made(first), made(first)) is None
    assert after is None or edited(after, made(second)) is None
