"""Records for the tests of this folder: one alert, one digest, one queue on a real database."""

from datetime import UTC, datetime, timedelta

from bot.model import (
    Alert,
    Batch,
    Coverage,
    Delivery,
    Digest,
    DigestEntry,
    DigestSection,
    PollState,
    Reason,
)
from bot.notify.messages import dump
from bot.store.store import Store

NOW = datetime(2026, 11, 24, 8, 5, tzinfo=UTC)


def alert(title: str = "Томтор: выдана новая лицензия", **changes: object) -> Alert:
    """A Russian headline with one reason."""
    reason = Reason(
        topic_id="russia-ree",
        topic_name="Russia's rare earths",
        score=0.9,
        why="names a Russian deposit",
        terms=("Томтор (Tomtor)", "лицензия (licence)"),
    )
    values: dict[str, object] = {
        "story_id": "s1",
        "item_key": "i1",
        "url": "https://news.example/tomtor?a=1&b=2",
        "summary": "Ведомство сообщило об этом утром.",
        "source_name": "Interfax",
        "language": "ru",
        "published_at": NOW - timedelta(minutes=12),
        "first_seen_at": NOW,
        "level": "now",
        "reasons": (reason,),
    }
    return Alert(title=title, **{**values, **changes})  # type: ignore[arg-type]


def delivery(
    name: str, channel: str = "slack", destination: str = "#rare-earths", **changes: object
) -> Delivery:
    """An outbox row that is due, with an alert that carries its name."""
    values: dict[str, object] = {
        "key": f"alert:{channel}:{destination}:{name}",
        "kind": "alert",
        "message": dump(alert(name, story_id=name)),
        "created_at": NOW,
        "due_at": NOW,
    }
    return Delivery(channel=channel, destination=destination, **{**values, **changes})  # type: ignore[arg-type]


def entry(title: str = "稀土出口新规公布", **changes: object) -> DigestEntry:
    """A Chinese story of the day."""
    values: dict[str, object] = {
        "url": "https://news.example/export",
        "summary": "商务部发布公告。",
        "language": "zh",
        "published_at": NOW - timedelta(hours=3),
        "first_seen_at": NOW - timedelta(hours=2),
        "sources": ("Xinhua", "Caixin"),
        "why": "names export controls",
        "terms": ("出口 (export)", "稀土 (rare earths)"),
        "score": 0.8,
        "sure": True,
    }
    return DigestEntry(title=title, **{**values, **changes})  # type: ignore[arg-type]


def digest(*entries: DigestEntry, **changes: object) -> Digest:
    """A day with one topic, or an empty one."""
    section = DigestSection(topic_id="sanctions", topic_name="Sanctions & export controls", entries=entries)
    coverage = Coverage(
        items=1200, hits=31, stories=24, sources_read=60, sources_unread=(("TASS", "time-out"),)
    )
    values: dict[str, object] = {
        "list_id": "analysts",
        "local_date": NOW.date(),
        "timezone": "Europe/Berlin",
        "since_at": NOW - timedelta(days=1),
        "until_at": NOW,
        "sections": (section,) if entries else (),
        "coverage": coverage,
    }
    return Digest(**{**values, **changes})  # type: ignore[arg-type]


class StoreQueue:
    """The outbox of a real store, as `drain` asks for it."""

    def __init__(self, *rows: Delivery) -> None:
        self.store = Store.in_memory()
        self.store.save(Batch(poll=PollState(source_id="one"), deliveries=rows))
        #: Every state that was saved, in order: (key, state).
        self.history: list[tuple[str, str]] = []

    def add(self, *rows: Delivery) -> None:
        """More rows, as a later poll writes them."""
        self.store.save(Batch(poll=PollState(source_id="one"), deliveries=rows))

    async def due(self, now: datetime, limit: int) -> tuple[Delivery, ...]:
        return self.store.due(now, limit)

    async def unknown(self) -> tuple[Delivery, ...]:
        return self.store.unknown()

    async def save(self, delivery: Delivery) -> None:
        self.history.append((delivery.key, delivery.state))
        self.store.save_delivery(delivery)

    def row(self, name: str) -> dict[str, object]:
        """The row whose key ends so."""
        return self.store.rows("select * from outbox where key like ?", [f"%:{name}"])[0]
