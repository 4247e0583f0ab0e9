"""`flask people check` says how many people are hidden, and never who."""

from __future__ import annotations

import pytest

from ..servers.slapd import Slapd
from ..sync.conftest import PEOPLE_DN, dn, ldif
from ..sync.hiding import IS_WITNESS, WITNESS, hide
from .conftest import Checked, CheckWith, failed, only, said

pytestmark = [pytest.mark.slapd, pytest.mark.parametrize("backend", ["sqlite"])]
EVERYBODY = "(uid=*)"


def text(found: Checked) -> str:
    return "\n".join(map(str, found)).lower()


def test_how_many(check_with: CheckWith, changing_slapd: Slapd) -> None:
    hide(changing_slapd, "kenji", "leila")
    found = check_with(PEOPLE_LDAP_HIDDEN=WITNESS)
    assert failed(found) == []
    finding = said(found, "hidden by")
    assert (finding.ok, finding.what) == (True, f"2 people are hidden by {WITNESS}.")
    assert finding.lines == ()


def test_one(check_with: CheckWith, changing_slapd: Slapd) -> None:
    hide(changing_slapd, "kenji")
    found = check_with(PEOPLE_LDAP_HIDDEN=WITNESS)
    assert said(found, "hidden by").what == f"1 person is hidden by {WITNESS}."


def test_without_a_filter_nothing_is_said(check_with: CheckWith, slapd: Slapd) -> None:
    assert "hidden" not in text(check_with())


def test_nobody_is_a_remark(check_with: CheckWith, slapd: Slapd) -> None:
    """As where the attribute may not be searched, which the server does not tell."""
    found = check_with(PEOPLE_LDAP_HIDDEN=WITNESS)
    assert failed(found) == []
    finding = said(found, "hidden by")
    assert (finding.ok, finding.what) == (None, f"Nobody is hidden by {WITNESS}.")
    assert "whether the service account may search" in finding.hint


def test_everybody_has_to_be_mended(check_with: CheckWith, slapd: Slapd) -> None:
    wrong = only(check_with(PEOPLE_LDAP_HIDDEN=EVERYBODY))
    assert wrong.what == f"Everybody is hidden by {EVERYBODY}: nobody would be shown."
    assert wrong.hint == "Check PEOPLE_LDAP_HIDDEN."


def test_a_filter_that_is_none_has_to_be_mended(check_with: CheckWith, slapd: Slapd) -> None:
    found = check_with(PEOPLE_LDAP_HIDDEN="(!(l=Oslo)(l=Osaka))")
    wrong = only(found)
    assert wrong.what.startswith("The people hidden by (!(l=Oslo)(l=Osaka)) cannot be read: ")
    assert "PEOPLE_LDAP_HIDDEN" in wrong.hint
    assert [f for f in found if f.what.startswith("uid=")] == [], "nobody is taken for an example"


def test_who_is_hidden_is_no_example(check_with: CheckWith, changing_slapd: Slapd) -> None:
    shown = [f.what for f in check_with() if f.what.startswith("uid=")]
    uid = shown[0].partition(",")[0].removeprefix("uid=")
    hide(changing_slapd, uid)
    found = check_with(PEOPLE_LDAP_HIDDEN=WITNESS)
    others = [f for f in found if f.what.startswith("uid=")]
    assert len(others) == 5
    assert dn(uid) not in " ".join(f.what for f in others)


def test_a_login_name_that_is_shared_with_them_is_not_told(
    check_with: CheckWith, changing_slapd: Slapd
) -> None:
    other = f"ou=osaka,{Slapd.base_dn}"
    changing_slapd.add(f"dn: {other}\nobjectClass: organizationalUnit\nou: osaka\n")
    for entry in (ldif("wsecret", IS_WITNESS), ldif("wsecret").replace(PEOPLE_DN, other)):
        changing_slapd.add(entry)
    assert "wsecret" in text(check_with())
    found = check_with(PEOPLE_LDAP_HIDDEN=WITNESS)
    (line,) = said(found, "login names belong to more").lines
    assert len(line.split("; ")) == 2
    assert "wsecret" not in text(
        [f for f in found if not f.what.startswith(f"uid=wsecret,{other}")]
    )
