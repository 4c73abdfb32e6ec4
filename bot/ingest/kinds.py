"""Pure. Which parser reads which kind of source: a new kind is one file and one line here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.configured import Source
from bot.ingest.feed import parse as parse_feed
from bot.ingest.page import parse_page
from bot.model import Document, Item


class Parser(Protocol):
    """Bytes of one document to its items, in its order.

    Raises `ParseError`; if `careful`, `DubiousError` before what may take long.
    """

    def __call__(
        self, document: Document, source: Source, *, now: datetime, careful: bool = False
    ) -> tuple[Item, ...]: ...


PARSERS: Mapping[str, Parser] = {
    "feed": parse_feed,
    "page": parse_page,
}
