"""Whatever befalls a sync on its way: nobody is lost by it, and the next one makes it good.

The twelve of Northwind, and two hundred guests whose photos no buffer between us and the server
holds. A day has passed since the last sync: Alice has another title, Noor, who was a candidate,
is hired, and Leïla is gone.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from intranet_people.jobs.progress import Progress
from intranet_people.ldap import ber, messages
from intranet_people.people.person import SyncState
from intranet_people.standalone import create_app

from .. import SECRET_KEY
from ..conftest import MakeApp, close, plugin_of, slapd_settings
from ..ldap.wire import Fault, Wire, wire
from ..servers.postgresql import PostgreSQL
from ..servers.process import free_port
from ..servers.slapd import NORTHWIND, Slapd
from ..servers.tls import make_certificates
from ..soak import kills
from .conftest import (
    PEOPLE_DN,
    change,
    command,
    dn,
    doubtful,
    follows,
    found,
    last,
    ldif,
    lets_follow,
    people,
    reasons,
    rows_of,
)

pytestmark = [pytest.mark.slapd, pytest.mark.process]
SQLITE = pytest.mark.parametrize("company", ["sqlite"], indirect=True)
"""For what happens before anything is stored."""
GUESTS = 200
STAFF = "(&(objectClass=inetOrgPerson)(!(employeeType=candidate)))"
CANDIDATE = "employeeType: candidate\n"
WITHIN = 15  # seconds
# Protocol operations of RFC 4511, without the message around them.
BOUND = bytes.fromhex("61070a010004000400")  # a bindResponse: success
DONE = bytes.fromhex("65070a010004000400")  # a searchResDone: success
NONSENSE = bytes.fromhex("64060402fffe3009")  # a searchResEntry that ends before its attributes


def uuid(uid: str) -> str:
    return str(uuid5(NAMESPACE_DNS, uid))


def yesterdays_ldif() -> str:
    text = re.sub(r"jpegPhoto:: /9j/4AAQSkZJRgAgd.*\n", "", NORTHWIND.read_text("utf-8"))
    noor = ldif("noor", CANDIDATE.strip(), f"manager: {dn('dana')}", cn="Noor de Wit")
    photo = f"jpegPhoto: {'x' * 80_000}"
    guests = [ldif(f"guest{n}", photo, cn="Guest") for n in range(GUESTS)]
    return with_ids("\n".join([text, noor, *guests]))


def with_ids(text: str) -> str:
    """Everybody the same on every server."""
    return re.sub(
        r"^uid: (.+)\n",
        lambda m: f"{m[0]}entryUUID: {uuid(m[1])}\ncreateTimestamp: 20200301120000Z\n",
        text,
        flags=re.MULTILINE,
    )


def todays_ldif() -> str:
    """The same a day later, for a server of its own."""
    entries = yesterdays_ldif().replace(CANDIDATE, "").split("\n\n")
    text = "\n\n".join(e for e in entries if f"dn: {dn('leila')}\n" not in e)
    return text.replace("title: Calibration Engineer", "title: Astronomer")


@dataclass
class Company:
    """`before` is what the last sync left of it, in the database of that name; `after` is what
    the next one leaves where nothing befalls it."""

    slapd: Slapd
    line: Wire
    """To that server; all goes well on it until it has a `fault`."""
    copies: kills.Copies
    name: str
    before: kills.State
    after: kills.State
    size: int
    """Bytes that the server sends for a full run."""
    size_of_changes: int

    @property
    def half(self) -> kills.State:
        """Alice and Noor came, and nothing else is known."""
        came = {uuid(uid) for uid in ("alice", "noor")}
        return self.before | {k: v for k, v in self.after.items() if k in came}


@pytest.fixture(
    scope="module",
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)],
)
def company(
    request: pytest.FixtureRequest, slapd: Slapd, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Company]:
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


@contextmanager
def opened(line: Wire, url: str) -> Iterator[Flask]:
    app = create_app({}, **settings(line, url))
    try:
        yield app
    finally:
        close(app)


def settings(line: Wire, url: str) -> dict[str, Any]:
    return {
        "SECRET_KEY": SECRET_KEY,
        "SQLALCHEMY_DATABASE_URI": url,
        "PEOPLE_LDAP_URI": line.uri,
        "PEOPLE_LDAP_STARTTLS": False,
        "PEOPLE_LDAP_ALLOW_PLAINTEXT": True,
        "PEOPLE_LDAP_BASE_DN": Slapd.base_dn,
        "PEOPLE_LDAP_BIND_DN": Slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": Slapd.service_password,
        "PEOPLE_LDAP_PERSON_FILTER": STAFF,
        "PEOPLE_LDAP_TIMEOUT": 1,
    }


class Day:
    """One copy of the database as the last sync left it, and apps over it."""

    def __init__(self, company: Company, open_app: MakeApp) -> None:
        self.company, self._open = company, open_app
        self.url = company.copies.url(company.copies.of(company.name))

    def app(self, **config: Any) -> Flask:
        return self._open(**settings(self.company.line, self.url) | config)

    def state(self) -> kills.State:
        return kills.state_of(self.url)

    def checkpoint(self, app: Flask) -> dict[str, str] | None:
        with app.app_context():
            return plugin_of(app).session.scalar(select(SyncState.checkpoint))

    def breaks(self, app: Flask, *options: str) -> Result:
        """A run that ends in time and incomplete; whom it did not see is as before."""
        checkpoint = self.checkpoint(app)
        began = time.monotonic()
        said = command(app, "sync", *options)
        assert time.monotonic() - began < WITHIN
        assert said.exit_code == 1, said.output
        assert "Incomplete: " in said.stderr
        assert "Nobody was marked as left." in said.stderr
        assert (last(app).status, last(app).counts["left"]) == ("incomplete", 0)
        assert self.checkpoint(app) == checkpoint is not None
        return said

    def recovers(self) -> None:
        """The next run, with all in good order, leaves what it would have left."""
        self.company.line.fault = None
        said = command(self.app(), "sync")
        assert said.exit_code == 0, said.output
        state, after = self.state(), self.company.after
        assert state == after, kills.differences(state, after)
        kills.check_rest(self.url)


@pytest.fixture
def day(company: Company, open_app: MakeApp) -> Iterator[Day]:
    yield Day(company, open_app)
    company.line.fault = None


@pytest.fixture
def todays_file(tmp_path: Path) -> Path:
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
    assert "broke off: the server closed the connection" in said.stderr
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
    assert "broke off" in said.stderr
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
        assert re.search("broke off|stopped early", said.stderr)
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
    with wire(None, [BOUND], [DONE], [written("alice", facts), NONSENSE, DONE]) as other:
        said = day.breaks(day.app(PEOPLE_LDAP_URI=other.uri))
    assert "broke off" in said.stderr
    state = day.state()
    assert "'Alice Springs'" in state[uuid("alice")]
    assert state | {uuid("alice"): ()} == company.before | {uuid("alice"): ()}
    day.recovers()


def written(uid: str, facts: dict[str, str]) -> bytes:
    """A searchResultEntry (RFC 4511 4.5.2)."""

    def text(value: str) -> bytes:
        return ber.element(ber.OCTETS, value.encode())

    row = b"".join(
        ber.element(ber.SEQUENCE, text(name) + ber.element(ber.SET, text(value)))
        for name, value in facts.items()
    )
    return ber.element(messages.ENTRY, text(dn(uid)) + ber.element(ber.SEQUENCE, row))


@SQLITE
def test_groups_that_did_not_come_whole(company: Company, day: Day) -> None:
    """Without them nobody's team is known: that run does not even begin."""
    company.line.fault = Fault(20)
    ended = command(day.app(PEOPLE_LDAP_GROUP_BASE_DN=f"ou=groups,{Slapd.base_dn}"), "sync")
    assert ended.exit_code == 1
    assert "The directory could not be read: the read broke off" in ended.stderr
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


