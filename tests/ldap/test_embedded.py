"""The directory of the demo goes through the same code as a real server."""

import pytest

from intranet_people.demo import company
from intranet_people.ldap.connection import BindRefused, Directory, ServiceAccountRefused, escape
from intranet_people.ldap.presets import INETORGPERSON
from intranet_people.ldap.record import record_of

URI = "embedded:intranet_people.demo.company"
TOMAS = company.by_handle()["tomas"]


def embedded(page_size: int = 500, password: str = company.SERVICE_PASSWORD) -> Directory:
    return Directory([URI], company.BASE_DN, company.SERVICE_DN, password, page_size=page_size)


@pytest.mark.parametrize("page_size", [7, 40, 500])
def test_pages(page_size: int) -> None:
    entries = list(embedded(page_size).read(INETORGPERSON.person_filter, ["uid"]))
    assert {e.values("uid")[0].decode() for e in entries} == set(company.by_handle())
    assert len(entries) == 120


def test_binds() -> None:
    embedded().bind(TOMAS.dn, company.PASSWORD)
    for password in ("wrong", "", "tide-clock\0"):
        with pytest.raises(BindRefused):
            embedded().bind(TOMAS.dn, password)
    with pytest.raises(BindRefused):
        embedded().bind(f"uid=nobody,{company.PEOPLE_DN}", company.PASSWORD)
    with pytest.raises(ServiceAccountRefused):
        embedded(password="wrong").find(INETORGPERSON.person_filter, ["uid"])


def test_mapping() -> None:
    (entry,) = embedded().find("(uid=tomas)", INETORGPERSON.attributes)
    record = record_of(entry, INETORGPERSON)
    assert record is not None
    assert (record.handle, record.name, record.mail) == ("tomas", TOMAS.name, TOMAS.address)
    assert (record.title, record.team, record.city) == (TOMAS.title, TOMAS.team, TOMAS.city)
    assert record.joined is not None
    assert record.problems == ()


@pytest.mark.parametrize("name", ["*", "tomas*", "x)(uid=*", "\\2a"])
def test_metacharacters_find_nobody(name: str) -> None:
    assert embedded().find(f"(uid={escape(name)})", ["uid"]) == []
