"""The fault table, rows 25-28, 33 and 34: what a feed may say of itself, polled over real HTTP into a real database.

Each row's test comes with the same fault and the guard taken away, to show that it is the guard which holds.
"""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.analyse.stories import LONGEST
from bot.configured import Source
from bot.store.stories import open_stories
from tests.faults.scene import START, News, Peak, Scene, feed, sanctions, scene
from tests.feedserver import FeedServer, feeds

__all__ = ["feeds"]

DAY_OLD = 30.0


def one(feeds: FeedServer, **changes: object) -> Source:
    """The source of most tests."""
    return replace(Source(id="one", name="One", url=feeds.url("/rss")), **changes)  # type: ignore[arg-type]


# --- row 25: GUIDs ----------------------------------------------------------------------------------


async def test_25_one_guid_on_all_items_hides_none(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 25: twelve entries of one GUID are twelve items, and a thirteenth is the only new one."""
    news = [replace(entry, guid="same") for entry in sanctions(13)]
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed(*news[1:]))
        first = await stage.poll()
        feeds.serve("/rss", feed(*news))
        second = await stage.poll()

    assert (first.new, second.new, second.alerts) == (12, 1, 1)


@pytest.mark.parametrize("spelling", ["https", "utm", "guids", "no guids"])
async def test_25_items_respelt_in_place_are_the_same_items(
    feeds: FeedServer, tmp_path: Path, spelling: str
) -> None:
    """Row 25: from http to https, with ?utm appended, with other GUIDs or none: nothing is new."""
    news = sanctions(20)
    changed = {
        "https": [replace(n, link=n.link.replace("http:", "https:")) for n in news],
        "utm": [replace(n, link=n.link + "?utm_source=rss", guid=n.guid + "?utm_source=rss") for n in news],
        "guids": [replace(n, guid=f"urn:{n.guid[::-1]}") for n in news],
        "no guids": [replace(n, guid="") for n in news],
    }[spelling]
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed(*news))
        await stage.poll()
        feeds.serve("/rss", feed(*changed))
        again = await stage.poll()
        alerts = await stage.alerts()

    assert (again.status, again.items, again.new) == ("ok", 20, 0)
    assert len(alerts) == 3


async def moved(stage: Scene, feeds: FeedServer) -> tuple[int, int]:
    """A feed that moves to another host with all its entries; how many items and alerts that adds."""
    feeds.serve("/rss", feed(*sanctions(20, hours=DAY_OLD)))
    await stage.poll()
    before = len(await stage.titles()), len(await stage.alerts())
    feeds.serve("/rss", feed(*sanctions(20, hours=DAY_OLD, host="https://moved.example/archive")))
    await stage.poll()
    return len(await stage.titles()) - before[0], len(await stage.alerts()) - before[1]


async def test_25_a_feed_that_moved_host_brings_nothing_new(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 25: links and GUIDs all change; the entries are recognised for good, and the operator is told once."""
    async with scene(tmp_path, one(feeds)) as stage:
        added = await moved(stage, feeds)
        third = sanctions(21, hours=DAY_OLD, host="https://moved.example/archive")
        feeds.serve("/rss", feed(replace(third[20], hours=-0.5), *third[:20]))
        later = await stage.poll()
        notices = await stage.notices()

    assert added == (0, 0)
    assert (later.new, later.alerts) == (1, 1)
    assert [notice.title for notice in notices] == ["One: its entries have new addresses"]


async def test_25_without_the_guards_the_moved_feed_floods(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 25, the guards off: unrecognised entries are stored twice; not held either, they alert."""
    monkeypatch.setattr("bot.intake.recognise", lambda *_, **__: {})
    async with scene(tmp_path / "held", one(feeds)) as stage:
        assert await moved(stage, feeds) == (20, 0)
    monkeypatch.setattr("bot.intake.flood", lambda *_, **__: None)
    async with scene(tmp_path / "open", one(feeds)) as stage:
        assert await moved(stage, feeds) == (20, 20)


# --- row 26: edits ----------------------------------------------------------------------------------

ORE = News(
    title="Ministry sets the rare earth mining quota for the year",
    link="http://news.example/2026/11/quota",
    summary="China's ministry announced the quota.",
)


async def test_26_an_edit_replaces_the_item_and_alerts_nobody(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 26: a mended headline is found by search, the old one is kept; no second alert, also in the next polls."""
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed())
        await stage.poll()
        feeds.serve("/rss", feed(ORE))
        first = await stage.poll()
        feeds.serve("/rss", feed(replace(ORE, title=ORE.title.replace("Ministry", "Beijing"), summary="")))
        second = await stage.poll()
        feeds.serve(
            "/rss", feed(replace(ORE, title=ORE.title.replace("Ministry", "Beijing")), News(title="x"))
        )
        third = await stage.poll()
        kept = await stage.rows("select title, summary, action from revisions")
        found = [len(await stage.search(word)) for word in ("Beijing", "announced", '"Ministry sets"')]
        titles = await stage.titles()
        alerts = await stage.alerts()

    assert [(polled.new, polled.alerts) for polled in (first, second, third)] == [(1, 1), (0, 0), (1, 0)]
    assert kept == [{"title": ORE.title, "summary": ORE.summary, "action": "none"}]
    assert found == [1, 1, 0]
    assert titles == [ORE.title.replace("Ministry", "Beijing"), "x"]
    assert len(alerts) == 1


@pytest.mark.parametrize(
    ("before", "action", "alerts"),
    [(ORE, "thread", 1), (replace(ORE, title="Ministry meets", summary="It met."), "alert", 1)],
    ids=["alerted", "never alerted"],
)
async def test_26_an_edit_that_says_something_new(
    feeds: FeedServer, tmp_path: Path, before: News, action: str, alerts: int
) -> None:
    """Row 26: a new figure in the headline is for the thread of an alert; where there was none, it alerts once."""
    after = replace(ORE, title=ORE.title + ": 270,000 tonnes")
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed())
        await stage.poll()
        for version in (before, after):
            feeds.serve("/rss", feed(version))
            await stage.poll()
        kept = await stage.rows("select action from revisions")
        sent = await stage.alerts()

    assert kept == [{"action": action}]
    assert len(sent) == alerts


