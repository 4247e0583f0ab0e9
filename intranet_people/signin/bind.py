"""Search, then bind: find the one entry of that name, and let the server check the password."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n.marks import N_
from ..ldap.connection import BindRefused, Directory
from ..ldap.entry import Entry
from ..ldap.membership import is_in_one
from ..ldap.schemas import Schema, directory_id_of
from ..people.login_name import LoginName
from ..people.person import Person, active
from ..sync.newcomer import entries_of
from .throttle import Throttle, Throttled

NO_GROUP = N_(
    "It is you, but your account is not among those that may come in here. Whoever looks after the"
    " directory can add it."
)


class SignInRefused(Exception):
    """Not with this name and password. The text is for the operator's log, not for the person.

    `why` is one of ldap.policy's, where the directory says more than no.
    """

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.why = why


class NotInGroup(Exception):
    """It is they, but none of the groups that may sign in has them."""

    def __init__(self) -> None:
        super().__init__("none of PEOPLE_SIGN_IN_GROUPS has them")


class NotSyncedYet(Exception):
    """The directory says yes, but no sync has brought whoever has that id yet."""

    def __init__(self, directory_id: str) -> None:
        super().__init__("signed in before any sync brought them")
        self.directory_id = directory_id


def authenticate(
    session: Session,
    directory: Directory,
    schema: Schema,
    names: Sequence[LoginName],
    password: str,
    throttle: Throttle,
    attributes: Sequence[str] = (),
    groups: Sequence[str] = (),
) -> Person:
    """The person whose login name and password these are; the name is in one of `attributes`.

    `names` are spellings of one name; the first that anybody has counts. If there are `groups`, the
    person has to be in one of them. Raises SignInRefused, NotInGroup, NotSyncedYet, Throttled, and
    DirectoryError if the directory cannot be asked.
    """
    if not names or not password:
        raise SignInRefused("empty name or password")
    throttle.of_name(names[-1].key)
    entries = _entries(directory, schema, names, attributes)
    is_known = len(entries) == 1
    refused, why = "" if is_known else f"{len(entries) or 'no'} entries have that name", ""
    if is_known:
        try:
            throttle.of_person(directory_id_of(entries[0], schema))
        except Throttled as e:
            refused = str(e)  # told as any wrong password: else it were known whose names these are
    # What cannot be right costs a bind as well, so that the time does not tell it.
    dn = f"cn=unknown,{directory.base_dn}" if refused else entries[0].dn
    try:
        directory.bind(dn, password)
    except BindRefused as e:
        if not refused:
            refused, why = f"the directory refused the password: {e}", e.why
    if refused:
        raise SignInRefused(refused, why)
    return admitted(session, directory, schema, entries[0], groups)


def admitted(
    session: Session, directory: Directory, schema: Schema, entry: Entry, groups: Sequence[str]
) -> Person:
    """Whose entry that is, now that it is known to be they.

    Raises NotInGroup, NotSyncedYet, DirectoryError.
    """
    if groups and not is_in_one(directory, entry, groups):
        raise NotInGroup
    directory_id = directory_id_of(entry, schema)
    person = person_of(session, directory_id)
    if person is None:
        raise NotSyncedYet(directory_id)
    return person


def needed(schema: Schema) -> list[str]:
    """What an entry has to come with, to be admitted."""
    return [schema.id_attribute, "uid"]


def _entries(
    directory: Directory, schema: Schema, names: Sequence[LoginName], attributes: Sequence[str]
) -> list[Entry]:
    for name in dict.fromkeys(names):
        if found := entries_of(directory, schema, name.text, needed(schema), attributes):
            return found
    return []


def person_of(session: Session, directory_id: str) -> Person | None:
    """Who is here and has a login name."""
    here = active() & Person.handle.is_not(None)
    return session.scalar(select(Person).where(Person.directory_id == directory_id, here))
