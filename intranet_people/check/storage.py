"""The database and the calendars, looked at without changing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..calendars.source import CalendarError, CalendarMissing, CalendarSource, Owner
from ..db.private_files import FILE, FOLDER, file_of, open_to_others
from ..db.revisions import COMMAND, columns_of, what_is_wrong
from .finding import Finding, describe

NAMES = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}


def database(session: Session) -> Iterator[Finding]:
    try:
        connection = session.connection()
        connection.execute(text("SELECT 1"))
        yield _tables(connection)
    except SQLAlchemyError as e:
        reason = describe(getattr(e, "orig", None) or e)
        hint = "Check SQLALCHEMY_DATABASE_URI, and that the database runs."
        yield Finding(False, f"The database does not answer: {reason}.", hint)
    finally:
        session.rollback()


def modes(session: Session) -> Iterator[Finding]:
    """Who else on this machine may use the file of our own database."""
    file = file_of(session.get_bind().engine.url)
    for path, mode in open_to_others(file) if file else ():
        what = f"Other users of this machine can use {path}: its mode is {mode:04o}."
        yield Finding(None, what, f"chmod {FOLDER if path.is_dir() else FILE:o} {path}")


def _tables(connection: Connection) -> Finding:
    version = ".".join(map(str, connection.dialect.server_version_info or ()))
    name = f"{NAMES.get(connection.dialect.name, connection.dialect.name)} {version}"
    if not columns_of(connection):
        return Finding(False, f"{name} answers; the tables are missing.", COMMAND)
    if wrong := what_is_wrong(connection):
        return Finding(False, f"{name}: {wrong}")
    return Finding(True, f"{name} answers, with all tables.")


def calendars(
    sources: Sequence[CalendarSource], specs: Sequence[str], people: Sequence[Owner], now: datetime
) -> Iterator[Finding]:
    """Each source, read for the first of `people` who has a calendar there. `specs` are those of
    PEOPLE_CALENDARS, which come first among the sources; the others are the host's."""
    if not sources:
        yield Finding(None, "PEOPLE_CALENDARS is not set, so nobody sees meetings.")
    names = [_without_secrets(spec) for spec in specs]
    names += [f"the host's {type(source).__name__}" for source in sources[len(names) :]]
    for name, source in zip(names, sources, strict=True):
        yield _calendar(name, source, people, now)


def _calendar(name: str, source: CalendarSource, people: Sequence[Owner], now: datetime) -> Finding:
    for owner in people:
        try:
            reading = source.read(owner, now, now + timedelta(days=7))
        except CalendarMissing:
            continue
        except CalendarError as e:
            hint = "Check PEOPLE_CALENDARS, and whether this machine may read the calendar."
            return Finding(False, f"Calendars, {name}: {owner.handle}'s: {describe(e)}.", hint)
        except Exception as e:  # of any kind: a source may be the host's
            what = f"Calendars, {name}: the source failed: {type(e).__name__}: {describe(e)}."
            return Finding(False, what)
        problems = tuple(f"! {problem}" for problem in reading.problems)
        what = f"Calendars, {name}: {owner.handle}'s can be read."
        return Finding(None if problems else True, what, lines=problems)
    if not people:
        return Finding(None, f"Calendars, {name}: not tried, as there is nobody to try it with.")
    tried = ", ".join(owner.handle for owner in people)
    return Finding(None, f"Calendars, {name}: there is none for {tried}.", "Check the address.")


def _without_secrets(spec: str) -> str:
    """A template may hold a password, or a key behind the question mark."""
    return re.sub("//[^/]*@", "//", spec).partition("?")[0]
