"""The time formats of directories."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_GENERALIZED = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d)(\d\d)?)?",
    re.ASCII,
)
_1601 = datetime(1601, 1, 1, tzinfo=UTC)


def generalized_time(value: bytes) -> datetime | None:
    """Parse a GeneralizedTime (RFC 4517 3.3.13) to UTC, in whole seconds; None if it is invalid.

    For example `20260102030405Z`, Active Directory's `20260102030405.0Z`, `2026010203+0100`.
    """
    try:
        text = value.decode("ascii")
        # A fast path for nearly all values, three times as fast.
        if text[14:] in ("Z", ".0Z") and text[:14].isdigit() and text[12:14] < "60":
            return datetime.fromisoformat(f"{text[:8]}T{text[8:14]}+00:00")
        found = _GENERALIZED.fullmatch(text)
        return _moment(found) if found else None
    except (ValueError, OverflowError):
        return None


def _moment(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    # A leap second becomes second 59; a fraction belongs to the last unit that is given.
    moment = datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=UTC)
    unit = 1 if found[6] else 60 if found[5] else 3600
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    beyond = timedelta(seconds=int(float(f"0.{fraction or 0}") * unit))
    return moment + beyond + (ahead if sign == "-" else -ahead)


def file_time(value: bytes) -> datetime | None:
    """Parse a FILETIME, 100 ns intervals since 1601 (MS-DTYP 2.3.3), to UTC.

    None if it is invalid or means never, which is 0 or the greatest number.
    """
    if value in (b"0", b"9223372036854775807"):
        return None
    try:
        steps = int(value)
        return _1601 + timedelta(microseconds=steps // 10) if steps > 0 else None
    except (ValueError, OverflowError):
        return None