BOSTON = ("sofia", "mateo", "aiko", "lars", "zainab", "emeka")
LYON = ("chloe", "henri", "amelie", "luc")


def hiding(ldif_file: Path, ou: str) -> Slapd:
    """A server of the same company where our account may no longer read that OU."""
    rule = f'access to dn.subtree="ou={ou},{Slapd.base_dn}" by * none'
    return Slapd(ldif_file, access=[rule])


@pytest.fixture
def branches(tmp_path: Path, slapd: Slapd) -> Path:
    """Northwind with a branch in Boston and a small one in Lyon."""
    entries = [NORTHWIND.read_text("utf-8")]
    for ou, uids in (("boston", BOSTON), ("lyon", LYON)):
        branch = f"ou={ou},{Slapd.base_dn}"
        entries.append(f"dn: {branch}\nobjectClass: organizationalUnit\nou: {ou}\n")
        entries += [ldif(uid).replace(PEOPLE_DN, branch) for uid in uids]
    (tmp_path / "branches.ldif").write_text(with_ids("\n".join(entries)), "utf-8")
    return tmp_path / "branches.ldif"


def test_an_ou_that_suddenly_cannot_be_read(make_app: MakeApp, branches: Path) -> None:
    with Slapd(branches) as whole, hiding(branches, "boston") as narrow:
        app = make_app(**slapd_settings(whole))
        assert command(app, "sync").exit_code == 0
        rows = rows_of(app)
        refused = command(make_app(**slapd_settings(narrow)), "sync", "--full")
        assert refused.exit_code == 2
        assert "6/22 people would be marked as left" in refused.stderr
        assert "what the service account may read" in refused.stderr
        assert last(app).status == "refused"
        assert rows_of(app) == rows
        assert command(app, "sync", "--full").exit_code == 0
        assert rows_of(app) == rows


