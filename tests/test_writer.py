"""The store's thread: much in one transaction, and each part by itself."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pysqlite3 as sqlite3
import pytest

from bot.model import PollState
from bot.store.store import Store
from bot.writer import Writer


@pytest.fixture
async def writer(tmp_path: Path) -> AsyncIterator[Writer]:
    """A writer on a fresh store."""
    made = Writer(lambda: Store.open(tmp_path))
    await made.open()
    yield made
    await made.close()


def _polls(folder: Path) -> list[str]:
    """What another process sees."""
    with sqlite3.connect(folder / "bot.db") as db:
        return [name for (name,) in db.execute("select source_id from polls order by 1")]


async def test_what_is_saved_is_on_disk_when_it_is_answered(writer: Writer, tmp_path: Path) -> None:
    """Many at once, each answered with its own result and none before the commit."""

    def keep(store: Store, name: str) -> str:
        store.save_poll(PollState(source_id=name))
        return name

    async def one(name: str) -> tuple[str, list[str]]:
        answer = await writer.save(partial(keep, name=name))
        return answer, _polls(tmp_path)

    answers = await asyncio.gather(*(one(f"s{n}") for n in range(50)))

    assert [name for name, _ in answers] == [f"s{n}" for n in range(50)]
    assert all(name in seen for name, seen in answers)


async def test_what_waits_together_is_one_transaction(writer: Writer, tmp_path: Path) -> None:
    """While the store is busy the saves gather, and other processes see all of them at once or none."""
    gate = asyncio.Event()
    loop = asyncio.get_running_loop()
    seen: list[list[str]] = []

    def hold(store: Store) -> None:
        asyncio.run_coroutine_threadsafe(gate.wait(), loop).result(10)

    def save(store: Store, name: str) -> None:
        store.save_poll(PollState(source_id=name))
        seen.append(_polls(tmp_path))

    held = asyncio.create_task(writer(hold))
    saves = [asyncio.create_task(writer.save(partial(save, name=f"s{n}"))) for n in range(3)]
    await asyncio.sleep(0)
    gate.set()
    await asyncio.gather(held, *saves)

    assert seen == [[], [], []]
    assert _polls(tmp_path) == ["s0", "s1", "s2"]


async def test_a_part_that_fails_undoes_itself_alone(writer: Writer, tmp_path: Path) -> None:
    """Its own writes are gone and its own caller hears of it."""

    def broken(store: Store) -> None:
        store.save_poll(PollState(source_id="broken"))
        raise ValueError("a fault")

    async def fine(name: str) -> None:
        await writer.save(lambda store: store.save_poll(PollState(source_id=name)))

    outcomes = await asyncio.gather(fine("a"), writer.save(broken), fine("b"), return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [type(None), ValueError, type(None)]
    assert _polls(tmp_path) == ["a", "b"]


async def test_all_hear_of_it_when_the_transaction_fails(
    writer: Writer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that can not be locked fails every save that waits, and the next one works again."""
    await writer(lambda store: store.rows("pragma busy_timeout = 50"))
    other = sqlite3.connect(tmp_path / "bot.db", isolation_level=None)
    other.execute("begin immediate")

    saves = [writer.save(partial(Store.save_poll, state=PollState(source_id=f"s{n}"))) for n in range(3)]
    outcomes = await asyncio.gather(*saves, return_exceptions=True)
    other.execute("rollback")
    other.close()
    await writer.save(lambda store: store.save_poll(PollState(source_id="after")))

    assert [type(outcome) for outcome in outcomes] == [sqlite3.OperationalError] * 3
    assert _polls(tmp_path) == ["after"]


async def test_who_no_longer_waits_disturbs_nobody(writer: Writer, tmp_path: Path) -> None:
    """A cancelled save may still be written; the others are answered."""
    cancelled = asyncio.create_task(writer.save(lambda store: store.save_poll(PollState(source_id="a"))))
    other = asyncio.create_task(writer.save(lambda store: store.save_poll(PollState(source_id="b"))))
    await asyncio.sleep(0)
    cancelled.cancel()

    await other

    assert "b" in _polls(tmp_path)
