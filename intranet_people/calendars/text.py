"""Foreign text made fit for one line."""

from __future__ import annotations

import unicodedata

# Overrides and isolates can make "gpj.exe" read as "exe.jpg" and turn the text beside
# them round; joiners (emoji, Persian, Hindi) are left alone.
_BIDI = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff")


def one_line(text: str, limit: int = 300) -> str:
    """`text` with no control or bidi characters and single spaces, at most `limit` long."""
    # A title can be 10 MB long; only its beginning can be shown.
    words = " ".join(text[: limit * 20].split())
    return "".join(c for c in words if _is_shown(c))[:limit].strip()


def _is_shown(character: str) -> bool:
    return character not in _BIDI and unicodedata.category(character) not in {"Cc", "Cs"}
