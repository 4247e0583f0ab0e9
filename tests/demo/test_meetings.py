"""The promises of the calendars, at any hour of any day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events  # type: ignore[import-untyped]
from icalendar import Calendar

from intranet_people.demo.agenda import agenda
from intranet_people.demo.company import SIGN_INS, by_handle, people
from intranet_people.demo.meetings import write_calendars

WEEK = timedelta(days=7)
MOMENTS = {
    "a Monday morning": datetime(2026, 11, 23, 9, 35, tzinfo=ZoneInfo("Europe/Lisbon")),
    "a Sunday night": datetime(2026, 11, 22, 23, 52, tzinfo=ZoneInfo("Europe/Lisbon")),
    "a Friday evening": datetime(2026, 7, 17, 21, 8, tzinfo=ZoneInfo("America/Toronto")),
    "New Year's Eve": datetime(2026, 12, 31, 23, 41, tzinfo=UTC),
    "clocks go forward": datetime(2027, 3, 28, 0, 40, tzinfo=UTC),
    "clocks go back": datetime(2026, 10, 25, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Oslo")),
}


@pytest.fixture(scope="module", params=list(MOMENTS.values()), ids=list(MOMENTS))
def now(request: pytest.FixtureRequest) -> datetime:
    moment: datetime = request.param
    return moment


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, now: datetime) -> Path:
    """The calendars as written at `now`."""
    folder = tmp_path_factory.mktemp("calendars")
    assert write_calendars(folder, now) == 120
    return folder


def calendar_of(folder: Path, handle: str) -> Any:
    """Any, as icalendar's own types admit every kind of value for every property."""
    return Calendar.from_ical((folder / f"{handle}.ics").read_bytes())


def coming(folder: Path, handle: str, now: datetime) -> list[Any]:
    """The occurrences (VEVENT) of the seven days that follow, soonest first, no whole days."""
    calendar = calendar_of(folder, handle)
    start = now.astimezone(UTC)
    found = recurring_ical_events.of(calendar).between(start, start + WEEK)
    return sorted(
        (
            event
            for event in found
            if isinstance(event["DTSTART"].dt, datetime) and event["DTSTART"].dt >= start
        ),
        key=lambda event: event["DTSTART"].dt.astimezone(UTC),
    )


def attendees(event: Any) -> Iterator[str]:
    found = event["ATTENDEE"]
    yield from found if isinstance(found, list) else [found]


def test_everyone_has_one_file_and_no_half_file_is_left(folder: Path) -> None:
    assert {path.name for path in folder.iterdir()} == {f"{p.handle}.ics" for p in people()}


def test_each_sign_in_has_four_meetings_in_the_week_with_people_of_other_teams(
    folder: Path, now: datetime
) -> None:
    for sign_in in SIGN_INS:
        events = coming(folder, sign_in.handle, now)
        assert len({str(event["UID"]) for event in events}) >= 4
        own = {p.address for p in people() if p.team == by_handle()[sign_in.handle].team}
        strange = [e for e in events if {a.removeprefix("mailto:") for a in attendees(e)} - own]
        assert len(strange) >= 3


def test_quarterly_planning_begins_in_about_25_minutes(folder: Path, now: datetime) -> None:
    for handle in ("dana", "kenji", "priya", "tomas", "nour"):
        event = next(e for e in coming(folder, handle, now) if "Quarterly" in e["SUMMARY"])
        start = event["DTSTART"].dt
        assert event["LOCATION"] == "Room Aalto"
        assert timedelta(minutes=22) <= start - now <= timedelta(minutes=28)
        assert start.minute % 5 == start.second == 0


def test_all_hands_is_near_and_everyone_and_the_speaker_are_invited(
    folder: Path, now: datetime
) -> None:
    event = next(e for e in coming(folder, "amina", now) if "Open Doors" in e["SUMMARY"])
    assert event["DTSTART"].dt - now < timedelta(hours=27)
    invited = set(attendees(event))
    assert invited > {f"mailto:{person.address}" for person in people()}
    assert "mailto:charlotte.reyes@opendoors.example.org" in invited
    assert len(invited) == 121


