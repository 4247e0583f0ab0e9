"""JSONCollection servers: one that cannot be used is passed over, at whatever step it fails."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from intranet_people.ldap import failover
from intranet_people.ldap.connection import (
    BindRefused,
    Directory,
    DirectoryDown,
    ServiceAccountRefused,
    TLSRefused,
)
from intranet_people.ldap.failover import ATTEMPT_TIMEOUT

from ..servers.process import free_port
from ..servers.slapd import Slapd
from .conftest import PERSON, directory_of
from .wire import Fault, Wire, wire

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


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> Iterator[None]:
    failover.reset()
    yield
    failover.reset()


@pytest.mark.parametrize("starttls", [True, False])
def test_a_server_that_accepts_and_stays_silent_is_passed_over(
    slapd: Slapd, starttls: bool
) -> None:
    with wire(None) as silent:
        uris = [silent.uri, slapd.uri]
        directory = directory_of(slapd, uris=uris, starttls=starttls, timeout=1)
        began = time.monotonic()
        assert len(directory.find(PERSON, ["uid"])) == 12
        assert 0.9 < time.monotonic() - began < 3
        # Whoever comes then does not wait for it again.
        began = time.monotonic()
        directory.bind(ALICE, "alice-password")
        assert time.monotonic() - began < 0.9
        assert silent.callers == 1


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS", "plain"])
def test_a_server_that_drips_is_passed_over(slapd: Slapd, secure: str) -> None:
    port = slapd.ldaps_port if secure == "ldaps" else slapd.port
    with wire(port, fault=Fault(5, piece=1, pause=0.15)) as slow:
        uris = [slow.ldaps_uri, slapd.ldaps_uri] if secure == "ldaps" else [slow.uri, slapd.uri]
        directory = directory_of(slapd, uris=uris, starttls=secure == "StartTLS", timeout=1)
        began = time.monotonic()
        assert len(directory.find(PERSON, ["uid"])) == 12
        assert time.monotonic() - began < 3


def test_one_of_several_has_five_seconds_in_all_and_the_last_the_timeout(
    slapd: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Answers to the bind after 4 s of silence in sum: too slow for one of two, not for the last.
    monkeypatch.setattr("intranet_people.ldap.failover.ATTEMPT_TIMEOUT", 0.5)
    with wire(slapd.port, fault=Fault(0, piece=5, pause=0.3)) as slow:
        alone = directory_of(slapd, uris=[slow.uri], starttls=False, timeout=20)
        alone.bind(ALICE, "alice-password")
        both = replace(alone, uris=[slow.uri, slapd.uri])
        began = time.monotonic()
        both.bind(ALICE, "alice-password")
        assert 0.4 < time.monotonic() - began < 1
    assert ATTEMPT_TIMEOUT == 5


def test_who_failed_last_is_asked_last(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("intranet_people.ldap.failover.time.monotonic", lambda: now)
    uris = ["ldaps://dc1", "ldaps://dc2", "ldaps://dc3"]
    assert failover.in_order(uris) == uris
    failover.record_result(uris[1], answers=False)
    now += 1
    failover.record_result(uris[0], answers=False)
    assert failover.in_order(uris) == [uris[2], uris[1], uris[0]]
    failover.record_result(uris[1], answers=True)
    assert failover.in_order(uris) == [uris[1], uris[2], uris[0]]
    now += failover.RETRY_AFTER + 1
    assert failover.in_order(uris) == uris


def test_a_server_that_comes_back_is_found_although_it_failed(changing_slapd: Slapd) -> None:
    directory = directory_of(changing_slapd, timeout=1)
    changing_slapd.stop()
    with pytest.raises(DirectoryDown):
        directory.find(PERSON, ["uid"])
    changing_slapd.start()
    assert len(directory.find(PERSON, ["uid"])) == 12


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
