"""The prose of an article page."""

import socket
import time

import pytest

from bot.ingest.article import article_text
from bot.ingest.entries import MAX_TEXT

PARAGRAPHS = (
    "Компания сообщила, что опытная линия разделения редкоземельных металлов вышла на проектную мощность.",
    "До конца года здесь рассчитывают получить сорок тонн оксида неодима и передать образцы заводу магнитов.",
    "Министерство подтвердило, что работы ведутся по графику, а вторая очередь будет пущена через два года.",
)
PAGE = (
    "<html><head><title>Новости</title><script>var menu = '<p>реклама</p>';</script></head><body>"
    "<nav><ul><li><a href=/>Главная</a></li><li><a href=/ads>Реклама на сайте</a></li></ul></nav><article>"
    "<h1>Линия запущена</h1>" + "".join(f"<p>{text}</p>" for text in PARAGRAPHS) + "</article>"
    "<div class=comments><p>Первый! Очень интересно, спасибо за новость.</p></div>"
    "<footer><p>Все права защищены. Пользовательское соглашение.</p></footer></body></html>"
)  # fmt: skip


def test_the_article_comes_without_what_is_around_it() -> None:
    """All paragraphs, one line each; no menu, no script, no footer."""
    lines = article_text(PAGE.encode(), "text/html; charset=utf-8", "https://a.example/1").splitlines()

    assert set(PARAGRAPHS) <= set(lines)
    assert not any(word in " ".join(lines) for word in ("Реклама", "реклама", "права защищены"))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (PAGE.encode("cp1251"), "text/html; charset=windows-1251"),
        (PAGE.replace("<head>", '<head><meta charset="windows-1251">').encode("cp1251"), "text/html"),
        (('<?xml version="1.0" encoding="windows-1251"?>' + PAGE).encode("cp1251"), ""),
        (PAGE.encode("utf-8-sig"), "text/html; charset=iso-8859-1"),
    ],
)
def test_the_encoding_is_found_wherever_it_is_declared(body: bytes, content_type: str) -> None:
    """Header, meta tag, XML prolog, or none of them that is right."""
    assert PARAGRAPHS[1] in article_text(body, content_type)


@pytest.mark.parametrize(
    "body", [b"", b"\x00\xff\xfe", b"%PDF-1.7 1 0 obj", b"{}", b"<html></html>", b"<p>Sign in to read"]
)
def test_a_page_without_an_article_gives_little_or_nothing(body: bytes) -> None:
    """No prose is no error."""
    assert len(article_text(body, "text/html")) < 30


def test_no_connection_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """trafilatura could fetch by itself; the way it is used here it opens no socket."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a connection was opened")

    article_text(b"", "text/html")  # what is imported on first use inherits from the class that goes away now
    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)

    assert PARAGRAPHS[0] in article_text(PAGE.encode(), "text/html", "https://a.example/1")


def test_scripts_count_neither_for_size_nor_for_tags() -> None:
    """A page that carries megabytes of script, with markup in its strings, still gives its article."""
    script = "<script>var page = '" + "<i>x" * 500_000 + "';</script>"

    assert PARAGRAPHS[2] in article_text(PAGE.replace("<body>", f"<body>{script}").encode(), "text/html")


HOSTILE = {
    "elements inside each other": "<div>" * 50_000 + "text " * 100,
    "paragraphs": "<p>one two three four five six seven eight nine ten</p>" * 19_000,
    "lists of links": "<ul>" + "<li><a href=/x>hello</a></li>" * 9_900,
    "attributes": "<div " + " ".join(f"a{n}=1" for n in range(250_000)) + ">",
    "scripts without end": "<script>" * 300_000,
    "one word": "<p>" + "x" * 4_000_000,
    "signs": "<" * 3_000_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_ends_soon(name: str) -> None:
    """Pages made to exhaust a parser give capped text or none within seconds; unguarded, some take minutes."""
    began = time.process_time()

    text = article_text(HOSTILE[name].encode(), "text/html")

    assert time.process_time() - began < 15
    assert len(text) <= MAX_TEXT
