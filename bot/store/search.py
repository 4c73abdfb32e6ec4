"""Full text that works for 稀土 and for санкций: the words that are indexed and asked for. Pure.

Han text is indexed as its pairs of neighbouring characters (and single ones at the ends), Russian and English
words as their stems. A query finds an item when each of its words, or a word that begins with it, stands there.
"""

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snowballstemmer.basestemmer import BaseStemmer

_WORD = re.compile(r"[㐀-䶿一-鿿豈-﫿]+|[0-9]+(?:[.,][0-9]+)*|[^\W\d_㐀-䶿一-鿿豈-﫿]+")
_PHRASE = re.compile(r'"([^"]+)"|(\S+)')


def fold(text: str) -> str:
    """The form in which two spellings of a word are equal."""
    return unicodedata.normalize("NFKC", text).casefold().replace("ё", "е")


def index_text(text: str) -> str:
    """The tokens of a text in order, as the full-text table stores them."""
    return " ".join(token for word in _WORD.findall(fold(text)) for token in _tokens(word))


def match_expression(query: str) -> str:
    """An FTS5 expression for what a person typed; empty when nothing in it can be looked for.

    Words are joined by AND; words in double quotes must follow one another.
    """
    parts = []
    for quoted, bare in _PHRASE.findall(fold(query)):
        words = _WORD.findall(quoted or bare)
        if quoted:
            tokens = [token for word in words for token in _tokens(word)]
            parts += [f'"{" ".join(tokens)}"'] if tokens else []
        else:
            parts += [_word_expression(word) for word in words]
    return " AND ".join(parts)


def _word_expression(word: str) -> str:
    tokens = _tokens(word)
    if _is_han(word):
        # Neighbouring pairs are a phrase; the last one as a prefix lets a single character match any pair.
        return f'"{" ".join(tokens)}"*' if len(word) == 1 else f'"{" ".join(tokens[:-1])}"'
    # The prefix finds longer words of the family: санкци, санкционный.
    return f'"{tokens[0]}"*'


def _tokens(word: str) -> list[str]:
    if _is_han(word):
        # The last character alone is kept too, so that a query for one character finds it at the end.
        return [word[i : i + 2] for i in range(len(word) - 1)] + [word[-1]]
    return [_stem(word)]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_stemmer("russian" if "а" <= word[0] <= "я" else "english").stemWord(word))


@cache
def _stemmer(language: str) -> "BaseStemmer":
    # Imported at the first word: the package loads all its thirty languages, and most polls bring nothing to index.
    import snowballstemmer

    return snowballstemmer.stemmer(language)


def _is_han(word: str) -> bool:
    return word[0] >= "㐀" and not word[0].isdigit() and unicodedata.name(word[0], "").startswith("CJK")
