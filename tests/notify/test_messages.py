"""What to say and to whom: reasons, routes, keys, the day's order."""

from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from bot.configured import Source, Topic
from bot.errors import DeliveryError
from bot.model import Alert, Coverage, Digest, Evidence, Item, Label, Story
from bot.notify import words
from bot.notify.console import ConsoleChannel, render
from bot.notify.messages import (
    Candidate,
    alert_deliveries,
    alert_for,
    build_digest,
    dump,
    load,
    matched_words,
)
from bot.settings import DigestList, SlackSettings
from tests.notify.made import NOW, alert, delivery

TOPICS = (
    Topic(id="russia-ree", name="Russia's rare earths", rules=()),
    Topic(id="sanctions", name="Sanctions", rules=()),
    Topic(id="pricing", name="China pricing", rules=()),
)
COVERAGE = Coverage(items=9, hits=5, stories=4, sources_read=3)
PRESS = Source(id="press", url="https://press.example/feed", name="The Press")
OFFICIAL = Source(id="gov", url="https://gov.example/feed", name="Ministry", weight=2.0)


def item(key: str = "i1", /, **changes: Any) -> Item:
    """A Russian item."""
    values: dict[str, Any] = {
        "source_id": "press",
        "url": f"https://news.example/{key}",
        "title": f"Томтор {key}",
        "summary": "Кратко.",
        "language": "ru",
        "published_at": NOW,
        "first_seen_at": NOW,
    }
    return Item(key=key, **{**values, **changes})


def evidence(term: str, start: int = 0, field: str = "title", gloss: str = "") -> Evidence:
    """A matched word."""
    return Evidence(term=term, field=field, start=start, end=start + len(term), gloss=gloss)


def label(topic_id: str, score: float = 0.8, *, sure: bool = True, found: tuple[Evidence, ...] = ()) -> Label:
    """One topic of an item."""
    return Label(topic_id=topic_id, score=score, sure=sure, evidence=found, why=f"because of {topic_id}")


def made(*labels: Label, source: Source = PRESS, **changes: object) -> Alert:
    """The alert of an item with these labels."""
    story = Story(
        id="s1",
        title="t",
        url="",
        topics=tuple(found.topic_id for found in labels),
        first_seen_at=NOW,
        last_seen_at=NOW,
    )
    return alert_for(item(**changes), source, labels, story, TOPICS)


# --- alerts -----------------------------------------------------------------------------------------


def test_matched_words_stand_in_reading_order_with_their_gloss() -> None:
    """Title before summary before text, each word once, one word for each gloss, ours in brackets."""
    found = (
        evidence("licence", 5, "text"),
        evidence("лицензия", 20, "title", "licence"),
        evidence("Томтор", 0, "title", "Tomtor"),
        evidence("Томтора", 3, "summary", "Tomtor"),
        evidence("Neodymium", 9, "summary"),
        evidence("neodymium", 1, "text"),
        evidence("REE", 30, "text", "REE"),
    )

    assert matched_words(found) == ("Томтор (Tomtor)", "лицензия (licence)", "Neodymium", "REE")


def test_an_alert_gives_a_reason_for_each_sure_topic_surest_first() -> None:
    """Possible topics are for the digest; each reason has its topic's name, and what the rule says of itself."""
    alert = made(label("sanctions", 0.7), label("pricing", 0.4, sure=False), label("russia-ree", 0.9))

    assert [(reason.topic_name, reason.why) for reason in alert.reasons] == [
        ("Russia's rare earths", "because of russia-ree"),
        ("Sanctions", "because of sanctions"),
    ]
    assert alert.source_name == "The Press"


def test_an_alert_without_a_sure_topic_still_has_a_reason() -> None:
    """Nobody gets an alert that does not say why."""
    assert [reason.topic_id for reason in made(label("pricing", 0.4, sure=False)).reasons] == ["pricing"]


def test_a_summary_that_repeats_the_headline_is_left_out() -> None:
    """Many feeds give the headline twice; the first words of the text serve where there is no summary."""
    assert made(label("pricing"), title="Same  words", summary="same words").summary == ""
    assert made(label("pricing"), summary="", text="From the text.").summary == "From the text."


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=50))
def test_an_alert_survives_the_way_through_the_outbox(title: str, summary: str, term: str) -> None:
    """Any text of a feed comes back as it was shown: cleaned once, then kept."""
    alert = made(
        label("pricing", found=(evidence(term),)),
        title=title,
        summary=summary,
        url=f"https://x.example/{title}",
    )

    assert load(dump(alert)) == alert


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"title": 1}', "\x00"])
def test_what_is_no_alert_is_not_loaded(text: str) -> None:
    """A damaged row is told from an alert."""
    with pytest.raises(ValueError, match=r"validation error|JSON"):
        load(text)


