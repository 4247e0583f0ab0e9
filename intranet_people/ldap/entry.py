"""Directory entries, and the conversion of their values to clean text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b, sha256

from ..text import plain
from .attributes import dn_and_attributes

MAX_TEXT = 300
# Longer values are refused as they are: cleaning 5 MB would take a second, and removing blanks
# would not make them short enough.
_MAX_RAW_TEXT = 20 * MAX_TEXT
# A visible letter, digit or sign of any script; the excluded letters are invisible fillers.
_VISIBLE = re.compile(r"[^\W\u115f\u1160\u3164\uffa0]")
_DN_PIECE = re.compile(
    r"(?P<hex>(?:\\[0-9a-fA-F]{2})+)|\\(?P<escaped>.)|\s*(?P<separator>[,=+])\s*", re.DOTALL
)
_SPACED_SEPARATOR = re.compile("[,=+] | [,=+]")


class Entry:
    """One entry as the server sent it: attribute names in lower case, values as bytes.

    It is decoded when its DN or attributes are first used.

    size  in bytes; 0 if it did not come from a server
    """

    # Plain slots instead of functools.cached_property, which takes a lock: a read has many entries.
    __slots__ = ("_digest", "_parts", "_raw", "size")

    def __init__(self, dn: str, attributes: dict[str, list[bytes]]) -> None:
        self._raw, self.size = b"", 0
        self._digest: bytes | None = None
        self._parts: tuple[str, dict[str, list[bytes]]] | None = (dn, attributes)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Entry:
        entry = cls.__new__(cls)
        entry._raw, entry.size = raw, len(raw)
        entry._digest = entry._parts = None
        return entry

    @classmethod
    def of(cls, dn: str, raw: Mapping[str, list[bytes]]) -> Entry:
        attributes: dict[str, list[bytes]] = {}
        # Values with options such as ";lang-ja" (RFC 4512 2.5) follow those without.
        for name in sorted(raw, key=lambda name: ";" in name):
            attributes.setdefault(name.split(";")[0].lower(), []).extend(raw[name])
        return cls(dn, attributes)

    def decode(self) -> tuple[str, dict[str, list[bytes]]]:
        """Decode and return the DN and attributes. Raises ber.Malformed."""
        parts = self._parts = dn_and_attributes(self._raw)
        # Keep the digest and drop the bytes, so that photos are not in memory twice.
        self._digest, self._raw = self.digest, b""
        return parts

    @property
    def dn(self) -> str:
        return (self._parts or self.decode())[0]

    @property
    def attributes(self) -> dict[str, list[bytes]]:
        return (self._parts or self.decode())[1]

    @property
    def digest(self) -> bytes:
        """SHA-256 of the bytes that the server sent."""
        if self._digest is None:
            self._digest = sha256(self._raw).digest()
        return self._digest

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Entry) and self.dn == other.dn and self.attributes == other.attributes
        )

    def __repr__(self) -> str:
        return f"Entry({self.dn!r}, {self.attributes!r})"

    def values(self, attribute: str) -> list[bytes]:
        return list(self.attributes.get(attribute.lower(), ()))


class Unreadable(ValueError):
    """A value that cannot be shown. `code` and `detail` are those of a Problem."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail


def clean(value: bytes) -> str:
    """One line of text without control characters.

    Raises Unreadable if it is not UTF-8 (RFC 4517 3.3.6) or longer than MAX_TEXT characters.
    """
    try:
        text = value.decode()
    except UnicodeDecodeError:
        raise Unreadable("not-utf8") from None
    if text.isprintable() and (text.isascii() or _VISIBLE.search(text)):
        text = text.strip()  # `plain` would do nothing else here
        if "  " in text:
            text = " ".join(text.split())
    elif len(text) <= _MAX_RAW_TEXT:
        text = plain(text)
    if len(text) > MAX_TEXT:
        raise Unreadable("too-long", str(len(text)))
    return text


def comparable_dn(dn: str) -> str:
    """The DN in a form in which different spellings compare equal (RFC 4514)."""
    if "\\" in dn or not dn.isprintable() or (" " in dn and _SPACED_SEPARATOR.search(dn)):
        dn = _DN_PIECE.sub(_normalized, dn)
    return dn.casefold()


def key_of(dn: str) -> int:
    """Like `dn_key` but not cached: for DNs that occur once."""
    text = comparable_dn(dn).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


@lru_cache(maxsize=8192)
def dn_key(dn: str) -> int:
    """A signed 64-bit hash, equal for all spellings of a DN; cached, as managers' DNs repeat."""
    return key_of(dn)


def _normalized(piece: re.Match[str]) -> str:
    """The piece with a backslash only before the characters that need one."""
    if piece["separator"]:
        return piece["separator"]
    text = piece["escaped"]
    if piece["hex"]:
        text = bytes.fromhex(piece["hex"].replace("\\", "")).decode("utf-8", "backslashreplace")
    return "".join(f"\\{c}" if c in ' "#+,;<=>\\' else c for c in text)
