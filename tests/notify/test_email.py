"""Mail: what is sent reads well and safely, and every answer of a server means the right thing."""

import asyncio
import email
import email.policy
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Delivery, Digest
from bot.notify.digestmail import MOST_HTML, finished, subject
from bot.notify.email import EmailChannel, FileChannel, build_message, render_html, render_text
from bot.notify.messages import digest_deliveries
from bot.notify.outbox import Drained, drain
from tests.notify.made import NOW, StoreQueue, digest, entry

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


# --- at the wire ------------------------------------------------------------------------------------


class Sink:
    """An SMTP server that answers as told and keeps what it took."""

    def __init__(self) -> None:
        self.rcpt = "250 ok"
        self.data = "250 queued as 7"
        #: True: the message is kept and the connection lost without an answer.
        self.drop_after = False
        self.silent_after = False
        self.taken: list[bytes] = []
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data.startswith("250"):
            self.taken.append(envelope.content)
        if self.drop_after:
            server.transport.abort()
            await asyncio.sleep(0)
        if self.silent_after:
            await asyncio.sleep(1.5)
        return self.data


@asynccontextmanager
async def serving(sink: Sink) -> AsyncIterator[Sink]:
    """The server, in the test's own loop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname="sink.example", loop=loop), "127.0.0.1", 0)
    sink.port = server.sockets[0].getsockname()[1]
    try:
        yield sink
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    """A mail server on loopback."""
    async with serving(Sink()) as made:
        yield made


def mail(to: str = "a@example.org") -> Delivery:
    """The row of one reader."""
    (row,) = digest_deliveries(digest(entry()), to=[to], sender=SENDER, has_smtp=True, now=NOW)
    return row


def channel(sink: Sink, **changes: float) -> EmailChannel:
    """Our side."""
    return EmailChannel(f"smtp://127.0.0.1:{sink.port}", **changes)


async def test_the_bytes_of_the_row_arrive_and_the_receipt_is_the_message_id(sink: Sink) -> None:
    """What was built when the digest was made is what goes out, at every attempt."""
    row = mail()

    receipt = await channel(sink).send(row)
    await channel(sink).send(row)

    assert sink.taken[0] == sink.taken[1]
    assert sink.taken[0].rstrip() == finished(digest(entry()), "a@example.org", SENDER, NOW).encode().rstrip()
    assert f"Message-ID: {receipt.id}".encode() in sink.taken[0]
    assert receipt.landed == "queued as 7"


@pytest.mark.parametrize(
    ("at", "answer", "permanent", "scope"),
    [
        ("rcpt", "550 no such user", True, "message"),
        ("rcpt", "451 greylisted", False, "message"),
        ("rcpt", "421 going down", False, "channel"),
        ("data", "554 looks like spam", True, "message"),
        ("data", "452 disk full", False, "message"),
    ],
)
async def test_a_refusal_is_for_good_or_for_now(
    sink: Sink, at: str, answer: str, permanent: bool, scope: str
) -> None:
    """5xx ends the row, 4xx lets it wait, and a server that goes down holds all mail."""
    setattr(sink, at, answer)

    with pytest.raises(DeliveryError, match=answer[:3]) as caught:
        await channel(sink).send(mail())

    assert not isinstance(caught.value, OutcomeUnknown)
    assert (caught.value.permanent, caught.value.scope) == (permanent, scope)


@pytest.mark.parametrize("fault", ["drop_after", "silent_after"])
async def test_an_answer_that_is_lost_after_the_message_is_unknown(sink: Sink, fault: str) -> None:
    """The server may have kept it, and here did: nothing but a wait and a repeat of the same bytes can follow."""
    setattr(sink, fault, True)

    with pytest.raises(OutcomeUnknown):
        await channel(sink, data_timeout=0.3).send(mail())

    assert len(sink.taken) == 1


async def test_through_the_outbox_a_lost_answer_makes_two_equal_mails_at_most(sink: Sink) -> None:
    """The second goes half an hour later, with the same Message-ID; then the row is done."""
    sink.drop_after = True
    queue, now = StoreQueue(mail()), NOW

    for minute in range(90):
        sink.drop_after = minute < 20
        await drain(queue, {"email": channel(sink)}, clock=lambda: now)  # noqa: B023
        now += timedelta(minutes=1)

    assert len(sink.taken) == 2
    assert sink.taken[0] == sink.taken[1]
    assert queue.store.rows("select state, attempts from outbox") == [{"state": "sent", "attempts": 2}]


async def test_one_refused_reader_does_not_touch_the_others(sink: Sink) -> None:
    """Each reader has a message of their own: two get it once, the third is dead with the server's reason."""
    readers = ["a@example.org", "b@example.org", "c@example.org"]
    rows = digest_deliveries(digest(entry()), to=readers, sender=SENDER, has_smtp=True, now=NOW)
    queue = StoreQueue(*rows)

    class Picky(Sink):
        async def handle_RCPT(  # noqa: N802
            self, server: Any, session: Any, envelope: Any, address: str, options: Any
        ) -> str:
            self.rcpt = "550 unknown" if address.startswith("b@") else "250 ok"
            return await super().handle_RCPT(server, session, envelope, address, options)

    async with serving(Picky()) as picky:
        drained = await drain(queue, {"email": channel(picky)}, clock=lambda: NOW)
        await drain(queue, {"email": channel(picky)}, clock=lambda: NOW + timedelta(days=3))

    assert drained == Drained(sent=2, dead=1)
    assert len(picky.taken) == 2
    assert all(taken.count(b"@example.org") == 1 for taken in picky.taken)
    dead = queue.store.rows("select destination, error from outbox where state = 'dead'")
    assert dead == [{"destination": "b@example.org", "error": "email: 550 unknown"}]


