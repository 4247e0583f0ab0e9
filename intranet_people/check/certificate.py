"""What a server's certificate says of itself (RFC 5280), whether or not it is to be trusted.

Python's ssl tells of a certificate only what it has verified; an operator has to read the one
that was refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_address

from ..ldap.ber import Malformed, elements, inner
from ..ldap.times import generalized_time
from ..text import one_line

_COMMON_NAME, _ORGANIZATION = b"\x55\x04\x03", b"\x55\x04\x0a"  # 2.5.4.3, 2.5.4.10
_ALT_NAMES = b"\x55\x1d\x11"  # 2.5.29.17
_VERSION, _EXTENSIONS, _DNS_NAME, _ADDRESS, _UTC_TIME = 0xA0, 0xA3, 0x82, 0x87, 0x17


@dataclass(frozen=True)
class Certificate:
    """`names` are those of hosts and addresses; `subject` and `issuer` common names."""

    names: tuple[str, ...]
    subject: str
    issuer: str
    ends_at: datetime
    is_self_signed: bool

    @classmethod
    def of(cls, der: bytes) -> Certificate:
        """Raises Malformed."""
        try:
            return cls._of(list(elements(inner(der)[0][1])))
        except (IndexError, ValueError, TypeError) as e:
            raise Malformed(f"no certificate: {e}") from None

    @classmethod
    def _of(cls, parts: list[tuple[int, bytes]]) -> Certificate:
        """RFC 5280 4.1, the parts of a TBSCertificate."""
        if parts[0][0] == _VERSION:
            parts = parts[1:]
        issuer, validity, subject = (content for _, content in parts[2:5])
        _, ends = elements(validity)
        return cls(
            names=tuple(_names(parts)) or (_called(subject),),
            subject=_called(subject),
            issuer=_called(issuer),
            ends_at=_moment(*ends),
            is_self_signed=issuer == subject,
        )


def _names(parts: list[tuple[int, bytes]]) -> Iterator[str]:
    """Those of the extension subjectAltName (RFC 5280 4.2.1.6)."""
    extensions = [content for tag, content in parts[6:] if tag == _EXTENSIONS]
    for _, extension in [part for content in extensions for part in inner(content)]:
        oid, *rest = (content for _, content in elements(extension))
        for tag, name in inner(rest[-1]) if oid == _ALT_NAMES else ():
            if tag == _DNS_NAME:
                yield one_line(name.decode("ascii", "replace"))
            elif tag == _ADDRESS:
                yield str(ip_address(name))


def _called(name: bytes) -> str:
    """The common name, else the organization: one attribute of a Name (RFC 5280 4.1.2.4)."""
    found = {}
    for _, some in elements(name):
        for _, one in elements(some):
            (_, oid), (_, value) = elements(one)
            found[oid] = one_line(value.decode("utf-8", "replace"))
    return found.get(_COMMON_NAME) or found.get(_ORGANIZATION) or "nobody named"


def _moment(tag: int, value: bytes) -> datetime:
    """UTCTime has two digits for the year: from 50 on, of the century before (4.1.2.5.1)."""
    if tag == _UTC_TIME:
        value = (b"19" if value[:2] >= b"50" else b"20") + value
    moment = generalized_time(value)
    if moment is None:
        raise Malformed("a time that is none")
    return moment.astimezone(UTC)
