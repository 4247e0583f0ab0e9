"""Reads are whole, or say that they are not; whatever the server does, they end."""

import time
from base64 import b64encode
from collections.abc import Iterator

import pytest

from intranet_people.ldap.connection import Directory, DirectoryDown, DirectoryError, IncompleteRead
from intranet_people.ldap.entry import Entry, dn_key
from intranet_people.ldap.presets import INETORGPERSON

from ..servers.process import free_port
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import PERSON, directory_of
from .encoded import BOUND, NONSENSE, SUCCESS
from .wire import wire

pytestmark = pytest.mark.slapd


@pytest.fixture(scope="module")
def slapd_with_limit(slapd: Slapd) -> Iterator[Slapd]:
    """A server that gives five entries a search, however they are paged."""
    with Slapd(NORTHWIND, size_limit=5) as server:
        yield server


def names(directory: Directory) -> list[str]:
    return [e.values("uid")[0].decode() for e in directory.read(PERSON, ["uid"])]


@pytest.mark.parametrize("page_size", [1, 5, 12, 500])
def test_more_entries_than_a_page(slapd: Slapd, page_size: int) -> None:
    found = names(directory_of(slapd, page_size=page_size))
    assert len(found) == len(set(found)) == 12
    assert {"alice", "joerg", "kenji"} <= set(found)


def test_attributes_come_as_bytes_under_lower_case(directory: Directory) -> None:
    (joerg,) = directory.find("(uid=joerg)", ["displayName", "entryUUID", "telephoneNumber"])
    assert joerg.dn == "uid=joerg,ou=people,dc=northwind,dc=example"
    assert joerg.values("DISPLAYNAME") == ["Jörg Dreßler".encode()]
    assert len(joerg.values("entryUUID")[0]) == 36
    assert joerg.values("mobile") == []


def test_an_attribute_in_another_language_does_not_hide_it(changing_slapd: Slapd) -> None:
    kenji = f"uid=kenji,ou=people,{changing_slapd.base_dn}"
    changing_slapd.modify(
        f"dn: {kenji}\nchangetype: modify\nadd: title;lang-ja\ntitle;lang-ja: Kogaku\n"
    )
    (entry,) = directory_of(changing_slapd).find("(uid=kenji)", ["title"])
    assert entry.values("title") == [b"Optical Designer", b"Kogaku"]


@pytest.mark.parametrize("page_size", [2, 3, 500])
def test_a_size_limit_is_an_incomplete_read(slapd_with_limit: Slapd, page_size: int) -> None:
    read = directory_of(slapd_with_limit, page_size=page_size).read(PERSON, ["uid"])
    came: list[Entry] = []
    with pytest.raises(IncompleteRead, match="sizeLimitExceeded"):
        came.extend(read)
    assert 0 < len(came) <= 5


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_a_server_that_goes_between_two_pages(changing_slapd: Slapd, end: str) -> None:
    read = directory_of(changing_slapd, page_size=3).read(PERSON, ["uid"])
    came = [next(read)]
    getattr(changing_slapd, end)()
    with pytest.raises(IncompleteRead, match=r"failed partway|stopped early"):
        came.extend(read)
    # The next page is asked for before this one is used up; of either a part may be on its way.
    assert 0 < len(came) <= 6


def test_a_server_that_falls_silent_between_two_pages(changing_slapd: Slapd) -> None:
    read = directory_of(changing_slapd, page_size=3, timeout=1).read(PERSON, ["uid"])
    next(read)
    changing_slapd.pause()
    began = time.monotonic()
    with pytest.raises(IncompleteRead):
        list(read)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("uri", ["uri", "ldaps_uri"])
def test_a_silent_server_is_down_within_the_timeout(changing_slapd: Slapd, uri: str) -> None:
    changing_slapd.pause()
    began = time.monotonic()
    directory = directory_of(changing_slapd, uris=[getattr(changing_slapd, uri)], timeout=1)
    with pytest.raises(DirectoryDown):
        names(directory)
    assert time.monotonic() - began < 5


def test_the_next_server_is_asked_where_the_first_is_dead(slapd: Slapd) -> None:
    dead = f"ldaps://localhost:{free_port()}"
    assert len(names(directory_of(slapd, uris=[dead, slapd.ldaps_uri]))) == 12
    with pytest.raises(DirectoryDown, match=dead):
        names(directory_of(slapd, uris=[dead]))


def test_referrals_are_never_followed(changing_slapd: Slapd) -> None:
    with wire() as trap:
        elsewhere = f"ou=elsewhere,{changing_slapd.base_dn}"
        changing_slapd.add(
            f"dn: {elsewhere}\nobjectClass: referral\nobjectClass: extensibleObject\n"
            f"ou: elsewhere\nref: {trap.uri}/{elsewhere}\n"
        )
        directory = directory_of(changing_slapd, page_size=5)
        came: list[Entry] = []
        with pytest.raises(IncompleteRead, match="another server"):
            came.extend(directory.read(PERSON, ["uid"]))
        # All that is here came nevertheless, and those who are here can sign in.
        assert len(came) == 12
        assert len(directory.find("(uid=alice)", ["uid"])) == 1
        with pytest.raises(IncompleteRead, match="referral"):
            names(directory_of(changing_slapd, base_dn=f"ou=deeper,{elsewhere}"))
        assert trap.callers == 0


def test_a_missing_base_is_named(slapd: Slapd) -> None:
    nowhere = "dc=nowhere,dc=example"
    with pytest.raises(DirectoryError, match="PEOPLE_LDAP_BASE_DN"):
        names(directory_of(slapd, base_dn=f"ou=nobody,{slapd.base_dn}"))
    with pytest.raises(DirectoryError, match="PEOPLE_LDAP_BASE_DN"):
        names(directory_of(slapd, base_dn=nowhere))


