"""The index of words by which people are found: each database's own full-text search.

SQLite keeps it in an FTS5 table (https://sqlite.org/fts5.html), PostgreSQL in a tsvector with a
GIN index. Both are asked for people of whom each word begins one of theirs.

The number of a row is that of the person. A sync fills it right after it has changed the people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    String,
    Table,
    bindparam,
    column,
    event,
    literal,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.orm import Session

from ..db.base import table_of
from ..text import _WORD, fold, words_of
from .person import Person

# Kinds of words, the most important first: the name; mail and login name; title, team, place.
KINDS = ("names", "logins", "work")
LETTERS = "nlwt"
"""Of each kind, and of whole teams."""
CANDIDATES = 200
MAX_TEAM = 100
INDEX = table("people_index", column("rowid", BigInteger), column("lexemes"))

# Without positions, as nobody searches for phrases, and with an index of prefixes.
MAKE = {
    "sqlite": (
        f"CREATE VIRTUAL TABLE IF NOT EXISTS people_index USING fts5({', '.join(KINDS)}, teams,"
        " detail='column', prefix='1 2')",
    ),
    "postgresql": (
        "CREATE TABLE IF NOT EXISTS people_index"
        " (rowid bigint CONSTRAINT pk_people_index PRIMARY KEY, lexemes tsvector NOT NULL)",
        "CREATE INDEX IF NOT EXISTS ix_people_index_lexemes ON people_index USING gin (lexemes)",
    ),
}
# With the parameter style of the driver, which takes thousands of rows at once.
WRITE = {
    "sqlite": (
        "INSERT OR REPLACE INTO people_index (rowid, names, logins, work, teams)"
        " VALUES (?, ?, ?, ?, ?)"
    ),
    "postgresql": (
        "INSERT INTO people_index (rowid, lexemes) VALUES (%s, CAST(%s AS tsvector))"
        " ON CONFLICT (rowid) DO UPDATE SET lexemes = excluded.lexemes"
    ),
}


@event.listens_for(table_of(Person), "after_create")
def _make(target: Table, connection: Connection, **rest: Any) -> None:
    for statement in MAKE[connection.dialect.name]:
        connection.execute(text(statement))


@event.listens_for(table_of(Person), "before_drop")
def _drop(target: Table, connection: Connection, **rest: Any) -> None:
    connection.execute(text("DROP TABLE IF EXISTS people_index"))


def write(session: Session, rows: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Insert or replace rows: the person's id, and what `index_words` has of them."""
    if not rows:
        return
    dialect = session.get_bind().dialect.name
    values = rows if dialect == "sqlite" else [(row[0], _labelled(row[1:])) for row in rows]
    session.connection().exec_driver_sql(WRITE[dialect], list(values))


def remove(session: Session, person_ids: Iterable[int]) -> None:
    rows = [{"row": id} for id in person_ids]
    if rows:
        session.execute(text("DELETE FROM people_index WHERE rowid = :row"), rows)


def _labelled(words: Sequence[str]) -> str:
    """The text of a tsvector, each word behind the letter of its kind: a GIN index does not hold
    the labels of words, and would have to read everybody who has the word in another kind."""
    kinds = zip(words, LETTERS, strict=True)
    return " ".join(f"{letter}{word}" for some, letter in kinds for word in some.split())


def found(
    dialect: str, kind: str, shown: ColumnElement[bool], parameter: str, limit: int = CANDIDATES
) -> Select[int, int]:
    """A query for the ids of some of the people who are `shown` and match `terms` of that kind,
    the value of `parameter`; and a weight."""
    weight = literal(KINDS.index(kind)).label("weight")
    query = select(Person.id, weight).join_from(INDEX, Person, Person.id == INDEX.c.rowid)
    return query.where(_matches(dialect, parameter), shown).limit(literal(limit))


def in_team(dialect: str, shown: ColumnElement[bool], parameter: str) -> Select[int, int]:
    """Like `found`, for people of a whole team: the value is that of `team_terms`."""
    query = select(Person.id, literal(-1).label("weight"))
    query = query.join_from(INDEX, Person, Person.id == INDEX.c.rowid)
    return query.where(_matches(dialect, parameter), shown).limit(literal(CANDIDATES))


def terms(dialect: str, first: str, rest: Sequence[str], kind: str) -> str:
    """What `found` looks for: a word of `kind` that begins with `first`, and of any kind with each
    of `rest`. The words are folded: letters a to z and digits alone."""
    if dialect == "sqlite":
        some = (f'{{{" ".join(KINDS)}}} : "{word}" *' for word in rest)
        return " AND ".join([f'{kind} : "{first}" *', *some])
    letter = LETTERS[KINDS.index(kind)]
    others = (" | ".join(f"'{each}{word}':*" for each in LETTERS[:3]) for word in rest)
    return " & ".join([f"'{letter}{first}':*", *(f"({either})" for either in others)])


def team_terms(dialect: str, team: str) -> str:
    """The same for a whole team, whatever the case, accents and signs of its name."""
    word = _team_word(team)
    return f'teams : "{word}"' if dialect == "sqlite" else f"'{LETTERS[3]}{word}'"


def _team_word(team: str) -> str:
    return "".join(_WORD.findall(fold(team)))[:MAX_TEAM]


def _matches(dialect: str, parameter: str) -> ColumnElement[bool]:
    wanted = bindparam(parameter, type_=String)
    if dialect == "sqlite":
        return literal_column("people_index").op("MATCH", is_comparison=True)(wanted)
    tsquery = wanted.op("::")(literal_column("tsquery"))
    return INDEX.c.lexemes.op("@@", is_comparison=True)(tsquery)


@lru_cache(10_000)
def _shared_words(text: str) -> frozenset[str]:
    """The words of texts that many people share: names, titles, teams and places."""
    return frozenset(words_of(text))


NEEDED_FOR_WORDS = (
    *("name", "given_name", "surname", "mail", "title", "team", "teams", "office", "city"),
)
"""Columns of a person; the login name is needed too."""


def index_words(person: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """The words that find a person with those values, for each of KINDS, each word once, in the
    most important kind; and a word for each whole team."""
    given_name, surname = person["given_name"], person["surname"]
    names = _shared_words(given_name) | _shared_words(surname)
    if person["name"] != f"{given_name} {surname}":
        names |= words_of(person["name"])
    handle, mailbox = person["handle"], person["mail"].partition("@")[0]
    logins = words_of(handle if handle == mailbox else f"{handle} {mailbox}") - names
    texts = (person["title"], person["team"], *person["teams"], person["office"], person["city"])
    work = set[str]().union(*[_shared_words(t) for t in texts if t]) - names - logins
    teams = {_team_word(t) for t in (person["team"], *person["teams"]) if t} - {""}
    return " ".join(names), " ".join(logins), " ".join(work), " ".join(teams)
