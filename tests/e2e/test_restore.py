"""The drill: the database is destroyed, a backup is put in its place, and nobody hears anything twice."""

from collections import Counter
from pathlib import Path

import pytest

from tests.e2e.stage import Bot, MailSink, in_background, some_feeds
from tests.slackserver import TOKEN, SlackServer


@pytest.mark.parametrize("copied_after", ["history", "news"])
def test_a_restored_database_sends_nothing_again(tmp_path: Path, copied_after: str) -> None:
    """Neither the alerts that waited in the copy and went out later, nor those that came after it, nor the digest.

    Of one source: where two report an event, another may be first the second time, and the story another (see the manual).
    """
    sink = MailSink()
    with (
        in_background(some_feeds(tmp_path / "feeds", ("kola-mining-wire",))) as feeds,
        in_background(SlackServer("rare-earths")) as slack,
        sink.running() as smtp_url,
    ):
        bot = Bot(tmp_path, feeds, SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=slack.url, SMTP_URL=smtp_url)
        bot.lists("anna@example.org")
        for step in ("history", "news"):
            bot.run("poll", "--all")
            if step == copied_after:
                assert bot.run("backup").returncode == 0
            feeds.round = 2
        bot.run("digest")
        bot.run("deliver")
        posted = Counter(post.key for post in slack.posts)
        assert len(posted) >= 3
        assert len(sink.mails) == 1

        database = bot.data / "bot.db"
        database.write_bytes(b"not a database any more" * 1_000)
        for suffix in ("-wal", "-shm"):
            Path(f"{database}{suffix}").unlink(missing_ok=True)
        done = bot.run("restore")
        assert done.returncode == 0, done.stderr
        bot.run("poll", "--all")
        bot.run("digest")
        for _ in range(2):
            bot.run("deliver")

        assert Counter(post.key for post in slack.posts) == posted
        assert len(sink.mails) == 1
        assert bot.count("channel = 'slack' and state = 'sent'") == len(posted)
        assert bot.count("state in ('pending', 'sending')") == 0
        assert any(bot.data.glob("bot.db.replaced-*"))
