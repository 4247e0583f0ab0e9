"""Decoding a SearchResultEntry (RFC 4511 4.5.2) into its DN, attributes and values."""

from __future__ import annotations

from .ber import OCTETS, SEQUENCE, Malformed, inside, long_length


def dn_and_attributes(data: bytes) -> tuple[str, dict[str, list[bytes]]]:
    """The DN, and the values by attribute name in lower case. Raises Malformed."""
    try:
        start, at = inside(data, 0, len(data), OCTETS)
        dn = data[start:at].decode()
        at, end = inside(data, at, len(data), SEQUENCE)
        if end != len(data):
            raise Malformed("an entry with something behind its attributes")
        return dn, _attributes(data, at, end)
    except (IndexError, UnicodeDecodeError) as e:
        raise Malformed(f"cut short, or no text where one should be: {e}") from None


def _attributes(data: bytes, at: int, end: int) -> dict[str, list[bytes]]:
    """Attributes with their values, in one loop, because a read spends most of its time here."""
    plain: dict[str, list[bytes]] = {}
    others: list[tuple[str, list[bytes]]] = []
    known = _known.get
    while at < end:
        start = at + 8 + data[at + 3]
        name = known(data[at:start])
        if name is not None and (stop := start + data[start - 1]) <= end and name not in plain:
            plain[name] = [data[start:stop]]
        else:
            name, values, stop = _attribute(data, at, end)
            if ";" in name or name in plain:
                others.append((name, values))
            else:
                plain[name] = values
        at = stop
    if others:
        _add_with_options(plain, others)
    return plain


_known: dict[bytes, str] = {}
"""Names by all bytes before a value, of attributes with one short value: nearly all of them. These
bytes were checked when they were first seen."""


def _attribute(data: bytes, at: int, end: int) -> tuple[str, list[bytes], int]:
    """The name of the attribute at `at`, its values, and where it ends."""
    # Every element must end where its parent does: a longer slice is cut short without an error.
    begin = at
    if data[at] != 0x30:
        raise Malformed("no attribute where one should be")
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = long_length(data, at, size)
    stop = at + size
    if data[at] != 0x04 or data[at + 1] > 127:
        raise Malformed("an attribute without a name, or with one beyond measure")
    start = at + 2
    at = start + data[at + 1]
    name = data[start:at].decode("ascii").lower()
    if data[at] != 0x31:
        raise Malformed("an attribute without a set of values")
    size = data[at + 1]
    at += 2
    if size > 127:
        size, at = long_length(data, at, size)
    if at + size != stop or stop > end:
        raise Malformed("an attribute that does not end with its values")
    values = _values(data, at, stop)
    # True only if each length is a single byte.
    is_short = len(values) == 1 and stop - begin == 8 + len(name) + data[at + 1] < 128
    if is_short and ";" not in name and len(_known) < 10_000:
        _known[data[begin : at + 2]] = name
    return name, values, stop


def _add_with_options(plain: dict[str, list[bytes]], others: list[tuple[str, list[bytes]]]) -> None:
    """Append values with options such as ";lang-ja" (RFC 4512 2.5) to those without.

    Active Directory's ";range=0-1499" marks a part of the values and stays a separate attribute.
    """
    for name, values in others:
        known_as = name if ";range=" in name else name.split(";")[0]
        plain.setdefault(known_as, []).extend(values)


def _values(data: bytes, at: int, end: int) -> list[bytes]:
    values = []
    while at < end:
        if data[at] != 0x04:
            raise Malformed("a value that is none")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = long_length(data, at, size)
        values.append(data[at : at + size])
        at += size
    if at != end:
        raise Malformed("a value that is longer than what it is in")
    return values
