"""Several servers: one that cannot be used is passed over, at whatever step it fails."""

import time

import pytest

from intranet_people.ldap.connection import (
    CONNECT_WITHIN,
    BindRefused,
    Directory,
    DirectoryDown,
    ServiceAccountRefused,
    TLSRefused,
)

from ..servers.process import free_port
from ..servers.slapd import Slapd
from .conftest import PERSON, directory_of
from .wire import Wire, wire

pytestmark = pytest.mark.slapd
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"


# A refusal of StartTLS: an extendedResponse (RFC 4511 4.12) of protocolError.
NO_TLS = bytes([0x78, 7, 0x0A, 1, 2, 4, 0, 4, 0])


def bind_response(result: int) -> bytes:
    """RFC 4511 4.2.2, with that result code and nothing more."""
    return bytes([0x61, 7, 0x0A, 1, result, 4, 0, 4, 0])


def plain_first(slapd: Slapd, first: Wire, **options: object) -> Directory:
    """`first` and then that server; both without TLS, as the first knows none."""
    return directory_of(slapd, uris=[first.uri, slapd.uri], starttls=False, timeout=1, **options)


@pytest.mark.parametrize("starttls", [True, False])
def test_a_server_that_accepts_and_stays_silent_is_passed_over(
    slapd: Slapd, starttls: bool
) -> None:
    with wire(None) as silent:
        uris = [silent.uri, slapd.uri]
        directory = directory_of(slapd, uris=uris, starttls=starttls, timeout=1)
        began = time.monotonic()
        assert len(directory.find(PERSON, ["uid"])) == 12
        directory.bind(ALICE, "alice-password")
        assert time.monotonic() - began < 5
        assert silent.callers == 2


@pytest.mark.parametrize(("result", "name"), [(51, "busy"), (52, "unavailable")])
def test_a_busy_server_is_passed_over(slapd: Slapd, result: int, name: str) -> None:
    with wire(None, [bind_response(result)]) as busy:
        plain_first(slapd, busy).bind(ALICE, "alice-password")
        assert len(plain_first(slapd, busy).find(PERSON, ["uid"])) == 12
        alone = Directory([busy.uri], slapd.base_dn, starttls=False, timeout=1)
        with pytest.raises(DirectoryDown, match=name):
            alone.bind(ALICE, "alice-password")


def test_a_no_is_final(slapd: Slapd) -> None:
    with wire(None, [bind_response(49)]) as first, wire(None) as second:
        directory = Directory([first.uri, second.uri], slapd.base_dn, starttls=False, timeout=1)
        with pytest.raises(BindRefused, match="invalidCredentials"):
            directory.bind(ALICE, "alice-password")
        with pytest.raises(ServiceAccountRefused):
            directory.find(PERSON, ["uid"])
        assert second.callers == 0


def test_one_that_is_not_safe_is_told_of_where_no_other_answers(slapd: Slapd) -> None:
    with wire(None, [NO_TLS]) as unsafe:
        directory = directory_of(slapd, uris=[unsafe.uri, slapd.ldaps_uri])
        assert len(directory.find(PERSON, ["uid"])) == 12
        directory.bind(ALICE, "alice-password")
        dead = f"ldaps://localhost:{free_port()}"
        for uris in ([unsafe.uri, dead], [dead, unsafe.uri]):
            with pytest.raises(TLSRefused, match=f"{unsafe.uri} refused StartTLS"):
                directory_of(slapd, uris=uris).bind(ALICE, "alice-password")
        assert b"alice" not in unsafe.heard


def test_connecting_takes_five_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def refuse(server: object, **options: object) -> None:
        seen.append(server.connect_timeout)  # type: ignore[attr-defined]
        raise OSError("no route")

    monkeypatch.setattr("intranet_people.ldap.connection.ldap3.Connection", refuse)
    for timeout in (3, 60):
        with pytest.raises(DirectoryDown):
            Directory(["ldaps://dc1.corp.example"], "dc=x", timeout=timeout).find(PERSON, [])
    assert seen == [3, CONNECT_WITHIN]
