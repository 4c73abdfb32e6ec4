"""Pure. Addresses made comparable: one spelling for one page, and whether it looks like an article's.

Nothing here raises for any string. `canonical_url` makes keys for comparison, never addresses to follow.
"""

import re
from contextlib import suppress
from functools import lru_cache
from urllib.parse import quote, urlsplit

from bot.text import clean

#: Query parameters that say how a reader came, not what they read.
_TRACKING = re.compile(
    r"(?:utm|mtm|hsa|at|guce|ga)_\w+|pk_(?:campaign|kwd|source|medium|content)|oly_\w+_id"
    r"|fbclid|gclid|dclid|gbraid|wbraid|yclid|ysclid|twclid|msclkid|ttclid|li_fat_id|igshid|igsh|mc_[ce]id"
    r"|_?openstat|_ga|_gl|_hsenc|_hsmi|ref_src|ref_url|cmpid|cmp|ncid|ocid|icid|s_cid|smid|smtyp|spm|xtor"
    r"|guccounter|vero_id|trk|mkt_tok|__twitter_impression|amp|outputtype",
    re.IGNORECASE,
)
_SECOND_LEVEL = frozenset(["ac", "co", "com", "edu", "gob", "gov", "gouv", "net", "nom", "or", "org"])
_ODD_HOST = re.compile(r"[\s\"<>\\^`{|}%]")
_TWIN_HOST = re.compile(r"^(?:www\d?|m|mobile|amp)\.(?=[^.]+\.)")
_AMP_PATH = re.compile(r"/amp(?=/|$)|\.amp(?=\.html$|$)", re.IGNORECASE)
#: An AMP cache's path holds the real address: /amp/s/host/path or /c/s/host/path.
_AMP_CACHE = re.compile(r"^/(?:amp|[a-z])/(?:s/)?([^/]+\.[^/]+/.*)$")
#: Most addresses, in which nothing needs another spelling but the parameters.
_PLAIN = re.compile(
    r"https?://((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,20})(/[A-Za-z0-9._/-]*)?(?:\?([A-Za-z0-9._=&-]*))?"
)
_ODD_PLAIN = re.compile(r"[/.]amp|://www\.google\.|://google\.com|\.cdn\.ampproject|/$", re.IGNORECASE)


@lru_cache(maxsize=10_000)  # an item's address is asked for some six times on its way
def canonical_url(url: str) -> str:
    """One spelling for all addresses of one page; for comparison, not for following.

    Scheme, `www.`, mobile and AMP hosts, usual ports, credentials, fragments, tracking parameters, the order of
    parameters and a slash at the end make no difference. What is no web address comes back cleaned.
    """
    if (found := _PLAIN.fullmatch(url)) and not _TWIN_HOST.match(found[1]) and not _ODD_PLAIN.search(url):
        kept = sorted(pair for pair in found[3].split("&") if _telling(pair)) if found[3] else None
        path = (found[2] or "").rstrip("/")
        return f"https://{found[1]}{path}?{'&'.join(kept)}" if kept else f"https://{found[1]}{path}"
    text = clean(url)
    if text[:4].lower() != "http":
        return text
    for _ in range(4):  # an address inside an AMP cache may be one again; a few rounds settle all but malice
        shorter = _canonical(text)
        if shorter == text:
            break
        text = shorter
    return text


def _canonical(text: str) -> str:
    try:
        parts = urlsplit(text)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return text
    if parts.scheme not in ("http", "https") or not host or _ODD_HOST.search(host):
        return text
    if (host == "google.com" or host.startswith("www.google.") or host.endswith(".cdn.ampproject.org")) and (
        inner := _AMP_CACHE.match(parts.path)
    ):
        return f"https://{inner[1]}" + (f"?{parts.query}" if parts.query else "")
    while _TWIN_HOST.match(host):
        host = _TWIN_HOST.sub("", host)
    with suppress(UnicodeError):  # longer than a name may be: equal spellings still compare equal
        host = host.encode("idna").decode("ascii").lower()
    if " " in host:
        return text  # accents that stand alone become accents on spaces: no host
    if ":" in host:
        host = f"[{host}]"
    if port not in (None, 80, 443):
        host = f"{host}:{port}"
    path = _quoted(_AMP_PATH.sub("", parts.path).rstrip("/"))
    kept = sorted(pair for pair in parts.query.split("&") if _telling(pair))
    query = f"?{_quoted('&'.join(kept))}" if kept else ""
    # "#!" addresses are pages of their own; any other fragment is a place in the page.
    fragment = f"#{_quoted(parts.fragment)}" if parts.fragment.startswith("!") else ""
    return f"https://{host}{path}{query}{fragment}"


def _telling(pair: str) -> bool:
    """Whether a query's parameter says what is read."""
    return bool(pair) and not _TRACKING.fullmatch(pair.partition("=")[0])


def is_article_url(url: str) -> bool:
    """Whether an address looks like that of one article: a year on the way, a number or a long name at its end.

    A front page, a section or a price page is none: many an item may link there, each with its own news.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https"):
        return False
    name = parts.path.rstrip("/").rpartition("/")[2]
    telling = name + parts.query + (parts.fragment if parts.fragment.startswith("!") else "")
    if any(letter.isdigit() for letter in telling) or re.search(r"/(?:19|20)\d\d/", parts.path):
        return True
    return len(name) >= 24 or len(re.split("[-_]", name)) >= 4


def registrable(url: str) -> str:
    """The part of an address' host that its owner registered: "news.un.org" -> "un.org", "a.b.co.uk" -> "b.co.uk".

    By rule of thumb, without the list of public suffixes: good enough to tell owners of news sites apart. Empty where there is no host.
    """
    try:
        host = (urlsplit(url).hostname or "").rstrip(".").lower()
    except ValueError:
        return ""
    parts = host.split(".")
    if len(parts) < 3 or parts[-1].isdigit():
        return host
    # co.uk, com.cn, gov.ru: a short second level below a country's own.
    is_second_level = len(parts[-1]) == 2 and parts[-2] in _SECOND_LEVEL
    return ".".join(parts[-3:] if is_second_level else parts[-2:])


def _quoted(part: str) -> str:
    return quote(part, safe="%/:=&?~#+!$,;'@()*[]|", errors="replace")
