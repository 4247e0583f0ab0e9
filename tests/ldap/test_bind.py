"""Passwords: right, wrong, and those with which no server may be asked."""

from pathlib import Path

import pytest

from intranet_people.ldap.connection import (
    BindRefused,
    Directory,
    DirectoryDown,
    DirectoryError,
    ServiceAccountRefused,
    escape,
)

from ..servers.process import free_port
from ..servers.slapd import Slapd
from .conftest import PERSON, directory_of

pytestmark = pytest.mark.slapd
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"
CORPUS = Path(__file__).parents[2].parent / "shared/corpora/ldap-injection"


def injections() -> list[str]:
    return [
        line
        for file in sorted(CORPUS.glob("*.txt"))
        for line in file.read_text("utf-8", "replace").splitlines()
        if line
    ]


def test_right_and_wrong(directory: Directory) -> None:
    directory.bind(ALICE, "alice-password")
    for dn, password in ((ALICE, "Alice-password"), (ALICE.replace("alice", "nobody"), "x")):
        with pytest.raises(BindRefused, match="invalidCredentials"):
            directory.bind(dn, password)


@pytest.mark.parametrize("password", ["", "\0", "alice-password\0", "\0alice-password"])
def test_impossible_passwords_are_refused_before_any_server_is_asked(password: str) -> None:
    nowhere = Directory(uris=[f"ldaps://localhost:{free_port()}"], base_dn=Slapd.base_dn)
    with pytest.raises(BindRefused, match="impossible"):
        nowhere.bind(ALICE, password)
    with pytest.raises(DirectoryDown):
        nowhere.bind(ALICE, "any other")


def test_an_empty_dn_is_refused(directory: Directory) -> None:
    with pytest.raises(BindRefused):
        directory.bind("", "anything")


@pytest.mark.parametrize(
    "password",
    ["tab\there", "סיסמה and Latin", "\u00ad", "\ufffd", "e\u0301\ue000", "x" * 5000, "密码🔑"],
)
def test_any_characters_are_a_password_and_not_an_outage(
    changing_slapd: Slapd, password: str
) -> None:
    directory = directory_of(changing_slapd)
    with pytest.raises(BindRefused):
        directory.bind(ALICE, password)


def test_a_password_is_sent_as_it_is(changing_slapd: Slapd) -> None:
    password = "tab\tand סיסמה and ﬁ"
    dn = f"uid=noor,ou=people,{changing_slapd.base_dn}"
    changing_slapd.add(
        f"dn: {dn}\nobjectClass: inetOrgPerson\nuid: noor\ncn: Noor\nsn: Noor\n"
        f"userPassword: {password}\n"
    )
    directory_of(changing_slapd).bind(dn, password)


@pytest.mark.parametrize("wrong", [{"bind_password": "wrong"}, {"bind_dn": "cn=nobody,dc=x"}])
def test_a_wrong_service_account_is_named(slapd: Slapd, wrong: dict[str, str]) -> None:
    with pytest.raises(ServiceAccountRefused, match="PEOPLE_LDAP_BIND_PASSWORD"):
        directory_of(slapd, **wrong).find(PERSON, ["uid"])


def test_anonymous_reads_nobody_here(slapd: Slapd) -> None:
    with pytest.raises(DirectoryError, match="PEOPLE_LDAP_BASE_DN"):
        directory_of(slapd, bind_dn="", bind_password="").find(PERSON, ["uid"])


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus shared/corpora is not here")
def test_no_injection_finds_anybody_or_opens_anything(directory: Directory) -> None:
    strings = injections()
    assert len(strings) > 20
    either = "".join(f"(uid={escape(s)})(cn={escape(s)})(mail={escape(s)})" for s in strings)
    assert directory.find(f"(|{either})", ["uid"]) == []
    for string in strings[::3]:
        assert directory.find(f"(&{PERSON}(uid={escape(string)}))", ["uid"]) == []
        with pytest.raises(BindRefused):
            directory.bind(ALICE, string)


@pytest.mark.parametrize("name", ["*", "alice*", "a)(uid=*", "\\2a", "\0", "(", ")", "alice\0"])
def test_metacharacters_are_only_characters(directory: Directory, name: str) -> None:
    assert directory.find(f"(uid={escape(name)})", ["uid"]) == []


def test_the_system_knows_who_asks_over_ldapi(slapd: Slapd) -> None:
    """SASL EXTERNAL (RFC 4513 5.2.3): the user of this process is the service account."""
    who = {"uris": [slapd.ldapi_uri], "bind_dn": "", "bind_password": ""}
    directory = directory_of(slapd, **who, sasl="EXTERNAL")
    assert len(list(directory.read(PERSON, ["uid"]))) == 12
    directory.bind(ALICE, "alice-password")
    with pytest.raises(BindRefused):
        directory.bind(ALICE, "wrong")
    with pytest.raises(DirectoryError):
        directory_of(slapd, **who).find(PERSON, ["uid"])


def test_the_system_knows_nobody_over_a_network(slapd: Slapd) -> None:
    directory = directory_of(slapd, bind_dn="", bind_password="", sasl="EXTERNAL")
    with pytest.raises(DirectoryError):
        directory.find(PERSON, ["uid"])


def test_kerberos_without_its_package_is_named(
    slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    directory = directory_of(slapd, sasl="GSSAPI")
    with pytest.raises(DirectoryError, match=r"intranet-people\[kerberos\]"):
        directory.find(PERSON, ["uid"])
    directory.bind(ALICE, "alice-password")
