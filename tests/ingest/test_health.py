"""The verdict on recorded situations, all of our own making: walls in three languages, and feeds in every state."""

import re
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.configured import Source
from bot.ingest.charset import decode
from bot.ingest.feed import parse
from bot.ingest.health import Answer, Observation, verdict
from bot.ingest.silence import learn
from bot.ingest.track import Poll, judge, window_of
from bot.ingest.walls import which_wall
from bot.model import Document
from bot.verdicts import UNREAD, SourceHealth, in_words

FOLDER = Path(__file__).parent / "situations"
#: A Tuesday.
NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
_UNITS = {"min": "minutes", "h": "hours", "d": "days"}


def age(text: str) -> timedelta:
    """ "8min", "3h" or "12d"."""
    found = re.fullmatch(r"(\d+)(min|h|d)", text)
    assert found, text
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def published(
    now: datetime,
    every: str,
    over: str,
    until: str,
    hours: tuple[int, int] = (0, 24),
    *,
    workdays: bool = False,
) -> Iterator[datetime]:
    """Times of items at equal distances, the last one `until` ago."""
    at = now - age(until)
    while at > now - age(over):
        if hours[0] <= at.hour < hours[1] and not (workdays and at.weekday() >= 5):
            yield at
        at -= age(every)


def observation(raw: dict[str, Any]) -> Observation:
    """The record that a recorded situation stands for."""
    now = datetime.fromisoformat(raw["now"]).replace(tzinfo=UTC) if "now" in raw else NOW

    def ago(name: str) -> datetime | None:
        return now - age(raw[name]) if name in raw else None

    refused = raw.get("status") not in (None, 200)
    failed = "error" in raw or refused
    items = raw.get("items", {})
    entries = raw.get("entries")
    return Observation(
        now=now,
        answer=Answer(
            status=raw.get("status", None if failed else 200),
            headers=raw.get("headers", {}),
            head=raw.get("head", "").encode(raw.get("encoding", "utf-8")),
            url=raw.get("url", "https://source.example/rss"),
            error=raw.get("error", f"HTTP {raw['status']}" if refused else ""),
            not_modified=raw.get("not_modified", False),
        ),
        source_kind=raw.get("kind", "feed"),
        route=raw.get("route", "direct"),
        failures=raw.get("failures", int(failed)),
        failing_since=ago("failing_for") or (now if failed else None),
        slowness=raw.get("slowness", 0),
        moved_to=raw.get("moved_to", ""),
        moved_polls=raw.get("moved_polls", 0),
        moved_for=age(raw["moved_for"]) if "moved_for" in raw else timedelta(),
        entries=entries,
        dated=raw.get("dated", entries or 0),
        newest_at=ago("newest"),
        longest_gap=age(raw["longest_gap"]) if "longest_gap" in raw else None,
        languages=raw.get("languages", {}),
        expected_language=raw.get("expected", ""),
        changed_at=ago("changed"),
        read_since=ago("read_since"),
        overlaps=raw.get("overlaps", ""),
        habit=learn(published(now, **raw["published"]), now) if "published" in raw else None,
        past_items=items.get("past", 0),
        past_hits=items.get("past_hits", 0),
        recent_items=items.get("recent", 0),
        recent_hits=items.get("recent_hits", 0),
    )


REAL_FEEDS = sorted((Path(__file__).parents[3] / "shared" / "data" / "real-feeds").glob("*.xml"))
SITUATIONS = [
    raw
    for path in sorted(FOLDER.glob("*.toml"))
    for raw in tomllib.loads(path.read_text(encoding="utf-8"))["situation"]
]


def is_right(raw: dict[str, Any]) -> bool:
    """Whether the verdict is the expected one, and says what it must."""
    found = verdict(observation(raw))
    return found.kind == raw["expect"] and raw.get("says", "") in found.detail


def test_at_least_95_percent_of_at_least_60_situations_are_judged_rightly() -> None:
    """The goal as it was set; names of the wrong ones are shown."""
    wrong = [raw["name"] for raw in SITUATIONS if not is_right(raw)]

    assert len(SITUATIONS) >= 60
    assert len(wrong) <= 0.05 * len(SITUATIONS), wrong