def test_an_alert_goes_once_to_each_channel_of_its_topics() -> None:
    """Topics with a channel of their own go there, the others to the common one, and no channel gets it twice."""
    slack = SlackSettings(channel="#all", topic_channels={"sanctions": "#sanctions"})
    alert = made(label("sanctions", 0.9), label("russia-ree", 0.8), label("pricing", 0.7))

    rows = alert_deliveries(alert, slack=slack, has_slack_token=True, now=NOW)

    assert [(row.channel, row.destination, row.key) for row in rows] == [
        ("slack", "#sanctions", "alert:slack:#sanctions:s1"),
        ("slack", "#all", "alert:slack:#all:s1"),
    ]
    assert {(row.kind, row.state, row.due_at, row.message) for row in rows} == {
        ("alert", "pending", NOW, dump(alert))
    }


def test_without_a_token_an_alert_goes_to_the_terminal_once() -> None:
    """Nobody needs an account to try the bot."""
    slack = SlackSettings(channel="#all", topic_channels={"sanctions": "#sanctions"})

    rows = alert_deliveries(
        made(label("sanctions"), label("pricing")), slack=slack, has_slack_token=False, now=NOW
    )

    assert [(row.channel, row.destination, row.key) for row in rows] == [("console", "", "alert:console::s1")]


# --- the digest -------------------------------------------------------------------------------------


def candidate(
    name: str, found: Label, *sources: Source, published_at: datetime | None = NOW, **changes: Any
) -> Candidate:
    """A story, offered under one topic."""
    return Candidate(
        story_id=name,
        item=item(name, **{"title": name, "published_at": published_at, **changes}),
        label=found,
        sources=sources or (PRESS,),
    )


def build(*candidates: Candidate, topics: tuple[str, ...] = (), most: int = 12) -> Digest:
    """The day's digest."""
    return build_digest(
        candidates,
        DigestList(id="analysts", topics=topics, timezone="Europe/Berlin"),
        COVERAGE,
        topics=TOPICS,
        local_date=NOW.date(),
        since_at=NOW - timedelta(days=1),
        until_at=NOW,
        most=most,
    )


def titles(digest: Digest) -> dict[str, list[str]]:
    """Topic id -> headlines in order."""
    return {section.topic_id: [entry.title for entry in section.entries] for section in digest.sections}


def test_a_story_stands_once_under_its_best_topic_and_names_the_others() -> None:
    """Nobody reads the same news twice; a possible topic is no reason to be named, and a sure one beats its score."""
    digest = build(
        candidate("both", label("sanctions", 0.7)),
        candidate("both", label("russia-ree", 0.9)),
        candidate("both", label("pricing", 0.4, sure=False)),
        candidate("tie", label("pricing", 0.8)),
        candidate("tie", label("sanctions", 0.8)),
    )

    assert titles(digest) == {"russia-ree": ["both"], "sanctions": ["tie"]}
    assert digest.sections[0].entries[0].also == ("Sanctions",)
    assert digest.sections[1].entries[0].also == ("China pricing",)


def test_stories_are_ranked_by_sureness_score_sources_weight_and_time() -> None:
    """Each step decides only where the ones before are equal, and scores are compared to a tenth."""
    possible = label("pricing", 0.99, sure=False)
    digest = build(
        candidate("possible", possible, PRESS, OFFICIAL),
        candidate("old", label("pricing", 0.80), published_at=NOW - timedelta(hours=5)),
        candidate("new", label("pricing", 0.79)),
        candidate("official", label("pricing", 0.81), OFFICIAL),
        candidate("many", label("pricing", 0.78), PRESS, OFFICIAL),
        candidate("high", label("pricing", 0.95)),
        candidate(
            "undated", label("pricing", 0.80), published_at=None, first_seen_at=NOW - timedelta(hours=1)
        ),
    )

    assert titles(digest) == {"pricing": ["high", "many", "official", "new", "undated", "old", "possible"]}
    assert [entry.sure for entry in digest.sections[0].entries] == [True] * 6 + [False]


def test_a_list_gets_its_topics_in_the_order_of_the_configuration() -> None:
    """Other topics do not show, not even as a story's other topic, and empty ones make no section."""
    offered = (
        candidate("a", label("pricing", 0.9)),
        candidate("a", label("sanctions", 0.7)),
        candidate("b", label("russia-ree")),
    )

    assert list(titles(build(*offered))) == ["russia-ree", "pricing"]
    narrow = build(*offered, topics=("sanctions",))
    assert titles(narrow) == {"sanctions": ["a"]}
    assert narrow.sections[0].entries[0].also == ()
    assert build().sections == ()


def test_a_long_section_is_cut_and_says_by_how_much() -> None:
    """The best stay."""
    offered = [candidate(f"n{number}", label("pricing", number / 10)) for number in range(1, 10)]

    (section,) = build(*offered, most=4).sections

    assert [entry.title for entry in section.entries] == ["n9", "n8", "n7", "n6"]
    assert section.more == 5


# --- words and the terminal -------------------------------------------------------------------------


