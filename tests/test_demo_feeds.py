"""The recorded feeds of the demo: sound, in three languages, new in round 2, and served as a site would."""

import json
import re
import tomllib
from calendar import timegm
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from time import struct_time

import feedparser
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.config import load_sources
from bot.demofeeds import (
    FEEDS,
    DemoFeed,
    FeedServer,
    demo_config,
    documents,
    hits,
    materialise,
    read_manifest,
)
from bot.errors import ConfigError, ParseError

NOW = datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=UTC)
MANIFEST = read_manifest()
#: What feedparser complains of, as real sites make it: no charset in the header, and a page's content type.
QUIRKS = {
    "vestnik-nedr": feedparser.CharacterEncodingOverride,
    "dushi-chenbao": feedparser.NonXMLContentType,
}
ROUNDS = {number: documents(FEEDS, number, NOW) for number in (1, 2)}


@dataclass(frozen=True)
class Entry:
    guid: str
    title: str
    url: str
    published_at: datetime


def entries(feed: DemoFeed, round_number: int) -> list[Entry]:
    """What an independent parser finds in a feed as it is served."""
    document = ROUNDS[round_number][f"/{feed.file}"]
    if feed.format == "json":
        return [
            Entry(item["id"], item["title"], item["url"], datetime.fromisoformat(item["date_published"]))
            for item in json.loads(document.body)["items"]
        ]
    headers = {"content-type": document.content_type, "content-location": f"http://127.0.0.1/{feed.file}"}
    parsed = feedparser.parse(document.body, response_headers=headers)
    assert type(parsed.get("bozo_exception")) is QUIRKS.get(feed.id, type(None)), feed.id
    assert parsed.encoding.removesuffix("le") == feed.encoding, (
        feed.id
    )  # the mark in front tells the byte order
    return [
        # an RDF item has no guid of its own but the address it is about, and one date only
        Entry(
            item.get("id") or item.link,
            item.title,
            item.link,
            moment(item.get("published_parsed") or item.updated_parsed),
        )
        for item in parsed.entries
    ]


def moment(parts: struct_time) -> datetime:
    return datetime.fromtimestamp(timegm(parts), tz=UTC)


@pytest.fixture
async def server() -> AsyncIterator[FeedServer]:
    async with FeedServer(now=NOW) as running:
        yield running


def test_twelve_feeds_in_all_formats_and_languages() -> None:
    """The demo shows every format we read, every language, and encodings that go wrong in real life."""
    assert len(MANIFEST) == 12
    assert {feed.format for feed in MANIFEST} == {"rss", "atom", "rdf", "json"}
    assert {feed.encoding for feed in MANIFEST} == {"utf-8", "windows-1251", "gb18030", "utf-16"}
    assert all(count >= 3 for count in Counter(feed.language for feed in MANIFEST).values())
    assert {feed.language for feed in MANIFEST} == {"en", "ru", "zh"}


@pytest.mark.parametrize("feed", MANIFEST, ids=lambda feed: feed.id)
def test_each_feed_parses_with_sane_dates_and_absolute_links(feed: DemoFeed) -> None:
    """Every entry has a title, a unique guid, a web link and a date in the last two days, newest first."""
    for round_number in (1, 2):
        found = entries(feed, round_number)
        dates = [entry.published_at for entry in found]

        assert len(found) >= 4
        assert len({entry.guid for entry in found}) == len(found)
        assert all(entry.title.strip() and "�" not in entry.title for entry in found)
        assert all(entry.url.startswith("https://news.example/") for entry in found)
        assert dates == sorted(dates, reverse=True)
        assert all(NOW - timedelta(days=2) < date <= NOW for date in dates)


@pytest.mark.parametrize("feed", MANIFEST, ids=lambda feed: feed.id)
def test_round_two_is_round_one_with_newer_items_on_top(feed: DemoFeed) -> None:
    """Nothing changes or goes; what is new is younger than an hour, what was there is older."""
    before, after = entries(feed, 1), entries(feed, 2)

    fresh = after[: len(after) - len(before)]
    assert after[len(fresh) :] == before
    assert len(fresh) >= 3
    assert all(entry.published_at > NOW - timedelta(hours=1) for entry in fresh)
    assert all(entry.published_at < NOW - timedelta(hours=1) for entry in before)


