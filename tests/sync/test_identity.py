"""One person is one entryUUID: renamed, moved, recycled, gone and back."""

import pytest
from flask import Flask

from intranet_people.ldap.entry import Entry

from ..servers.slapd import Slapd
from .conftest import (
    PEOPLE_DN,
    change,
    dn,
    doubtful,
    entry,
    follows,
    found,
    ldif,
    lets_follow,
    noted,
    people,
    run,
    set_entries,
)

pytestmark = pytest.mark.slapd


def test_a_rename_and_a_move_keep_the_person(synced: Flask, changing: Slapd) -> None:
    lets_follow(synced, "bob", "dana")
    before, followed = people(synced)["dana"], follows(synced)
    boston = f"ou=boston,{Slapd.base_dn}"
    changing.add(f"dn: {boston}\nobjectClass: organizationalUnit\nou: boston\n")
    changing.modify(
        f"dn: {dn('dana')}\nchangetype: modrdn\nnewrdn: uid=dmoreau\ndeleteoldrdn: 1\n"
        f"newsuperior: {boston}\n\n"
        f"dn: {dn('dmoreau', boston)}\nchangetype: modify\nreplace: cn\ncn: Dana Moreau\n-\n"
        "replace: displayName\ndisplayName: Dana Moreau\n-\nreplace: sn\nsn: Moreau\n-\n"
        "replace: mail\nmail: moreau@northwind.example\n\n"
        + change("alice", "replace: manager", f"manager: {dn('dmoreau', boston)}")
    )
    report = run(synced)
    after = people(synced)
    assert "dana" not in after
    assert after["dmoreau"].id == before.id
    assert after["dmoreau"].name == "Dana Moreau"
    assert after["dmoreau"].photo_digest == before.photo_digest
    assert (report.joined, report.left) == ([], [])
    assert after["alice"].manager_id == before.id
    assert follows(synced) == followed
    assert found(synced, "moreau") == ["dmoreau"]
    assert found(synced, "whitfield") == []


def test_a_recycled_login_name_and_mail_is_a_new_person(synced: Flask, changing: Slapd) -> None:
    lets_follow(synced, "bob", "alice")
    lets_follow(synced, "alice", "dana")
    before, followed = people(synced)["alice"], follows(synced)
    changing.delete(dn("alice"))
    changing.add(ldif("alice", "mail: alice@northwind.example", cn="Alice Springs"))
    report = run(synced)
    after = people(synced)
    assert after["alice"].id != before.id
    assert after["alice"].name == "Alice Springs"
    leaver = after[before.directory_id]
    assert (leaver.id, leaver.handle, leaver.is_active) == (before.id, None, False)
    assert follows(synced) == followed
    assert (report.left, report.joined) == ([before.id], [after["alice"].id])


def test_two_people_who_swap_their_login_names(synced: Flask, changing: Slapd) -> None:
    before = people(synced)

    def rename(old: str, new: str) -> str:
        return f"dn: {dn(old)}\nchangetype: modrdn\nnewrdn: uid={new}\ndeleteoldrdn: 1\n"

    changing.modify("\n".join([rename("alice", "x"), rename("bob", "alice"), rename("x", "bob")]))
    run(synced)
    after = people(synced)
    assert after["bob"].id == before["alice"].id
    assert after["alice"].id == before["bob"].id


def test_one_login_name_in_two_branches(synced: Flask, changing: Slapd) -> None:
    alice = people(synced)["alice"].id
    sales = f"ou=sales,{PEOPLE_DN}"
    changing.add(f"dn: {sales}\nobjectClass: organizationalUnit\nou: sales\n")
    changing.add(ldif("alice", cn="Alice Other").replace(PEOPLE_DN, sales))
    # Even somebody who has been here for longer does not take a name that is in use.
    changing.modify(change("margaret", "add: uid", "uid: tomasz"))
    run(synced)
    after = people(synced)
    assert after["alice"].id == alice
    assert after["alice~2"].name == "Alice Other"
    assert "has the same login name as another entry; is called alice~2 here" in str(noted(synced))
    assert run(synced).counts["unchanged"] == 13


def test_an_invented_login_name_is_never_somebody_elses(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def danas(*names: str) -> list[Entry]:
        """By their names; Dan and Dave would be dana too, the others are as they are called."""
        uid = {"Dan": b"dana", "Dave": b"dana"}
        return [
            entry(name, uid=uid.get(name, name.lower().encode()), cn=name.encode())
            for name in names
        ]

    def handles() -> dict[str, str]:
        return {p.name: handle for handle, p in people(app).items() if p.is_active}

    set_entries(monkeypatch, danas("Dana", "Dan", "Dave", "dana-2", "dana~2"))
    run(app)
    first = handles()
    assert first == {
        "Dana": "dana",
        "Dan": "dana~3",
        "Dave": "dana~4",
        "dana-2": "dana-2",
        "dana~2": "dana~2",
    }
    # What was invented once stays, in whatever order they come.
    set_entries(monkeypatch, danas("dana~2", "Dave", "Dana", "dana-2"))
    run(app)
    assert handles() == {name: h for name, h in first.items() if name != "Dan"}
    # It gives way to one whom the directory calls so.
    set_entries(monkeypatch, danas("Dave", "Dana", "dana~4"))
    run(app)
    assert handles() == {"Dana": "dana", "Dave": "dana~2", "dana~4": "dana~4"}


def test_a_leaver_who_returns_has_what_they_had(synced: Flask, changing: Slapd) -> None:
    lets_follow(synced, "bob", "leila")
    lets_follow(synced, "leila", "dana")
    before, followed = people(synced)["leila"], follows(synced)
    changing.delete(dn("leila"))
    assert run(synced).left == [before.id]
    gone = people(synced)["leila"]
    assert gone.left_at is not None
    assert found(synced, "leila") == []
    assert follows(synced) == followed
    assert run(synced).counts["left"] == 0

    uuid = f"entryUUID: {before.directory_id}"
    changing.add(ldif("leila", uuid, cn="Leila Ben Said"), relax=True)
    report = run(synced)
    back = people(synced)["leila"]
    assert report.returned == [before.id]
    assert (back.id, back.left_at) == (before.id, None)
    assert follows(synced) == followed
    assert found(synced, "leila") == ["leila"]


def test_a_leaver_whose_login_name_was_given_away_returns(synced: Flask, changing: Slapd) -> None:
    before = people(synced)["leila"]
    changing.delete(dn("leila"))
    changing.add(ldif("leila", cn="Leila Two"))
    run(synced)
    other = people(synced)["leila"].id
    uuid = f"entryUUID: {before.directory_id}"
    changing.add(ldif("leila2", uuid, cn="Leila One"), relax=True)
    run(synced)
    after = people(synced)
    assert (after["leila"].id, after["leila2"].id) == (other, before.id)


def test_a_photo_that_breaks_keeps_the_last_good_one(synced: Flask, changing: Slapd) -> None:
    before = people(synced)["dana"].photo_digest
    changing.modify(change("dana", "replace: jpegPhoto", "jpegPhoto:: /9j/4AAQSkZJRgAg"))
    for _ in range(2):  # it is listed as long as it is broken
        run(synced)
        assert people(synced)["dana"].photo_digest == before
        listed = [what for who, what in doubtful(synced) if who == "dana"]
        assert len(listed) == 1
    changing.modify(change("dana", "delete: jpegPhoto"))
    run(synced)
    assert people(synced)["dana"].photo_digest is None
