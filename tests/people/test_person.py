"""What a person's row answers by itself, and the few questions that every page asks."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.people.listing import line_of, newest, page_of
from intranet_people.people.person import Person, by_handle

from ..conftest import plugin_of


@pytest.mark.parametrize(
    ("name", "given_name", "surname", "initials"),
    [
        ("Alice Liddell", "Alice", "Liddell", "AL"),
        ("佐藤 健二 (Kenji Sato)", "健二", "佐藤", "健佐"),
        ("Cher", "", "", "C"),
        ("Leïla Ben Saïd", "", "", "LS"),
        ("élodie", "", "", "É"),
        ("", "", "", "?"),
    ],
)
def test_initials(name: str, given_name: str, surname: str, initials: str) -> None:
    assert Person(name=name, given_name=given_name, surname=surname).initials == initials


def test_place() -> None:
    assert (
        Person(title="Toolmaker", team="Workshop", city="Dresden").summary == "Toolmaker, Dresden"
    )
    assert Person(title="", team="Workshop", city="").summary == "Workshop"
    assert Person(title="", team="", city="").summary == ""


def test_the_name_as_shown_and_its_heading() -> None:
    kenji = Person(name="佐藤 健二 Kenji Sato", sort_key="sato kenji")
    assert kenji.name_parts == ("Kenji Sato", "佐藤 健二")
    assert kenji.letter == "S"


def test_new_for_a_fortnight() -> None:
    assert Person(joined_at=now() - timedelta(days=13)).is_new
    assert not Person(joined_at=now() - timedelta(days=15)).is_new


@pytest.mark.slapd
def test_by_handle_in_any_case_and_never_an_error(synced: Flask) -> None:
    with synced.app_context():
        session = plugin_of(synced).session
        alice = by_handle(session, "ALICE")
        assert alice is not None
        assert alice.handle == "alice"
        for handle in ("nobody", "", "alice\0", "'; --", "x" * 10_000):
            assert by_handle(session, handle) is None


@pytest.mark.slapd
def test_pages_by_name_reports_and_newcomers(synced: Flask) -> None:
    with synced.app_context():
        session = plugin_of(synced).session
        dana = by_handle(session, "dana")
        assert dana is not None
        pages, after = [], None
        while page := [p for p, _ in page_of(session, dana, after, 5)]:
            pages.append([p.handle for p in page])
            after = (page[-1].sort_key, page[-1].id)
        assert [len(page) for page in pages] == [5, 5, 2]
        assert pages[0][:3] == ["oluwaseun", "leila", "ines"]
        assert [p.handle for p in line_of(session, dana, dana).reports] == ["alice", "bob"]
        assert len(newest(session, dana, 8)) == 8
        dana.left_at = now()
        session.flush()
        everybody = [p for p, _ in page_of(session, dana, None, 50)]
        assert "dana" not in {p.handle for p in [*everybody, *newest(session, dana, 50)]}


def test_two_who_are_each_others_manager_are_shown_once(
    company_app: Flask, session: Session
) -> None:
    tomas, dana = by_handle(session, "tomas"), by_handle(session, "dana")
    assert tomas
    assert dana
    tomas.manager_id, dana.manager_id = dana.id, tomas.id
    session.commit()
    line = line_of(session, tomas, tomas)
    assert line.manager is not None
    assert line.manager.id == dana.id
    assert dana.id not in {row.id for row in (*line.reports, *line.peers)}
