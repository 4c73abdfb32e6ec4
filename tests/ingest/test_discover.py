"""Feeds named by a page, and where feeds usually are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.discover import discover

SITE = "https://site.example/news/today"


def test_feeds_that_the_page_names_come_first_comments_last() -> None:
    """`<link rel=alternate>` of every feed type, relative ones resolved; style sheets and languages are none."""
    page = b"""<html><head>
      <link rel="alternate" type="application/rss+xml" href="/comments/feed/" title="Comments">
      <link rel="alternate" hreflang="ru" href="/ru/">
      <link rel="stylesheet" type="text/css" href="/a.css">
      <LINK REL="Alternate" TYPE="application/atom+xml; charset=utf-8" HREF="feed.atom">
      <link rel="alternate" type="application/feed+json" href="//cdn.example/feed.json">
      <link rel="alternate" type="application/rss+xml" href="/comments/feed/">
      <link rel="alternate" type="application/rss+xml" href="javascript:feed()">
    </head><body><a href="/rss">RSS</a></body></html>"""

    found = discover(page, SITE)

    assert found.named == (
        "https://site.example/news/feed.atom",
        "https://cdn.example/feed.json",
        "https://site.example/comments/feed/",
    )
    assert found.usual == ()


def test_links_that_look_like_feeds_count_where_none_is_named() -> None:
    """Links in the text that end as feeds do, relative to the page's base."""
    page = b'<base href="https://b.example/x/"><a href=rss.xml>RSS</a><a href=/about>About</a><a href=/all.rss>All</a>'

    assert discover(page, SITE).named == ("https://b.example/x/rss.xml", "https://b.example/all.rss")


def test_the_usual_addresses_are_left_where_the_page_says_nothing() -> None:
    """Nothing named and nothing linked leaves the paths where such feeds tend to be, on the same host."""
    found = discover(b"<p>Welcome", SITE)

    assert found.named == ()
    assert "https://site.example/feed/" in found.usual
    assert all(url.startswith("https://site.example/") for url in found.usual)


def test_a_page_too_tangled_to_parse_still_has_the_usual_addresses() -> None:
    """A page that would exhaust the parser is not parsed."""
    page = b"<link rel=alternate type=application/rss+xml href=/f>" + b"<div>" * 50_000

    assert discover(page, SITE).named == ()
    assert discover(page, SITE).usual


PIECES = st.sampled_from(
    [
        "<link rel=alternate ",
        "type=application/rss+xml ",
        "href=",
        "'/f'",
        "//",
        "javascript:",
        ">",
        "<base href=",
        "http://[",
        "\x00",
    ]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECES | st.text(max_size=6), max_size=30).map("".join))
def test_any_page_gives_web_addresses_only(page: str) -> None:
    """Whatever the markup, what comes back can be asked for, and there is not too much of it."""
    found = discover(page.encode("utf-8", "replace"), SITE)

    assert len(found.named) <= 20
    assert all(url.startswith(("http://", "https://")) for url in (*found.named, *found.usual))
