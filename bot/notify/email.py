"""Digests by mail, and as files where there is no mail server.

A mail that the server took is sent; one that it refused is proven unseen. If the connection is lost while the
message goes over, nobody can tell: that is `OutcomeUnknown`, and as mail has no read-back the outbox sends the same
bytes once more later. TLS is always verified; a log-in goes over TLS only; plain SMTP is for loopback alone.
"""

import asyncio
import contextlib
import email
import ipaddress
import json
import os
from email.policy import SMTP as MAIL_POLICY
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

import aiosmtplib

from bot.errors import DeliveryError, OutcomeUnknown
from bot.model import Delivery, Receipt
from bot.notify.digestmail import build_message, render_html, render_text
from bot.notify.words import line

__all__ = ["EmailChannel", "FileChannel", "build_message", "render_html", "render_text"]


class EmailChannel:
    """One mail server. Each message has a connection of its own."""

    can_find = False

    def __init__(
        self,
        smtp_url: str,
        *,
        connect_timeout: float = 30.0,
        command_timeout: float = 60.0,
        # RFC 5321 4.5.3.2.6 asks for ten minutes here: giving up earlier makes outcomes unknown.
        data_timeout: float = 600.0,
    ) -> None:
        parts = urlsplit(smtp_url)
        self._host = parts.hostname or ""
        self._tls = parts.scheme == "smtps"
        self._port = parts.port or (465 if self._tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._starttls = not self._tls and (bool(self._user) or not _is_loopback(self._host))
        self._connect_timeout = connect_timeout
        self._command_timeout = command_timeout
        self._data_timeout = data_timeout

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        """Hand one message over. The bytes are those of the row, so a repeat is recognised by its Message-ID."""
        body = _mime(delivery.message, "email")
        message = email.message_from_bytes(body, policy=MAIL_POLICY)
        sender = parseaddr(str(message["From"]))[1]
        client = await self._ready()
        try:
            await _introduce(client, sender, delivery.destination)
            answer = await self._hand_over(client, body)
        finally:
            await _leave(client)
        return Receipt(id=str(message["Message-ID"]), landed=answer)

    async def find(self, delivery: Delivery) -> Receipt | None:
        """Never: mail has no read-back."""
        return None

    async def probe(self) -> None:
        """Connect and log in, send nothing. Raises `DeliveryError`."""
        await _leave(await self._ready())

    async def _ready(self) -> aiosmtplib.SMTP:
        client = aiosmtplib.SMTP(
            hostname=self._host,
            port=self._port,
            use_tls=self._tls,
            start_tls=self._starttls,
            timeout=self._connect_timeout,
        )
        try:
            await client.connect()
            client.timeout = self._command_timeout
            if self._user:
                await client.login(self._user, self._password)
        except aiosmtplib.SMTPAuthenticationError as error:
            client.close()
            # Without the server's words: some repeat what they were given.
            raise _fault(f"log-in refused ({error.code})") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            client.close()
            raise _fault(f"no connection: {_words(error)}") from error
        return client

    async def _hand_over(self, client: aiosmtplib.SMTP, body: bytes) -> str:
        try:
            answer = await client.data(body, timeout=self._data_timeout)
        except aiosmtplib.SMTPDataError as error:
            raise DeliveryError("email", _words(error), permanent=error.code >= 500) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise OutcomeUnknown("email", f"no answer to the message: {_words(error)}") from error
        return line(answer.message, 200)


async def _introduce(client: aiosmtplib.SMTP, sender: str, recipient: str) -> None:
    """Say who writes to whom; whatever fails here, no message was sent."""
    try:
        await client.mail(sender)
        await client.rcpt(recipient)
    except ValueError as error:
        raise DeliveryError("email", "not a mail address", permanent=True) from error
    except aiosmtplib.SMTPRecipientRefused as error:
        if error.code != 421:
            raise DeliveryError("email", _words(error), permanent=error.code >= 500) from error
        raise _fault(_words(error)) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise _fault(_words(error)) from error


async def _leave(client: aiosmtplib.SMTP) -> None:
    """Say goodbye; the message's fate is known already, so trouble here is of no interest."""
    with contextlib.suppress(aiosmtplib.SMTPException, OSError):
        if client.is_connected:
            await client.quit(timeout=2)
    client.close()


def _fault(reason: str) -> DeliveryError:
    """Something that concerns the server, not the message: every other one waits too."""
    return DeliveryError("email", reason, scope="channel")


def _words(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return line(f"{error.code} {error.message}", 200)
    return line(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__, 200)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _mime(message: str, channel: str) -> bytes:
    try:
        return str(json.loads(message)["mime"]).encode("ascii")
    except (ValueError, KeyError, TypeError) as error:
        raise DeliveryError(channel, "the row holds no message", permanent=True) from error


class FileChannel:
    """Digests as files: an HTML page to look at and an .eml to open in a mail program."""

    can_find = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def send(self, delivery: Delivery, *, mark_repeat: bool = False) -> Receipt:
        """Write both files, each whole or not at all. Equal rows give equal files."""
        mime = _mime(delivery.message, "file")
        page = str(json.loads(delivery.message).get("html", "")).encode()
        html, eml = self._paths(delivery)
        try:
            await asyncio.to_thread(_write, eml, mime)
            await asyncio.to_thread(_write, html, page)
        except OSError as error:
            raise DeliveryError("file", f"can not write: {error.strerror}", scope="channel") from error
        return Receipt(id=str(html), landed=str(self._folder))

    async def find(self, delivery: Delivery) -> Receipt | None:
        """The page, if it was written: it comes last."""
        html, _ = self._paths(delivery)
        return Receipt(id=str(html), landed=str(self._folder)) if html.is_file() else None

    def _paths(self, delivery: Delivery) -> tuple[Path, Path]:
        html = self._folder / Path(delivery.destination).name
        return html, html.with_suffix(".eml")


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
