"""The commands as a person or a program uses them: what they print, and how they end."""

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog
from typer.testing import CliRunner, Result

from bot.__main__ import cli, main
from bot.demofeeds import RULES
from bot.store.store import Store
from tests.feedserver import FeedServer

Run = Callable[..., Result]

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Desk</title>
<item><title>EU adopts 20th sanctions package against Russia</title><link>https://news.example/2026/eu-20</link>
<description>Ambassadors agreed on Monday.</description></item>
<item><title>В Якутии начали разработку Томтора</title><link>https://news.example/2026/tomtor</link></item>
<item><title>Weather turns mild</title><link>https://news.example/2026/weather</link></item>
</channel></rss>"""
LINES = [
    {"id": 7, "title": "EU adopts 20th sanctions package against Russia", "published": "2026-11-20"},
    {"id": "b", "title": "EU adopts 20th sanctions package against Russia", "published": "2026-11-21"},
    {"id": "c", "title": "Pork prices rise in China", "published": "2026-11-19"},
]


@pytest.fixture
def feeds() -> object:
    """A feed server on loopback."""
    with FeedServer() as server:
        yield server


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The log set up once, and silent: a command's own set-up would keep hold of streams that end with it."""
    monkeypatch.setattr("bot.logs.configure", lambda *_: None)
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture
def reebot(tmp_path: Path, feeds: FeedServer, monkeypatch: pytest.MonkeyPatch, quiet: None) -> Run:
    """Runs a command on a configuration with one source."""
    feeds.serve("/desk", FEED.encode(), etag='"1"')
    config = tmp_path / "config"
    config.mkdir()
    (config / "settings.toml").write_text(
        '[ingest]\nallow_private_addresses = true\n[[digest]]\nid = "all"\n[log]\nlevel = "error"\n'
    )
    (config / "sources.toml").write_text(f'[[source]]\nid = "desk"\nurl = "{feeds.url("/desk")}"\n')
    for name in ("topics", "concepts"):
        (config / name).symlink_to(RULES / name)
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_API_URL", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("BOT_CONFIG", str(config))
    monkeypatch.setenv("BOT_DATA", str(tmp_path / "data"))
    runner = CliRunner()

    def run(*arguments: str, given: str = "") -> Result:
        return runner.invoke(cli, arguments, input=given)

    return run


def lines(*rows: object) -> str:
    """JSON lines."""
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)


def test_classify_answers_each_line_in_order(reebot: Run) -> None:
    """One answer a line, in the order given, with topics, scores for every topic, and evidence that is in the text."""
    done = reebot("classify", "--jsonl", given=lines(*LINES))

    answers = [json.loads(line) for line in done.output.splitlines()]
    assert done.exit_code == 0
    assert [answer["id"] for answer in answers] == [7, "b", "c"]
    assert answers[0]["topics"] == ["sanctions"]
    assert answers[2]["topics"] == []
    assert set(answers[0]["scores"]) == {"russia-ree", "sanctions", "china-pricing"}
    for piece in answers[0]["evidence"]:
        assert LINES[0]["title"][piece["start"] : piece["end"]] == piece["term"]  # type: ignore[index]


def test_classify_reads_the_figures_of_each_line(reebot: Run) -> None:
    """Facts with kind, item, value, unit and place, also of an item of no topic."""
    title = "镨钕金属68.5-69万元/吨"

    done = reebot("classify", given=lines({"id": 1, "title": title}, {"id": 2, "title": "No figure here"}))

    [priced, bare] = [json.loads(line)["facts"] for line in done.output.splitlines()]
    assert bare == []
    [fact] = priced
    assert (fact["kind"], fact["value"], fact["value_to"], fact["unit"]) == (
        "price",
        685_000,
        690_000,
        "CNY/t",
    )
    assert title[fact["start"] : fact["end"]] == "68.5-69万元/吨"


def test_classify_keeps_the_place_of_a_line_that_is_none(reebot: Run) -> None:
    """A line that can not be read is answered with its number and what is wrong; the others are classified."""
    done = reebot("classify", given=lines(LINES[0], "{nonsense", LINES[2]))

    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 1
    assert [answer["id"] for answer in answers] == [7, None, "c"]
    assert answers[1]["line"] == 2


