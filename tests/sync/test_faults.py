"""Whatever befalls a sync on its way: nobody is lost by it, and the next one makes it good."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from intranet_people.jobs.progress import Progress

from ..conftest import MakeApp, slapd_settings
from ..ldap.encoded import BOUND, NONSENSE, SUCCESS, attribute, entry
from ..ldap.wire import Fault, wire
from ..servers.postgresql import PostgreSQL
from ..servers.process import free_port
from ..servers.slapd import Slapd
from ..soak import kills
from .conftest import change, command, dn, last, lets_follow
from .yesterday import GUESTS, WITHIN, Company, Day, opened, todays_ldif, uuid, yesterdays_ldif

pytestmark = [pytest.mark.slapd, pytest.mark.process]
SQLITE = pytest.mark.parametrize("company", ["sqlite"], indirect=True)
"""For what happens before anything is stored."""


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def company(
    request: pytest.FixtureRequest, slapd: Slapd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
    """On each database; the day is over in the directory, and no sync has read it."""
    folder = tmp_path_factory.mktemp("company")
    server: PostgreSQL | None = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgresql")
    copies = kills.Copies(folder, server)
    (folder / "yesterday.ldif").write_text(yesterdays_ldif(), "utf-8")
    with Slapd(folder / "yesterday.ldif") as slapd, wire(slapd.port) as line:
        name = copies.empty()
        with opened(line, copies.url(name)) as app:
            assert command(app, "sync").exit_code == 0
            lets_follow(app, "alice", "dana")
            lets_follow(app, "bob", "leila")
        slapd.modify(change("noor", "delete: employeeType"))
        slapd.modify(change("alice", "replace: title", "title: Astronomer"))
        slapd.delete(dn("leila"))
        sizes, states = [], []
        for kind, options in (("full", ["--full"]), ("changes", [])):
            copy, sent = copies.of(name), line.sent
            with opened(line, copies.url(copy)) as app:
                assert command(app, "sync", *options).exit_code == 0
                assert last(app).kind == kind
            sizes.append(line.sent - sent)
            states.append(kills.state_of(copies.url(copy)))
        assert states[0] == states[1]
        before = kills.state_of(copies.url(name))
        yield Company(slapd, line, copies, name, before, states[0], *sizes)


@pytest.fixture
def day(company: Company, open_app: MakeApp) -> Iterator[Day]:
    """A day of its own for each test."""
    yield Day(company, open_app)
    company.line.fault = None


@pytest.fixture
def todays_file(tmp_path: Path) -> Path:
    """The directory as it is now, for another server."""
    (tmp_path / "today.ldif").write_text(todays_ldif(), "utf-8")
    return tmp_path / "today.ldif"


@pytest.fixture
def reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Lets something happen once the first twenty of a run were read."""

    def happens(act: Callable[[], object]) -> None:
        todo = [act]

        def step(steps: Progress, n: int, of: int = 0) -> None:
            if n >= 20 and todo:
                todo.pop()()

        monkeypatch.setattr("intranet_people.sync.read.BATCH", 10)
        monkeypatch.setattr(Progress, "step", step)

    return happens


@pytest.mark.parametrize("share", [0.01, 0.4, 0.98])
def test_a_line_that_is_cut_among_the_entries(company: Company, day: Day, share: float) -> None:
    company.line.fault = Fault(int(company.size * share))
    said = day.breaks(day.app(), "--full")
    assert "failed partway: the server closed the connection" in said.stderr
    assert day.state() == company.half
    day.recovers()


@SQLITE
@pytest.mark.parametrize("after", [15, 200, 1500])
def test_a_line_that_is_cut_before_anybody_came(company: Company, day: Day, after: int) -> None:
    # Behind the answer to the bind, within the root DSE, within Margaret, who is the first.
    company.line.fault = Fault(after)
    day.breaks(day.app(), "--full")
    assert day.state() == company.before
    day.recovers()


@pytest.mark.parametrize("share", [0.05, 0.5, 0.9, 0.99])
def test_a_line_that_is_cut_among_the_changes(company: Company, day: Day, share: float) -> None:
    company.line.fault = Fault(int(company.size_of_changes * share))
    day.breaks(day.app())
    assert last(day.app()).kind == "changes"
    for id, person in day.state().items():
        assert person in (company.before.get(id), company.half.get(id))
    day.recovers()


