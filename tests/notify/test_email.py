"""Mail at the wire: every answer of a server means the right thing; without one there are files."""

import asyncio
import email
import email.policy
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Delivery
from bot.notify.digestmail import finished, render_html
from bot.notify.email import EmailChannel, FileChannel
from bot.notify.messages import digest_deliveries
from bot.notify.outbox import Drained, drain
from tests.notify.made import NOW, StoreQueue, digest, entry

SENDER = "reebot <bot@news.example>"


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
async def serving(sink: Sink, **changes: Any) -> AsyncIterator[Sink]:
    """The server, in the test's own loop."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sink.example", loop=loop, **changes), "127.0.0.1", 0
    )
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


# --- TLS --------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's certificate for 127.0.0.1 that nobody trusts yet; its file is `cert.pem`."""
    if not shutil.which("openssl"):
        pytest.skip("openssl is needed to make a certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        check=True, capture_output=True, cwd=tmp_path,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    return context


def locked(context: ssl.SSLContext, password: str) -> dict[str, Any]:
    """A server that wants STARTTLS and this log-in."""

    def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        good = (data.login, data.password) == (b"bot@relay", password.encode())
        return AuthResult(success=good, handled=False)

    return {"tls_context": context, "require_starttls": True, "authenticator": check, "auth_required": True}


async def test_a_log_in_goes_over_verified_tls(
    certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a certificate that this machine trusts the mail goes; user and password are taken out of the address."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    async with serving(Sink(), **locked(certificate, "p@ss word")) as sink:
        await EmailChannel(f"smtp://bot%40relay:p%40ss%20word@127.0.0.1:{sink.port}").send(mail())

    assert len(sink.taken) == 1


async def test_a_wrong_password_holds_all_mail_and_is_not_repeated(
    certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person has to mend it; what was given as password stands in no error."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))

    async with serving(Sink(), **locked(certificate, "right")) as sink:
        with pytest.raises(DeliveryError, match="log-in refused") as caught:
            await EmailChannel(f"smtp://bot%40relay:wrong-one@127.0.0.1:{sink.port}").send(mail())

    assert (caught.value.scope, caught.value.permanent) == ("channel", False)
    assert "wrong-one" not in f"{caught.value}{caught.value.__cause__!r}"
    assert sink.taken == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: ssl.SSLContext) -> None:
    """Someone in between must not read mail or password: no switch turns the check off."""
    async with serving(Sink(), **locked(certificate, "right")) as sink:
        with pytest.raises(DeliveryError, match=r"(?i)certificate") as caught:
            await EmailChannel(f"smtp://bot%40relay:right@127.0.0.1:{sink.port}").send(mail())

    assert caught.value.scope == "channel"
    assert sink.taken == []
