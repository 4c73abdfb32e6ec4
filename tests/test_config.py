"""Configuration: every problem in one go, with file, key and what was expected."""

import shutil
from pathlib import Path

import pytest

from bot import config
from bot.errors import ConfigError

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small, sound configuration to break."""
    made = tmp_path / "config"
    (made / "topics").mkdir(parents=True)
    (made / "concepts").mkdir()
    (made / "settings.toml").write_text(
        '[[digest]]\nid = "all"\nto = ["a@example.org"]\ntimezone = "Europe/Berlin"\n'
    )
    (made / "sources.toml").write_text('[[source]]\nid = "one"\nurl = "https://news.example/feed"\n')
    (made / "concepts" / "metals.toml").write_text(
        '[neodymium]\nen = ["neodymium"]\nnot = ["neodymium laser"]\n'
    )
    (made / "topics" / "prices.toml").write_text(
        'name = "Prices"\n[[rule]]\nid = "metal"\nweight = 0.8\nwhy = "names a metal"\nall = ["neodymium"]\n'
    )
    return made


def problems(folder: Path, **env: str) -> list[str]:
    """What `load` complains of, each with the folder's own path left out."""
    with pytest.raises(ConfigError) as caught:
        config.load({"BOT_CONFIG": str(folder), **env})
    return [str(problem).replace(f"{folder}/", "") for problem in caught.value.problems]


def test_a_sound_folder_loads_into_frozen_records(folder: Path) -> None:
    """A sound configuration gives records with the defaults filled in."""
    loaded = config.load({"BOT_CONFIG": str(folder), "SMTP_URL": "smtp://user:hidden@mail.example:587"})

    assert [source.id for source in loaded.sources] == ["one"]
    assert loaded.concepts[0].not_ == ("neodymium laser",)
    assert loaded.topics[0].rules[0].all == ("neodymium",)
    assert loaded.settings.ingest.interval_minutes == 10
    assert str(loaded.env.data) == "data"


def test_secrets_do_not_print(folder: Path) -> None:
    """The representation of a loaded configuration shows no secret."""
    env = {
        "BOT_CONFIG": str(folder),
        "SLACK_BOT_TOKEN": "xoxb-very-hidden",
        "SMTP_URL": "smtp://user:very-hidden@mail.example:587",
    }

    assert "very-hidden" not in repr(config.load(env))


def test_all_problems_come_in_one_go(folder: Path) -> None:
    """Problems in several files are listed together, each with file, key and what was expected."""
    (folder / "settings.toml").write_text(
        '[ingest]\nper_host = 0\nspeed = 9\n[[digest]]\nid = "x"\nto = ["nobody"]\ntimezone = "Mars/Base"\n'
    )
    (folder / "sources.toml").write_text(
        '[[source]]\nid = "one"\nurl = "ftp://x"\ntopics = ["prizes"]\n[[source]]\nid = "one"\n'
        'url = "https://a.example"\nlanguage = 7\n[[source]]\nurl = "https://b.example"\n'
    )
    (folder / "topics" / "prices.toml").write_text(
        'name = "Prices"\nthreshold = 2\n[[rule]]\nid = "metal"\nweight = 3\nwhy = "w"\nany = ["gold|neodymium"]\n'
        '[[rule]]\nid = "empty"\nweight = 0.1\nwhy = "w"\n'
    )
    (folder / "concepts" / "none.toml").write_text("[hollow]\ngloss = 'nothing'\n")

    found = problems(folder, SLACK_BOT_TOKEN="nonsense", SMTP_URL="mail.example")

    for expected in (
        "settings.toml: ingest.speed: unknown key",
        "sources.toml: source[one].url: expected an http or https address",
        "sources.toml: source[one].language: expected a valid string, got 7",
        "sources.toml: source[3].id: is missing",
        'sources.toml: source[one].topics: unknown topic "prizes"',
        "topics/prices.toml: threshold: expected 0 < possible <= threshold <= 1",
        "topics/prices.toml: rule[metal].weight: is 3.0; expected a number above 0, up to 1",
        'topics/prices.toml: rule[metal].any: unknown concept "gold"; expected one of config/concepts/',
        "topics/prices.toml: rule[empty]: has no condition; expected all, any, title, near or same_sentence",
        "concepts/none.toml: hollow: has no terms; expected at least one of en, ru, zh, includes",
        "environment: SLACK_BOT_TOKEN: does not look like a bot token; expected one that starts with xoxb-",
        "environment: SMTP_URL: expected smtp://user:password@host:587 or smtps://user:password@host:465",
    ):
        assert expected in found


def test_a_stand_in_for_slack_may_take_any_token_but_needs_an_address(folder: Path) -> None:
    """Only Slack's own tokens have a known form; an address that is none is a problem either way."""
    assert problems(folder, SLACK_API_URL="slack", SLACK_BOT_TOKEN="any") == [
        "environment: SLACK_API_URL: expected an http or https address"
    ]


def test_values_out_of_range_are_named(folder: Path) -> None:
    """Numbers, zones and addresses are checked where their type alone does not tell."""
    (folder / "settings.toml").write_text(
        "[ingest]\nper_host = 0\nrequests_per_day = -1\n"
        '[[digest]]\nid = "x"\nto = ["nobody"]\ntimezone = "Mars/Base"\n'
    )

    assert problems(folder) == [
        "settings.toml: ingest.per_host: expected a number above 0",
        "settings.toml: ingest.requests_per_day: expected a number above 0",
        'settings.toml: digest[x].timezone: unknown zone "Mars/Base"; expected a name such as "Europe/Berlin"',
        'settings.toml: digest[x].to: "nobody" is not a mail address',
    ]


