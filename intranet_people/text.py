"""Foreign text made fit for one line: of the directory, of calendars, of people who type.

Knows neither Flask nor SQL: the child process that reads calendars imports it too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

# Overrides and isolates can make "gpj.exe" read as "exe.jpg" and turn the text beside them
# round; the joiners that emoji, Persian and Hindi need are left alone. Half a surrogate pair
# is no character, and no database takes it.
_BIDI = (0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
_DROPPED = dict.fromkeys((*_BIDI, *range(0xD800, 0xE000)))
_BREAKS = {"Cc", "Zl", "Zp"}
_UNSEEN = {"Cf", "Mn", "Zs"}
# Letters and signs by their category, but nothing is drawn.
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def one_line(text: str, limit: int = 300) -> str:
    """`text` as `plain`, at most `limit` long."""
    # A title can be 10 MB long; only its beginning can be shown.
    return plain(text[: limit * 20])[:limit].strip()


def plain(text: str) -> str:
    """`text` without control and bidi characters, with single spaces; "" where none is seen."""
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_DROPPED)
        text = "".join(" " if unicodedata.category(c) in _BREAKS else c for c in text)
        if all(c in _BLANKS or unicodedata.category(c) in _UNSEEN for c in text):
            return ""
    return " ".join(text.split())


MAX_WORDS, MAX_WORD = 6, 40


_WORD = re.compile(r"[^\W_]+")


_NO_KEY = re.compile(r"[^\w ]")


def fold(text: str) -> str:
    """`text` without case, accents and script, for comparing: Jörg Dreßler is jorg dressler."""
    return text.lower() if text.isascii() else " ".join(map(_fold, text.split(" ")))


# Names repeat, and those of one person are folded several times.
@lru_cache(10_000)
def _fold(word: str) -> str:
    return anyascii(unicodedata.normalize("NFKC", word)).casefold()


def sort_key(name: str) -> str:
    """Where a name stands in a list, whatever its script."""
    folded = fold(name)
    if not folded.replace(" ", "").isalnum():
        folded = _NO_KEY.sub("", folded)
    return folded.strip()[:100]


def words_of(text: str) -> set[str]:
    """The folded words of `text`; O'Brien is found by brien and by obrien."""
    folded = fold(text)
    words = _WORD.findall(folded)
    if "'" in folded or "-" in folded:
        words += _WORD.findall(folded.replace("'", "").replace("-", ""))
    if len(folded) > MAX_WORD:
        words = [w[:MAX_WORD] for w in words]
    return set(words)


def initials_of(name: str) -> str:
    """The first letters of the first and the last word, or `?`."""
    words = name.split()
    return "".join(word[0] for word in words[:1] + words[1:][-1:]).upper() or "?"
