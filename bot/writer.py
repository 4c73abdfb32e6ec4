"""The store in a thread of its own, for the jobs: SQLite has one writer, and the event loop must not wait for disks."""

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from bot.store.store import Store

Answer = TypeVar("Answer")
_Outcome = tuple[asyncio.Future[Any], Any, Exception | None]


class Writer:
    """Does things with the store, one after the other; what is to be saved, many at a time."""

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open = open_store
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._store: Store | None = None
        #: What `save` was given and no transaction has taken up yet.
        self._waiting: deque[tuple[Callable[[Store], Any], asyncio.Future[Any]]] = deque()

    async def open(self) -> None:
        """Open the store. Raises `StoreError`."""
        self._store = await asyncio.get_running_loop().run_in_executor(self._pool, self._open)

    async def __call__(self, work: Callable[[Store], Answer]) -> Answer:
        """Do something with the store, after all that was asked before."""
        if self._store is None:
            raise RuntimeError("the store is not open")
        return await asyncio.get_running_loop().run_in_executor(self._pool, work, self._store)

    async def save(self, work: Callable[[Store], Answer]) -> Answer:
        """Do something that writes, in one transaction with all else that waits to be saved; returns when it is on disk.

        A commit waits for the disk, as long for fifty polls as for one. What raises undoes its own part and no other.
        """
        if self._store is None:
            raise RuntimeError("the store is not open")
        loop = asyncio.get_running_loop()
        saved: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((work, saved))
        # One for each, as none can tell whether the last is still to begin: all but a few find nothing left to do.
        self._pool.submit(self._save_waiting, self._store, loop)
        return await saved

    def _save_waiting(self, store: Store, loop: asyncio.AbstractEventLoop) -> None:
        if not self._waiting:
            return
        outcomes: list[_Outcome] = []
        try:
            with store.together():
                while self._waiting:
                    work, saved = self._waiting.popleft()
                    try:
                        with store.together():
                            outcomes.append((saved, work(store), None))
                    except Exception as error:  # noqa: BLE001  it is handed to who asked
                        outcomes.append((saved, None, error))
        except Exception as error:  # noqa: BLE001  the transaction itself: nothing of all this is on disk
            asked = [saved for saved, _, _ in outcomes]
            while self._waiting:
                asked.append(self._waiting.popleft()[1])
            outcomes = [(saved, None, error) for saved in asked]
        loop.call_soon_threadsafe(_tell, outcomes)

    async def close(self) -> None:
        """Finish what was asked and let go of the file."""
        if self._store is not None:
            await self(lambda store: store.close())
        self._pool.shutdown(wait=True)


def _tell(outcomes: list[_Outcome]) -> None:
    for saved, answer, error in outcomes:
        if saved.done():  # who asked was cancelled meanwhile
            continue
        if error is None:
            saved.set_result(answer)
        else:
            saved.set_exception(error)
