"""A topic is data: a fourth one, made of files alone, goes from a feed to an alert and into the digest."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from shutil import copytree
from xml.sax.saxutils import escape

import pytest
from typer.testing import CliRunner

from bot.__main__ import cli
from bot.demofeeds import RULES
from bot.store.store import Store
from tests.feedserver import FeedServer

CONCEPT = """
[deal-word]
gloss = "a deal or fund"
en = ["deal", "agreement", "fund", "licence", "license", "tender", "auction"]
ru = ["сделк*", "соглашени*", "фонд*", "лицензи*", "тендер*", "аукцион*"]
zh = ["协议", "基金", "许可证", "招标", "拍卖"]
[ukraine-deposit]
gloss = "a Ukrainian deposit"
en = ["Novopoltavske", "Dobra lithium", "Polokhivske", "Zavallia"]
ru = ["новополтавск* месторожд*", "полоховск*", "завалье*"]
zh = ["新波尔塔夫", "波洛希夫"]
[ukraine-deposit.glosses]
"полоховск*" = "Polokhivske"
"波洛希夫" = "Polokhivske"
"""
TOPIC = """
name = "Ukraine's minerals"
stop = ["rare-earth-otherwise"]
[[rule]]
id = "deal"
weight = 0.9
why = "a deal on Ukraine's minerals"
all = ["ukraine-deal", "deal-word", "rare-earths|critical-minerals|battery-metals|graphite"]
[[rule]]
id = "deposit"
weight = 0.88
why = "names a Ukrainian deposit"
any = ["ukraine-deposit"]
"""
HITS = (
    "Kyiv opens an auction for a lithium field",
    "Украина и США подписали соглашение о редкоземельных металлах",
    "乌克兰与美国签署稀土协议",
    "На Полоховском участке началось бурение",
)
MISSES = (
    "Kyiv opens an auction for old trams",
    "Greenland licence for rare earths renewed",
    "乌克兰小麦出口增长",
    "Украина закупила трамваи",
)


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    """A feed server on loopback."""
    with FeedServer() as server:
        yield server


def test_a_fourth_topic_takes_under_thirty_lines_and_no_code(
    tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hits in three languages alert under its name with its reasons, near misses stay quiet, the digest has a section."""
    assert len((CONCEPT + TOPIC).strip().splitlines()) < 30
    folder, now = tmp_path / "config", format_datetime(datetime.now(UTC))
    for name in ("topics", "concepts"):
        copytree(RULES / name, folder / name)
    (folder / "concepts" / "ukraine.toml").write_text(CONCEPT, encoding="utf-8")
    (folder / "topics" / "ukraine-minerals.toml").write_text(TOPIC, encoding="utf-8")
    entries = "".join(
        f"<item><title>{escape(title)}</title><link>https://news.example/{number}</link><pubDate>{now}</pubDate></item>"
        for number, title in enumerate((*HITS, *MISSES))
    )
    feeds.serve("/desk", f'<rss version="2.0"><channel><title>Desk</title>{entries}</channel></rss>'.encode())
    (folder / "sources.toml").write_text(
        f'[[source]]\nid = "desk"\nurl = "{feeds.url("/desk")}"\ntopics = ["ukraine-minerals"]\n'
    )
    (folder / "settings.toml").write_text(
        "[ingest]\nallow_private_addresses = true\nfirst_poll_alerts = 20\n"
        '[[digest]]\nid = "all"\ntopics = ["ukraine-minerals"]\n'
    )
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOT_CONFIG", str(folder))
    monkeypatch.setenv("BOT_DATA", str(tmp_path / "data"))
    monkeypatch.setattr("bot.commands.common.logs.configure", lambda *_: None)  # pytest owns the streams
    runner = CliRunner()

    polled = runner.invoke(cli, ["poll", "--all"])
    told = runner.invoke(cli, ["deliver"])
    preview = runner.invoke(cli, ["digest", "--preview", str(tmp_path / "digest.html")])

    assert (polled.exit_code, told.exit_code, preview.exit_code) == (0, 0, 0), polled.output + told.output
    with Store.open_read_only(tmp_path / "data") as store:
        labelled = store.rows(
            "select title from labels join items on key = item_key where topic_id = 'ukraine-minerals' and sure"
        )
        alerts = [
            json.loads(row["message"])
            for row in store.rows("select message from outbox where kind = 'alert'")
        ]
    assert {row["title"] for row in labelled} == set(HITS)
    ours = {
        alert["title"]: reason
        for alert in alerts
        for reason in alert["reasons"]
        if reason["topic_name"] == "Ukraine's minerals"
    }
    # The deal is told in two languages and is one story: whoever came first alerted.
    assert set(ours) == set(HITS) - {HITS[2]}
    assert ours[HITS[1]]["why"] == "a deal on Ukraine's minerals"
    assert ours[HITS[3]]["terms"] == ["Полоховском (Polokhivske)"]
    assert "Ukraine's minerals" in told.output
    assert all(title not in told.output for title in MISSES)
    digest = (tmp_path / "digest.html").read_text(encoding="utf-8")
    assert HITS[1] in digest
    assert HITS[2] not in digest
