"""Parsing pages within bounds, and selectors that follow."""

import pytest

from bot.ingest.markup import (
    MAX_TAGS,
    DubiousError,
    TangledError,
    check,
    check_ordinary,
    parse_html,
    read_text,
)
from bot.selectors import selector


def test_formatting_left_open_is_not_copied_into_what_follows() -> None:
    """A browser's parser repeats 300 open tags in each of 1,000 paragraphs; here the tree grows with the page only."""
    page = "<p>" + "".join(f"<font size={number}>" for number in range(300)) + "</p>" + "<p>x</p>" * 1_000

    assert len(parse_html(page).css("*")) < 2_000


@pytest.mark.parametrize(
    ("css", "expected"),
    [
        ("em.date", "x-em.date"),
        ("li > b, I:first-child", "li > x-b, x-I:first-child"),
        ("span:not(small)", "span:not(x-small)"),
        ("div.b > a#i[title='b u'] .big-code", "div.b > a#i[title='b u'] .big-code"),
        ('[data-b="em"], body, table, x-b, base, u-i', '[data-b="em"], body, table, x-b, base, u-i'),
    ],
)
def test_a_selector_follows_the_names_of_formatting_elements(css: str, expected: str) -> None:
    """Element names only: classes, ids, attributes, values and longer names stay."""
    assert selector(css) == expected


def test_renamed_elements_are_found_with_their_text() -> None:
    """What a page calls <em> is found as `em`, whatever its case, also around other elements."""
    tree = parse_html("<p><EM class=d>one <b>two</b></EM> three</p>")

    assert [node.text() for node in tree.css(selector("em.d > b"))] == ["two"]
    assert tree.css_first("p").text() == "one two three"  # type: ignore[union-attr]  # it is there


def test_tags_are_counted_up_to_the_bound() -> None:
    """A page at the bound is read, one tag more is too much."""
    check("<i>" * MAX_TAGS)
    with pytest.raises(TangledError):
        check("<i>" * (MAX_TAGS + 1))


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 300 + "</div>" * 300,
        "<p>one<br><img src=x>" * 5_000,
        "<ul>" + "<li><a href=/x>one</a>" * 5_000 + "</ul>",
        "<div><a href=/x>one</a></div>" * 4_900,
        "text " * 90_000,
        f"<img src='data:image/png;base64,{'x y' * 9_000}'>",
    ],
    ids=["nested", "paragraphs", "list left open", "flat", "long", "picture"],
)
def test_ordinary_pages_are_read_where_others_wait(page: str) -> None:
    """Long ones, flat ones, and ones that leave open what HTML closes by itself."""
    check_ordinary(page)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 301,
        "<div>x</p></div>" * 7_000,
        "</li>" * 20_001,
        "text " * 101_000,
        "<p " + " ".join(f"a{n}" for n in range(600)) + ">",
        "<svg><input>" + "<input>" * 300,
    ],
    ids=["deep", "many tags", "end tags", "large", "attributes", "void elements in a picture"],
)
def test_pages_that_may_take_long_are_known_by_their_form(page: str) -> None:
    """By size, depth, tags and end tags, and attributes; none of them is refused for it."""
    check(page)
    with pytest.raises(DubiousError):
        check_ordinary(page)


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        ("<meta charset=gbk><p>稀土管制".encode("gbk"), "text/html", "稀土管制"),
        ('<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=koi8-r"><p>Санкции'.encode("koi8-r"), "", "Санкции"),
        ('<?xml version="1.0" encoding="windows-1251"?><p>Санкции'.encode("cp1251"), "", "Санкции"),
        ("<meta charset=gbk><p>Санкции".encode(), "text/html; charset=utf-8", "Санкции"),
        ("<meta charset=nonsense><p>Санкции".encode(), "", "Санкции"),
        ("\ufeff<p>Санкции".encode("utf-16-le"), "text/html; charset=utf-8", "Санкции"),
    ],
)  # fmt: skip
def test_the_text_is_read_as_header_page_or_bytes_say(body: bytes, content_type: str, expected: str) -> None:
    """Header first, then meta tag or prolog, and the bytes themselves over any claim that can not be true."""
    assert expected in read_text(body, content_type)
