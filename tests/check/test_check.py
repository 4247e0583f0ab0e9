"""`flask people check` where all is well: what it says, and that it writes nothing."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from intranet_people.check.diagnosis import check
from intranet_people.check.finding import Finding
from intranet_people.people.person import Person
from intranet_people.sync.history import SyncRun

from ..conftest import MakeApp, plugin_of, slapd_settings
from ..servers.slapd import Slapd
from ..sync.conftest import dn
from .conftest import CheckWith, checked_app, failed, said

pytestmark = pytest.mark.slapd


def test_all_is_well(check_with: CheckWith, slapd: Slapd) -> None:
    found = check_with()
    assert failed(found) == []
    assert str(found[-1]) == "ok   Ready: flask people sync"
    told = [f.what for f in found]
    for n, begin in enumerate(
        (
            f"Server {slapd.ldaps_uri}",
            "localhost is 127.0.0.1",
            f"Connected to port {slapd.ldaps_port} in ",
            "TLSv1.3: the certificate is for localhost, ",
            f"The service account {slapd.service_dn} is accepted.",
            "It is OpenLDAP, as the preset inetorgperson expects.",
            f"PEOPLE_LDAP_BASE_DN {slapd.base_dn} is there.",
            "From the next full run on, what changed is read by syncrepl",
            "12 people match (objectClass=inetOrgPerson).",
            "uid=margaret,",
        )
    ):
        assert told[n].startswith(begin), told[n]
    assert "signed by Northwind test CA, for another 29 days" in told[3]
    assert "renewed soon" in found[3].hint


def test_nothing_is_written(check_with: CheckWith, make_app: MakeApp, slapd: Slapd) -> None:
    app = make_app(**slapd_settings(slapd))
    checked_app(app)
    with app.app_context():
        session = plugin_of(app).session
        assert session.scalars(select(Person)).all() == []
        assert session.scalars(select(SyncRun)).all() == []


def test_five_as_they_would_be_mapped(check_with: CheckWith) -> None:
    found = check_with()
    entries = [f for f in found if f.what.startswith("uid=")]
    assert len(entries) == 5
    dana = said(found, "^uid=dana,")
    assert dana.what == f"{dn('dana')}: active"
    lines = [" ".join(line.split()) for line in dana.lines]
    assert "handle uid dana" in lines
    assert "name displayName Dana Whitfield" in lines
    assert "office physicalDeliveryOfficeName 3.12" in lines
    assert f"manager manager {dn('margaret')}" in lines
    assert "photo jpegPhoto 726 bytes, JPEG" in lines
    assert "time_zone (not mapped) -" in lines
    bob = [" ".join(line.split()) for line in said(found, "^uid=bob,").lines]
    assert "phones telephoneNumber +31 10 555 0115, +31 10 555 0199" in bob
    margaret = [" ".join(line.split()) for line in said(found, "^uid=margaret,").lines]
    assert "office physicalDeliveryOfficeName 5.01" in margaret
    assert "photo jpegPhoto -" in margaret


def test_extra_fields_are_shown(check_with: CheckWith) -> None:
    found = check_with(PEOPLE_LDAP_EXTRA_FIELDS={"Number": "employeeNumber"})
    lines = [" ".join(line.split()) for line in said(found, "^uid=dana,").lines]
    assert "Number employeeNumber 1002" in lines


def test_it_is_told_as_it_is_found(make_app: MakeApp, slapd: Slapd) -> None:
    """An operator sees where it hangs."""
    uris = f"{slapd.ldaps_uri} ldaps://localhost:1"
    app = make_app(**slapd_settings(slapd) | {"PEOPLE_LDAP_URI": uris})
    with app.app_context():
        steps = check(plugin_of(app))
        assert next(steps).what == f"Server {slapd.ldaps_uri}"
        assert next(steps).what.startswith("localhost is ")
        slapd.pause()
        try:
            assert next(steps).what.startswith("Connected to port ")
        finally:
            slapd.resume()
        assert next(steps).what.startswith("TLSv1.3")
        steps.close()


def test_a_finding_on_a_terminal() -> None:
    finding = Finding(False, "It is wrong.", "Mend it.", ("as it is", "and this"))
    assert str(finding) == "NO   It is wrong.\n     > Mend it.\n       as it is\n       and this"
    assert str(Finding(None, "A remark.")) == "--   A remark."
