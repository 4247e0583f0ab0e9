"""A read of everybody: where it is refused, breaks off, or is too much for the memory."""

import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import pytest

from intranet_people.ldap.connection import (
    Checkpoint,
    Directory,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
)
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import INETORGPERSON

from ...servers.slapd import Slapd
from ..conftest import GUESTS, directory_of
from ..wire import wire
from .conftest import Taken, configured

pytestmark = pytest.mark.slapd


@pytest.fixture
def slapd_with_limit() -> Iterator[Slapd]:
    """A server that sends five entries at once, and as many as there are by pages."""
    limit = "sizelimit size.soft=5 size.hard=5 size.prtotal=unlimited"
    with configured(lambda conf: conf.replace("sizelimit unlimited", limit)) as server:
        yield server


@pytest.fixture
def slapd_without_syncprov() -> Iterator[Slapd]:
    """A server that does not know syncrepl."""
    with configured(lambda conf: re.sub(r".*syncprov.*\n", "", conf)) as server:
        yield server


def test_a_limit_is_no_end_where_pages_go_on(slapd_with_limit: Slapd) -> None:
    read = Taken(directory_of(slapd_with_limit))
    assert len(read.refused) == 1
    assert "sizeLimitExceeded" in read.refused[0]
    assert len(read.entries) == 12
    assert (read.read.is_full, read.checkpoint.way) == (True, "timestamp")


def test_a_server_without_syncrepl_is_read_by_pages_at_once(slapd_without_syncprov: Slapd) -> None:
    read = Taken(directory_of(slapd_without_syncprov))
    assert (read.refused, len(read.entries), read.checkpoint.way) == ([], 12, "timestamp")
    refused = Taken(directory_of(slapd_without_syncprov), Checkpoint("syncrepl", "", "eA=="))
    assert "unavailableCriticalExtension" in refused.refused[0]
    assert len(refused.entries) == 12


def test_an_id_of_ones_own_is_not_what_syncrepl_speaks_of(directory: Directory) -> None:
    own = replace(INETORGPERSON, id_attribute="employeeNumber")
    read = Taken(directory, schema=own)
    assert "employeeNumber is not the id" in read.refused[0]
    assert (read.read.is_full, read.checkpoint.way) == (True, "timestamp")


def test_a_referral_is_a_part_that_is_missing(changing_slapd: Slapd) -> None:
    with wire() as trap:
        elsewhere = f"ou=elsewhere,{changing_slapd.base_dn}"
        changing_slapd.add(
            f"dn: {elsewhere}\nobjectClass: referral\nobjectClass: extensibleObject\n"
            f"ou: elsewhere\nref: {trap.uri}/{elsewhere}\n"
        )
        for read in directory_of(changing_slapd).reads(INETORGPERSON, None):
            came: list[Entry] = []
            with pytest.raises(IncompleteRead, match="another server"):
                came.extend(read)
            assert (len(came), read.checkpoint) == (12, None)
        assert trap.callers == 0


@pytest.mark.parametrize("end", ["kill", "stop", "pause"])
def test_a_refresh_that_breaks_off_leaves_no_mark(large_slapd: Slapd, end: str) -> None:
    directory = directory_of(large_slapd, timeout=1)
    read = next(directory.reads(INETORGPERSON, None))
    come = iter(read)
    came = list(islice(come, 100))
    getattr(large_slapd, end)()
    with pytest.raises(IncompleteRead):
        came.extend(come)
    assert 100 <= len(came) < GUESTS
    assert (read.checkpoint, read.gone, read.present) == (None, set(), None)


def test_a_refresh_is_never_held_in_memory(large_slapd: Slapd) -> None:
    read = next(directory_of(large_slapd).reads(INETORGPERSON, None))
    tracemalloc.start()
    assert sum(1 for _ in read) == GUESTS + 12
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # It sends 16 MB.
    assert peak < 3_000_000
    assert read.checkpoint is not None


def test_a_missing_base_is_named(slapd: Slapd) -> None:
    nowhere = directory_of(slapd, base_dn=f"ou=nobody,{slapd.base_dn}")
    for read in nowhere.reads(INETORGPERSON, None):
        with pytest.raises(DirectoryError, match="PEOPLE_LDAP_BASE_DN"):
            list(read)


def test_a_dead_server_is_down(slapd: Slapd) -> None:
    with wire() as nobody:
        nobody.close()
        for read in directory_of(slapd, uris=[nobody.uri]).reads(INETORGPERSON, None):
            with pytest.raises(DirectoryDown):
                list(read)
