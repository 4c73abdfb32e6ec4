"""Mail: what is sent reads well and safely, and every answer of a server means the right thing."""

import email
import email.policy
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from bot.model import Digest
from bot.notify.digestmail import MOST_HTML, subject
from bot.notify.email import build_message, render_html, render_text
from tests.notify.made import NOW, digest, entry

SENDER = "reebot <bot@news.example>"
HOSTILE = (
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}", "{% raise %}", "a\r\nBcc: b@c.example",
    "\u202egnp.exe", "\x00\x08\ud800", "稀土" * 50_000, "😀" * 3000, "</td></table>", "&lt;b&gt;", "",
)  # fmt: skip
any_text = st.one_of(st.text(max_size=60), st.sampled_from(HOSTILE))


@st.composite
def digests(draw: st.DrawFn) -> Digest:
    """Days with any text in any place."""
    entries = st.builds(
        lambda title, url, words, sure: entry(
            title,
            url=url,
            summary=words,
            sources=(words,),
            why=words,
            terms=(words, title),
            sure=sure,
            also=(title,),
        ),
        any_text,
        any_text.map(lambda text: f"https://news.example/{text}") | any_text,
        any_text,
        st.booleans(),
    )
    made = digest(*draw(st.lists(entries, max_size=3)))
    unread = tuple(draw(st.lists(st.tuples(any_text, any_text), max_size=20)))
    return replace(made, coverage=replace(made.coverage, sources_unread=unread))


def parts(message: EmailMessage) -> tuple[str, str]:
    """Text and HTML of a message, read by Python's own parser."""
    read: Any = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert not read.defects
    text, html = read.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return text.get_content(), html.get_content()


@given(digests())
@settings(max_examples=40, deadline=None)
def test_any_day_becomes_a_sound_message(made: Digest) -> None:
    """It survives the way through a parser, holds no markup or header of a feed, and only links to the web."""
    message = build_message(made, "a@example.org", SENDER, NOW)
    text, html = parts(message)

    assert text.splitlines() == render_text(made).splitlines()
    assert html.splitlines() == render_html(made).splitlines()
    assert len(html.encode()) <= MOST_HTML
    assert set(message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "List-Id", "Auto-Submitted", "X-Auto-Response-Suppress",
        "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert all(len(line) < 998 for line in message.as_bytes().split(b"\r\n"))
    tree = HTMLParser(html)
    assert not tree.css("script, img, iframe, form")
    for link in tree.css("a"):
        assert (link.attributes["href"] or "").startswith(("http://", "https://"))
    ours = {
        "role",
        "class",
        "width",
        "cellpadding",
        "cellspacing",
        "border",
        "style",
        "align",
        "dir",
        "lang",
        "href",
    }
    for node in tree.css("body *"):
        assert set(node.attributes) <= ours


def test_the_message_has_the_headers_of_a_machine_and_a_stable_id() -> None:
    """Equal arguments give equal bytes; the id depends on list, date and reader, and on nothing else."""
    made = digest(entry())
    message = build_message(made, "a@example.org", SENDER, NOW)
    later = build_message(digest(entry("another")), "a@example.org", SENDER, NOW + timedelta(hours=1))

    assert message.as_bytes() == build_message(made, "a@example.org", SENDER, NOW).as_bytes()
    assert message["Message-ID"] == later["Message-ID"]
    assert str(message["Message-ID"]).startswith("<digest.2026-11-24.")
    assert str(message["Message-ID"]).endswith("@news.example>")
    assert message["List-Id"] == "<analysts.news.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Auto-Response-Suppress"] == "All"
    assert message["Date"] == "Tue, 24 Nov 2026 08:05:00 +0000"
    ids = {
        build_message(replace(made, **changes), to, SENDER, NOW)["Message-ID"]
        for to in ("a@example.org", "b@example.org")
        for changes in ({}, {"list_id": "board"}, {"local_date": date(2026, 11, 25)})
    }
    assert len(ids) == 6


