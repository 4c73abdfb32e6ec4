"""Stories and triage: one event is one alert, and what is old or unsure does not shout."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.analyse.outcome import Backlog, Triage
from bot.analyse.pairs import PairWeights
from bot.analyse.stories import Window
from bot.analyse.triage import triage
from bot.model import Classification, ClassifiedItem, Item, Label
from bot.settings import IngestSettings, StorySettings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
SURE = Label(topic_id="sanctions", score=0.9, sure=True, evidence=())
#: What a source's first poll is sorted under.
HISTORY = Backlog(since_at=NOW - timedelta(hours=24), alerts=3)
POSSIBLE = Label(topic_id="sanctions", score=0.4, sure=False, evidence=())


def entry(key: str, title: str, *labels: Label, language: str = "en", **changes: object) -> ClassifiedItem:
    """A new item with these labels, one hour old."""
    item = Item(
        key=key,
        source_id="one",
        title=title,
        url=f"https://news.example/{key}",
        language=language,
        published_at=NOW - timedelta(hours=1),
        first_seen_at=NOW,
    )
    found = Classification(scores={}, labels=labels, rules_version="v")
    return ClassifiedItem(item=replace(item, **changes), classification=found)  # type: ignore[arg-type]


def sort(
    *items: ClassifiedItem, after: Window | None = None, first_poll: bool = False, now: datetime = NOW
) -> Triage:
    """Triage of these items, with the stories of a window open."""
    return triage(
        items,
        window() if after is None else after,
        owners={"one": "one.example", "two": "two.example", "twin": "one.example"},
        backlog=HISTORY if first_poll else None,
        ingest=IngestSettings(),
        now=now,
    )


def window(weights: PairWeights | None = None) -> Window:
    """No stories, by the settings as shipped; without the pair decision, unless it is given."""
    grouping = StorySettings()
    return Window(weights, hours=grouping.window_hours, similarity=grouping.similarity)


def actions(found: Triage) -> list[str]:
    """What happens to each item."""
    return [membership.action for membership in found.memberships]


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "en",
            "EU adopts 20th sanctions package against Russia",
            "UPDATE: EU adopts 20th sanctions package against Russia - Reuters",
        ),
        (
            "ru",
            "Евросоюз принял двадцатый пакет санкций против России",
            "Евросоюз принял двадцатый пакет санкций против РФ",
        ),
        ("zh", "商务部宣布对七类中重稀土相关物项实施出口管制", "商务部宣布对7类中重稀土相关物项实施出口管制"),
    ],
)
def test_one_event_in_two_wordings_alerts_once(language: str, one: str, other: str) -> None:
    """A near-equal headline joins the story and raises its count; it does not alert again."""
    if language == "zh":
        other = other.replace("7", "七")

    found = sort(entry("a", one, SURE, language=language), entry("b", other, SURE, language=language))

    assert actions(found) == ["alert", "none"]
    assert [story.item_count for story in found.stories] == [2]
    assert found.memberships[1].copy_of == "a"
    assert found.memberships[1].reason == "same headline"


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        (
            "en",
            "EU adopts 20th sanctions package against Russia",
            "EU adopts 21st sanctions package against Russia",
        ),
        (
            "ru",
            "Китай установил квоту на добычу в 120 тыс. тонн",
            "Китай установил квоту на добычу в 135 тыс. тонн",
        ),
        ("zh", "2023年第一批稀土开采指标12万吨", "2023年第一批稀土开采指标13.5万吨"),
    ],
)
def test_contradicting_figures_keep_two_stories_apart(language: str, one: str, other: str) -> None:
    """However alike two headlines read, other figures are other news."""
    found = sort(entry("a", one, SURE, language=language), entry("b", other, SURE, language=language))

    assert actions(found) == ["alert", "alert"]
    assert len(found.stories) == 2


def test_the_same_address_is_the_same_story_whatever_the_headline() -> None:
    """Two feeds that link one article, tracking parameters aside, report one event."""
    address = "https://news.example/2026/11/package-adopted"
    open_now = window()
    sort(entry("a", "Package adopted", SURE, url=address), after=open_now)

    found = sort(
        entry("b", "Something else entirely", SURE, url=f"{address}?utm_source=feed"), after=open_now
    )

    assert actions(found) == ["none"]
    assert found.memberships[0].reason == "same address"


def test_a_page_that_is_new_each_day_is_no_story() -> None:
    """Daily prices at one address are a piece of news each day, not copies of the first."""
    page = "https://prices.example/"

    found = sort(
        entry("a", "Dysprosium oxide quoted at 1,640 yuan", SURE, url=page),
        entry("b", "Terbium oxide quoted at 7,020 yuan", SURE, url=page),
    )

    assert actions(found) == ["alert", "alert"]


def test_a_copy_has_the_language_of_its_original() -> None:
    """Headlines are compared letter by letter within a language only."""
    found = sort(entry("a", "Neodymium 120", SURE), entry("b", "Neodymium 120", SURE, language="ru"))

    assert actions(found) == ["alert", "alert"]


def test_short_headlines_must_be_nearly_equal() -> None:
    """Short headlines share letters by chance: a stock phrase does not merge two pieces of news."""
    found = sort(entry("a", "Prices rise in China", SURE), entry("b", "Prices fall in China", SURE))

    assert actions(found) == ["alert", "alert"]


def test_an_item_without_a_topic_joins_nothing() -> None:
    """Ordinary news opens no story."""
    assert sort(entry("a", "Weather")) == Triage()


def test_a_possible_label_goes_to_the_digest_only() -> None:
    """What the rules are not sure of alerts nobody; when a sure report of it comes, that one does."""
    found = sort(entry("a", "New listing of banks announced in London", POSSIBLE))
    assert actions(found) == ["digest"]
    assert found.stories[0].level == "today"

    both = sort(
        entry("a", "New listing of banks announced in London", POSSIBLE),
        entry("b", "New listing of banks announced in London", SURE),
    )
    assert actions(both) == ["digest", "alert"]
    assert [story.level for story in both.stories] == ["now"]


def test_the_first_poll_of_a_source_is_history() -> None:
    """Of a first poll only the day's news alerts, and no more than the set number; undated items do not."""
    old = entry(
        "old", "An old listing of several banks in London", SURE, published_at=NOW - timedelta(days=2)
    )
    undated = entry("undated", "Package without a date is reported by nobody", SURE, published_at=None)
    fresh = [entry(f"f{n}", f"Package number {n} adopted by the Council", SURE) for n in range(5)]

    found = sort(old, undated, *fresh, first_poll=True)

    assert actions(found) == ["none", "none", "alert", "alert", "alert", "digest", "digest"]


def test_later_polls_alert_on_undated_items_and_not_on_stale_ones() -> None:
    """A feed without dates still alerts once it is known; a page dated long ago goes to the digest."""
    undated = entry("undated", "Package without a date is reported by nobody", SURE, published_at=None)
    stale = entry(
        "stale", "An old listing of several banks in London", SURE, published_at=NOW - timedelta(days=9)
    )

    assert actions(sort(undated, stale)) == ["alert", "digest"]


def test_an_alert_shows_its_story_as_it_stands_at_the_end_of_the_poll() -> None:
    """A copy in the same poll is counted before the alert is written."""
    title = "EU adopts 20th sanctions package against Russia"

    found = sort(entry("a", title, SURE), entry("b", title, SURE))

    assert found.alerts[0][1].item_count == 2
