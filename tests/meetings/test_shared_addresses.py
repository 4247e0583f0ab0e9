"""An address that two people have fetches the calendar of neither."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.calendars.source import CalendarMissing, Owner, Reading
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.meeting import Calendar
from intranet_people.people.person import Person

from .conftest import DANA, MALLORY, Publish, moves_to, titles
from .diaries import Find


@pytest.mark.parametrize("mail", [DANA, DANA.upper(), f" {DANA}", DANA.replace("d", "\uff44")])
def test_an_address_that_two_people_have_fetches_nobodys_calendar(
    session: Session,
    person: Find,
    mallory: Person,
    publish: Publish,
    by_mail: IcsSource,
    now: datetime,
    mail: str,
) -> None:
    """Also where a server would take both for one: in other case, with blanks, of wide letters."""
    dana = person("dana")
    for name in {DANA, mail}:
        publish(name, "Dismissal of Mallory")
    moves_to(session, mallory, mail)
    report = agenda.refresh(session, [by_mail], now)
    assert (titles(session, mallory), titles(session, dana)) == ([], [])
    shared = {("mallory", agenda.SHARED), ("dana", agenda.SHARED)}
    assert (report.read, set(report.problems)) == (0, shared)
    assert set(agenda.calendar_problems(session)) == shared
    calendar = session.get(Calendar, dana.id)
    assert calendar is None or not calendar.digest


def test_what_was_read_before_an_address_was_shared_is_dropped(
    session: Session,
    person: Find,
    mallory: Person,
    publish: Publish,
    by_mail: IcsSource,
    now: datetime,
) -> None:
    """And what is hers is back when the other one has an address of her own again."""
    dana = person("dana")
    publish(DANA, "Dismissal of Mallory")
    agenda.refresh(session, [by_mail], now)
    assert titles(session, dana) == ["Dismissal of Mallory"]
    moves_to(session, mallory, DANA)
    agenda.refresh(session, [by_mail], now)
    assert (titles(session, mallory), titles(session, dana)) == ([], [])
    moves_to(session, mallory, MALLORY)
    report = agenda.refresh(session, [by_mail], now)
    assert (titles(session, mallory), titles(session, dana)) == ([], ["Dismissal of Mallory"])
    assert (report.problems, agenda.calendar_problems(session)) == ([], [])


def test_sources_by_the_login_name_go_on_for_people_who_share_an_address(
    session: Session,
    person: Find,
    mallory: Person,
    folder: Path,
    publish: Publish,
    by_file: IcsSource,
    by_handle: IcsSource,
    now: datetime,
) -> None:
    dana = person("dana")
    publish(DANA, "Dismissal of Mallory")
    publish("dana", "Harbour clock")
    publish("mallory", "Lunch")
    both = [by_file, by_handle]
    agenda.refresh(session, both, now)
    assert set(titles(session, dana)) == {"Dismissal of Mallory", "Harbour clock"}
    moves_to(session, mallory, DANA)
    report = agenda.refresh(session, both, now)
    assert (titles(session, dana), titles(session, mallory)) == (["Harbour clock"], ["Lunch"])
    assert set(report.problems) == {("mallory", agenda.SHARED), ("dana", agenda.SHARED)}
    # What one of these had is kept until it is over, as ever.
    (folder / "dana.ics").unlink()
    agenda.refresh(session, both, now)
    assert titles(session, dana) == ["Harbour clock"]
    known = agenda.calendar_problems(session)
    assert {("dana", agenda.SHARED), ("dana", agenda.GONE)} <= set(known)


def test_where_no_source_needs_an_address_none_is_missed(
    session: Session,
    person: Find,
    mallory: Person,
    folder: Path,
    publish: Publish,
    by_handle: IcsSource,
    now: datetime,
) -> None:
    publish("mallory", "Lunch")
    agenda.refresh(session, [by_handle], now)
    moves_to(session, mallory, person("dana").mail)
    (folder / "mallory.ics").write_text("this is no calendar")
    report = agenda.refresh(session, [by_handle], now)
    assert titles(session, mallory) == ["Lunch"]
    assert agenda.SHARED not in dict(report.problems).values()


def test_a_hosts_source_is_not_told_an_address_that_two_people_have(
    session: Session, person: Find, mallory: Person, now: datetime
) -> None:
    asked: dict[str, str | None] = {}

    class Hosts:
        def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
            asked[owner.handle] = owner.mail
            raise CalendarMissing("none")

    moves_to(session, mallory, DANA)
    report = agenda.refresh(session, [Hosts()], now)
    assert (asked["mallory"], asked["dana"]) == (None, None)
    assert asked["tomas"] == person("tomas").mail
    assert {who for who, _ in report.problems} == {"mallory", "dana"}


def test_who_has_left_shares_no_address(
    session: Session,
    person: Find,
    mallory: Person,
    publish: Publish,
    by_file: IcsSource,
    now: datetime,
) -> None:
    """A leaver's mailbox may be given to whoever comes after them."""
    publish(DANA, "Handover")
    moves_to(session, mallory, DANA)
    person("dana").left_at = now
    session.commit()
    agenda.refresh(session, [by_file], now)
    assert titles(session, mallory) == ["Handover"]