def test_a_headline_can_not_add_a_header() -> None:
    """Line breaks in a title become spaces before the subject is built."""
    message = build_message(digest(entry("news\r\nBcc: x@y.example")), "a@example.org", SENDER, NOW)

    assert message["Bcc"] is None
    assert "news Bcc: x@y.example" in str(message["Subject"])
    assert b"\r\nBcc:" not in message.as_bytes().partition(b"\r\n\r\n")[0]


def test_html_and_text_tell_the_same() -> None:
    """Headline, link, sources, time with zone, language, reason, words, other topics, coverage, what was not read."""
    made = digest(entry(also=("China pricing",)), entry("Possible news", sure=False, url=""))
    html, text = render_html(made), render_text(made)
    body = HTMLParser(html).body
    assert body is not None
    words = body.text(separator=" ")

    for shown in (
        "稀土出口新规公布", "Possible news", "Xinhua and 1 other", "24 Nov, 06:05 CET", "Chinese", "商务部发布公告。",
        "names export controls", "出口 (export)", "Also: China pricing", "possible", "Sanctions & export controls",
        "1200 items read from 60 sources; 31 on a topic, in 24 stories.", "Not read: 1 source.",
        "23 Nov 2026, 09:05 CET to 24 Nov 2026, 09:05 CET",
    ):  # fmt: skip
        assert shown in words, shown
        assert shown in text, shown
    assert 'href="https://news.example/export"' in html
    assert "https://news.example/export" in text


def test_marks_of_templates_and_html_in_feed_text_stay_text() -> None:
    """A headline is shown as it was written, whatever language it speaks."""
    made = digest(entry("{{7*7}} <script>alert(1)</script> {% raw %} &lt;b&gt;"))
    body = HTMLParser(render_html(made)).body

    assert body is not None
    for told in (body.text(), render_text(made)):
        assert "{{7*7}} <script>alert(1)</script> {% raw %} &lt;b&gt;" in told


def test_an_empty_day_says_so_in_one_line() -> None:
    """Silence must be told from a bot that is down: the mail comes, with its coverage."""
    made = digest()

    assert subject(made) == "24 Nov 2026: nothing today"
    assert "Nothing today: none of the topics was in the news." in render_text(made)
    assert "Nothing today: none of the topics was in the news." in render_html(made)
    assert "1200 items read" in render_text(made)


def test_a_digest_over_a_gap_says_what_it_covers() -> None:
    """Two days down are told in one digest, and named."""
    made = digest(entry(), since_at=NOW - timedelta(days=3))

    assert "covers 3 days" in render_html(made)
    assert "covers 3 days" in render_text(made)
    assert "covers" not in render_text(digest(entry()))


def test_a_huge_day_is_cut_below_what_mail_programs_show() -> None:
    """The best stories of each topic stay, the number of the others is told, in both forms."""
    made = digest(*(entry(f"Story {number} " + "x" * 250, summary="long " * 100) for number in range(200)))
    html, text = render_html(made), render_text(made)

    assert 40_000 < len(html.encode()) <= MOST_HTML
    shown = html.count(">Story ")
    assert shown == text.count("* Story ")
    assert f"and {200 - shown} more" in html
    assert f"and {200 - shown} more" in text
    assert "Story 0 " in html
    assert "200 stories" in html


def test_dark_mode_covers_every_colour() -> None:
    """Each class that sets a colour has its dark twin, so that no dark text stays on a dark ground."""
    html = render_html(digest(entry(sure=False, also=("x",)), since_at=NOW - timedelta(days=3)))
    dark = html.partition("prefers-color-scheme: dark")[2].partition("</style>")[0]

    for node in HTMLParser(html).css("body, body *"):
        style = node.attributes.get("style") or ""
        if "color:" in style.replace("border-color:", "") or "background:" in style:
            names = (node.attributes.get("class") or "").split()
            inside_ink = node.tag == "a"
            assert inside_ink or any(f".{name}" in dark for name in names), style