def test_hits_are_a_minority_and_spread_over_languages_and_topics() -> None:
    """Round 2 alone brings 20 stories and more, six or more in each language, on all three topics."""
    on_topic = hits()
    fresh: dict[str, set[str]] = {"en": set(), "ru": set(), "zh": set()}
    total = 0
    for feed in MANIFEST:
        before = {entry.guid for entry in entries(feed, 1)}
        after = entries(feed, 2)
        total += len(after)
        assert on_topic[feed.id].keys() <= {entry.guid for entry in after}, feed.id
        for entry in after:
            if entry.guid in on_topic[feed.id] and entry.guid not in before:
                # copies of one report share the figures in their headline
                fresh[feed.language].add("".join(re.findall(r"\d+", entry.title)) or entry.title)
    topics = Counter(topic for feed in on_topic.values() for found in feed.values() for topic in found)
    on_a_topic = sum(len(feed) for feed in on_topic.values())

    assert 90 <= total <= 125
    assert 35 <= on_a_topic < 0.45 * total
    assert all(len(stories) >= 6 for stories in fresh.values())
    assert sum(len(stories) for stories in fresh.values()) >= 20
    assert topics.keys() == {"russia-ree", "sanctions", "china-pricing"}
    assert min(topics.values()) >= 10


def test_one_event_is_told_by_several_feeds() -> None:
    """The sale at Solikamsk is reported three times in English and twice in Russian: one alert each is right."""
    english = [
        entry for feed in MANIFEST for entry in entries(feed, 2) if "788-million-rouble" in entry.title
    ]
    russian = [entry for feed in MANIFEST for entry in entries(feed, 2) if "788 млн рублей" in entry.title]

    assert len(english) == 3
    assert len(russian) == 2


@pytest.mark.parametrize(
    ("raw", "style", "written"),
    [
        ("{{-35m}}", "mail", "Mon, 02 Mar 2026 08:55:15 GMT"),
        ("{{-3h}}", "iso", "2026-03-02T06:30:15Z"),
        ("{{-2d}}", "iso", "2026-02-28T09:30:15Z"),
        ("a {{-0m}} b {{-1d}}", "mail", "a Mon, 02 Mar 2026 09:30:15 GMT b Sun, 01 Mar 2026 09:30:15 GMT"),
    ],
)
def test_placeholders_become_dates(raw: str, style: str, written: str) -> None:
    """The date that long ago, in the feed's own way to write it, whole seconds, UTC."""
    assert materialise(raw.encode(), NOW, style).decode() == written  # type: ignore[arg-type]  # from the table


@settings(max_examples=50)
@given(age=st.integers(0, 9999), unit=st.sampled_from("mhd"), now=st.datetimes(datetime(2030, 1, 1)))
def test_dates_can_be_read_back(age: int, unit: str, now: datetime) -> None:
    """Both ways of writing give the same moment, whatever `now` is."""
    raw = f"{{{{-{age}{unit}}}}}".encode()
    now = now.replace(tzinfo=UTC)

    iso = datetime.fromisoformat(materialise(raw, now, "iso").decode())
    mail = parsedate_to_datetime(materialise(raw, now, "mail").decode())

    span = timedelta(**{{"m": "minutes", "h": "hours", "d": "days"}[unit]: age})
    assert iso == mail == (now - span).replace(microsecond=0)


@pytest.mark.parametrize("raw", ["{{35m}}", "{{-3w}}", "{{ -3h }}", "{{-h}}"])
def test_a_misspelt_placeholder_is_an_error(raw: str) -> None:
    """It would otherwise reach the parser as an odd date and make an undated item."""
    with pytest.raises(ParseError, match="unknown placeholder"):
        materialise(raw.encode(), NOW, "iso")


