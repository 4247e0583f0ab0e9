"""LDAP messages as bytes and back: the part of BER that RFC 4511 5.1 allows.

Pure functions, and quick ones: a company's entries go through `decode`. Bytes of any kind
either decode or raise Malformed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..text import one_line
from .changes import KnownDigests
from .entry import Entry

LONGEST = 64 * 1024 * 1024
"""The length, in bytes, beyond which a message is taken for nonsense."""

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31
ENTRY, DONE, REFERENCE, EXTENDED, INTERMEDIATE = 0x64, 0x65, 0x73, 0x78, 0x79
_CONTROLS, _REFERRAL = 0xA0, 0xA3

Controls = dict[str, bytes]
"""Value by OID; b"" where a control has none."""

RESULTS = {
    0: "success",
    1: "operationsError",
    2: "protocolError",
    3: "timeLimitExceeded",
    4: "sizeLimitExceeded",
    8: "strongerAuthRequired",
    10: "referral",
    11: "adminLimitExceeded",
    12: "unavailableCriticalExtension",
    18: "inappropriateMatching",
    32: "noSuchObject",
    34: "invalidDNSyntax",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    80: "other",
    4096: "syncRefreshRequired",
}
"""What a search may end with: RFC 4511 A.1, and RFC 4533 2.6."""


class Malformed(ValueError):
    """Bytes that are no LDAP message."""


@dataclass(frozen=True, slots=True)
class Result:
    """How an operation ended (RFC 4511 4.1.9)."""

    code: int
    message: str = ""

    def __str__(self) -> str:
        return f"{RESULTS.get(self.code, self.code)} {self.message}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """A part of the answer lies elsewhere: the same at each of `urls` (RFC 4511 4.5.3)."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intermediate:
    """RFC 4511 4.13."""

    name: str
    value: bytes = field(repr=False)


class UnchangedEntry(Entry):
    """An entry of which not a byte is another than when `who` was written by it.

    It is decoded only where somebody asks for its DN or attributes after all.
    """

    __slots__ = ("_data", "who")

    def __init__(self, who: int, digest: bytes, data: bytes) -> None:
        self.who, self.digest, self.size, self._data = who, digest, len(data), data

    def __getattr__(self, name: str) -> Any:
        if name not in ("dn", "attributes"):
            raise AttributeError(name)
        self.dn, self.attributes = _parts(self._data, 0, len(self._data))
        return getattr(self, name)


class Message(NamedTuple):
    id: int
    content: Entry | Reference | Intermediate | Result | None
    """None for an operation that answers no search."""
    controls: Controls


NO_CONTROLS: Controls = {}


def decode(data: bytes, seen: KnownDigests | None = None) -> Message:
    """One whole message (RFC 4511 4.1.1); an entry that was `seen` is Same. Raises Malformed."""
    try:
        return _message(data, seen)
    except (IndexError, UnicodeDecodeError) as e:
        raise Malformed(f"cut short, or no text where one should be: {e}") from None


def message_length(data: bytes | bytearray | memoryview) -> int | None:
    """How long the message is that begins so; None where that is not yet known.

    Raises Malformed where no message begins so, or one longer than LONGEST.
    """
    if len(data) < 2:
        if len(data) and data[0] != SEQUENCE:
            raise Malformed("no LDAP message")
        return None
    if data[0] != SEQUENCE:
        raise Malformed("no LDAP message")
    size, at = data[1], 2
    if size > 127:
        if not 0x81 <= size <= 0x88:
            raise Malformed("a length that LDAP does not allow")
        at += size - 128
        if len(data) < at:
            return None
        size = int.from_bytes(data[2:at], "big")
    if at + size > LONGEST:
        raise Malformed(f"a message of {size} bytes")
    return at + size


def _message(data: bytes, seen: KnownDigests | None) -> Message:
    at, end = _inside(data, 0, len(data), SEQUENCE)
    start, at = _inside(data, at, end, INTEGER)
    number = _integer(data, start, at)
    operation = data[at]
    start, at = _part(data, at, end)
    controls = NO_CONTROLS
    if at < end:
        controls = _controls(data, *_inside(data, at, end, _CONTROLS))
    if operation == ENTRY:
        return Message(number, _entry(data, start, at, seen), controls)
    if operation == DONE:
        return Message(number, _result(data, start, at), controls)
    if operation == REFERENCE:
        return Message(number, Reference(_texts(data, start, at)), controls)
    if operation == INTERMEDIATE:
        return Message(number, _intermediate(data, start, at), controls)
    return Message(number, None, controls)


