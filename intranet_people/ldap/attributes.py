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
    # Every element must end where its parent does: a longer slice is cut short without an error.
    plain: dict[str, list[bytes]] = {}
    others: list[tuple[str, list[bytes]]] = []
    cached_name = _names.get
    while at < end:
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
        raw_name = data[start:at]
        if data[at] != 0x31:
            raise Malformed("an attribute without a set of values")
        size = data[at + 1]
        at += 2
        if size > 127:
            size, at = long_length(data, at, size)
        if at + size != stop or stop > end:
            raise Malformed("an attribute that does not end with its values")
        if size > 1 and data[at] == 0x04 and data[at + 1] == size - 2 < 128:
            values = [data[at + 2 : stop]]
        else:
            values = _values(data, at, stop)
        at = stop
        name = cached_name(raw_name) or _name(raw_name)
        if ";" in name or name in plain:
            others.append((name, values))
        else:
            plain[name] = values
    if others:
        _add_with_options(plain, others)
    return plain


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


_names: dict[bytes, str] = {}


def _name(raw_name: bytes) -> str:
    """The name with its options, in lower case; cached, as a directory has few names."""
    name = raw_name.decode("ascii").lower()
    if len(_names) < 2000 and len(name) < 200:
        _names[raw_name] = name
    return name