def test_a_meeting_is_the_same_for_all_who_are_invited(tmp_path: Path) -> None:
    write_calendars(tmp_path, MOMENTS["a Monday morning"])
    holders: dict[str, set[str]] = {}
    for person in people():
        text = (tmp_path / f"{person.handle}.ics").read_text(encoding="utf-8")
        for event in text.split("BEGIN:VEVENT")[1:]:
            holders.setdefault(event.partition("END:VEVENT")[0], set()).add(person.address)
    invitations = {g.uid: set(g.people) for g in agenda(MOMENTS["a Monday morning"])}
    assert len(holders) == len(invitations)
    for event, addresses in holders.items():
        uid = next(line[4:] for line in event.splitlines() if line.startswith("UID:"))
        assert addresses == {by_handle()[handle].address for handle in invitations[uid]}


def test_weekly_meetings_keep_their_local_time_and_have_a_past(folder: Path, now: datetime) -> None:
    calendar = calendar_of(folder, "kenji")
    weekly = next(e for e in calendar.walk("VEVENT") if "RRULE" in e)
    assert weekly["DTSTART"].params["TZID"] == "Asia/Tokyo"
    past = recurring_ical_events.of(calendar).between(now - 4 * WEEK, now)
    assert len([e for e in past if e["UID"] == weekly["UID"]]) >= 4
    assert {e["DTSTART"].dt.hour for e in past} == {weekly["DTSTART"].dt.hour}


def test_the_design_review_has_a_thing_and_someone_without_a_mail_address(
    folder: Path, now: datetime
) -> None:
    review = next(e for e in coming(folder, "nour", now) if "Design review" in e["SUMMARY"])
    kinds = {str(a): a.params.get("CUTYPE") for a in review["ATTENDEE"]}
    assert kinds["mailto:projector@northwind.example"] == "RESOURCE"
    assert kinds["invalid:nomail"] == "INDIVIDUAL"
    planning = next(e for e in coming(folder, "nour", now) if "Quarterly" in e["SUMMARY"])
    assert "ROOM" in {a.params.get("CUTYPE") for a in planning["ATTENDEE"]}


def test_projects_bring_four_to_eight_together_from_different_teams_and_countries() -> None:
    projects = [g for g in agenda(MOMENTS["a Monday morning"]) if not g.weekly]
    projects = [g for g in projects if 4 <= len(g.people) <= 8]
    assert len(projects) >= 20
    for project in projects:
        who = [by_handle()[handle] for handle in project.people]
        assert len(set(project.people)) == len(who)
        assert len({person.team for person in who}) >= 3
        assert len({person.city for person in who}) >= 3


def test_only_what_is_always_near_falls_on_a_weekend(now: datetime) -> None:
    for meeting in agenda(now):
        if not meeting.uid.startswith(("quarterly-planning", "all-hands", "clinic")):
            assert meeting.starts_at.weekday() < 5, meeting


def test_a_later_run_on_the_same_day_moves_meetings_and_doubles_none() -> None:
    morning, evening = (datetime(2026, 11, 23, hour, 2, tzinfo=UTC) for hour in (7, 23))
    assert {g.uid for g in agenda(morning)} == {g.uid for g in agenda(evening)}


def test_the_organizer_and_those_who_sign_in_have_accepted(folder: Path, now: datetime) -> None:
    event = next(e for e in coming(folder, "tomas", now) if "Lisbon harbour" in e["SUMMARY"])
    answers = {str(a): a.params["PARTSTAT"] for a in event["ATTENDEE"]}
    assert answers[str(event["ORGANIZER"])] == "ACCEPTED"
    assert answers["mailto:tomas.ferreira@northwind.example"] == "ACCEPTED"


def test_a_naive_now_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="aware"):
        write_calendars(tmp_path, datetime(2026, 11, 23, 9, 0))
