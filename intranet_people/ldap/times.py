"""The ways in which directories write a moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_GENERALIZED = re.compile(
    r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)?(\d\d)?(?:[.,](\d{1,9}))?(?:Z|([+-])(\d\d)(\d\d)?)?",
    re.ASCII,
)
_1601 = datetime(1601, 1, 1, tzinfo=UTC)


def generalized_time(value: bytes) -> datetime | None:
    """A GeneralizedTime (RFC 4517 3.3.13) in UTC, to the second; None where it is none.

    `20260102030405Z`, Active Directory's `20260102030405.0Z`, `2026010203+0100` are.
    """
    try:
        text = value.decode("ascii")
        # Nearly all are written so, and this costs a third.
        if text[14:] in ("Z", ".0Z") and text[:14].isdigit() and text[12:14] < "60":
            return datetime.fromisoformat(f"{text[:8]}T{text[8:14]}+00:00")
        found = _GENERALIZED.fullmatch(text)
        return _moment(found) if found else None
    except (ValueError, OverflowError):
        return None


def _moment(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    fraction, sign, hours, minutes = found.groups()[6:]
    # A leap second counts as the one before it; a fraction is one of the last unit before it.
    moment = datetime(year, month, day, hour, minute, 59 if second == 60 else second, tzinfo=UTC)
    unit = 1 if found[6] else 60 if found[5] else 3600
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    beyond = timedelta(seconds=int(float(f"0.{fraction or 0}") * unit))
    return moment + beyond + (ahead if sign == "-" else -ahead)


def file_time(value: bytes) -> datetime | None:
    """A FILETIME, steps of 100 ns since 1601 (MS-DTYP 2.3.3); None for never and for nonsense.

    Never is written as 0, and as the greatest number, which is beyond all years.
    """
    if value in (b"0", b"9223372036854775807"):
        return None
    try:
        steps = int(value)
        return _1601 + timedelta(microseconds=steps // 10) if steps > 0 else None
    except (ValueError, OverflowError):
        return None