def _part(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends; it ends within `end`."""
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = _long(data, at, size)
    if at + size > end:
        raise Malformed("an element that is longer than what it is in")
    return at, at + size


def _inside(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    if at >= end or data[at] != tag:
        raise Malformed(f"no element 0x{tag:02x} where one should be")
    return _part(data, at, end)


def _long(data: bytes, at: int, size: int) -> tuple[int, int]:
    """A length in more bytes than one, and where the content begins."""
    if not 0x81 <= size <= 0x88:
        raise Malformed("a length that LDAP does not allow")
    start = at + size - 128
    return int.from_bytes(data[at:start], "big"), start


def _integer(data: bytes, at: int, end: int) -> int:
    if not 0 < end - at <= 8:
        raise Malformed("a number that LDAP does not allow")
    return int.from_bytes(data[at:end], "big", signed=True)


def _entry(data: bytes, at: int, end: int, seen: KnownDigests | None) -> Entry:
    digest = b""
    if seen:
        content = data[at:end]
        digest = seen.digest(content)
        if who := seen.who.get(digest):
            return UnchangedEntry(who, digest, content)
    return Entry(*_parts(data, at, end), end - at, digest)


def _parts(data: bytes, at: int, end: int) -> tuple[str, dict[str, list[bytes]]]:
    """Of an entry: its DN and attributes."""
    start, at = _inside(data, at, end, OCTETS)
    dn = data[start:at].decode()
    at, stop = _inside(data, at, end, SEQUENCE)
    if stop != end:
        raise Malformed("an entry with something behind its attributes")
    return dn, _attributes(data, at, end)


def _attributes(data: bytes, at: int, end: int) -> dict[str, list[bytes]]:
    """In one pass and with hardly a call: this is where a read spends its time.

    No slice can be cut short unseen: each step ends where the one around it does.
    """
    plain: dict[str, list[bytes]] = {}
    others: list[tuple[str, list[bytes]]] = []
    known = _names.get
    while at < end:
        if data[at] != 0x30:
            raise Malformed("no attribute where one should be")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _long(data, at, size)
        stop = at + size
        if data[at] != 0x04 or data[at + 1] > 127:
            raise Malformed("an attribute without a name, or with one beyond measure")
        start = at + 2
        at = start + data[at + 1]
        written = data[start:at]
        if data[at] != 0x31:
            raise Malformed("an attribute without a set of values")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _long(data, at, size)
        if at + size != stop or stop > end:
            raise Malformed("an attribute that does not end with its values")
        if size > 1 and data[at] == 0x04 and data[at + 1] == size - 2 < 128:
            values = [data[at + 2 : stop]]
            at = stop
        else:
            values = _values(data, at, stop)
            at = stop
        name = known(written) or _name(written)
        if ";" in name or name in plain:
            others.append((name, values))
        else:
            plain[name] = values
    # Options as ";lang-ja" (RFC 4512 2.5) come after the attribute without one; a part of the
    # values, as ";range=0-1499" of Active Directory, stays one.
    for name, values in others:
        known_as = name if ";range=" in name else name.split(";")[0]
        plain.setdefault(known_as, []).extend(values)
    return plain


def _values(data: bytes, at: int, end: int) -> list[bytes]:
    values = []
    while at < end:
        if data[at] != 0x04:
            raise Malformed("a value that is none")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = _long(data, at, size)
        values.append(data[at : at + size])
        at += size
    if at != end:
        raise Malformed("a value that is longer than what it is in")
    return values


_names: dict[bytes, str] = {}


def _name(written: bytes) -> str:
    """In lower case, options too, and remembered: the names of a directory are few."""
    name = written.decode("ascii").lower()
    if len(_names) < 2000 and len(name) < 200:
        _names[written] = name
    return name


def _controls(data: bytes, at: int, end: int) -> Controls:
    """RFC 4511 4.1.11."""
    controls = {}
    while at < end:
        start, stop = _inside(data, at, end, SEQUENCE)
        start, at = _inside(data, start, stop, OCTETS)
        name = data[start:at].decode("ascii")
        if at < stop and data[at] == BOOLEAN:
            _, at = _part(data, at, stop)  # the criticality, which says nothing in an answer
        start = at
        if at < stop:
            start, at = _inside(data, at, stop, OCTETS)
        controls[name] = data[start:at]
        at = stop
    return controls


def _result(data: bytes, at: int, end: int) -> Result:
    start, at = _inside(data, at, end, ENUMERATED)
    code = _integer(data, start, at)
    _, at = _inside(data, at, end, OCTETS)
    start, at = _inside(data, at, end, OCTETS)
    return Result(code, one_line(data[start:at].decode("utf-8", "replace")))


def _texts(data: bytes, at: int, end: int) -> tuple[str, ...]:
    return tuple(text.decode("utf-8", "replace") for _, text in elements(data, at, end))


def _intermediate(data: bytes, at: int, end: int) -> Intermediate:
    parts = dict(elements(data, at, end))
    return Intermediate(parts.get(0x80, b"").decode("ascii"), parts.get(0x81, b""))


def elements(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element of a row of them. Raises Malformed."""
    end = len(data) if end is None else end
    while at < end:
        if at + 2 > end:
            raise Malformed("an element that is cut short")
        tag = data[at]
        start, at = _part(data, at, end)
        yield tag, data[start:at]


def inner(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of the one SEQUENCE that `data` is, as most controls' values are."""
    row = list(elements(data))
    if len(row) != 1 or row[0][0] != SEQUENCE:
        raise Malformed("no sequence where one should be")
    return list(elements(row[0][1]))


def number(content: bytes) -> int:
    """An INTEGER or ENUMERATED. Raises Malformed."""
    return _integer(content, 0, len(content))


def element(tag: int, content: bytes) -> bytes:
    """That content under that tag, in DER."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 + len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """A number of 0 or more, in DER."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))
