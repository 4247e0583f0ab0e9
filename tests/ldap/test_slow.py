"""Lines that are slow, or that end: nothing outlasts the timeout, and no honest line is cut."""

import time
from dataclasses import replace
from itertools import islice

import pytest

from intranet_people.ldap.connection import Directory, DirectoryDown, IncompleteRead
from intranet_people.ldap.entry import Entry

from ..servers.slapd import Slapd
from .conftest import GUESTS, PERSON, directory_of
from .wire import Fault, Wire, wire

pytestmark = pytest.mark.slapd
ALICE = f"uid=alice,ou=people,{Slapd.base_dn}"
# A hundred times slower than the timeout allows, and yet never silent for as long.
DRIP = Fault(piece=1, pause=0.15)


def over(line: Wire, slapd: Slapd, secure: str, **options: object) -> Directory:
    """That server by way of `line`."""
    uri = line.ldaps_uri if secure == "ldaps" else line.uri
    starttls = secure == "StartTLS"
    return directory_of(slapd, uris=[uri], starttls=starttls, **{"timeout": 1} | options)


def upstream(slapd: Slapd, secure: str) -> int:
    return slapd.ldaps_port if secure == "ldaps" else slapd.port


def whole(slapd: Slapd, secure: str, page_size: int) -> int:
    """How many bytes a read of the twelve takes, all told."""
    with wire(upstream(slapd, secure)) as line:
        assert len(read(over(line, slapd, secure, page_size=page_size))) == 12
        return line.sent


def read(directory: Directory) -> list[Entry]:
    return list(directory.read(PERSON, ["uid", "jpegPhoto", "title", "mail", "telephoneNumber"]))


def seconds_until_it_fails(directory: Directory) -> tuple[float, Exception]:
    began = time.monotonic()
    with pytest.raises((DirectoryDown, IncompleteRead)) as raised:
        read(directory)
    return time.monotonic() - began, raised.value


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS", "plain"])
@pytest.mark.parametrize("after", [0, 1])
def test_a_server_that_drips_from_its_first_answer_on(
    slapd: Slapd, secure: str, after: int
) -> None:
    # The first answer is that to the TLS handshake, to StartTLS or to the bind.
    with wire(upstream(slapd, secure), fault=replace(DRIP, after=after)) as line:
        took, error = seconds_until_it_fails(over(line, slapd, secure))
        assert isinstance(error, DirectoryDown)
        assert 0.9 < took < 2.5


def test_a_server_that_drips_while_somebody_signs_in(slapd: Slapd) -> None:
    with wire(slapd.ldaps_port, fault=DRIP) as line:
        began = time.monotonic()
        with pytest.raises(DirectoryDown):
            over(line, slapd, "ldaps").bind(ALICE, "alice-password")
        assert time.monotonic() - began < 2.5


@pytest.mark.parametrize("after", [14, 500])
def test_a_server_that_drips_in_the_handshake_after_starttls(slapd: Slapd, after: int) -> None:
    # The answer to StartTLS has 14 bytes.
    with wire(slapd.port, fault=replace(DRIP, after=after)) as line:
        took, error = seconds_until_it_fails(over(line, slapd, "StartTLS"))
        assert isinstance(error, DirectoryDown)
        assert took < 2.5


@pytest.mark.parametrize("secure", ["ldaps", "StartTLS", "plain"])
@pytest.mark.parametrize("share", [0.6, 0.97])
@pytest.mark.parametrize("how", [DRIP, Fault()], ids=["drips", "is cut"])
def test_a_line_that_fails_among_entries_and_between_pages(
    slapd: Slapd, secure: str, share: float, how: Fault
) -> None:
    after = int(whole(slapd, secure, 3) * share)
    with wire(upstream(slapd, secure), fault=replace(how, after=after)) as line:
        took, _ = seconds_until_it_fails(over(line, slapd, secure, page_size=3))
        assert took < 4


def test_wherever_a_line_is_cut_the_read_is_not_whole(slapd: Slapd) -> None:
    size = whole(slapd, "plain", 4)
    for after in [*range(0, size - 20, size // 60), *range(size - 20, size)]:
        with wire(slapd.port, fault=Fault(after)) as line:
            seconds_until_it_fails(over(line, slapd, "plain", page_size=4))


def test_an_honest_slow_line_goes_on(slapd: Slapd) -> None:
    size = whole(slapd, "plain", 500)
    with wire(slapd.port, fault=Fault(piece=size // 20, pause=0.1)) as line:
        began = time.monotonic()
        assert len(read(over(line, slapd, "plain"))) == 12
        assert time.monotonic() - began > 1.9


@pytest.mark.parametrize("end", ["kill", "stop", "pause"])
def test_a_server_that_ends_within_a_page(large_slapd: Slapd, end: str) -> None:
    read = directory_of(large_slapd, page_size=5000, timeout=1).read(PERSON, ["uid", "jpegPhoto"])
    came = list(islice(read, 100))
    getattr(large_slapd, end)()
    began = time.monotonic()
    with pytest.raises(IncompleteRead, match=r"failed partway|stopped early"):
        came.extend(read)
    assert 100 <= len(came) < GUESTS
    assert time.monotonic() - began < 5


def test_a_consumer_may_take_its_time(large_slapd: Slapd) -> None:
    directory = directory_of(large_slapd, timeout=1)
    came = 0
    for _ in directory.read(PERSON, ["uid", "jpegPhoto"]):
        came += 1
        if came in (700, 1400):
            time.sleep(1.5)
    assert came == GUESTS + 12