def test_replay_tells_story_copy_level_and_action(reebot: Run) -> None:
    """Items go through in published order: the first report alerts, its copy does not, the rest is nothing."""
    done = reebot("replay", "--jsonl", given=lines(*LINES))

    answers = {answer["id"]: answer for answer in map(json.loads, done.output.splitlines())}
    assert [json.loads(line)["id"] for line in done.output.splitlines()] == ["c", 7, "b"]
    assert answers[7] | {"story": None} == {
        "id": 7, "topics": ["sanctions"], "story": None, "copy_of": None, "level": "now", "action": "alert",
    }  # fmt: skip
    assert answers["b"]["copy_of"] == 7
    assert answers["b"]["story"] == answers[7]["story"]
    assert answers["b"]["action"] == "none"
    assert answers["c"]["action"] == "none"


def test_a_round_of_each_job_by_hand(reebot: Run, tmp_path: Path) -> None:
    """Polled, delivered and digested by hand, a day's news ends on the terminal and in the digest's files."""
    polled = json.loads(reebot("poll", "--all", "--json").output)
    assert [(entry["status"], entry["items"], entry["new"]) for entry in polled] == [("ok", 3, 3)]
    assert "not modified" in reebot("poll", "--all").output
    assert "No source is due" in reebot("poll").output

    delivered = reebot("deliver")
    assert delivered.exit_code == 0

    preview = tmp_path / "preview.html"
    assert reebot("digest", "--preview", str(preview)).exit_code == 0
    assert "<html" in preview.read_text()
    assert reebot("digest").exit_code == 0
    assert "made before" in reebot("digest").output
    assert {path.suffix for path in (tmp_path / "data" / "digests").iterdir()} == {".html", ".eml"}


def test_explain_reproduces_the_stored_score(reebot: Run) -> None:
    """An item named by its address is explained with its matched words, rules, story and the same score again."""
    reebot("poll", "--all")

    shown = reebot("explain", "https://news.example/2026/eu-20")
    found = json.loads(reebot("explain", "https://news.example/2026/tomtor", "--json").output)
    plain = reebot("explain", "https://news.example/2026/weather")

    assert shown.exit_code == 0
    assert "Reproduced to the last digit" in shown.output
    assert "Story" in shown.output
    assert (
        "rule eu-package" in shown.output or "rule russia-sanctions: weight 0.9 in the title" in shown.output
    )
    assert found["reproduced"] is True
    assert found["stored"]["scores"] == found["now"]["scores"]
    assert found["stored"]["labels"][0]["topic_id"] == "russia-ree"
    assert "no alert" in plain.output
    assert reebot("explain", "nothing-like-it").exit_code == 1


def test_backtest_tells_what_other_rules_would_change(reebot: Run, tmp_path: Path) -> None:
    """Under the rules in force nothing changes; without the sanctions topic its alert is lost, in the report too."""
    reebot("poll", "--all")
    rules = tmp_path / "rules"
    shutil.copytree(RULES / "concepts", rules / "concepts")
    shutil.copytree(RULES / "topics", rules / "topics")

    same = reebot("backtest", "--rules", str(rules))
    (rules / "topics" / "sanctions.toml").unlink()
    other = reebot("backtest", "--rules", str(rules), "--since", "", "--html", str(tmp_path / "report.html"))

    assert same.exit_code == other.exit_code == 0, same.output + other.output
    assert "3 items keep all their scores" in same.output
    assert "lost" in other.output
    assert "EU adopts 20th sanctions package" in other.output
    assert "EU adopts 20th sanctions package" in (tmp_path / "report.html").read_text()
    assert reebot("backtest", "--rules", str(rules), "--since", "soon").exit_code == 2


def test_search_finds_what_was_polled(reebot: Run) -> None:
    """A word in another form finds its item, in text and as JSON; nothing found is said."""
    reebot("poll", "--all")

    assert "Томтора" in reebot("search", "томтор").output
    hits = json.loads(reebot("search", "санкции OR package", "--json").output)
    assert hits == []
    assert [hit["url"] for hit in json.loads(reebot("search", "sanction packages", "--json").output)] == [
        "https://news.example/2026/eu-20"
    ]
    assert "Nothing found" in reebot("search", "xyzzy").output


