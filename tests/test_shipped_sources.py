"""config/sources.toml as it ships: complete, honest about what is off, and nothing in it known to be dead."""

import re
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from bot.config import load_sources
from bot.configured import Source

ROOT = Path(__file__).parent.parent
FILE = ROOT / "config" / "sources.toml"
#: The research that the list rests on; not part of the repository.
LIST = ROOT.parent / "shared" / "reference" / "sources.md"
ALL = load_sources(FILE)
#: The researched list; the pages after it are examples.
SOURCES = tuple(source for source in ALL if source.kind == "feed")
BY_ID = {source.id: source for source in SOURCES}

#: What each search feed is meant to ask.
QUERIES = {
    "russian-ministries": "(Минпромторг OR Роснедра OR Росатом) (редкоземельные OR редкоземельных OR редкоземы) when:7d",
    "mofcom": "site:mofcom.gov.cn when:7d",
    "miit": "site:miit.gov.cn when:7d",
    "us-treasury": "site:treasury.gov when:1d",
    "metalinfo": "site:metalinfo.ru when:7d",
    "russian-rare-earth-news": "редкоземельные OR редкоземы OR Ловозеро OR Томтор",
    "fastmarkets": 'site:fastmarkets.com "rare earth"',
    "argus": 'site:argusmedia.com "rare earth"',
    "smm": "site:metal.com rare earth",
    "asian-metal": "site:asianmetal.com",
    "rare-earth-exchanges": "site:rareearthexchanges.com",
    "rare-earth-news": '("rare earth" OR "rare earths" OR neodymium OR praseodymium) when:3d',
    "china-mineral-policy": 'China "rare earth" OR "critical mineral" export restriction when:7d',
    "reuters-commodities": "site:reuters.com commodities OR metals OR mining when:1d",
    "rare-earth-prices-zh": "稀土 价格 OR 氧化镨钕 OR 北方稀土 挂牌价",
    "baotou-exchange": "包头稀土产品交易所 OR 稀土交易所",
    "xinhua": "site:xinhuanet.com OR Xinhua when:1d",
}
FALLBACK_QUERIES = {
    "kommersant": "site:kommersant.ru (редкоземельные OR редкоземельных OR санкции) when:3d",
    "rbc": "site:rbc.ru (редкоземельные OR редкоземельных OR санкции) when:3d",
    "moscow-times": 'site:themoscowtimes.com ("rare earth" OR sanctions) when:3d',
    "mining-com": 'site:mining.com "rare earth" when:7d',
}
#: Google News' edition for each language: interface language, country, edition.
EDITIONS = {"en": ("en-US", "US", "US:en"), "ru": ("ru", "RU", "RU:ru"), "zh": ("zh-CN", "CN", "CN:zh-Hans")}
UNVERIFIED = {
    "mid-ru",
    "global-trade-sanctions-law",
    "worldecr",
    "interfax-business",
    "tass-economy",
    "expert-ru",
    "e-mj",
    "benchmark-minerals",
    "smm",
    "asian-metal",
    "sina-finance",
    "zaobao",
}
#: Each looks right and is dead, frozen or something else.
DEAD = (
    r"ofac\.treasury\.gov/rss",
    r"home\.treasury\.gov/",
    r"(www\.)?bis\.gov/rss",
    r"bis\.doc\.gov/",
    r"(www\.)?sanctionsmap\.eu/rss",
    r"(www\.)?chinadaily\.com\.cn/rss/",
    r"(www\.)?people\.com\.cn/rss/",
    r"(www\.)?xinhuanet\.com/",
    r"english\.mofcom\.gov\.cn/rss/",
    r"(www\.)?kitco\.com/rss",
    r"(www\.)?intellinews\.com/feed",
    r"feeds\.a\.dj\.com/rss/RSSWorldNews\.xml",
    r"(www\.)?euractiv\.com/",
    r"(www\.)?cnbc\.com/id/",
)


def is_search(url: str) -> bool:
    return urlsplit(url).hostname == "news.google.com"


def addresses(source: Source) -> list[str]:
    return [url for url in (source.url, source.fallback_url) if url]


def test_all_84_sources_are_there_once() -> None:
    """Every numbered source of the research is shipped, each with an id and an address of its own."""
    assert len(SOURCES) == 84
    assert len({source.id for source in SOURCES}) == 84
    assert len({source.url for source in SOURCES}) == 84


def test_example_pages_are_off_and_say_that_nobody_tried_them() -> None:
    """List pages are examples: disabled, with selectors, and a note that warns."""
    pages = [source for source in ALL if source.kind == "page"]

    assert len(pages) == 3
    for source in pages:
        assert not source.enabled
        assert source.page is not None
        assert source.note.startswith("Not tried against the live site")


