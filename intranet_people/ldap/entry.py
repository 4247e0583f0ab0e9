"""Directory entries as plain values, and their bytes as clean text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MAX_TEXT = 300
# Overrides and isolates can make a name swallow the text beside it; the joiners that
# Indic and Persian names need are of the same category and stay.
_BIDI_CONTROLS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_DN_PIECE = re.compile(
    r"(?P<hex>(?:\\[0-9a-fA-F]{2})+)|\\(?P<escaped>.)|\s*(?P<separator>[,=+])\s*", re.DOTALL
)


@dataclass(frozen=True)
class Entry:
    """One entry as the server sent it: attribute names in lower case, values as bytes."""

    dn: str
    attributes: Mapping[str, list[bytes]]

    def values(self, attribute: str) -> list[bytes]:
        return list(self.attributes.get(attribute.lower(), ()))


class Unreadable(ValueError):
    """A value that cannot be shown; the text says why."""


def clean(value: bytes) -> str:
    """One line of text without control characters, at most 300 characters.

    Raises Unreadable for bytes that are no UTF-8 (RFC 4517 3.3.6).
    """
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise Unreadable("is not valid UTF-8") from None
    if not (text.isascii() and text.isprintable()):
        text = text.translate(_BIDI_CONTROLS)
        text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    text = " ".join(text.split())
    if len(text) > MAX_TEXT:
        raise Unreadable(f"has {len(text)} characters")
    return text


def comparable_dn(dn: str) -> str:
    """`dn` so that the same DN, written differently, compares equal (RFC 4514)."""
    return _DN_PIECE.sub(_written_once, dn).casefold()


def _written_once(piece: re.Match[str]) -> str:
    """Each piece in one way: escaped only where it has to be, and then by a backslash."""
    if piece["separator"]:
        return piece["separator"]
    text = piece["escaped"]
    if piece["hex"]:
        text = bytes.fromhex(piece["hex"].replace("\\", "")).decode("utf-8", "backslashreplace")
    return "".join(f"\\{c}" if c in ' "#+,;<=>\\' else c for c in text)
