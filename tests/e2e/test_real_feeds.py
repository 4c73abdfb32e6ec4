"""Documents as real sites served them, through the whole ingest."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import feedparser
import pytest

from bot.configured import Source
from bot.sourcefile import to_toml
from bot.store.store import Store
from tests.e2e.stage import ROOT
from tests.feedserver import FeedServer

REAL_FEEDS = ROOT.parent / "shared" / "data" / "real-feeds"
SETTINGS = "[ingest]\nallow_private_addresses = true\nper_host = 16\n"

pytestmark = pytest.mark.skipif(
    not REAL_FEEDS.is_dir(),
    reason="the real feed documents are not here; they may not be part of the project",
)


def poll_all(folder: Path) -> list[dict[str, object]]:
    """`reebot poll --all --json` on the folder's configuration."""
    env = {**os.environ, "BOT_CONFIG": str(folder / "config"), "BOT_DATA": str(folder / "data")}
    done = subprocess.run(
        [sys.executable, "-m", "bot", "poll", "--all", "--json"],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stdout))


def test_real_feeds_give_as_many_items_as_feedparser_finds_and_no_duplicate(tmp_path: Path) -> None:
    """Polled twice, each document's entries are stored once; the second time the server only says 304."""
    documents = {path.name.split(".")[0]: path.read_bytes() for path in sorted(REAL_FEEDS.iterdir())}
    assert len(documents) == 53
    expected = {name: len(feedparser.parse(body).entries) for name, body in documents.items()}
    with FeedServer() as feeds:
        sources = []
        for name, body in documents.items():
            kind = "application/atom+xml" if b"<feed" in body[:2000] else "application/rss+xml"
            feeds.serve(f"/{name}", body, content_type=kind, etag=f'"{name}"')
            sources.append(to_toml(Source(id=f"s-{name}", url=feeds.url(f"/{name}"))))
        config = tmp_path / "config"
        config.mkdir()
        (config / "settings.toml").write_text(SETTINGS)
        (config / "sources.toml").write_text("\n".join(sources))
        for rules in ("topics", "concepts"):
            (config / rules).symlink_to(ROOT / "config" / rules)

        first = poll_all(tmp_path)
        second = poll_all(tmp_path)

        assert Counter(str(polled["status"]) for polled in first) == {"ok": 53}
        assert Counter(str(polled["status"]) for polled in second) == {"not_modified": 53}
        assert all(feeds.not_modified(f"/{name}") == 1 for name in documents)
    with Store.open_read_only(tmp_path / "data") as store:
        stored = {
            row["id"][2:]: row["n"]
            for row in store.rows("select source_id as id, count(*) as n from items group by 1")
        }
    assert stored == expected