def test_a_letter_outside_the_encoding_is_an_error() -> None:
    """A feed in windows-1251 can not hold 稀土; the file has to be changed, not the letter lost."""
    with pytest.raises(ParseError, match="'稀土' can not be written in windows-1251"):
        materialise("稀土".encode(), NOW, "mail", "windows-1251")


def test_a_folder_without_feeds_is_a_config_error(tmp_path: Path) -> None:
    """An installation without the recorded feeds says what is missing; a damaged manifest says so too."""
    with pytest.raises(ConfigError, match="come with a checkout"):
        read_manifest(tmp_path)
    (tmp_path / "manifest.toml").write_text('[[feed]]\nid = "x"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="is damaged"):
        read_manifest(tmp_path)


async def test_the_server_serves_what_the_manifest_says(server: FeedServer) -> None:
    """Bytes, content type and validators of every feed, over real HTTP; anything else is 404."""
    async with httpx.AsyncClient() as client:
        for feed in MANIFEST:
            answer = await client.get(server.url(feed.id))
            assert answer.status_code == 200
            assert answer.content == ROUNDS[1][f"/{feed.file}"].body
            assert answer.headers["content-type"] == feed.content_type
            assert {"etag", "last-modified"} <= answer.headers.keys()
        missing = await client.get(server.url("oxide-tape") + ".bak")

    assert missing.status_code == 404


@pytest.mark.parametrize(
    ("sent", "kept"), [("If-None-Match", "etag"), ("If-Modified-Since", "last-modified")]
)
async def test_an_unchanged_feed_is_304_until_round_two(server: FeedServer, sent: str, kept: str) -> None:
    """Each validator alone saves the transfer; when the round changes, the new body comes."""
    url = server.url("gorod-i-delo")
    async with httpx.AsyncClient() as client:
        first = await client.get(url)
        again = await client.get(url, headers={sent: first.headers[kept]})
        server.round = 2
        later = await client.get(url, headers={sent: first.headers[kept]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert later.status_code == 200
    assert later.content == ROUNDS[2]["/gorod-i-delo.xml"].body


async def test_a_stale_etag_outweighs_a_fresh_date(server: FeedServer) -> None:
    """If-None-Match decides where both are sent, as RFC 9110 has it."""
    url = server.url("oxide-tape")
    async with httpx.AsyncClient() as client:
        first = await client.get(url)
        headers = {"If-None-Match": '"other"', "If-Modified-Since": first.headers["last-modified"]}
        answer = await client.get(url, headers=headers)

    assert answer.status_code == 200


async def test_the_server_knows_two_rounds_and_its_feeds(server: FeedServer) -> None:
    """Wrong use fails at once instead of serving nothing."""
    with pytest.raises(ValueError, match="no round 3"):
        server.round = 3
    with pytest.raises(KeyError):
        server.url("no-such-feed")
    with pytest.raises(RuntimeError):
        FeedServer(now=NOW).url("oxide-tape")

    assert server.round == 1


async def test_the_demo_configuration_polls_the_server(server: FeedServer, tmp_path: Path) -> None:
    """Every feed is a source with the server's address; loopback is allowed; topics and concepts are copied."""
    rules = tmp_path / "rules"
    (rules / "topics").mkdir(parents=True)
    (rules / "concepts").mkdir()
    (rules / "topics" / "sanctions.toml").write_text('name = "Sanctions"\n', encoding="utf-8")

    demo_config(tmp_path / "config", server, rules)
    demo_config(tmp_path / "config", server, rules)  # over an older one

    sources = load_sources(tmp_path / "config" / "sources.toml")
    written = tomllib.loads((tmp_path / "config" / "settings.toml").read_text(encoding="utf-8"))
    assert [(source.id, source.url, source.language) for source in sources] == [
        (feed.id, server.url(feed.id), feed.language) for feed in MANIFEST
    ]
    assert written["ingest"]["allow_private_addresses"] is True
    assert (tmp_path / "config" / "topics" / "sanctions.toml").is_file()
    assert (tmp_path / "config" / "concepts").is_dir()
