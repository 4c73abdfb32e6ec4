"""The process that reads documents which may take long or eat memory; `reader.py` starts it, and ends it at need.

Speaks pickles over standard input and output, each after its length in eight bytes: a call to make in, (what it gave,
the reason of its `ParseError` or nothing) out. It ends when its input does.
"""

import os
import pickle
import resource
import signal
import sys
from typing import BinaryIO

from bot.errors import ParseError

#: Address space, in bytes: a document of 5 MB and many times what it may become.
MEMORY = 1_000_000_000
#: A parse that nobody waits for any more, as its parent was killed, ends by itself after so many seconds.
LONGEST = 60


def main() -> None:
    """Read until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Nothing that prints may come between the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while question := _receive(sys.stdin.buffer):
        signal.alarm(LONGEST)
        answer = pickle.dumps(_answer(question))
        signal.alarm(0)
        answers.write(len(answer).to_bytes(8, "big") + answer)
        answers.flush()


def _receive(stream: BinaryIO) -> bytes:
    size = int.from_bytes(stream.read(8), "big")
    return stream.read(size)


def _answer(question: bytes) -> tuple[object, str]:
    work = pickle.loads(question)  # noqa: S301  from our own parent
    try:
        return work(), ""
    except ParseError as error:
        return None, error.reason
    except (MemoryError, RecursionError):
        return None, "a document that takes too much memory to read"


if __name__ == "__main__":
    main()
