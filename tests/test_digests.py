"""When the service makes a digest, and what its window holds."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot import config, digests
from bot.config import Config
from bot.demofeeds import RULES
from bot.model import PollState
from bot.settings import DigestList
from bot.store.store import Store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LIST = DigestList(id="all", at=time(8, 0))


@pytest.fixture
def loaded(tmp_path: Path) -> Config:
    """A configuration with two sources that are on and one that is off."""
    (tmp_path / "settings.toml").write_text('[[digest]]\nid = "all"\n')
    (tmp_path / "sources.toml").write_text(
        "".join(
            f'[[source]]\nid = "{name}"\nurl = "https://news.example/{name}"\nenabled = {enabled}\n'
            for name, enabled in (("one", "true"), ("two", "true"), ("off", "false"))
        )
    )
    for name in ("topics", "concepts"):
        (tmp_path / name).symlink_to(RULES / name)
    return config.load({"BOT_CONFIG": str(tmp_path)})


def test_the_first_digest_waits_until_every_source_was_asked_once(loaded: Config) -> None:
    """A new installation mails no empty digest in its first second; a source that fails does not hold it back."""
    with Store.in_memory() as store:
        assert not digests.is_due(store, loaded, LIST, NOW)

        store.save_poll(PollState(source_id="one", polled_at=NOW, ok_at=NOW, status="ok"))
        assert not digests.is_due(store, loaded, LIST, NOW)

        store.save_poll(PollState(source_id="two", polled_at=NOW, status="failed", failures=1))
        assert digests.is_due(store, loaded, LIST, NOW)


def test_a_digest_is_made_once_a_date_and_goes_on_where_the_last_ended(loaded: Config) -> None:
    """Made today it is not due again today, even by hand; tomorrow's window begins at today's end."""
    with Store.in_memory() as store:
        for name in ("one", "two"):
            store.save_poll(PollState(source_id=name, polled_at=NOW, status="ok"))

        made = digests.make(store, loaded, LIST, None, NOW)

        assert made is not None
        assert not digests.is_due(store, loaded, LIST, NOW + timedelta(hours=1))
        assert digests.make(store, loaded, LIST, None, NOW + timedelta(hours=1)) is None
        assert digests.is_due(store, loaded, LIST, NOW + timedelta(days=1))
        later = digests.preview(store, loaded, LIST, None, NOW + timedelta(days=1))
        assert later.since_at == made.until_at


def test_a_digest_is_not_due_before_its_hour(loaded: Config) -> None:
    """The list's hour decides, however much was polled."""
    with Store.in_memory() as store:
        for name in ("one", "two"):
            store.save_poll(PollState(source_id=name, polled_at=NOW, status="ok"))

        assert not digests.is_due(store, loaded, LIST, NOW.replace(hour=7, minute=59))


def test_the_coverage_names_the_sources_that_were_not_read(loaded: Config) -> None:
    """Counts of read and unread sources add up to those that are on."""
    with Store.in_memory() as store:
        store.save_poll(PollState(source_id="one", polled_at=NOW, ok_at=NOW, status="ok"))
        store.save_poll(PollState(source_id="two", status="failed", error="HTTP 403", failures=2))

        coverage = digests.preview(store, loaded, LIST, None, NOW).coverage

    assert coverage.sources_read == 1
    assert [name for name, _ in coverage.sources_unread] == ["two"]