@SQLITE
@pytest.mark.parametrize("share", [0.01, 0.4])
def test_a_line_with_one_byte_a_second(company: Company, day: Day, share: float) -> None:
    company.line.fault = Fault(int(company.size * share), piece=1, pause=1)
    said = day.breaks(day.app(), "--full")
    assert "failed partway" in said.stderr
    assert day.state() == company.half
    day.recovers()


@pytest.mark.parametrize("end", ["kill", "stop", "pause"])
def test_a_server_that_ends_while_it_is_read(
    company: Company, day: Day, end: str, reading: Callable[[Callable[[], object]], None]
) -> None:
    slapd = company.slapd
    reading(getattr(slapd, end))
    # Not by that line, which would hold a good part of the answer.
    app = day.app(**slapd_settings(slapd))
    try:
        said = day.breaks(app, "--full")
        assert re.search("failed partway|stopped early", said.stderr)
        assert 20 <= last(app).counts["read"] < GUESTS
        assert day.state() == company.half
        # It is not there for the next one either, which says so and leaves all as it is.
        down = command(app, "sync")
        assert down.exit_code == 1
        assert "no directory server answers" in down.stderr
        assert "Nothing was changed." in down.stderr
        assert day.state() == company.half
    finally:
        slapd.stop()
        slapd.start()
    day.recovers()


@SQLITE
def test_a_size_limit_of_the_server(company: Company, day: Day, todays_file: Path) -> None:
    with Slapd(todays_file, size_limit=100) as limited:
        said = day.breaks(day.app(**slapd_settings(limited), PEOPLE_LDAP_PAGE_SIZE=30))
    assert "Incomplete: the server stopped early: sizeLimitExceeded" in said.stderr
    assert day.state() == company.half
    day.recovers()


@SQLITE
def test_a_part_that_lies_on_another_server(company: Company, day: Day, todays_file: Path) -> None:
    with wire() as elsewhere:
        with todays_file.open("a") as file:
            file.write(
                f"\ndn: ou=elsewhere,{Slapd.base_dn}\nobjectClass: referral\n"
                "objectClass: extensibleObject\nou: elsewhere\n"
                f"ref: {elsewhere.uri}/ou=elsewhere,{Slapd.base_dn}\n"
            )
        with Slapd(todays_file) as referring:
            said = day.breaks(day.app(**slapd_settings(referring)))
        assert f"a referral to {elsewhere.uri}" in said.stderr
        assert elsewhere.callers == 0
    assert day.state() == company.half
    day.recovers()


def test_a_page_that_cannot_be_decoded(company: Company, day: Day) -> None:
    """Alice comes, with what little this server says of her; then something that is no entry."""
    facts = {"entryUUID": uuid("alice"), "uid": "alice", "cn": "Alice Springs"}
    alice = entry(dn("alice"), *(attribute(name, fact.encode()) for name, fact in facts.items()))
    with wire(None, [BOUND], [SUCCESS], [alice, NONSENSE, SUCCESS]) as other:
        said = day.breaks(day.app(PEOPLE_LDAP_URI=other.uri))
    assert "failed partway" in said.stderr
    state = day.state()
    assert "'Alice Springs'" in state[uuid("alice")]
    assert state | {uuid("alice"): ()} == company.before | {uuid("alice"): ()}
    day.recovers()


@SQLITE
def test_groups_that_did_not_come_whole(company: Company, day: Day) -> None:
    """Without them nobody's team is known: that run does not even begin."""
    company.line.fault = Fault(20)
    ended = command(day.app(PEOPLE_LDAP_GROUP_BASE_DN=f"ou=groups,{Slapd.base_dn}"), "sync")
    assert ended.exit_code == 1
    assert "The directory could not be read: the read failed partway" in ended.stderr
    assert "Nothing was changed." in ended.stderr
    assert day.state() == company.before
    assert last(day.app()).status == "failed"


@SQLITE
@pytest.mark.parametrize("first", ["dead", "silent"])
def test_the_second_server_is_read_where_the_first_does_not_answer(
    company: Company, day: Day, first: str
) -> None:
    with wire(None) as silent:
        uri = silent.uri if first == "silent" else f"ldap://localhost:{free_port()}"
        began = time.monotonic()
        done = command(day.app(PEOPLE_LDAP_URI=[uri, company.line.uri]), "sync")
        assert time.monotonic() - began < WITHIN
        assert silent.callers == (first == "silent")
    assert done.exit_code == 0, done.output
    assert day.state() == company.after