def test_every_source_says_what_it_is() -> None:
    """Name, one of the three languages, and at least one topic that the team follows."""
    for source in ALL:
        assert source.name, source.id
        assert source.language in EDITIONS, source.id
        assert source.topics, source.id
        assert set(source.topics) <= {"russia-ree", "sanctions", "china-pricing"}, source.id


def test_what_is_off_is_the_unverified_and_the_self_hosted() -> None:
    """12 unverified sources and 4 that need a host of one's own are disabled, and the note of each says so."""
    disabled = {source.id: source for source in SOURCES if not source.enabled}
    self_hosted = {
        name for name, source in disabled.items() if urlsplit(source.url).hostname == "rsshub.invalid"
    }

    assert disabled.keys() - self_hosted == UNVERIFIED
    assert len(self_hosted) == 4
    assert all(disabled[name].note.startswith("Unverified") for name in UNVERIFIED)
    assert all("rsshub.invalid" in disabled[name].note for name in self_hosted)


def test_the_header_counts_right() -> None:
    """The comment on top tells how many sources there are and how many are polled."""
    text = FILE.read_text(encoding="utf-8")

    enabled = sum(source.enabled for source in SOURCES)
    assert f"# {len(SOURCES)} sources: {enabled} enabled." in text


def test_official_sources_weigh_most() -> None:
    """The official group stands at 2.0 and nothing else does; trade press lies between."""
    text = FILE.read_text(encoding="utf-8")
    official = text[text.index("# --- Official ---") : text.index("# --- Sanctions: trade press")]

    weighty = [source.id for source in SOURCES if source.weight == 2.0]
    assert weighty == re.findall(r'^id = "(.+)"$', official, re.MULTILINE)
    assert BY_ID["mining-com"].weight == 1.3
    assert BY_ID["global-times"].weight == 0.5


def test_no_dead_address_is_shipped() -> None:
    """Addresses known to look right and fail are not in the list, not even as a fallback."""
    for source in ALL:
        for url in addresses(source):
            parts = urlsplit(url)
            for dead in DEAD:
                assert not re.match(dead, f"{parts.netloc}{parts.path}"), source.id


def test_search_addresses_ask_what_they_should() -> None:
    """Each Google News address decodes to the query meant, in the edition of the source's language."""
    asked = {source.id: source.url for source in SOURCES if is_search(source.url)}
    fallbacks = {source.id: source.fallback_url for source in SOURCES if source.fallback_url}

    assert asked.keys() == QUERIES.keys()
    assert fallbacks.keys() == FALLBACK_QUERIES.keys()
    for queries, urls in ((QUERIES, asked), (FALLBACK_QUERIES, fallbacks)):
        for name, url in urls.items():
            hl, gl, ceid = EDITIONS[BY_ID[name].language]
            parts = urlsplit(url)
            given = parse_qs(parts.query, strict_parsing=True)
            assert given == {"q": [queries[name]], "hl": [hl], "gl": [gl], "ceid": [ceid]}, name
            assert parts.path == "/rss/search"
            assert url.isascii()


def test_search_queries_stand_above_their_table_in_plain_words() -> None:
    """The comment above an encoded address says the same as the address."""
    text = FILE.read_text(encoding="utf-8")

    for name, query in QUERIES.items():
        assert f'# {query}\n[[source]]\nid = "{name}"\n' in text


def test_mining_com_is_asked_as_a_browser() -> None:
    """The one host that refuses plain user agents gets a browser's; all others get the bot's honest one."""
    for source in SOURCES:
        is_mining_com = urlsplit(source.url).hostname == "www.mining.com"
        assert (source.user_agent is not None) == is_mining_com, source.id
        assert not is_mining_com or (source.user_agent or "").startswith("Mozilla/5.0")


@pytest.mark.skipif(not LIST.is_file(), reason="the research folder ../shared is not here")
def test_the_file_follows_the_research() -> None:
    """Number by number: address or query, language, topics and grade are those of the research list."""
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in LIST.read_text(encoding="utf-8").splitlines()
        if re.match(r"\| \d+ \|", line)
    ]
    letters = {"R": "russia-ree", "S": "sanctions", "P": "china-pricing"}

    assert len(rows) == len(SOURCES)
    for (_number, name, address, language, topics, grade, *_), source in zip(rows, SOURCES, strict=True):
        asked = dict(parse_qsl(urlsplit(source.url).query)).get("q", "")
        if address.startswith("http"):
            assert source.url == address, name
        elif address.startswith("..."):
            assert source.url.endswith(address.removeprefix("...")), name
        elif address.startswith("self-hosted"):
            assert urlsplit(source.url).path.split("/")[1] in address, name
        else:
            assert is_search(source.url), name
            for written in re.findall(r"`([^`]+)`", address)[:1]:
                assert asked.startswith(written), name
        assert source.language in language.split(","), name
        assert [letters[letter] for letter in topics.split(",")] == list(source.topics), name
        assert source.enabled == (grade != "C" and not address.startswith("self-hosted")), name
