"""Directory entries as plain values, and their bytes as clean text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..text import plain

MAX_TEXT = 300
_DN_PIECE = re.compile(
    r"(?P<hex>(?:\\[0-9a-fA-F]{2})+)|\\(?P<escaped>.)|\s*(?P<separator>[,=+])\s*", re.DOTALL
)


@dataclass(frozen=True)
class Entry:
    """One entry as the server sent it: attribute names in lower case, values as bytes."""

    dn: str
    attributes: Mapping[str, list[bytes]]

    @classmethod
    def of(cls, dn: str, raw: Mapping[str, list[bytes]]) -> Entry:
        attributes: dict[str, list[bytes]] = {}
        # Options as ";lang-ja" (RFC 4512 2.5) come after the attribute without one.
        for name in sorted(raw, key=lambda name: ";" in name):
            attributes.setdefault(name.split(";")[0].lower(), []).extend(raw[name])
        return cls(dn, attributes)

    def values(self, attribute: str) -> list[bytes]:
        return list(self.attributes.get(attribute.lower(), ()))


class Unreadable(ValueError):
    """A value that cannot be shown; the text says why."""


def clean(value: bytes) -> str:
    """One line of text without control characters, at most 300 characters.

    Raises Unreadable for bytes that are no UTF-8 (RFC 4517 3.3.6).
    """
    try:
        text = plain(value.decode("utf-8"))
    except UnicodeDecodeError:
        raise Unreadable("is not valid UTF-8") from None
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
