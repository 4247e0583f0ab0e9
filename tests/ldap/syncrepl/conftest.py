"""A server of one's own, and what a read of it brings."""

from collections.abc import Callable

import pytest

from intranet_people.ldap.connection import Checkpoint, Directory, StartOver
from intranet_people.ldap.mapping import Schema
from intranet_people.ldap.presets import INETORGPERSON

from ...servers.slapd import NORTHWIND, Slapd
from ..conftest import directory_of

PEOPLE = f"ou=people,{Slapd.base_dn}"


class Taken:
    """The first read that comes to its end, and why those before it did not."""

    def __init__(
        self,
        directory: Directory,
        checkpoint: Checkpoint | None = None,
        schema: Schema = INETORGPERSON,
    ) -> None:
        self.refused: list[str] = []
        for read in directory.reads(schema, checkpoint):
            try:
                self.entries, self.read = list(read), read
                break
            except StartOver as e:
                self.refused.append(str(e))

    @property
    def names(self) -> list[str]:
        return sorted(e.values("uid")[0].decode() for e in self.entries)

    @property
    def checkpoint(self) -> Checkpoint:
        assert self.read.checkpoint is not None
        return self.read.checkpoint

    def id_of(self, name: str) -> str:
        (entry,) = (e for e in self.entries if e.values("uid") == [name.encode()])
        return entry.values("entryUUID")[0].decode().replace("-", "")

    def ids(self) -> set[str]:
        return {e.values("entryUUID")[0].decode().replace("-", "") for e in self.entries}


@pytest.fixture
def directory(changing_slapd: Slapd) -> Directory:
    """The twelve of Northwind, to be changed."""
    return directory_of(changing_slapd)


def configured(change: Callable[[str], str]) -> Slapd:
    """A server of its own, not yet started, with another slapd.conf."""
    server = Slapd(NORTHWIND)
    file = server.directory / "slapd.conf"
    before = file.read_text()
    file.write_text(change(before))
    assert file.read_text() != before
    return server


def changed(slapd: Slapd, uid: str, *lines: str) -> None:
    slapd.modify("\n".join([f"dn: uid={uid},{PEOPLE}", "changetype: modify", *lines, ""]))
