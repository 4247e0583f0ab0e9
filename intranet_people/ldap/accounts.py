"""Whose account is not active: the rules that the presets name, each for one attribute's value.

A value that cannot be understood makes nobody disabled.
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
    """Why the account is not active, for the operator to read, or ""."""
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
    """000001010000Z is an administrator's lock; any other time is one after wrong passwords.

    draft-behera-ldap-password-policy-10, 5.3.3. Somebody who mistypes a password has not left.
    """
    return "locked" if value.startswith(b"00000101") else ""


def _since_time(value: bytes, now: datetime) -> str:
    return _expired(generalized_time(value), now)


def _since_file_time(value: bytes, now: datetime) -> str:
    return _expired(file_time(value), now)


def _since_day(value: bytes, now: datetime) -> str:
    """Days since 1970; -1 is never, and so is 0, of which shadow(5) says that it may be either."""
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
