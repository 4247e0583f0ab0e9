"""The ways in which directories write a moment."""

from datetime import UTC, datetime

import pytest

from intranet_people.ldap.times import file_time, generalized_time

MOMENT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "20261123080000Z",
        "20261123080000.0Z",
        "20261123080000.999Z",
        "20261123080000,5Z",
        "202611230800Z",
        "2026112308Z",
        "20261123090000+0100",
        "202611230330-0430",
        "2026112310+02",
        "2026112307.999999999Z",
        "202611230759.999999999Z",
        "20261123080000",
    ],
)
def test_one_moment(written: str) -> None:
    """In every form of RFC 4517 3.3.13; a fraction of an hour may be any moment of that hour."""
    found = generalized_time(written.encode())
    assert found is not None
    assert abs((found - MOMENT).total_seconds()) <= 1


def test_fractions_and_leap_seconds() -> None:
    assert generalized_time(b"2026112308.5Z") == MOMENT.replace(minute=30)
    assert generalized_time(b"202611230800.25Z") == MOMENT.replace(second=15)
    assert generalized_time(b"20161231235960Z") == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"Z",
        b"2026Z",
        b"20261123Z",
        b"20261323080000Z",
        b"20260230080000Z",
        b"20261123240000Z",
        b"20261123080000z",
        b"20261123080000+2",
        b"20261123080000ZZ",
        b"2026-11-23T08:00:00Z",
        b"00000101000000Z",
        b"99991231235959-0100",
        b"2026W47108000000Z",
        "２０２６1123080000Z".encode(),
        b"\xff" * 15,
    ],
)
def test_no_moment(written: bytes) -> None:
    assert generalized_time(written) is None


def test_file_times() -> None:
    assert file_time(b"116444736000000000") == datetime(1970, 1, 1, tzinfo=UTC)
    assert file_time(b"133485408000000000") == datetime(2024, 1, 1, tzinfo=UTC)
    for never in (b"0", b"9223372036854775807", b"-1", b"", b"soon", b"\xff"):
        assert file_time(never) is None