def test_a_small_ou_that_cannot_be_read_for_a_day(make_app: MakeApp, branches: Path) -> None:
    with Slapd(branches) as whole, hiding(branches, "lyon") as narrow:
        app = make_app(**slapd_settings(whole))
        assert command(app, "sync").exit_code == 0
        lets_follow(app, "alice", "henri")
        lets_follow(app, "henri", "dana")
        ids, followed = {uid: p.id for uid, p in people(app).items()}, follows(app)
        assert command(make_app(**slapd_settings(narrow)), "sync", "--full").exit_code == 0
        assert {uid for uid, p in people(app).items() if not p.is_active} == set(LYON)
        assert found(app, "henri") == []
        assert follows(app) == followed

        back = command(app, "sync", "--full")
        assert back.exit_code == 0
        assert "4 returned" in back.output
        assert all(p.is_active for p in people(app).values())
        assert {uid: p.id for uid, p in people(app).items()} == ids
        assert follows(app) == followed
        assert found(app, "henri") == ["henri"]


@pytest.mark.parametrize("backend", ["sqlite"])
def test_what_is_wrong_with_the_connection_is_told_apart(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    foreign = make_certificates(tmp_path / "foreign").ca_file
    of_another_name = Slapd(NORTHWIND)
    make_certificates(of_another_name.directory / "tls", "DNS:ldap.elsewhere.example")
    app = make_app(**slapd_settings(slapd))
    assert command(app, "sync").exit_code == 0
    rows = rows_of(app)
    with of_another_name, Slapd(NORTHWIND, tls=False) as without_tls:
        wrongs: list[tuple[dict[str, object], str]] = [
            ({"PEOPLE_LDAP_BIND_PASSWORD": "wrong"}, "was refused: invalidCredentials"),
            ({"PEOPLE_LDAP_CA_FILE": str(foreign)}, "self-signed certificate"),
            (slapd_settings(of_another_name), "Hostname mismatch"),
            ({"PEOPLE_LDAP_URI": without_tls.uri}, "refused StartTLS"),
        ]
        for n, (wrong, words) in enumerate(wrongs):
            ended = command(make_app(**slapd_settings(slapd) | wrong), "sync", "--full")
            assert ended.exit_code == 1
            assert "Nothing was changed." in ended.stderr
            told = [words in ended.stderr for _, words in wrongs]
            assert told == [n == m for m in range(len(wrongs))], (words, ended.stderr)
            assert (last(app).status, words in reasons(app)) == ("failed", True)
            assert rows_of(app) == rows


def test_people_with_five_megabytes_and_names_that_need_escapes(
    synced: Flask, changing: Slapd
) -> None:
    """Each is the next one's manager; the DN is written otherwise there, as it may be."""
    named = {
        r"cn=Liddell\, Alice": r"CN=Liddell\2C Alice",
        r"cn=\#1 \"Quoted\" \<a\>\; b\\c\=d\+e": r"cn=\231 \22Quoted\22 \3Ca\3E\3B b\5Cc\3Dd\2Be",
        "cn=佐藤 健二+employeeNumber=7": r"employeeNumber=7 + cn=\E4\BD\90\E8\97\A4 健二",
        r"cn=\20Jörg Dreßler\20": r"cn=\ J\C3\B6rg Dreßler\ ",
    }
    photo = b"\xff\xd8\xff" + bytes(range(256)) * 20_000
    manager = dn("dana")
    for n, (rdn, written) in enumerate(named.items()):
        changing.add(
            f"{encoded('dn', f'{rdn},{PEOPLE_DN}')}objectClass: inetOrgPerson\n"
            f"uid: noor{n}\nsn: Noor\n{encoded('manager', manager)}"
            f"{encoded('jpegPhoto', photo)}"
        )
        manager = f"{written}, OU=People,{Slapd.base_dn}"
    done = command(synced, "sync", "--full")
    assert done.exit_code == 0, done.output
    everyone = people(synced)
    chain = ["dana", *(f"noor{n}" for n in range(len(named)))]
    for boss, uid in pairwise(chain):
        assert everyone[uid].manager_id == everyone[boss].id, uid
    # That is no photo, which is found out in time and told; everybody is there nevertheless.
    assert sum("photo" in what for _, what in doubtful(synced)) == 1 + len(named)
    assert command(synced, "sync", "--full").stdout.startswith("16 read, 0 joined, 0 changed")


def encoded(attribute: str, value: str | bytes) -> str:
    """A line of LDIF for a value of any kind (RFC 2849)."""
    value = value.encode() if isinstance(value, str) else value
    return f"{attribute}:: {b64encode(value).decode()}\n"