async def test_26_without_the_guard_an_edit_is_missed(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 26, the guard off: the item stays as it was first seen."""
    monkeypatch.setattr("bot.intake.edited", lambda *_: None)
    async with scene(tmp_path, one(feeds)) as stage:
        for title in (ORE.title, "Corrected"):
            feeds.serve("/rss", feed(replace(ORE, title=title)))
            await stage.poll()

        assert await stage.titles() == [ORE.title]


# --- row 27: floods ---------------------------------------------------------------------------------


def json_feed(first: int, count: int, hits: int, *, hours: float) -> bytes:
    """A JSON Feed of so many items, the first of them on topic."""
    at = (START - timedelta(hours=hours)).isoformat()
    news = sanctions(first + hits)[first:]
    titles = [n.title for n in news] + [
        f"Weekly gossip of village {n}" for n in range(1000 * first, 1000 * first + count - hits)
    ]
    items = [
        {
            "id": f"{first}-{n}",
            "url": f"https://news.example/{first}/{n}",
            "title": title,
            "date_published": at,
        }
        for n, title in enumerate(titles)
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": items}).encode()


async def flooded(stage: Scene, feeds: FeedServer, count: int) -> list[int]:
    """Two polls of so many new items, 40 of them on topic; how many alerts there are after each."""
    counts = []
    for first, hours in ((0, 1.0), (100, -0.3)):
        feeds.serve("/rss", json_feed(first, count, 40, hours=hours), "application/feed+json")
        polled = await stage.poll()
        assert (polled.status, polled.new) == ("ok", count)
        counts.append(len(await stage.alerts()))
    return counts


async def test_27_ten_thousand_items_at_once_alert_a_few_times(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 27: three alerts of a first poll, five of a later flood and one notice; memory stays within bounds."""
    with Peak() as peak:
        async with scene(tmp_path, one(feeds)) as stage:
            counts = await flooded(stage, feeds, 10_000)
            notices = await stage.notices()

    assert counts == [3, 8]
    assert [(n.title, n.lines) for n in notices] == [
        (
            "One: 10,000 new entries at once",
            ("All are kept, 5 alerted. The rest is history, or over the limit.",),
        )
    ]
    assert peak.megabytes < 200


async def test_27_without_the_guard_the_flood_is_sent(
    feeds: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row 27, the guard off: each of the items on topic alerts."""
    monkeypatch.setattr("bot.intake.flood", lambda *_, **__: None)
    async with scene(tmp_path, one(feeds)) as stage:
        assert await flooded(stage, feeds, 300) == [3, 43]


# --- row 28: answers that are no feed ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"body": b"<!doctype html><html><title>Welcome</title></html>"}, 'an HTML page titled "Welcome"'),
        ({"body": b'{"error": "quota"}', "content_type": "application/json"}, "JSON, but no feed"),
        ({"body": b""}, "an empty answer"),
        ({"body": b" \n"}, "an empty answer"),
        ({"body": b"<rss><channel><item><title>Half"}, "a feed that breaks off in its first entry"),
        (
            {"body": b"<rss><channel><item><title>Half", "cut": 20},
            "the connection broke (RemoteProtocolError)",
        ),
        ({"status": 404}, "HTTP 404 not found"),
        ({"status": 410}, "HTTP 410 gone for good"),
        ({"status": 403, "body": b"<html>Just a moment...</html>"}, "HTTP 403 refused"),
        ({"status": 500}, "HTTP 500 server error"),
    ],
    ids=["html", "json", "empty", "blank", "truncated", "broken off", "404", "410", "403", "500"],
)
async def test_28_a_bad_answer_is_counted_and_forgets_nothing(
    feeds: FeedServer, tmp_path: Path, answer: dict[str, object], error: str
) -> None:
    """Row 28: the items stay, the old validators are sent again, and what comes then is read."""
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed(*sanctions(3)), etag='"good"')
        await stage.poll()
        feeds.serve("/rss", **{"etag": '"bad"', **answer})  # type: ignore[arg-type]
        bad = await stage.poll(after=timedelta(hours=1))
        state = await stage.state()
        feeds.serve("/rss", feed(*sanctions(3)), etag='"good"')
        again = await stage.poll()
        titles = await stage.titles()

    assert (bad.status, bad.error) == ("failed", error)
    assert (state.etag, state.failures, state.error) == ('"good"', 1, error)
    assert again.status == "not_modified"
    assert len(titles) == 3


async def test_28_truncated_xml_gives_its_complete_entries_and_is_read_again(
    feeds: FeedServer, tmp_path: Path
) -> None:
    """Row 28: the entry that was cut is not taken, and comes whole with the next answer of the same ETag."""
    body = feed(*sanctions(3))
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", body[: body.rindex(b"</description>") - 5], etag='"1"')
        first = await stage.poll()
        feeds.serve("/rss", body, etag='"1"')
        second = await stage.poll()

    assert (first.status, first.new) == ("ok", 2)
    assert (second.status, second.new) == ("ok", 1)


async def test_28_not_modified_leaves_everything_as_it_was(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 28: 304 is a good poll that brings nothing."""
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed(*sanctions(3)), etag='"1"')
        await stage.poll()
        again = await stage.poll()
        state = await stage.state()

    assert (again.status, again.new, state.failures, state.etag) == ("not_modified", 0, 0, '"1"')


# --- row 33: encodings ------------------------------------------------------------------------------

RUSSIAN = "Россия нарастит добычу редкоземельных металлов на Томторском месторождении"
CHINESE = "商务部宣布对稀土相关物项实施出口管制"


@pytest.mark.parametrize(
    ("title", "encoding", "claim"),
    [
        (RUSSIAN, "cp1251", "utf-8"),
        (RUSSIAN, "koi8-r", "utf-8"),
        (RUSSIAN, "utf-8", "windows-1251"),
        (CHINESE, "gb18030", "utf-8"),
        (CHINESE, "gb18030", "gb2312"),
        (CHINESE, "utf-8", "iso-8859-1"),
    ],
)
async def test_33_a_lying_charset_still_gives_readable_text(
    feeds: FeedServer, tmp_path: Path, title: str, encoding: str, claim: str
) -> None:
    """Row 33: in the header and in the document; the title is stored as it was written, and found by search."""
    text = feed(*(News(title=f"{title} {n}", link=f"https://a.example/{n}") for n in range(3))).decode()
    async with scene(tmp_path, one(feeds)) as stage:
        body = text.replace('"utf-8"', f'"{claim}"').encode(encoding)
        feeds.serve("/rss", body, f"text/xml; charset={claim}")
        await stage.poll()
        titles = await stage.titles()
        hits = await stage.search(title.split()[0])

    assert titles == [f"{title} {n}" for n in range(3)]
    assert len(hits) == 3


async def test_33_characters_that_no_text_holds_are_dropped(feeds: FeedServer, tmp_path: Path) -> None:
    """Row 33: NUL, controls, lone surrogates and overrides are gone before anything is stored or sent."""
    bad = "".join(map(chr, (*range(9), 11, 12, *range(14, 32), 0x202E, 0xFFFE))) + "&#xD800;&#0;&#x1b;"
    title = sanctions(1)[0].title
    body = feed(replace(sanctions(1)[0], title="MARK"), News(title="b", link="https://a.example/2"))
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", body.replace(b"MARK", f"{bad}{title}{bad}".encode()))
        polled = await stage.poll()
        titles = await stage.titles()
        [message] = await stage.alerts()

    assert (polled.status, polled.new) == ("ok", 2)
    assert titles[0] == title
    assert title in message
    assert json.loads(message)["title"].isprintable()


# --- row 34: dates ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("", None),
        ("32 Foo 2099", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "2026-11-24T08:20:00.000000+00:00"),
        ("Tue, 24 Nov 2026 08:50:00 GMT", "2026-11-24T08:50:00.000000+00:00"),
        ("-1", None),
        ("9" * 400, "2026-11-24T08:20:00.000000+00:00"),
    ],
    ids=["none", "nonsense", "1970", "2100", "a little ahead", "negative", "endless"],
)
async def test_34_a_date_that_can_not_be_is_none_of_ours(
    feeds: FeedServer, tmp_path: Path, written: str, published: str | None
) -> None:
    """Row 34: no date or one of long ago is left out, the far future is now; the item is news by its first sight."""
    body = feed(replace(sanctions(1)[0], hours=None, inside=f"<pubDate>{written}</pubDate>"))
    async with scene(tmp_path, one(feeds)) as stage:
        feeds.serve("/rss", feed())
        await stage.poll()
        feeds.serve("/rss", body)
        polled = await stage.poll()
        [row] = await stage.rows("select published_at, first_seen_at from items")
        open_now = await stage.ask(lambda store: open_stories(store, START, 72, LONGEST))

    assert (polled.new, polled.alerts) == (1, 1)
    assert row == {"published_at": published, "first_seen_at": "2026-11-24T08:20:00.000000+00:00"}
    assert len(open_now) == 1
