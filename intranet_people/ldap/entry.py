"""Directory entries as plain values, and their bytes as clean text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b

from ..text import plain

MAX_TEXT = 300
# So much longer is no text with many blanks in it, and cleaning 5 MB would take a second.
_HOPELESS = 20 * MAX_TEXT
# A letter, a digit or a sign that is drawn, whatever the script: a few letters are not.
_SEEN = re.compile(r"[^\W\u115f\u1160\u3164\uffa0]")
_DN_PIECE = re.compile(
    r"(?P<hex>(?:\\[0-9a-fA-F]{2})+)|\\(?P<escaped>.)|\s*(?P<separator>[,=+])\s*", re.DOTALL
)
_SPACED = re.compile("[,=+] | [,=+]")


@dataclass(slots=True)
class Entry:
    """One entry as the server sent it: attribute names in lower case, values as bytes.

    size    of the message that brought it, in bytes
    digest  of all its bytes; b"" where they were not asked for, or not seen
    """

    dn: str
    attributes: dict[str, list[bytes]]
    size: int = field(default=0, compare=False, repr=False)
    digest: bytes = field(default=b"", compare=False, repr=False)

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
    """A value that cannot be shown: the code and detail of a Problem."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def clean(value: bytes) -> str:
    """One line of text without control characters, at most 300 characters.

    Raises Unreadable for bytes that are no UTF-8 (RFC 4517 3.3.6).
    """
    if value.isascii() and len(value) <= MAX_TEXT:
        text = value.decode("ascii")
        if text.isprintable():  # as nearly all are
            return " ".join(text.split()) if " " in text else text
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Unreadable("not-utf8") from None
    if text.isprintable() and _SEEN.search(text):
        text = " ".join(text.split())  # what is left of `plain`, and most texts need no more
    elif len(text) <= _HOPELESS:
        text = plain(text)
    if len(text) > MAX_TEXT:
        raise Unreadable("too-long", str(len(text)))
    return text


def comparable_dn(dn: str) -> str:
    """`dn` so that the same DN, written differently, compares equal (RFC 4514)."""
    if "\\" in dn or not dn.isprintable() or (" " in dn and _SPACED.search(dn)):
        dn = _DN_PIECE.sub(_written_once, dn)
    return dn.casefold()


def key_of(dn: str) -> int:
    """`dn_key`, not remembered: for a DN that comes but once."""
    text = comparable_dn(dn).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=8192)
def dn_key(dn: str) -> int:
    """A signed 64-bit integer, the same for each way of writing that DN; a manager's repeats."""
    return key_of(dn)


def _written_once(piece: re.Match[str]) -> str:
    """Each piece in one way: escaped only where it has to be, and then by a backslash."""
    if piece["separator"]:
        return piece["separator"]
    text = piece["escaped"]
    if piece["hex"]:
        text = bytes.fromhex(piece["hex"].replace("\\", "")).decode("utf-8", "backslashreplace")
    return "".join(f"\\{c}" if c in ' "#+,;<=>\\' else c for c in text)
