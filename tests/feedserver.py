"""A scriptable feed server on loopback, in threads of its own: it serves, counts and misbehaves as told.

    with FeedServer() as feeds:
        feeds.serve("/rss", body, etag='"1"')
        ... poll feeds.url("/rss") ...
        assert feeds.not_modified("/rss") == 1

Use it as a context manager, or through the `feeds` fixture: `from tests.feedserver import feeds`.
"""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import pytest


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one path answers."""

    body: bytes = b""
    content_type: str = "application/rss+xml"
    etag: str | None = None
    last_modified: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    #: Seconds before the answer begins.
    delay: float = 0
    #: Seconds after each byte of the body.
    drip: float = 0
    #: Bytes of the body that are really sent; the Content-Length promises all.
    cut: int | None = None
    #: Header lines without end instead of an answer.
    endless_headers: bool = False


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request as it came."""

    path: str
    #: Names in lower case.
    headers: Mapping[str, str] = field(repr=False)
    #: The status that it was answered with.
    status: int


class _QuietServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests; anything else shows as a missing answer."""


class FeedServer:
    """Serves pages by path (queries do not count); unknown paths are 404."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.pages: dict[str, Page] = {}
        self.requests: list[Request] = []
        #: The most requests that were waiting for their answer at one moment.
        self.busiest = 0
        self._busy = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server._answer(self)

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self._server = _QuietServer((host, 0), Handler)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def url(self, path: str = "/", *, host: str = "127.0.0.1") -> str:
        """The address of a path."""
        return f"http://{host}:{self.port}{path}"

    def serve(
        self,
        path: str,
        body: bytes = b"",
        content_type: str = "application/rss+xml",
        *,
        etag: str | None = None,
        last_modified: str | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
        drip: float = 0,
        cut: int | None = None,
        endless_headers: bool = False,
    ) -> Self:
        """From now on answer this path so; see `Page` for the meanings."""
        self.pages[path] = Page(
            body=body,
            content_type=content_type,
            etag=etag,
            last_modified=last_modified,
            status=status,
            headers=headers or {},
            delay=delay,
            drip=drip,
            cut=cut,
            endless_headers=endless_headers,
        )
        return self

    def redirect(self, path: str, location: str, status: int = 302, **headers: str) -> Self:
        """From now on send who asks for this path elsewhere."""
        return self.serve(path, status=status, headers={"Location": location, **headers})

    def asked(self, path: str) -> list[Request]:
        """The requests for a path so far, in order."""
        with self._lock:
            return [request for request in self.requests if request.path == path]

    def count(self, path: str) -> int:
        """How often a path was asked for."""
        return len(self.asked(path))

    def not_modified(self, path: str) -> int:
        """How often it was answered with 304."""
        return sum(request.status == 304 for request in self.asked(path))

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        page = self.pages.get(path, Page(status=404, body=b"not here", content_type="text/plain"))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        fresh = (page.etag is not None and headers.get("if-none-match") == page.etag) or (
            page.last_modified is not None and headers.get("if-modified-since") == page.last_modified
        )
        status = 304 if fresh else page.status
        with self._lock:
            self.requests.append(Request(path=path, headers=headers, status=status))
            self._busy += 1
            self.busiest = max(self.busiest, self._busy)
        self._stopping.wait(page.delay)
        # Before the answer: the client may ask again sooner than we get to count down.
        with self._lock:
            self._busy -= 1
        with suppress(ConnectionError):  # the client had enough
            self._send(handler, page, status)

    def _send(self, handler: BaseHTTPRequestHandler, page: Page, status: int) -> None:
        handler.send_response(status)
        while page.endless_headers and not self._stopping.is_set():
            handler.wfile.write(b"X-More: " + b"x" * 1000 + b"\r\n")
            time.sleep(0.001)
        if page.etag:
            handler.send_header("ETag", page.etag)
        if page.last_modified:
            handler.send_header("Last-Modified", page.last_modified)
        for name, value in page.headers.items():
            handler.send_header(name, value)
        if status == 304:
            handler.end_headers()
            return
        handler.send_header("Content-Type", page.content_type)
        handler.send_header("Content-Length", str(len(page.body)))
        if page.cut is not None:
            handler.close_connection = True
        handler.end_headers()
        body = page.body if page.cut is None else page.body[: page.cut]
        if not page.drip:
            handler.wfile.write(body)
            return
        for byte in body:
            handler.wfile.write(bytes([byte]))
            if self._stopping.wait(page.drip):
                return


@pytest.fixture
def feeds() -> Iterator[FeedServer]:
    """A feed server for one test."""
    with FeedServer() as server:
        yield server
