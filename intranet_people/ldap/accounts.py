"""Inactive accounts: the rules that presets refer to, each for the value of one attribute.

A value that cannot be parsed never disables an account.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from .entry import Entry
from .mapping import Schema
from .times import file_time, generalized_time

_DISABLED = 2  # ADS_UF_ACCOUNTDISABLE (MS-ADTS 2.2.16)
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


def disabled(entry: Entry, schema: Schema, now: datetime) -> str:
    """The reason why the account is inactive, for operators, or "" for an active account."""
    for attribute, rule in schema.account.items():
        for value in entry.attributes.get(attribute.lower(), ()):
            if why := RULES[rule](value, now):
                return f"{why} ({attribute})"
    return ""


def _by_flag(value: bytes, now: datetime) -> str:
    try:
        return "disabled" if int(value) & _DISABLED else ""
    except ValueError:
        return ""


def _when_true(value: bytes, now: datetime) -> str:
    return "locked" if value.strip().lower() == b"true" else ""


def _for_good(value: bytes, now: datetime) -> str:
    """Locked by an administrator, which is written as 000001010000Z.

    Any other time is a lock after wrong passwords (draft-behera-ldap-password-policy-10, 5.3.3),
    and mistyping a password does not mean leaving the company.
    """
    return "locked" if value.startswith(b"00000101") else ""


def _since_time(value: bytes, now: datetime) -> str:
    return _expired(generalized_time(value), now)


def _since_file_time(value: bytes, now: datetime) -> str:
    return _expired(file_time(value), now)


def _since_day(value: bytes, now: datetime) -> str:
    """Days since 1970. -1 means never; 0 is ambiguous (shadow(5)) and is read as never too."""
    try:
        days = int(value)
        return _expired(_1970 + timedelta(days=days), now) if days > 0 else ""
    except (ValueError, OverflowError):
        return ""


def _expired(end: datetime | None, now: datetime) -> str:
    return f"expired on {end:%Y-%m-%d}" if end and end <= now else ""


RULES: dict[str, Callable[[bytes, datetime], str]] = {
    "flag": _by_flag,
    "true": _when_true,
    "for good": _for_good,
    "time": _since_time,
    "file time": _since_file_time,
    "day": _since_day,
}