def test_an_id_used_twice_is_named(folder: Path) -> None:
    """Two sources with one id would share their state."""
    table = '[[source]]\nid = "one"\nurl = "https://news.example/feed"\n'
    (folder / "sources.toml").write_text(table * 2)

    assert problems(folder) == ["sources.toml: source[one]: this id is used twice"]


def test_a_list_page_needs_selectors_that_compile(folder: Path) -> None:
    """Kind "page" needs a table of selectors, a feed has none, and each that can not be used is named."""
    head = '[[source]]\nid = "{}"\nurl = "https://news.example/{}"\n'
    (folder / "sources.toml").write_text(
        head.format("bare", 1)
        + 'kind = "page"\n'
        + head.format("feed", 2)
        + '[source.page]\nitem = "li"\n'
        + head.format("wrong", 3)
        + 'kind = "page"\n[source.page]\nitem = ""\ntitle = "h3 >"\nlink = "a["\ndate = "em.date"\n'
        + 'timezone = "Mars/Base"\n'
        + head.format("odd", 4)
        + 'kind = "page"\n[source.page]\ntitle = "h3"\nheadline = "h2"\n'
        + head.format("right", 5)
        + 'kind = "page"\n[source.page]\nitem = "li:has(> a)"\ndate = "time[datetime], b.date"\n'
    )

    assert problems(folder) == [
        'sources.toml: source[bare].page: is missing; kind "page" needs a table [source.page] of selectors',
        'sources.toml: source[feed].page: expected only with kind = "page"',
        "sources.toml: source[wrong].page.item: is empty; expected a CSS selector",
        'sources.toml: source[wrong].page.title: "h3 >" is no CSS selector that can be used',
        'sources.toml: source[wrong].page.link: "a[" is no CSS selector that can be used',
        'sources.toml: source[wrong].page.timezone: unknown zone "Mars/Base"; expected a name such as "Asia/Shanghai"',
        "sources.toml: source[odd].page.item: is missing",
        "sources.toml: source[odd].page.headline: unknown key",
    ]


def test_articles_are_not_read_through_google_news(folder: Path) -> None:
    """The links of a Google News search lead to Google, so `article` there is a mistake."""
    (folder / "sources.toml").write_text(
        '[[source]]\nid = "g"\nurl = "https://news.google.com/rss/search?q=x"\narticle = true\n'
    )

    assert problems(folder) == [
        "sources.toml: source[g].article: Google News links lead to Google, not to the article"
    ]


def test_broken_toml_is_one_problem_with_its_line(folder: Path) -> None:
    """A file that is no TOML is named with the parser's line; the other files are checked all the same."""
    (folder / "topics" / "prices.toml").write_text("name = \n")
    (folder / "sources.toml").write_bytes(b"\xff\xfe")

    found = problems(folder)

    assert any(line.startswith("topics/prices.toml: not valid TOML") and "line 1" in line for line in found)
    assert "sources.toml: not UTF-8 text" in found


@pytest.mark.parametrize("missing", ["settings.toml", "sources.toml", "topics"])
def test_a_missing_part_is_named(folder: Path, missing: str) -> None:
    """A configuration with a part missing is refused, not filled up."""
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()

    assert any(line.startswith(missing) for line in problems(folder))


def test_a_missing_folder_says_how_to_name_one(tmp_path: Path) -> None:
    """Without a folder the message says where one may come from."""
    with pytest.raises(ConfigError, match="BOT_CONFIG"):
        config.load({"BOT_CONFIG": str(tmp_path / "nowhere")})


def test_a_source_with_a_secret_header_needs_its_variable(folder: Path) -> None:
    """A header names an environment variable; one that is not set is a problem, and its value is never shown."""
    (folder / "sources.toml").write_text(
        '[[source]]\nid = "one"\nurl = "https://news.example/feed"\nheaders = { Authorization = "ONE_KEY" }\n'
    )

    assert problems(folder) == [
        "sources.toml: source[one].headers.Authorization: environment variable ONE_KEY is not set"
    ]
    assert config.load({"BOT_CONFIG": str(folder), "ONE_KEY": "k"}).sources[0].headers == {
        "Authorization": "ONE_KEY"
    }


def test_the_shipped_configuration_is_sound() -> None:
    """What a fresh clone runs on has no problem."""
    loaded = config.load({"BOT_CONFIG": str(ROOT / "config")})

    assert {topic.id for topic in loaded.topics} == {"russia-ree", "sanctions", "china-pricing"}


def test_rates_and_subjects_are_checked(folder: Path) -> None:
    """Rates need their day, a currency code and sense; what facts can be about must be a concept."""
    (folder / "settings.toml").write_text(
        '[fx]\nrates = { CNY = 0.14, eur = 1.1, RUB = 0 }\n[facts]\nmaterials = ["neodymium", "neodimium"]\n'
    )

    assert problems(folder) == [
        "settings.toml: fx.as_of: is missing; expected the day of the rates, such as 2026-11-20",
        "settings.toml: fx.rates.eur: expected a currency code such as CNY and a rate above 0",
        "settings.toml: fx.rates.RUB: expected a currency code such as CNY and a rate above 0",
        'settings.toml: facts.materials: unknown concept "neodimium"',
    ]
