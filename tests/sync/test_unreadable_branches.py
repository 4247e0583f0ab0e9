"""A branch of the company that our account may no longer read, and may read again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..conftest import MakeApp, slapd_settings
from ..servers.slapd import NORTHWIND, Slapd
from .conftest import PEOPLE_DN, command, follows, found, last, ldif, lets_follow, people, rows_of
from .yesterday import with_ids

pytestmark = [pytest.mark.slapd, pytest.mark.process]


BOSTON = ("sofia", "mateo", "aiko", "lars", "zainab", "emeka")
LYON = ("chloe", "henri", "amelie", "luc")


def closed(ldif_file: Path, ou: str) -> Slapd:
    """A server of the same company where our account may no longer read that OU."""
    rule = f'access to dn.subtree="ou={ou},{Slapd.base_dn}" by * none'
    return Slapd(ldif_file, access=[rule])


@pytest.fixture
def branches(tmp_path: Path, slapd: Slapd) -> Path:
    """Northwind with a branch in Boston and a small one in Lyon."""
    entries = [NORTHWIND.read_text("utf-8")]
    for ou, uids in (("boston", BOSTON), ("lyon", LYON)):
        branch = f"ou={ou},{Slapd.base_dn}"
        entries.append(f"dn: {branch}\nobjectClass: organizationalUnit\nou: {ou}\n")
        entries += [ldif(uid).replace(PEOPLE_DN, branch) for uid in uids]
    (tmp_path / "branches.ldif").write_text(with_ids("\n".join(entries)), "utf-8")
    return tmp_path / "branches.ldif"


def test_an_ou_that_suddenly_cannot_be_read(make_app: MakeApp, branches: Path) -> None:
    with Slapd(branches) as whole, closed(branches, "boston") as narrow:
        app = make_app(**slapd_settings(whole))
        assert command(app, "sync").exit_code == 0
        rows = rows_of(app)
        refused = command(make_app(**slapd_settings(narrow)), "sync", "--full")
        assert refused.exit_code == 2
        assert "6/22 people would be marked as left" in refused.stderr
        assert "what the service account may read" in refused.stderr
        assert last(app).status == "refused"
        assert rows_of(app) == rows
        assert command(app, "sync", "--full").exit_code == 0
        assert rows_of(app) == rows


def test_a_small_ou_that_cannot_be_read_for_a_day(make_app: MakeApp, branches: Path) -> None:
    with Slapd(branches) as whole, closed(branches, "lyon") as narrow:
        app = make_app(**slapd_settings(whole))
        assert command(app, "sync").exit_code == 0
        lets_follow(app, "alice", "henri")
        lets_follow(app, "henri", "dana")
        ids, followed = {uid: p.id for uid, p in people(app).items()}, follows(app)
        assert command(make_app(**slapd_settings(narrow)), "sync", "--full").exit_code == 0
        assert {uid for uid, p in people(app).items() if not p.is_active} == set(LYON)
        assert found(app, "henri") == []
        assert follows(app) == followed

        back = command(app, "sync", "--full")
        assert back.exit_code == 0
        assert "4 returned" in back.output
        assert all(p.is_active for p in people(app).values())
        assert {uid: p.id for uid, p in people(app).items()} == ids
        assert follows(app) == followed
        assert found(app, "henri") == ["henri"]
