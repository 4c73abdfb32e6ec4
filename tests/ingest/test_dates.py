"""Dates as pages write them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ingest.dates import read_date

MOSCOW = ZoneInfo("Europe/Moscow")  # UTC+3
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def read(text: str, *, month_first: bool = False) -> str | None:
    """The date in UTC as short text."""
    at = read_date(text, zone=MOSCOW, now=NOW, month_first=month_first)
    return f"{at:%Y-%m-%d %H:%M}" if at else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T09:05:00+00:00", "2026-11-24 09:05"),
        ("2026-11-24T09:05:00Z", "2026-11-24 09:05"),
        ("2026-11-24T09:05:00", "2026-11-24 06:05"),
        ("2026-11-24 09:05", "2026-11-24 06:05"),
        ("2026-11-24", "2026-11-23 21:00"),
        ("Tue, 24 Nov 2026 09:05:00 +0100", "2026-11-24 08:05"),
        ("24 ноября 2026, 14:30", "2026-11-24 11:30"),
        ("Опубликовано: 5 мая 2026 г. в 9:07", "2026-05-05 06:07"),
        ("24 ноя 2026", "2026-11-23 21:00"),
        ("24 ноября", "2026-11-23 21:00"),
        ("24.11.2026 14:30", "2026-11-24 11:30"),
        ("November 23, 2026 - Sanctions List Updates", "2026-11-22 21:00"),
        ("23rd of Nov. 2026", "2026-11-22 21:00"),
        ("May 5, 2026 3:05 pm", "2026-05-05 12:05"),
        ("May 5, 2026 12:05 a.m.", "2026-05-04 21:05"),
        ("2026年11月24日 14:30", "2026-11-24 11:30"),
        ("[2026-11-24]", "2026-11-23 21:00"),
        ("发布时间：2026/11/24", "2026-11-23 21:00"),
        ("11月24日", "2026-11-23 21:00"),
    ],
)
def test_a_written_day_is_read(text: str, expected: str) -> None:
    """Words and figures of three languages, in the page's zone where the text names none."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 минут назад", "2026-11-24 11:55"),
        ("час назад", "2026-11-24 11:00"),
        ("полтора часа назад", "2026-11-24 10:30"),
        ("2 hours ago", "2026-11-24 10:00"),
        ("an hour ago", "2026-11-24 11:00"),
        ("1 day ago", "2026-11-23 12:00"),
        ("3小时前", "2026-11-24 09:00"),
        ("10分钟前", "2026-11-24 11:50"),
        ("2天前", "2026-11-22 12:00"),
        ("сегодня, 09:15", "2026-11-24 06:15"),
        ("вчера в 14:30", "2026-11-23 11:30"),
        ("Позавчера", "2026-11-21 21:00"),
        ("昨天 10:20", "2026-11-23 07:20"),
        ("前天", "2026-11-21 21:00"),
        ("Yesterday", "2026-11-22 21:00"),
        ("только что", "2026-11-24 12:00"),
    ],
)
def test_a_moment_relative_to_now_is_read(text: str, expected: str) -> None:
    """What counts from now counts from the `now` given, days by the page's own calendar."""
    assert read(text) == expected


def test_a_time_alone_is_the_last_one_that_came() -> None:
    """14:30 is today's, and 23:50 yesterday's while today's is still to come."""
    assert read("14:30") == "2026-11-24 11:30"
    assert read("23:50") == "2026-11-23 20:50"


def test_a_year_left_out_never_leads_ahead() -> None:
    """In November the 31st of December is last year's; on the last day of a year the next one's first is near."""
    assert read("31 декабря") == "2025-12-30 21:00"
    new_year = datetime(2026, 12, 31, 22, 0, tzinfo=UTC)
    assert read_date("1 января", zone=MOSCOW, now=new_year) == datetime(2026, 12, 31, 21, 0, tzinfo=UTC)


def test_the_order_of_figures_is_the_page_s_where_both_fit() -> None:
    """5/6/2026 goes by `month_first`, 11/24/2026 fits one way only, and points always put the day first."""
    assert read("5/6/2026") == "2026-06-04 21:00"
    assert read("5/6/2026", month_first=True) == "2026-05-05 21:00"
    assert read("11/24/2026") == "2026-11-23 21:00"
    assert read("5.6.2026", month_first=True) == "2026-06-04 21:00"


@pytest.mark.parametrize(
    "text", ["", "Tuesday", "May", "2026", "Release 5, page 3", "31 февраля 2026", "24.13.2026", "в начале года", "99月99日"]
)  # fmt: skip
def test_what_names_no_day_is_no_date(text: str) -> None:
    """A lone month, a number or an impossible day gives None rather than a guess."""
    assert read(text) is None


WORDS = st.sampled_from(
    [
        "ноября",
        "May",
        "назад",
        "ago",
        "年",
        "月",
        "日",
        "час",
        "вчера",
        "前",
        ":",
        ".",
        "/",
        "-",
        " ",
        "2026",
        "T",
    ]
)


@settings(max_examples=300)
@given(st.lists(WORDS | st.integers(0, 99_999).map(str) | st.text(max_size=3), max_size=14).map("".join))
def test_any_text_gives_a_utc_moment_or_none(text: str) -> None:
    """No text raises, and what comes is aware and in UTC."""
    at = read_date(text, zone=MOSCOW, now=NOW)

    assert at is None or at.utcoffset() == UTC.utcoffset(None)
