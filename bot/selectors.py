"""Pure. CSS selectors for list pages: which ones can be used, and as what the parsed page knows them.

`bot/ingest/markup.py` gives formatting elements other names (there it says why), so a selector that names one has to
follow: `em.date` is asked as `x-em.date`.
"""

import re
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from bot.configured import PageSelectors

FORMATTING = "b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u"
#: What stands in brackets or quotes, or the name of a formatting element where the name of an element may stand.
_NAME = re.compile(rf"\[[^\]]*\]|\"[^\"]*\"|'[^']*'|(?<![\w.#:-])({FORMATTING})(?![\w-])", re.IGNORECASE)


def selector(css: str) -> str:
    """A CSS selector as the trees of `markup.parse_html` understand it."""
    return _NAME.sub(lambda found: f"x-{found[1]}" if found[1] else found[0], css)


def selector_problems(page: PageSelectors) -> Iterable[tuple[str, str]]:
    """(key, what is wrong) of each selector that does not compile and each zone that is none."""
    for key in ("item", "title", "link", "date", "summary"):
        css = getattr(page, key)
        if not css and key == "item":
            yield key, "is empty; expected a CSS selector"
        elif css and not _compiles(css):
            yield key, f'"{css}" is no CSS selector that can be used'
    try:
        ZoneInfo(page.timezone)
    except (KeyError, ValueError, OSError):  # not found, not a name at all, a folder of the zone data
        yield "timezone", f'unknown zone "{page.timezone}"; expected a name such as "Asia/Shanghai"'


def _compiles(css: str) -> bool:
    try:
        LexborHTMLParser("<p>").css(selector(css))
    except (SelectolaxError, ValueError):
        return False
    return True
