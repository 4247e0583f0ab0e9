"""Search, then bind: find the one entry of that name, and let the server check the password."""

from __future__ import annotations

import unicodedata

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..ldap.connection import BindRefused, Directory, escape
from ..ldap.schemas import Schema, directory_id_of
from ..people.person import Person, active
from .guesses import Guesses

MAX_NAME = 256


class SignInRefused(Exception):
    """Not with this name and password. The text is for the operator's log, not for the person."""


class NotYetKnown(Exception):
    """The directory says yes, but no sync has brought this person yet."""


def authenticate(
    session: Session,
    directory: Directory,
    schema: Schema,
    name: str,
    password: str,
    guesses: Guesses,
) -> Person:
    """The person whose login name and password these are.

    Raises SignInRefused, NotYetKnown, Paused, and DirectoryError where the directory cannot be
    asked.
    """
    name = name.strip()
    if not name or len(name) > MAX_NAME or "\0" in name or not password:
        raise SignInRefused("empty or impossible name or password")
    login = schema.fields["handle"][0]
    entries = directory.find(
        f"(&{schema.person_filter}({login}={escape(name)}))", [schema.id_attribute]
    )
    # However the name is written, it is the same one's password that is guessed.
    is_known = len(entries) == 1
    guesses.of_name(directory_id_of(entries[0], schema) if is_known else comparable(name))
    # An unknown name costs a bind as well, so that the time does not tell it from a known one.
    dn = entries[0].dn if is_known else f"cn=unknown,{directory.base_dn}"
    refused: str | None = None
    try:
        directory.bind(dn, password)
    except BindRefused as e:
        refused = f"the directory refused the password: {e}"
    if not is_known:
        refused = f"{len(entries) or 'no'} entries have that name"
    if refused:
        raise SignInRefused(refused)
    return _person(session, directory_id_of(entries[0], schema))


def comparable(name: str) -> str:
    """A name as the directory compares it (RFC 4518): without case and needless blanks."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _person(session: Session, directory_id: str) -> Person:
    query = select(Person).where(Person.directory_id == directory_id, active())
    person = session.scalar(query)
    if person is None or person.handle is None:
        raise NotYetKnown("signed in before any sync brought them")
    return person
