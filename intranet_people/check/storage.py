"""Checks the database and the calendars, without changing anything."""

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
    """Check that other users of this machine have no access to our SQLite file."""
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
    """Read each source for the first of `people` who has a calendar there.

    `specs` are the addresses of PEOPLE_CALENDARS, for the first of `sources`; the other sources
    come from the host.
    """
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
        except Exception as e:  # a source of the host may raise anything
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
    """The address without its user, password and query, which may have a token."""
    return re.sub("//[^/]*@", "//", spec).partition("?")[0]
