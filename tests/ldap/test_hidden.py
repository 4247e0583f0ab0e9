"""Whom the directory hides: all of them, or said to be not all, from a real slapd."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from intranet_people.demo import company
from intranet_people.ldap.changes import Hidden, Read
from intranet_people.ldap.connection import Directory, IncompleteRead
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.hidden import hidden_people
from intranet_people.ldap.presets import AD, INETORGPERSON
from intranet_people.problems import Problem

from ..servers.slapd import NORTHWIND, Slapd
from ..sync.conftest import change, dn
from .conftest import directory_of
from .wire import Fault, wire

WITNESSES = INETORGPERSON.with_hidden("(employeeType=witness)")
IN_ROTTERDAM = INETORGPERSON.with_hidden("(l=Rotterdam)")
FEW_BY_PAGES = f'limits dn.exact="{Slapd.service_dn}" size.prtotal=3'
"""Three entries in a search by pages; syncrepl, which is not paged, gives all."""


def id_of(directory: Directory, uid: str) -> str:
    (entry,) = directory.find(f"(uid={uid})", ["entryUUID"])
    return entry.values("entryUUID")[0].decode()


def ids(directory: Directory, *uids: str) -> set[str]:
    return {id_of(directory, uid) for uid in uids}


def hide(slapd: Slapd, *uids: str) -> None:
    for uid in uids:
        slapd.modify(change(uid, "add: employeeType", "employeeType: witness"))


def read_all(read: Read) -> Hidden:
    assert len(list(read)) == 12
    return read.hidden


@pytest.fixture
def hiding(changing_slapd: Slapd) -> Directory:
    """The twelve of Northwind, of whom Kenji and Leïla are hidden."""
    hide(changing_slapd, "kenji", "leila")
    return directory_of(changing_slapd)


def test_the_preset_of_active_directory_knows_what_exchange_hides() -> None:
    assert AD.hidden_filter == "(msExchHideFromAddressLists=TRUE)"
    both = AD.with_hidden("(employeeType=witness)").hidden_filter
    assert both == "(|(msExchHideFromAddressLists=TRUE)(employeeType=witness))"
    assert INETORGPERSON.hidden_filter == ""
    assert WITNESSES.hidden_filter == "(employeeType=witness)"
    assert WITNESSES.digest == INETORGPERSON.digest, "which needs no full run"


@pytest.mark.slapd
@pytest.mark.parametrize("page_size", [1, 500])
def test_those_whom_the_filter_finds(hiding: Directory, slapd: Slapd, page_size: int) -> None:
    found = directory_of(slapd, page_size=page_size).hidden(WITNESSES)
    assert found == Hidden(frozenset(ids(hiding, "kenji", "leila")))


@pytest.mark.slapd
def test_only_people_are_hidden(changing_slapd: Slapd) -> None:
    schema = WITNESSES.with_filter("(&(objectClass=inetOrgPerson)(!(l=Osaka)))")
    hide(changing_slapd, "kenji", "leila")
    directory = directory_of(changing_slapd)
    assert directory.hidden(schema).ids == ids(directory, "leila")


def test_without_a_filter_nothing_is_asked() -> None:
    assert hidden_people(None, INETORGPERSON) == Hidden()  # type: ignore[arg-type]


@pytest.mark.slapd
def test_an_attribute_that_the_server_does_not_know_hides_nobody(directory: Directory) -> None:
    """As in an Active Directory without Exchange; the rest of the filter still counts."""
    assert directory.hidden(INETORGPERSON.with_hidden(AD.hidden_filter)) == Hidden()
    either = INETORGPERSON.with_hidden(AD.hidden_filter).with_hidden("(uid=bob)")
    assert directory.hidden(either) == Hidden(frozenset(ids(directory, "bob")))


@pytest.mark.slapd
def test_an_attribute_that_may_not_be_searched_hides_nobody_without_a_word(slapd: Slapd) -> None:
    """The server calls that a success: what stands against it is the guard of the sync."""
    with Slapd(NORTHWIND, access=["access to attrs=employeeType by * none"]) as server:
        hide(server, "kenji", "leila")
        assert directory_of(server).hidden(WITNESSES) == Hidden()


@pytest.mark.slapd
def test_an_entry_without_an_id_is_known_by_its_dn(slapd: Slapd) -> None:
    rule = f'access to dn.exact="{dn("kenji")}" attrs=entryUUID by * none'
    with Slapd(NORTHWIND, access=[rule]) as server:
        hide(server, "kenji", "leila")
        directory = directory_of(server)
        found = directory.hidden(WITNESSES)
        assert found == Hidden(frozenset(ids(directory, "leila")), frozenset([dn("kenji")]))


@pytest.mark.slapd
def test_a_limit_leaves_it_unknown_who_else_is_hidden(slapd: Slapd) -> None:
    with Slapd(NORTHWIND, access=[FEW_BY_PAGES]) as server:
        directory = directory_of(server, page_size=2)
        found = directory.hidden(IN_ROTTERDAM)
        assert 0 < len(found.ids) <= 3
        assert "sizeLimitExceeded" in str(found.why_incomplete)
        # The people themselves are read to the end.
        assert read_all(next(directory.reads(IN_ROTTERDAM))) == found


@pytest.mark.slapd
@pytest.mark.parametrize("broken", ["(uid)", "(!(l=Oslo)(l=Osaka))", "(uid=\ud800)"])
def test_a_filter_that_is_none_is_named(directory: Directory, broken: str) -> None:
    why = directory.hidden(INETORGPERSON.with_hidden(broken)).why_incomplete
    assert "PEOPLE_LDAP_HIDDEN" in str(why)
    assert "PERSON_FILTER" not in str(why)


@pytest.mark.slapd
def test_every_read_ends_with_it(hiding: Directory, changing_slapd: Slapd) -> None:
    everybody = next(hiding.reads(WITNESSES))
    assert read_all(everybody).ids == ids(hiding, "kenji", "leila")
    changes = next(hiding.reads(WITNESSES, everybody.checkpoint))
    assert list(changes) == []
    assert changes.hidden.ids == ids(hiding, "kenji", "leila")


@pytest.mark.slapd
def test_it_is_asked_after_the_people_so_nobody_comes_in_between(
    hiding: Directory, changing_slapd: Slapd
) -> None:
    read = next(hiding.reads(WITNESSES))
    entries = iter(read)
    next(entries)
    assert read.hidden.why_incomplete == Problem("not-asked")
    hide(changing_slapd, "bob")
    assert len(list(entries)) == 11
    assert read.hidden.ids == ids(hiding, "bob", "kenji", "leila")


@pytest.mark.slapd
def test_a_read_that_a_limit_ends_says_it_as_well(slapd: Slapd) -> None:
    with Slapd(NORTHWIND, size_limit=8) as server:
        hide(server, "kenji", "leila")
        directory = directory_of(server, page_size=3)
        reads = directory.reads(WITNESSES)
        next(reads)  # by syncrepl, which starts over where a limit ends it
        by_pages = next(reads)
        with pytest.raises(IncompleteRead, match="sizeLimit"):
            list(by_pages)
        assert by_pages.hidden == Hidden(frozenset(ids(directory, "kenji", "leila")))


@pytest.fixture
def line(slapd: Slapd) -> Iterator[Directory]:
    """The twelve over a line that is cut within the people."""
    with wire(slapd.port, fault=Fault(after=3000)) as cut:
        plain = {"starttls": False, "allow_plaintext": True}
        yield directory_of(slapd, uris=[cut.uri], **plain)


@pytest.mark.slapd
def test_a_line_that_is_cut_is_not_asked_again(line: Directory) -> None:
    read = next(line.reads(WITNESSES))
    came: list[Entry] = []
    with pytest.raises(IncompleteRead, match="failed partway"):
        came.extend(read)
    assert "failed partway" in str(read.hidden.why_incomplete)


@pytest.mark.slapd
def test_of_somebody_who_signs_in(hiding: Directory) -> None:
    (kenji,), hidden = hiding.find_people(WITNESSES, "(uid=kenji)")
    assert kenji.values("uid") == [b"kenji"]
    assert hidden == Hidden(frozenset(ids(hiding, "kenji")))
    (_,), hidden = hiding.find_people(WITNESSES, "(uid=bob)")
    assert hidden == Hidden()


def test_of_a_directory_in_memory() -> None:
    uri = "embedded:intranet_people.demo.company"
    directory = Directory([uri], company.BASE_DN, company.SERVICE_DN, company.SERVICE_PASSWORD)
    found = directory.hidden(INETORGPERSON.with_hidden("(uid=tomas)"))
    assert (len(found.ids), found.why_incomplete) == (1, None)
    assert directory.hidden(INETORGPERSON.with_hidden(AD.hidden_filter)) == Hidden()