async def test_no_log_in_and_no_mail_in_clear(sink: Sink) -> None:
    """Where TLS is stripped or not offered, neither password nor message leaves; and no error repeats the password."""
    secret = "pa55-of-the-relay"
    with_login = EmailChannel(f"smtp://bot:{secret}@127.0.0.1:{sink.port}")
    elsewhere = EmailChannel("smtp://mail.example:587")

    for call in (with_login.send(mail()), with_login.probe()):
        with pytest.raises(DeliveryError) as caught:
            await call
        assert caught.value.scope == "channel"
        assert secret not in f"{caught.value}{caught.value.__cause__!r}{with_login!r}"
    assert sink.taken == []
    assert elsewhere._starttls


async def test_a_server_that_is_not_there_holds_all_mail(unused_tcp_port: int) -> None:
    """No connection is no fault of the message: nothing is given up."""
    with pytest.raises(DeliveryError, match="no connection") as caught:
        await EmailChannel(f"smtp://127.0.0.1:{unused_tcp_port}").send(mail())

    assert (caught.value.scope, caught.value.permanent) == ("channel", False)


async def test_probe_sends_nothing(sink: Sink) -> None:
    """`reebot check --live` connects, and that is all."""
    await channel(sink).probe()

    assert sink.taken == []


@pytest.mark.parametrize("message", ["", "{}", "[]", '{"mime": "\u00e9"}'])
async def test_a_row_without_a_message_is_refused_for_good(tmp_path: Path, message: str) -> None:
    """A damaged row can never be sent, and says so instead of being tried for ever."""
    row = replace(mail(), message=message)
    channels: list[Callable[[Delivery], Any]] = [
        EmailChannel("smtp://127.0.0.1:1").send,
        FileChannel(tmp_path).send,
    ]

    for send in channels:
        with pytest.raises(DeliveryError) as caught:
            await send(row)
        assert caught.value.permanent


async def test_without_a_mail_server_the_digest_becomes_two_files(tmp_path: Path) -> None:
    """A page to look at and an .eml to open, in the folder named; written again they are the same."""
    (row,) = digest_deliveries(digest(entry()), to=["a@example.org"], sender=SENDER, has_smtp=False, now=NOW)
    files = FileChannel(tmp_path / "digests")
    assert await files.find(row) is None

    receipt = await files.send(row)
    first = {path.name: path.read_bytes() for path in (tmp_path / "digests").iterdir()}
    await files.send(row)

    assert set(first) == {"analysts-2026-11-24.html", "analysts-2026-11-24.eml"}
    assert first == {path.name: path.read_bytes() for path in (tmp_path / "digests").iterdir()}
    assert first["analysts-2026-11-24.html"].decode() == render_html(digest(entry()))
    assert await files.find(row) == receipt
    read = email.message_from_bytes(first["analysts-2026-11-24.eml"], policy=email.policy.default)
    assert read["To"] == "a@example.org"


async def test_a_file_name_can_not_leave_the_folder(tmp_path: Path) -> None:
    """The row names a file, never a path."""
    (row,) = digest_deliveries(digest(entry()), to=[], sender=SENDER, has_smtp=False, now=NOW)

    await FileChannel(tmp_path / "digests").send(replace(row, destination="../../evil.html"))

    assert sorted(os.listdir(tmp_path / "digests")) == ["evil.eml", "evil.html"]
    assert os.listdir(tmp_path) == ["digests"]


async def test_a_folder_that_can_not_be_written_lets_the_row_wait(tmp_path: Path) -> None:
    """A full or read-only disk is mended by a person; the digest waits for that."""
    (tmp_path / "digests").write_text("a file stands where the folder should")
    (row,) = digest_deliveries(digest(entry()), to=[], sender=SENDER, has_smtp=False, now=NOW)

    with pytest.raises(DeliveryError, match="can not write") as caught:
        await FileChannel(tmp_path / "digests").send(row)

    assert not caught.value.permanent


def test_each_reader_has_one_row_and_one_message() -> None:
    """Equal addresses count once; nobody sees who else reads; the keys tell list, date and reader."""
    readers = ["a@example.org", "b@example.org", "a@example.org"]
    rows = digest_deliveries(digest(entry()), to=readers, sender=SENDER, has_smtp=True, now=NOW)

    assert [row.key for row in rows] == [
        "digest:email:a@example.org:analysts-2026-11-24",
        "digest:email:b@example.org:analysts-2026-11-24",
    ]
    assert "b@example.org" not in json.loads(rows[0].message)["mime"]
