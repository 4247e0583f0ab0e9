"""Foreign text made fit for one line: of the directory, of calendars, of people who type.

Knows neither Flask nor SQL: the child process that reads calendars imports it too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby

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
_FOREIGN = re.compile(r"[^\W\d_A-Za-z\u00aa-\u02af\u1e00-\u1eff]")
_OPEN, _CLOSED = tuple("([（【"), tuple(")]）】")


def fold(text: str) -> str:
    """`text` without case, accents and script, for comparing: Jörg Dreßler is jorg dressler."""
    return text.lower() if text.isascii() else " ".join(map(_fold, text.split(" ")))


# Names repeat, and those of one person are folded several times.
@lru_cache(10_000)
def _fold(word: str) -> str:
    return anyascii(unicodedata.normalize("NFKC", word)).casefold()


def by_script(name: str) -> tuple[str, str]:
    """Of a name in two scripts, the Latin part and the other: 佐藤 健二 (Kenji Sato) is
    ("Kenji Sato", "佐藤 健二"). Any other name, and ""."""
    parts = () if name.isascii() else [[*ws] for _, ws in groupby(name.split(), _is_foreign)]
    if len(parts) != 2:
        return name, ""
    native, latin = parts if _is_foreign(parts[0][0]) else reversed(parts)
    # One word beside several is an addition: Иван Петров (IT).
    if len(latin) < min(len(native), 2):
        return name, ""
    return _without_brackets(latin), _without_brackets(native)


def sort_key(name: str, given_name: str = "", surname: str = "") -> str:
    """Where a person stands in a list: by family name, then given name, whatever the script.

    The directory's family name counts if it is in Latin letters. If it is not, the Latin part of
    `name` does, where the family name is the word that sounds like the directory's (张 is Zhang),
    or else the last: 佐藤 is read as Zuoteng, and only "Kenji Sato" says that it is Sato. Names
    without a Latin part are transliterated.
    """
    latin, _ = by_script(name)
    if surname and not _is_foreign(surname):
        family, given = surname, latin if _is_foreign(given_name) else given_name
    elif _is_foreign(latin):
        family, given = (surname, given_name) if surname else (latin, "")
    elif "," in latin or not latin:
        family, given = latin, ""
    else:
        words = latin.split()
        heard = fold(surname)
        family = next((word for word in words if fold(word) == heard), words[-1])
        words.remove(family)
        given = " ".join(words)
    folded = fold(f"{family} {given}")
    if not folded.replace(" ", "").isalnum():
        folded = _NO_KEY.sub("", folded)
    return " ".join(folded.split())[:100]


def letter_of(key: str) -> str:
    """The heading in a list from A to Z for a sort key: its letter, or "#"."""
    return key[0].upper() if key[:1].isalpha() else "#"


def _is_foreign(text: str) -> bool:
    """Whether there is a letter of another script than Latin."""
    return not text.isascii() and bool(_FOREIGN.search(text))


def _without_brackets(words: Iterable[str]) -> str:
    part = " ".join(words).strip(" /|,;·・–—-")
    return part[1:-1].strip() if part[:1] in _OPEN and part[-1:] in _CLOSED else part


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
