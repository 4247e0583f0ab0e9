"""The person of a login name, as conditions that statements are built with once."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, String, bindparam, func, select
from sqlalchemy.orm import Session, aliased, load_only

from .login_name import Kind, LoginName
from .person import Person, active

_EVERYBODY = aliased(Person)
_NAME = bindparam("login_name", type_=String)
_WHO_ALONE_HAS = (
    select(func.min(_EVERYBODY.id))
    .where(_EVERYBODY.mail == _NAME, active(_EVERYBODY), _EVERYBODY.mail != "")
    .where(_EVERYBODY.handle.is_not(None))
    .having(func.count() == 1)
    .scalar_subquery()
)
"""The id of the active person with that address, if there is only one."""
IS_NAMED: Mapping[Kind, ColumnElement[bool]] = {
    "directory_id": (Person.directory_id == _NAME) & Person.handle.is_not(None) & active(),
    "mail": Person.id == _WHO_ALONE_HAS,
    "handle": (Person.handle == _NAME) & active(),
}
"""By the kind of a name, the condition that a `Person` has it and is here. It is executed with
the values of `named`."""
# What is not needed on every page is read when somebody asks for it.
_NEEDED = (
    *("directory_id", "handle", "name", "given_name", "surname", "title", "team", "city"),
    *("photo_digest", "manager_id", "joined_at", "left_at", "is_hidden", "time_zone"),
)
_FEW = load_only(*(getattr(Person, name) for name in _NEEDED))
_FIND = {kind: select(Person).where(is_it).options(_FEW) for kind, is_it in IS_NAMED.items()}


def named(name: LoginName) -> dict[str, str]:
    """The values that a statement with `IS_NAMED` is executed with."""
    return {"login_name": name.text if name.kind == "directory_id" else name.text.lower()}


def find_named(session: Session, name: LoginName) -> Person | None:
    """Who has that login name and is here."""
    return session.scalar(_FIND[name.kind], named(name))
