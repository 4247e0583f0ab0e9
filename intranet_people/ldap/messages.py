"""Decoding of the LDAP messages that answer a search (RFC 4511 4).

Pure functions, optimized because every entry of the company goes through `decode`. Invalid data
raises Malformed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from ..text import one_line
from .ber import (
    BOOLEAN,
    ENUMERATED,
    INTEGER,
    OCTETS,
    SEQUENCE,
    Malformed,
    elements,
    inside,
    number,
    span,
)
from .entry import Entry

MAX_MESSAGE_SIZE = 64 * 1024 * 1024
"""The largest valid message, in bytes."""

ENTRY, DONE, REFERENCE, EXTENDED, INTERMEDIATE = 0x64, 0x65, 0x73, 0x78, 0x79
_CONTROLS = 0xA0

Controls = dict[str, bytes]
"""Values by OID; b"" for a control without a value."""

RESULT_NAMES = {
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
"""Names of the result codes of a search (RFC 4511 A.1, RFC 4533 2.6)."""


@dataclass(frozen=True, slots=True)
class Result:
    """An LDAPResult (RFC 4511 4.1.9)."""

    code: int
    message: str = ""

    def __str__(self) -> str:
        return f"{RESULT_NAMES.get(self.code, self.code)} {self.message}".strip()


@dataclass(frozen=True, slots=True)
class Reference:
    """A part of the result is on another server, the same at each of `urls` (RFC 4511 4.5.3)."""

    urls: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Intermediate:
    """An IntermediateResponse (RFC 4511 4.13)."""

    name: str
    value: bytes = field(repr=False)


class Message(NamedTuple):
    id: int
    content: Entry | Reference | Intermediate | Result | None
    """None for an operation that does not answer a search."""
    controls: Controls


NO_CONTROLS: Controls = {}


def decode(data: bytes) -> Message:
    """Decode one complete message (RFC 4511 4.1.1); an Entry decodes its content later.

    Raises Malformed.
    """
    try:
        return _message(data)
    except (IndexError, UnicodeDecodeError) as e:
        raise Malformed(f"cut short, or no text where one should be: {e}") from None


def message_length(data: bytes | bytearray | memoryview) -> int | None:
    """The length in bytes of the message that starts with `data`; None if more bytes are needed.

    Raises Malformed if this is not a message, or if it is longer than MAX_MESSAGE_SIZE.
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
    if at + size > MAX_MESSAGE_SIZE:
        raise Malformed(f"a message of {size} bytes")
    return at + size


def _message(data: bytes) -> Message:
    at, end = inside(data, 0, len(data), SEQUENCE)
    start, at = inside(data, at, end, INTEGER)
    id, operation = number(data[start:at]), data[at]
    start, at = span(data, at, end)
    content = data[start:at]
    controls = NO_CONTROLS
    if at < end:
        controls = _controls(data, *inside(data, at, end, _CONTROLS))
    if operation == ENTRY:
        return Message(id, Entry.from_bytes(content), controls)
    if operation == DONE:
        return Message(id, _result(content), controls)
    if operation == REFERENCE:
        return Message(id, _reference(content), controls)
    if operation == INTERMEDIATE:
        return Message(id, _intermediate(content), controls)
    return Message(id, None, controls)


def _controls(data: bytes, at: int, end: int) -> Controls:
    """RFC 4511 4.1.11."""
    controls = {}
    while at < end:
        start, stop = inside(data, at, end, SEQUENCE)
        start, at = inside(data, start, stop, OCTETS)
        name = data[start:at].decode("ascii")
        if at < stop and data[at] == BOOLEAN:
            _, at = span(data, at, stop)  # skip criticality, which has no meaning in responses
        start = at
        if at < stop:
            start, at = inside(data, at, stop, OCTETS)
        controls[name] = data[start:at]
        at = stop
    return controls


def _result(content: bytes) -> Result:
    end = len(content)
    start, at = inside(content, 0, end, ENUMERATED)
    code = number(content[start:at])
    _, at = inside(content, at, end, OCTETS)
    start, at = inside(content, at, end, OCTETS)
    return Result(code, one_line(content[start:at].decode("utf-8", "replace")))


def _reference(content: bytes) -> Reference:
    return Reference(tuple(url.decode("utf-8", "replace") for _, url in elements(content)))


def _intermediate(content: bytes) -> Intermediate:
    parts = dict(elements(content))
    return Intermediate(parts.get(0x80, b"").decode("ascii"), parts.get(0x81, b""))
