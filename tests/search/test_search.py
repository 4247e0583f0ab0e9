"""Finding people by the beginnings of words, in any script."""

import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, update

from intranet_people.people import index
from intranet_people.people.person import Person
from intranet_people.search.query import matched, search, tokens_of
from intranet_people.text import fold, words_of

from ..conftest import COMPANY, MakeApp, plugin_of
from ..servers.slapd import Slapd
from ..sync.conftest import counted, dn, entry, found, people, run, set_entries

BLNS = Path(__file__).parents[2].parent / "shared/corpora/blns.json"
QUERIES: list[tuple[str, list[str]]] = [
    ("jorg", ["joerg"]),
    ("jörg", ["joerg"]),
    ("JÖRG", ["joerg"]),
    ("jo\u0308rg", ["joerg"]),
    ("dressler", ["joerg"]),
    ("Dreßler", ["joerg"]),
    ("drß", []),
    ("佐藤", ["kenji"]),
    ("健二", ["kenji"]),
    ("kenji", ["kenji"]),
    ("sato ken", ["kenji"]),
    ("lukasiewicz", ["tomasz"]),
    ("ben sa", ["leila"]),
    ("leila tunis", ["leila"]),
    ("sales", ["oluwaseun", "leila"]),
    ("o'brien", ["siobhan"]),
    ("whit", ["dana"]),
    ("hitfield", []),
    ("dana liddell", []),
    ("3.12", ["dana"]),
    ("joerg", ["joerg"]),
]


@pytest.mark.slapd
def test_words_names_and_scripts(synced: Flask) -> None:
    for query, handles in QUERIES:
        assert found(synced, query) == handles, query


@pytest.mark.slapd
def test_leavers_are_not_found(synced: Flask, changing: Slapd) -> None:
    assert found(synced, "alice") == ["alice"]
    changing.delete(dn("alice"))
    run(synced)
    assert found(synced, "alice") == []
    assert "alice" in people(synced)


def test_names_come_before_titles(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app(**COMPANY)
    entries = [
        entry("a", cn=b"Ada Zimmer", title=b"Baker"),
        entry("baker3", cn=b"Cleo Young"),
        entry("c", cn=b"Zoe Baker", title=b"Pilot"),
        *(entry(f"t{n}", cn=f"Aaron {n}".encode(), title=b"Baker") for n in range(300)),
    ]
    set_entries(monkeypatch, entries)
    run(app)
    first = found(app, "baker")
    assert first[:2] == ["c", "baker3"]
    assert len(first) == len(set(first)) == 25


def test_a_whole_team_before_others(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many others have a name, a title or a place with that word."""
    entries = [
        entry("z", cn=b"Zoe Young", ou=b"Sales"),
        entry("y", cn=b"Yan Young", ou="Küche & Café".encode()),
        entry("s", cn=b"Ada Sales"),
        *(entry(f"t{n}", cn=f"Aaron {n}".encode(), title=b"Sales") for n in range(300)),
        *(entry(f"u{n}", cn=f"Aaron {n}".encode(), l="Küche & Café".encode()) for n in range(30)),
    ]
    set_entries(monkeypatch, entries)
    run(app)
    assert found(app, "Sales")[:2] == found(app, " sales ")[:2] == ["z", "s"]
    assert found(app, "sale")[0] == "s", "a name before titles and teams"
    assert found(app, "Küche & Café")[0] == "y"
    with app.app_context():
        session = plugin_of(app).session
        values = {"teams": ["Bakery", 'Fire "Wardens", Öl']}
        session.execute(update(Person).where(Person.handle == "t200").values(**values))
        session.execute(update(Person).where(Person.handle == "t9").values(city="Fire Wardens Öl"))
        session.commit()
        rows = [
            (p.id, "", "", "fire wardens ol", "firewardensol" if p.handle == "t200" else "")
            for p in session.scalars(select(Person))
            if p.handle in ("t200", "t9")
        ]
        index.write(session, rows)
        session.commit()
    assert found(app, 'Fire "Wardens", Öl') == ["t200", "t9"]


def test_hidden_people_of_the_same_name_do_not_crowd_out_others(
    make_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(**COMPANY)
    entries = [entry(f"m{n}", cn=f"Maria Secret {n}".encode()) for n in range(250)]
    set_entries(monkeypatch, [*entries, entry("z", cn=b"Maria Zimmer")])
    run(app)
    with app.app_context():
        session = plugin_of(app).session
        session.execute(update(Person).where(Person.handle != "z").values(is_hidden=True))
        session.commit()
    assert found(app, "maria") == ["z"]


@pytest.mark.slapd
def test_the_number_of_queries_is_constant(synced: Flask) -> None:
    for query in ("a", "dana", "head of calibration rotterdam whitfield dana", "nobody"):
        with counted(synced) as statements:
            found(synced, query)
        assert len([s for s in statements if s.startswith(("SELECT", "WITH"))]) == 1
    for query in ("", "   ", "!?", "\0"):
        with counted(synced) as statements:
            assert found(synced, query) == []
        assert statements == []


@pytest.mark.slapd
@pytest.mark.skipif(not BLNS.is_file(), reason="the corpus shared/corpora is not here")
def test_no_query_fails(synced: Flask) -> None:
    naughty = json.loads(BLNS.read_text("utf-8"))
    with synced.app_context():
        session = plugin_of(synced).session
        for query in [*naughty[::4], "a" * 100_000, "a " * 5000, "_", "alice\0", "'; --", "𝕒𝕝𝕚"]:
            search(session, Person(id=0), query)
        assert search(session, Person(id=0), "%") == search(session, Person(id=0), "\\") == []


def test_fold() -> None:
    assert fold("Jörg DREẞLER") == "jorg dressler"
    assert fold("Ｋｅｎｊｉ") == "kenji"
    words = {"siobhan", "o", "brien", "zak", "obrienzak"}
    assert words_of("Siobhán O'Brien-Żak") == words
    assert fold("Łódź Ørsted Æ") == "lodz orsted ae"


def test_a_word_longer_than_the_index_is_found_by_its_beginning() -> None:
    long = "x" * 60
    assert tokens_of(long) == list(words_of(long)) == ["x" * 40]
    assert len(tokens_of(" ".join(map(str, range(50))))) == 6
    assert tokens_of("dana Dana DANA") == ["dana"]


def test_what_matched_is_marked() -> None:
    assert matched("Jörg Dreßler", ["dress"]) == [("Jörg", False), (" ", False), ("Dreßler", True)]
    assert matched("Jörg", []) == [("Jörg", False)]