@pytest.mark.parametrize("broken", ["(objectClass=", "", "(", "uid=alice)", "(uid=\ud800)"])
def test_a_broken_filter_is_named(directory: Directory, broken: str) -> None:
    with pytest.raises(DirectoryError, match="PEOPLE_LDAP_PERSON_FILTER"):
        directory.find(broken, ["uid"])
    with pytest.raises(DirectoryError, match="PEOPLE_LDAP_PERSON_FILTER"):
        list(next(directory.reads(INETORGPERSON.with_filter(broken))))


@pytest.mark.parametrize("answers", [[], [b"HTTP/1.1 400 Bad Request\r\n"], [b"\x61" * 9]])
def test_something_that_speaks_no_ldap_is_down(answers: list[bytes]) -> None:
    with wire(None, answers) as other:
        directory = Directory(uris=[other.uri], base_dn="dc=x", starttls=False, timeout=1)
        with pytest.raises(DirectoryDown):
            directory.find(PERSON, ["uid"])


def test_an_answer_that_cannot_be_decoded_is_an_incomplete_read() -> None:
    with wire(None, [BOUND], [NONSENSE, SUCCESS]) as other:
        directory = Directory(uris=[other.uri], base_dn="dc=x", starttls=False, timeout=1)
        with pytest.raises(IncompleteRead, match="failed partway"):
            list(directory.read(PERSON, ["uid"]))


def test_what_comes_behind_the_end_is_an_incomplete_read() -> None:
    with wire(None, [BOUND], [SUCCESS, SUCCESS]) as other:
        directory = Directory(uris=[other.uri], base_dn="dc=x", starttls=False, timeout=1)
        with pytest.raises(IncompleteRead, match="out of turn"):
            list(directory.read(PERSON, ["uid"]))


def test_an_answer_to_another_question_is_an_incomplete_read(slapd: Slapd) -> None:
    # A notice of disconnection (RFC 4511 4.4.1), which has the id 0.
    notice = bytes.fromhex("3024020100781f0a013404000400")
    notice += b"\x8a\x16" + b"1.3.6.1.4.1.1466.20036"
    with wire(None, [BOUND], [BOUND]) as other:
        directory = Directory(uris=[other.uri], base_dn="dc=x", starttls=False, timeout=1)
        with pytest.raises(IncompleteRead, match="out of turn"):
            list(directory.read(PERSON, ["uid"]))
    with wire(None, [BOUND], [], raw=notice) as other:
        directory = Directory(uris=[other.uri], base_dn="dc=x", starttls=False, timeout=1)
        with pytest.raises(IncompleteRead, match="ended the session"):
            list(directory.read(PERSON, ["uid"]))


def test_more_than_the_answer_to_starttls_is_refused(slapd: Slapd) -> None:
    """Or what somebody put on the line before TLS would be taken for the server's word."""
    success = bytes([0x78, 7, 0x0A, 1, 0, 4, 0, 4, 0])
    with wire(None, [success, BOUND]) as other:
        with pytest.raises(DirectoryDown, match="out of turn"):
            directory_of(slapd, uris=[other.uri], timeout=1).find(PERSON, ["uid"])
        assert slapd.service_password.encode() not in other.heard


def test_entries_of_five_megabytes(changing_slapd: Slapd) -> None:
    photo = bytes(range(256)) * 20_000
    for uid in ("noor", "sofia"):
        changing_slapd.add(
            f"dn: uid={uid},ou=people,{changing_slapd.base_dn}\nobjectClass: inetOrgPerson\n"
            f"uid: {uid}\ncn: {uid}\nsn: {uid}\njpegPhoto:: {b64encode(photo).decode()}\n"
        )
    for uri in (changing_slapd.uri, changing_slapd.ldaps_uri):
        read = directory_of(changing_slapd, uris=[uri]).read(PERSON, ["uid", "jpegPhoto"])
        photos = [v for entry in read for v in entry.values("jpegPhoto")]
        assert photos.count(photo) == 2


def test_a_group_of_a_hundred_thousand(changing_slapd: Slapd) -> None:
    base = changing_slapd.base_dn
    members = "".join(f"member: uid=guest{n},ou=people,{base}\n" for n in range(100_000))
    changing_slapd.add(f"dn: cn=all,{base}\nobjectClass: groupOfNames\ncn: all\n{members}")
    (group,) = directory_of(changing_slapd).read("(cn=all)", ["member"])
    found = group.values("member")
    assert len(found) == len(set(found)) == 100_000
    assert found[-1].startswith(b"uid=guest")


@pytest.mark.parametrize(
    "rdn",
    [
        r"cn=Liddell\, Alice",
        r"cn=\#1 \"Quoted\" \<a\>\; b\\c\=d\+e",
        r"cn=\20Jörg Dreßler\20",
        "cn=佐藤 健二+uid=kenji2",
        r"cn=nul\00byte",
    ],
)
def test_dns_with_escapes(changing_slapd: Slapd, rdn: str) -> None:
    dn = f"{rdn},ou=people,{changing_slapd.base_dn}"
    written = b64encode(dn.encode()).decode()
    changing_slapd.add(f"dn:: {written}\nobjectClass: inetOrgPerson\nsn: Noor\ntitle: Here\n")
    directory = directory_of(changing_slapd)
    (entry,) = directory.find("(title=Here)", ["cn"])
    assert dn_key(entry.dn) == dn_key(dn)
    # As a base it leads to the same entry again.
    assert [e.dn for e in directory.read("(title=Here)", ["cn"], entry.dn)] == [entry.dn]
