"""Search, then bind: find the one entry of that name, and let the server check the password."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..i18n.marks import N_
from ..ldap.connection import BindRefused
from ..ldap.entry import Entry
from ..ldap.mapping import Schema
from ..ldap.membership import is_member_of_any
from ..ldap.record import directory_id_of
from ..people.login_name import LoginName
from ..people.person import Person, active
from ..state import State
from ..sync.newcomer import entries_of
from .throttle import Throttle, Throttled

NO_GROUP = N_(
    "We know who you are, but your account is not allowed in here. Whoever looks after"
    " the directory can add it."
)


class SignInRefused(Exception):
    """Not with this name and password. The text is for the operator's log, not for the person.

    `why` is one of ldap.policy's, where the directory says more than no.
    """

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.why = why


class NotInGroup(Exception):
    """The password is right, but they are in none of the groups that may sign in."""

    def __init__(self) -> None:
        super().__init__("none of PEOPLE_SIGN_IN_GROUPS has them")


class NotSyncedYet(Exception):
    """The password is right, but no sync has read the person with that id yet."""

    def __init__(self, directory_id: str) -> None:
        super().__init__("signed in before any sync brought them")
        self.directory_id = directory_id


def authenticate(
    state: State, names: Sequence[LoginName], password: str, throttle: Throttle
) -> Person:
    """The person whose login name and password these are.

    `names` are spellings of one name; the first that anybody has counts. Raises SignInRefused,
    NotInGroup, NotSyncedYet, Throttled, and DirectoryError if the directory cannot be asked.
    """
    if not names or not password:
        raise SignInRefused("empty name or password")
    throttle.of_name(names[-1].key)
    entries = _entries(state, names)
    refused = _why_not(state, entries, throttle)
    # Bind in any case, so that the response time does not reveal whether the name exists.
    dn = f"cn=unknown,{state.directory.base_dn}" if refused else entries[0].dn
    try:
        state.directory.bind(dn, password)
    except BindRefused as e:
        if not refused:
            raise SignInRefused(f"the directory refused the password: {e}", e.why) from e
    if refused:
        raise SignInRefused(refused)
    return admitted(state, entries[0])


def _why_not(state: State, entries: Sequence[Entry], throttle: Throttle) -> str:
    """The reason to refuse any password; "" if there is none."""
    if len(entries) != 1:
        return f"{len(entries) or 'no'} entries have that name"
    try:
        throttle.of_person(directory_id_of(entries[0], state.schema))
    except Throttled as e:
        # The person reads the same as after a wrong password: another text would confirm the name.
        return str(e)
    return ""


def admitted(state: State, entry: Entry) -> Person:
    """The person of that entry, who has proved to be them.

    Raises NotInGroup, NotSyncedYet, DirectoryError.
    """
    groups = state.settings.sign_in_groups
    if groups and not is_member_of_any(state.directory, entry, groups):
        raise NotInGroup
    directory_id = directory_id_of(entry, state.schema)
    person = person_of(state.session, directory_id)
    if person is None:
        raise NotSyncedYet(directory_id)
    return person


def needed(schema: Schema) -> list[str]:
    """The attributes that `admitted` needs."""
    return [schema.id_attribute, "uid"]


def _entries(state: State, names: Sequence[LoginName]) -> list[Entry]:
    """Entries with that name in PEOPLE_SIGN_IN_ATTRIBUTES; the first name with any counts."""
    directory, schema = state.directory, state.schema
    attributes = state.settings.sign_in_attributes
    for name in dict.fromkeys(names):
        if found := entries_of(directory, schema, name.text, needed(schema), attributes):
            return found
    return []


def person_of(session: Session, directory_id: str) -> Person | None:
    """The active person with that id and a login name."""
    here = active() & Person.handle.is_not(None)
    return session.scalar(select(Person).where(Person.directory_id == directory_id, here))
