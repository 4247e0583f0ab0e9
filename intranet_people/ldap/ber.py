"""BER: the part of X.690 that LDAP allows (RFC 4511 5.1).

Places are offsets into the bytes, which are not copied. Bytes of any kind are read or raise
Malformed, or IndexError where they end too early.
"""

from __future__ import annotations

from collections.abc import Iterator

BOOLEAN, INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET = 0x01, 0x02, 0x04, 0x0A, 0x30, 0x31


class Malformed(ValueError):
    """Bytes that are no LDAP message."""


def inside(data: bytes, at: int, end: int, tag: int) -> tuple[int, int]:
    """As `span`, of an element with that tag."""
    if at >= end or data[at] != tag:
        raise Malformed(f"no element 0x{tag:02x} where one should be")
    return span(data, at, end)


def span(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends; it ends within `end`."""
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = long_length(data, at, size)
    if at + size > end:
        raise Malformed("an element that is longer than what it is in")
    return at, at + size


def long_length(data: bytes, at: int, size: int) -> tuple[int, int]:
    """A length in more bytes than one, and where the content begins."""
    if not 0x81 <= size <= 0x88:
        raise Malformed("a length that LDAP does not allow")
    start = at + size - 128
    return int.from_bytes(data[at:start], "big"), start


def elements(data: bytes, at: int = 0, end: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Tag and content of each element of a row of them. Raises Malformed."""
    end = len(data) if end is None else end
    while at < end:
        if at + 2 > end:
            raise Malformed("an element that is cut short")
        tag = data[at]
        start, at = span(data, at, end)
        yield tag, data[start:at]


def inner(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of the one SEQUENCE that `data` is, as most controls' values are."""
    row = list(elements(data))
    if len(row) != 1 or row[0][0] != SEQUENCE:
        raise Malformed("no sequence where one should be")
    return list(elements(row[0][1]))


def number(content: bytes) -> int:
    """An INTEGER or ENUMERATED. Raises Malformed."""
    if not 0 < len(content) <= 8:
        raise Malformed("a number that LDAP does not allow")
    return int.from_bytes(content, "big", signed=True)


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
