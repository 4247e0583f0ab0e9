"""BER: the subset of X.690 that LDAP allows (RFC 4511 5.1).

Positions are offsets into the data, to avoid copies. Invalid data raises Malformed, or IndexError
when it ends too early.
"""

from __future__ import annotations

from collections.abc import Iterator

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31


class Malformed(ValueError):
    """The bytes are not a valid LDAP message."""


def inside(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """Like `span`, for an element that must have this tag."""
    if at >= end or data[at] != tag:
        raise Malformed(f"no element 0x{tag:02x} where one should be")
    return span(data, at, end)


def span(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Start and end of the content of the element at `at`, which must not go beyond `end`."""
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = long_length(data, at, size)
    if at + size > end:
        raise Malformed("an element that is longer than what it is in")
    return at, at + size


def long_length(data: bytes, at: int, size: int) -> tuple[int, int]:
    """Decode a length of several bytes; returns it and where the content begins."""
    if not 0x81 <= size <= 0x88:
        raise Malformed("a length that LDAP does not allow")
    start = at + size - 128
    return int.from_bytes(data[at:start], "big"), start


def elements(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Tag and content of consecutive elements. Raises Malformed."""
    end = len(data) if end is None else end
    while at < end:
        if at + 2 > end:
            raise Malformed("an element that is cut short")
        tag = data[at]
        start, at = span(data, at, end)
        yield tag, data[start:at]


def inner(data: bytes) -> list[tuple[int, bytes]]:
    """Tag and content of the elements inside a single SEQUENCE, the form of most control values."""
    outer = list(elements(data))
    if len(outer) != 1 or outer[0][0] != SEQUENCE:
        raise Malformed("no sequence where one should be")
    return list(elements(outer[0][1]))


def number(content: bytes) -> int:
    """Decode the content of an INTEGER or ENUMERATED. Raises Malformed."""
    if not 0 < len(content) <= 8:
        raise Malformed("a number that LDAP does not allow")
    return int.from_bytes(content, "big", signed=True)


def element(tag: int, content: bytes) -> bytes:
    """Encode an element in DER."""
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 + len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    """Encode a non-negative number in DER."""
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))
