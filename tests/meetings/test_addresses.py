"""Whose calendar an address fetches: its owner's alone, from real files and a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.ics_source import IcsSource
from intranet_people.calendars.source import CalendarMissing, Owner, Reading
from intranet_people.jobs.lease import Lease
from intranet_people.meetings import refresh as agenda
from intranet_people.meetings.addresses import drop_outdated
from intranet_people.meetings.meeting import Meeting, has_calendar
from intranet_people.people.person import Person

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from .test_commands import EVENT, calendar

Find = Callable[[str], Person]
DANA = "dana.whitfield@northwind.example"
MALLORY = "mallory@northwind.example"


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the calendars, each named by an address or a login name."""
    (tmp_path / "calendars").mkdir()
    return tmp_path / "calendars"


@pytest.fixture
def http(folder: Path) -> Iterator[str]:
    """The address of a server that publishes the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(params=["file", "http"])
def by_mail(request: pytest.FixtureRequest, folder: Path) -> Iterator[IcsSource]:
    """The folder by people's addresses, read from the disk or from the server."""
    base = f"file://{folder}" if request.param == "file" else request.getfixturevalue("http")
    with IcsSource(f"ics+{base}/{{mail}}.ics") as source:
        yield source


@pytest.fixture
def by_file(folder: Path) -> Iterator[IcsSource]:
    with IcsSource(f"ics+file://{folder}/{{mail}}.ics") as source:
        yield source


@pytest.fixture
def by_handle(folder: Path) -> Iterator[IcsSource]:
    with IcsSource(f"ics+file://{folder}/{{handle}}.ics") as source:
        yield source


@pytest.fixture
def publish(folder: Path, now: datetime) -> Callable[[str, str], None]:
    """Puts a calendar with one meeting, an hour from now, under that name."""

    def put(name: str, title: str) -> None:
        event = EVENT.format(uid=title.split()[0], start=now + timedelta(hours=1), title=title)
        (folder / f"{name}.ics").write_text(calendar(event))

    return put


Publish = Callable[[str, str], None]


@pytest.fixture
def mallory(session: Session, now: datetime) -> Person:
    """Who may write her own address in the directory."""
    facts = {"name": "Mallory Reed", "sort_key": "mallory reed", "mail": MALLORY, "dn_key": 1}
    mallory = Person(
        directory_id="mallory", handle="mallory", fingerprint="", joined_at=now,
        **facts,
    )  # fmt: skip
    session.add(mallory)
    session.commit()
    return mallory


def moves_to(session: Session, person: Person, mail: str) -> None:
    """As a sync writes a changed address."""
    person.mail = mail
    session.commit()


def titles(session: Session, person: Person) -> list[str]:
    return list(session.scalars(select(Meeting.title).where(Meeting.owner_id == person.id)))


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
    assert not has_calendar(session, dana)


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
