"""Makes one message of notices that say the same, for the deliver job; what is folded, is decided in notify/notices.py."""

from datetime import datetime

import structlog

from bot.notify.notices import fold
from bot.store.store import Store
from bot.store.waiting import put_in_place, waiting_notices

log = structlog.get_logger("bot.telling")


def fold_notices(store: Store, *, channel: str | None, now: datetime) -> None:
    """Fold what waits for this channel, or any. Not while a round of that channel's deliveries runs."""
    for folded in fold(waiting_notices(store, channel), now):
        put_in_place(store, folded.keys, folded.row)
        log.info("fold", notices=len(folded.keys), key=folded.row.key)
