"""Whose address has changed has the meetings of the new one alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.calendars.source import Owner, Reading
from intranet_people.jobs.lease import Lease
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.addresses import drop_outdated
from intranet_people.meetings.meeting import Meeting
from intranet_people.people.person import Person

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .conftest import MALLORY, Publish, moves_to, titles


@pytest.mark.parametrize("what_is_there", ["nothing", "no calendar", "one of its own"])
def test_a_changed_address_drops_what_was_read_by_the_old_one(
    session: Session,
    mallory: Person,
    folder: Path,
    publish: Publish,
    by_mail: IcsSource,
    now: datetime,
    what_is_there: str,
) -> None:
    """Also where the new one cannot be read, and though the meeting is not over."""
    moves_to(session, mallory, "board@northwind.example")
    publish("board@northwind.example", "Merger")
    agenda.refresh(session, [by_mail], now)
    assert titles(session, mallory) == ["Merger"]
    moves_to(session, mallory, "third@northwind.example")
    if what_is_there == "no calendar":
        (folder / "third@northwind.example.ics").write_text("this is no calendar")
    elif what_is_there == "one of its own":
        publish("third@northwind.example", "Lunch")
    report = agenda.refresh(session, [by_mail], now)
    is_readable = what_is_there == "one of its own"
    assert titles(session, mallory) == (["Lunch"] if is_readable else [])
    assert agenda.GONE not in dict(report.problems).values()


def test_old_meetings_are_dropped_before_the_first_calendar_is_read(
    session: Session, mallory: Person, publish: Publish, by_file: IcsSource, now: datetime
) -> None:
    """A run over very many people takes long, and may end early."""
    publish(MALLORY, "Merger")
    agenda.refresh(session, [by_file], now)
    moves_to(session, mallory, "third@northwind.example")

    class Stopping:
        def read(self, owner: Owner, start: datetime, end: datetime) -> Reading:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        agenda.refresh(session, [Stopping()], now)
    assert titles(session, mallory) == []


def test_nothing_is_dropped_while_addresses_stay(
    session: Session, mallory: Person, publish: Publish, by_file: IcsSource, now: datetime
) -> None:
    publish(MALLORY, "Lunch")
    agenda.refresh(session, [by_file], now)
    drop_outdated(session)
    assert titles(session, mallory) == ["Lunch"]


@pytest.mark.slapd
def test_a_sync_that_changes_an_address_drops_what_the_old_one_gave(
    make_app: MakeApp, changing_slapd: Slapd, folder: Path, publish: Publish, now: datetime
) -> None:
    """Also while another run reads the calendars, so that this one cannot."""
    source = f"ics+file://{folder}/{{mail}}.ics"
    app = make_app(PEOPLE_CALENDARS=[source], **slapd_settings(changing_slapd))
    publish("alice@northwind.example", "Lens review")
    publish("dana@northwind.example", "Dismissal of Alice")
    run = app.test_cli_runner()
    with app.app_context():
        session = plugin_of(app).session
        assert "2 calendars read" in run.invoke(args=["people", "sync"]).output
        assert len(session.scalars(select(Meeting)).all()) == 2
        session.add(Lease(name="calendars", expires_at=now + timedelta(hours=1)))
        session.commit()
        alice = f"uid=alice,ou=people,{Slapd.base_dn}"
        new = "changetype: modify\nreplace: mail\nmail: Dana@northwind.example"
        changing_slapd.modify(f"dn: {alice}\n{new}\n")
        again = run.invoke(args=["people", "sync"])
        assert (again.exit_code, "already running" in again.output) == (0, True)
        assert session.scalars(select(Meeting)).all() == []