def test_sources_are_listed_added_exported_and_removed(
    reebot: Run, tmp_path: Path, feeds: FeedServer
) -> None:
    """The source list is edited by commands, and its file stays loadable."""
    feeds.serve("/other", FEED.encode())

    added = reebot("sources", "add", feeds.url("/other"), "--id", "other", "--topic", "sanctions")
    assert added.exit_code == 0, added.output
    assert "2 sources" in reebot("sources", "list").output
    opml = tmp_path / "out.opml"
    assert reebot("sources", "export", str(opml)).exit_code == 0
    assert reebot("sources", "remove", "other").exit_code == 0
    assert "1 sources added" in reebot("sources", "import", str(opml)).output
    assert [source["id"] for source in json.loads(reebot("sources", "list", "--json").output)] == [
        "desk",
        "other",
    ]

    reebot("poll", "--all")
    assert {row["source_id"] for row in json.loads(reebot("sources", "health", "--json").output)} == {
        "desk",
        "other",
    }
    assert "desk" in reebot("sources", "health").output


def test_a_dead_source_does_not_fail_the_others(reebot: Run, feeds: FeedServer, tmp_path: Path) -> None:
    """One failing source of two is shown and ends well; when all fail the command fails."""
    feeds.serve("/dead", b"<html><body>gone</body></html>", content_type="text/html", status=404)
    sources = tmp_path / "config" / "sources.toml"
    sources.write_text(sources.read_text() + f'[[source]]\nid = "dead"\nurl = "{feeds.url("/dead")}"\n')

    both = reebot("poll", "--all")
    alone = reebot("poll", "--source", "dead")

    assert both.exit_code == 0
    assert "1 failed" in both.output
    assert alone.exit_code == 1
    assert reebot("poll", "--source", "unheard-of").exit_code == 2


@pytest.mark.parametrize("name", ["web"])
def test_what_is_not_there_yet_says_so(reebot: Run, name: str) -> None:
    """A command of a later version ends with 2 and one plain line, whatever it is given."""
    done = reebot(name, "--since", "90d")

    assert done.exit_code == 2
    assert "not there yet" in done.output


def test_check_lists_every_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broken configuration ends with 2 and all problems, for `check` and for any other command."""
    monkeypatch.setenv("BOT_CONFIG", str(tmp_path))
    for name in ("check", "poll"):
        monkeypatch.setattr("sys.argv", ["reebot", name])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 2
        said = capsys.readouterr().err
        assert "settings.toml: no such file" in said
        assert "sources.toml: no such file" in said


def test_a_second_writer_ends_with_1_and_no_traceback(
    reebot: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While another process works in the folder the command says so and ends."""
    with Store.open(tmp_path / "data"):
        monkeypatch.setattr("sys.argv", ["reebot", "poll", "--all"])
        with pytest.raises(SystemExit) as ended:
            main()

    assert ended.value.code == 1
    assert "another reebot" in capsys.readouterr().err


def test_the_demo_shows_alerts_in_three_languages_and_leaves_a_digest(tmp_path: Path, quiet: None) -> None:
    """The demo ends with 0: at least 15 alerts, all three languages, a digest, more items than hits."""
    folder = tmp_path / "demo"

    done = CliRunner().invoke(cli, ["demo", "--data", str(folder)])

    assert done.exit_code == 0, done.output
    assert done.output.count("●") >= 15
    for language in ("English", "Russian", "Chinese"):
        assert f"· {language} ·" in done.output
    assert {path.suffix for path in (folder / "digests").iterdir()} == {".html", ".eml"}
    with Store.open_read_only(folder) as store:
        counts = store.counts()
    assert counts["items"] > counts["hits"] > 0
    assert counts["waiting"] == 0


def test_the_demo_empties_no_folder_of_somebody_else(tmp_path: Path) -> None:
    """A folder that the demo did not make is left as it is."""
    (tmp_path / "thesis.txt").write_text("mine")

    done = CliRunner().invoke(cli, ["demo", "--data", str(tmp_path)])

    assert done.exit_code == 1
    assert (tmp_path / "thesis.txt").read_text() == "mine"
