"""Pure. The prose of an article page, without menus, teasers and comments, by trafilatura.

Bounded before trafilatura sees the page: markup.check refuses what would exhaust its parser, and a page is read up to
MAX_HTML. The slowest page found within these bounds takes some 2 s. trafilatura can fetch by itself; the one function
used here never does.
"""

import logging
import re

from bot.ingest.charset import mend
from bot.ingest.entries import MAX_TEXT, capped
from bot.ingest.markup import TangledError, check, check_ordinary, read_text
from bot.text import clean

#: Characters of markup; an article stands in the first half of any page.
MAX_HTML = 1_500_000

_UNSEEN = re.compile(r"<(script|style|svg|noscript|template)(?=[\s/>])", re.IGNORECASE)
_XML_HEAD = re.compile(r"^\s{0,100}<\?xml[^>]{0,300}\?>")


def article_text(html: bytes, content_type: str = "", url: str = "", *, careful: bool = False) -> str:
    """The article's paragraphs, one line each, at most MAX_TEXT characters; empty where there is no article.

    `content_type` is the header as received, `url` the page's address. Raises nothing; if `careful`,
    `DubiousError` for a page that may take long.
    """
    # Here, as it takes 0.2 s and 28 MB, and most installations read no articles.
    import trafilatura

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it reports pages without prose as errors
    text = _XML_HEAD.sub("", read_text(html, content_type))[: 4 * MAX_HTML]
    text = _without_unseen(text)[:MAX_HTML]
    if careful:
        check_ordinary(text)
    try:
        check(text)
    except TangledError:
        return ""
    try:
        found = trafilatura.extract(text, url=url or None, include_comments=False, include_tables=True)
    except Exception:  # noqa: BLE001  a dozen libraries on a hostile page: whatever they raise means no article
        return ""
    lines = (clean(mend(line)) for line in (found or "").splitlines())
    return capped("\n".join(line for line in lines if line), MAX_TEXT)


def _without_unseen(text: str) -> str:
    """The page without scripts and the like, which may be most of it; what never ends goes to the last character."""
    kept: list[str] = []
    at = 0
    while found := _UNSEEN.search(text, at):
        kept.append(text[at : found.start()])
        end = re.compile(rf"</{found[1]}\s*>", re.IGNORECASE).search(text, found.end())
        if end is None:
            return "".join(kept)
        at = end.end()
    return "".join((*kept, text[at:]))
