"""What changed, in the words of OpenLDAP's own syncprov (RFC 4533)."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import replace

import pytest

from intranet_people.ldap.connection import Checkpoint, Directory
from intranet_people.ldap.presets import INETORGPERSON

from ...servers.slapd import Slapd
from ..conftest import directory_of
from .conftest import PEOPLE, Taken, changed, configured

pytestmark = pytest.mark.slapd


@pytest.fixture
def forgetful_slapd() -> Iterator[Slapd]:
    """A server that remembers the last two changes."""
    with configured(lambda conf: conf.replace("sessionlog 10000", "sessionlog 2")) as server:
        yield server


def renamed(slapd: Slapd, uid: str, rdn: str) -> None:
    slapd.modify(f"dn: uid={uid},{PEOPLE}\nchangetype: modrdn\nnewrdn: {rdn}\ndeleteoldrdn: 1\n")


def test_everybody_and_a_mark(directory: Directory) -> None:
    first = Taken(directory)
    assert len(first.entries) == 12
    assert first.read.is_full
    assert (first.read.gone, first.read.present) == (set(), None)
    assert first.checkpoint.way == "syncrepl"
    assert b"csn=" in b64decode(first.checkpoint.value)
    assert Checkpoint.of_json(first.checkpoint.as_json()) == first.checkpoint


def test_nothing_changed(directory: Directory) -> None:
    checkpoint = Taken(directory).checkpoint
    again = Taken(directory, checkpoint)
    assert (again.entries, again.read.is_full) == ([], False)
    assert (again.read.gone, again.read.present, again.checkpoint) == (set(), None, checkpoint)


def test_what_changed(directory: Directory, changing_slapd: Slapd) -> None:
    first = Taken(directory)
    changed(changing_slapd, "alice", "replace: title", "title: Head of Calibration")
    renamed(changing_slapd, "joerg", "uid=joerg.dressler")
    changing_slapd.delete(f"uid=kenji,{PEOPLE}")
    # One who is there and is no person any more, to those who read the people.
    changing_slapd.add(
        f"dn: uid=noor,{PEOPLE}\nobjectClass: inetOrgPerson\nuid: noor\ncn: Noor\nsn: Noor\n"
    )
    then = Taken(directory, first.checkpoint)
    assert then.names == ["alice", "joerg.dressler", "noor"]
    assert then.id_of("joerg.dressler") == first.id_of("joerg")
    assert then.entries[0].values("title") or then.entries[1].values("title")
    assert (then.read.gone, then.read.present) == ({first.id_of("kenji")}, None)
    assert Taken(directory, then.checkpoint).entries == []
    # The older checkpoint goes on to be good.
    assert Taken(directory, first.checkpoint).read.gone == {first.id_of("kenji")}


def test_whoever_falls_out_of_the_filter_is_gone(
    directory: Directory, changing_slapd: Slapd
) -> None:
    dutch = INETORGPERSON.with_filter("(&(objectClass=inetOrgPerson)(l=Rotterdam))")
    first = Taken(directory, schema=dutch)
    assert "margaret" in first.names
    changed(changing_slapd, "margaret", "replace: l", "l: Kyoto")
    then = Taken(directory, first.checkpoint, dutch)
    assert (then.entries, then.read.gone) == ([], {first.id_of("margaret")})
    changed(changing_slapd, "margaret", "replace: l", "l: Rotterdam")
    back = Taken(directory, then.checkpoint, dutch)
    assert (back.names, back.read.gone) == (["margaret"], set())


def test_a_log_that_is_too_short_tells_who_is_present(forgetful_slapd: Slapd) -> None:
    directory = directory_of(forgetful_slapd)
    first = Taken(directory)
    changing = [*first.names[:4]]
    forgetful_slapd.delete(f"uid=kenji,{PEOPLE}")
    for name in changing:
        changed(forgetful_slapd, name, "replace: title", "title: Head of All")
    then = Taken(directory, first.checkpoint)
    assert then.names == changing
    assert not then.read.is_full
    assert then.read.present is not None
    assert first.ids() - then.read.present - then.ids() == {first.id_of("kenji")}
    assert Taken(directory, then.checkpoint).read.present is None


def test_a_server_that_was_restarted_tells_who_is_present(
    directory: Directory, changing_slapd: Slapd
) -> None:
    first = Taken(directory)
    changing_slapd.delete(f"uid=kenji,{PEOPLE}")
    changed(changing_slapd, "alice", "replace: title", "title: Head of Calibration")
    changing_slapd.stop()
    changing_slapd.start()
    then = Taken(directory, first.checkpoint)
    assert then.names == ["alice"]
    assert then.read.present is not None
    assert first.ids() - then.read.present - then.ids() == {first.id_of("kenji")}


def test_a_directory_that_was_made_anew_leaves_nobody_of_the_old(
    directory: Directory, changing_slapd: Slapd
) -> None:
    first = Taken(directory)
    changing_slapd.restore()
    then = Taken(directory, first.checkpoint)
    assert len(then.entries) == 12
    assert then.read.is_full or then.read.present is not None
    assert not first.ids() & (then.ids() | (then.read.present or set()))


def test_a_cookie_of_the_future_starts_over(directory: Directory) -> None:
    first = Taken(directory)
    cookie = b64decode(first.checkpoint.value).replace(b"csn=20", b"csn=29")
    then = Taken(directory, replace(first.checkpoint, value=b64encode(cookie).decode()))
    assert len(then.refused) == 1
    assert then.read.is_full
    assert len(then.entries) == 12


def test_a_mark_that_is_no_cookie_starts_over(directory: Directory) -> None:
    then = Taken(directory, Checkpoint("syncrepl", "", "§"))
    assert then.read.is_full
    assert "no cookie" in then.refused[0]