@pytest.mark.parametrize("raw", SITUATIONS, ids=[raw["name"] for raw in SITUATIONS])
def test_situation(raw: dict[str, Any]) -> None:
    """Kind and words of the verdict are the expected ones."""
    found = verdict(observation(raw))

    assert (found.kind, raw.get("says", "") in found.detail) == (raw["expect"], True), found
    assert "s3cret" not in found.detail


def test_situations_cover_every_kind_and_language() -> None:
    """No kind of verdict goes untried, and walls speak English, Russian and Chinese."""
    kinds = {raw["expect"] for raw in SITUATIONS}
    pages = "".join(raw.get("head", "") for raw in SITUATIONS if raw["expect"] == "blocked")

    assert kinds == {
        *UNREAD, "ok", "not_modified", "slow", "moved", "empty", "undated", "zombie", "frozen", "silent",
        "off_topic", "truncated",
    }  # fmt: skip
    assert re.search("[а-я]", pages)
    assert re.search("[一-鿿]", pages)


@pytest.mark.parametrize(
    "raw", [raw for raw in SITUATIONS if raw["expect"] == "blocked"], ids=lambda raw: raw["name"]
)
def test_wall_before_a_feed_that_was_read_is_none(raw: dict[str, Any]) -> None:
    """What the headers of a guard service tell counts only when the feed could not be read."""
    seen = observation(raw)
    read = Answer(
        status=200, headers=seen.answer.headers, head=b"<rss version='2.0'>", url="https://a.example/rss"
    )

    found = verdict(replace(seen, answer=read, entries=3, dated=3, newest_at=NOW - timedelta(hours=1)))

    assert found.kind == "ok"


def test_verdict_in_words_makes_a_sentence() -> None:
    """The words follow the source's name."""
    assert in_words("blocked", "Qrator (HTTP 403)") == "blocked by Qrator (HTTP 403)"
    assert in_words("html", 'a web page, "{}"') == 'serves a web page, "{}"'
    assert in_words("off_topic", "") == "off topic"


@settings(max_examples=150, deadline=500)
@given(
    status=st.none() | st.integers(100, 599),
    head=st.binary(max_size=300)
    | st.text(max_size=300).map(lambda text: f"<html><title>{text}".encode("utf-8", "replace")),
    url=st.text(max_size=60),
    error=st.sampled_from(["", "HTTP 403 refused"]),
)
def test_any_answer_gets_a_verdict(status: int | None, head: bytes, url: str, error: str) -> None:
    """Hostile bytes never raise, and the detail stays one short line."""
    found = verdict(Observation(now=NOW, answer=Answer(status=status, head=head, url=url, error=error)))

    assert len(found.detail) < 200
    assert "\n" not in found.detail


@pytest.mark.parametrize(
    "piece", ["<!-- ", "<title ", "id_spinner", "cf-error-details", "доступ к ", "<input "]
)
def test_hostile_page_costs_no_time(piece: str) -> None:
    """Patterns stay quick on pages that are made to make them slow."""
    began = time.perf_counter()

    which_wall(403, {}, "<html>" + piece * 20_000)

    assert time.perf_counter() - began < 0.5


@pytest.mark.skipif(not REAL_FEEDS, reason="the folder of real feeds is not beside this one")
def test_no_real_feed_is_taken_for_something_else() -> None:
    """Each real feed, read an hour after its newest item, is well, and its beginning looks like no wall."""
    wrong = []
    for path in REAL_FEEDS:
        body = path.read_bytes()
        items = parse(
            Document(source_id="one", url="https://one.example/rss", body=body, fetched_at=NOW),
            Source(id="one", url="https://one.example/rss"),
            now=NOW,
        )
        newest = max((item.published_at for item in items if item.published_at), default=NOW)
        language = Counter(item.language for item in items).most_common(1)[0][0] if items else "en"
        poll = Poll(
            now=newest + timedelta(hours=1),
            route="direct",
            answer=Answer(status=200, headers={"server": "cloudflare"}, head=body[:8_000]),
            window=window_of(items, len(items)),
        )
        source = Source(id="one", url="https://one.example/rss", language=language)
        found = judge(SourceHealth(source_id="one"), source, poll)
        wall = which_wall(403, {}, decode(body[:8_000]))
        if found.kind != "ok" or wall:
            wrong.append((path.name, found.kind, found.detail, wall))

    assert wrong == []
