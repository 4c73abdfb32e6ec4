"""Pure. Where a site's feeds may be, from the HTML at its address.

Order: feeds that the page itself names (`<link rel=alternate>` of a feed type), then links that look like feeds, both
in the page's order; only where there are none, the usual addresses of such feeds, which may not exist. Feeds of
comments come last, as nobody wants those first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bot.ingest.entries import absolute
from bot.ingest.markup import TangledError, check_ordinary, parse_html, read_text

_TYPES = (
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
    "text/xml",
    "application/xml",
)
_USUAL = ("/feed/", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml")
_MOST = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidates:
    """Addresses that may be feeds, the likeliest first."""

    #: The page names or links these.
    named: tuple[str, ...]
    #: Where such feeds usually are; nothing says that these exist.
    usual: tuple[str, ...]


def discover(html: bytes, url: str, content_type: str = "", *, careful: bool = False) -> Candidates:
    """Where the feeds of the page at `url` may be: absolute http or https addresses, at most 20.

    Raises nothing; if `careful`, `DubiousError` for a page that may take long.
    """
    text = read_text(html, content_type)
    if careful:
        check_ordinary(text)
    try:
        tree = parse_html(text)
    except TangledError:
        return Candidates(named=(), usual=_usual(url))
    named = tree.css_first("base[href]")
    base = (absolute(named.attributes.get("href") or "", url) if named else "") or url
    found: list[str] = []
    for link in tree.css("link[href]"):
        rel = (link.attributes.get("rel") or "").lower().split()
        kind = (link.attributes.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" in rel and kind in _TYPES:
            found.append(absolute(link.attributes.get("href") or "", base))
    if not any(found):
        found = list(
            _looks(absolute(node.attributes.get("href") or "", base) for node in tree.css("a[href]"))
        )
    unique = [link for link in dict.fromkeys(found) if link and link != url]
    unique.sort(key=is_comments)
    return Candidates(named=tuple(unique[:_MOST]), usual=() if unique else _usual(url))


def is_comments(url: str) -> bool:
    """Whether an address is that of a feed of readers' comments."""
    return "comment" in urlsplit(url).path.lower() or "comment" in urlsplit(url).query.lower()


def _looks(links: Iterator[str]) -> Iterator[str]:
    """Of links in the text, those that end as feeds do."""
    for link in links:
        path = urlsplit(link).path.lower().rstrip("/")
        if path.endswith((".rss", "/rss", "/feed", "/atom", "rss.xml", "feed.xml", "atom.xml", ".rdf")):
            yield link


def _usual(url: str) -> tuple[str, ...]:
    return tuple(urljoin(url, path) for path in _USUAL)
