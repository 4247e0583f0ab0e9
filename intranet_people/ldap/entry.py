"""Directory entries as plain values, and their bytes as clean text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b, sha256

from ..text import plain
from .attributes import dn_and_attributes

MAX_TEXT = 300
# So much longer is no text with many blanks in it, and cleaning 5 MB would take a second.
_HOPELESS = 20 * MAX_TEXT
# A letter, a digit or a sign that is drawn, whatever the script: a few letters are not.
_SEEN = re.compile(r"[^\W\u115f\u1160\u3164\uffa0]")
_DN_PIECE = re.compile(
    r"(?P<hex>(?:\\[0-9a-fA-F]{2})+)|\\(?P<escaped>.)|\s*(?P<separator>[,=+])\s*", re.DOTALL
)
_SPACED = re.compile("[,=+] | [,=+]")


class Entry:
    """One entry as the server sent it: attribute names in lower case, values as bytes.

    Its bytes are decoded when its DN or attributes are first asked for.

    size  of its bytes; 0 where no server sent it
    """

    # Plain slots, as there are very many of them: functools.cached_property takes a lock.
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
        # Options as ";lang-ja" (RFC 4512 2.5) come after the attribute without one.
        for name in sorted(raw, key=lambda name: ";" in name):
            attributes.setdefault(name.split(";")[0].lower(), []).extend(raw[name])
        return cls(dn, attributes)

    def decode(self) -> tuple[str, dict[str, list[bytes]]]:
        """Its DN and attributes, read now from its bytes, where they may be nonsense.

        Raises ber.Malformed.
        """
        parts = self._parts = dn_and_attributes(self._raw)
        # A batch of photos is not to be held twice; of the bytes only the digest is asked later.
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
        """Of all its bytes."""
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