@given(st.text(max_size=400), st.integers(1, 120))
def test_a_line_is_one_clean_line_within_its_limit(text: str, limit: int) -> None:
    """Nothing that breaks a line, turns the reading direction or can not be encoded is left."""
    shown = words.line(text, limit)

    assert len(shown.encode("utf-16-le")) // 2 <= limit
    assert shown == shown.strip()
    assert shown.splitlines() in ([shown], [])
    assert not set(shown) & set("\u202e\u2066\ufeff\x00\x1b")
    assert words.line(shown, limit) == shown


def test_a_line_is_cut_at_a_word() -> None:
    """A cut shows as three dots, without a comma before them."""
    assert words.line("one two three, four five", 16) == "one two three…"
    assert words.line("稀土" * 50, 10) == "稀土稀土稀土稀土稀…"
    assert words.line("😀" * 50, 10) == "😀😀😀😀…"


@pytest.mark.parametrize(
    ("given_url", "kept"),
    [
        ("https://x.example/a?b=1&c=2#d", "https://x.example/a?b=1&c=2#d"),
        (
            "http://x.example/новости|1>2 3",
            "http://x.example/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8%7C1%3E2%203",
        ),
        ("HTTPS://x.example/%D0%BD", "HTTPS://x.example/%D0%BD"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("https://[1", ""),
        ("https://x.example/" + "a" * 3000, ""),
        ("", ""),
    ],
)
def test_only_whole_web_addresses_are_kept(given_url: str, kept: str) -> None:
    """What is no http(s) address becomes no link; what would end a link early is escaped."""
    assert words.web_address(given_url) == kept


def test_times_carry_their_zone() -> None:
    """A reader in another zone must not have to guess; zones without letters show their offset."""
    assert words.moment(NOW) == "24 Nov 2026, 08:05 UTC"
    assert words.moment(NOW, ZoneInfo("Europe/Berlin")) == "24 Nov 2026, 09:05 CET"
    assert words.moment(NOW, ZoneInfo("Europe/Berlin"), year=False) == "24 Nov, 09:05 CET"
    assert words.moment(NOW, ZoneInfo("Asia/Kolkata")) == "24 Nov 2026, 13:35 IST"
    assert words.moment(NOW, ZoneInfo("Asia/Almaty")) == "24 Nov 2026, 13:05 UTC+05:00"


@pytest.mark.parametrize(
    ("minutes", "shown"),
    [
        (-5, "just now"),
        (0, "just now"),
        (59, "59 min ago"),
        (60, "1 h ago"),
        (2879, "47 h ago"),
        (2880, "2 days ago"),
    ],
)
def test_ages_are_short(minutes: int, shown: str) -> None:
    """An age says how fresh news is at a glance."""
    assert words.age(NOW - timedelta(minutes=minutes), NOW) == shown


def screen(width: int = 80) -> tuple[Console, StringIO]:
    """A terminal and what stands on it."""
    paper = StringIO()
    return Console(file=paper, width=width, color_system=None), paper


async def test_the_terminal_shows_one_alert_with_its_reason() -> None:
    """Headline, source, language, time and age, why, matched words, address."""
    console, paper = screen()
    row = delivery("Томтор: выдана лицензия", channel="console", last_attempt_at=NOW)

    await ConsoleChannel(console).send(row)

    for shown in (
        "Томтор: выдана лицензия", "Interfax · Russian · 24 Nov 2026, 07:53 UTC (12 min ago)", "Russia's rare earths",
        "names a Russian deposit", "Томтор (Tomtor)", "https://news.example/tomtor?a=1&b=2",
    ):  # fmt: skip
        assert shown in paper.getvalue()


def test_feed_text_is_no_markup_on_the_terminal() -> None:
    """Neither Rich's own marks nor escape codes of a hostile feed do anything."""
    console, paper = screen()

    console.print(render(alert("[red]x[/] \x1b[31mred\x1b[0m"), NOW, mark_repeat=True))

    assert "[red]x[/]" in paper.getvalue()
    assert "\x1b" not in paper.getvalue()
    assert "may repeat an earlier alert" in paper.getvalue()


async def test_the_terminal_refuses_a_row_without_an_alert() -> None:
    """A damaged row is dead, not tried for ever."""
    console, _ = screen()

    with pytest.raises(DeliveryError) as caught:
        await ConsoleChannel(console).send(replace(delivery("a"), message="{}"))

    assert caught.value.permanent
    assert await ConsoleChannel(console).find(delivery("a")) is None


async def test_a_closed_terminal_lets_alerts_wait() -> None:
    """A terminal that went away is no fault of the alert."""

    class Closed(StringIO):
        def write(self, text: str) -> int:
            raise OSError(5, "Input/output error")

    with pytest.raises(DeliveryError, match="can not print") as caught:
        await ConsoleChannel(Console(file=Closed())).send(delivery("a"))

    assert not caught.value.permanent
