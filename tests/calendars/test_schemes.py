"""The setting PEOPLE_CALENDARS, right and wrong."""

from __future__ import annotations

import subprocess
import sys
from zoneinfo import ZoneInfo

import pytest

from intranet_people.calendars import schemes, source_of
from intranet_people.calendars.ics_source import IcsSource


@pytest.mark.parametrize(
    "spec",
    [
        "ics+https://mail.corp.example/{mail}/calendar.ics",
        "ICS+HTTP://sync:secret@mail.corp.example:8080/{handle}.ics?token=x",
        "ics+http://[::1]:8080/{handle}.ics",
        "ics+file:///srv/calendars/{handle}.ics",
    ],
)
def test_a_right_address(spec: str) -> None:
    source = source_of(spec, zone=ZoneInfo("Europe/Berlin"))
    assert isinstance(source, IcsSource)
    source.close()


@pytest.mark.parametrize(
    ("spec", "right"),
    [
        ("", "begin with one of ics\\+https://, ics\\+http://, ics\\+file://"),
        ("https://mail.corp.example/{mail}", "begin with one of"),
        ("ics+https:mail.corp.example/{mail}", "begin with one of"),
        ("ics+https://{handle}.corp.example/{mail}", "put it into the path"),
        ("ics+https://{mail}:s3cret@mail.corp.example/", "put it into the path"),
        ("ics+https://mail.corp.example/calendar.ics", "the same calendar"),
        ("ics+https://mail.corp.example/{uid}.ics", "neither {mail} nor {handle}"),
        ("ics+https://mail.corp.example/{mail.__class__}", "neither {mail} nor {handle}"),
        ("ics+https:///{mail}", "no host"),
        ("ics+https://mail.corp.example:port/{mail}", "is not an address"),
        ("ics+https://mail.corp.example\\@evil.example/{mail}", "backslash"),
        ("ics+https://mail.corp.example/{mail}\r\n", "control character"),
        ("ics+file://srv/{handle}.ics", "needs a whole path"),
    ],
)
def test_a_wrong_address_says_what_would_be_right(spec: str, right: str) -> None:
    with pytest.raises(ValueError, match=f"^PEOPLE_CALENDARS: .*{right}") as caught:
        source_of(spec)
    assert "s3cret" not in str(caught.value)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schemes, "find_spec", lambda name: None)
    with pytest.raises(ValueError, match=r"pip install intranet-people\[calendars\]"):
        source_of("ics+file:///srv/{handle}.ics")


def test_the_package_imports_without_the_extra() -> None:
    program = (
        "import sys, types; sys.path[:] = sys.argv[1:]\n"
        "for name in ('icalendar', 'recurring_ical_events', 'requests'): sys.modules[name] = None\n"
        "import intranet_people.calendars\n"
    )
    subprocess.run([sys.executable, "-c", program, *sys.path], check=True, timeout=20)
