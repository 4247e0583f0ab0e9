"""Hidden people: found by a search of their own, complete and in every run.

An attribute of the entries would not do: a filter may start to match an entry that has not changed,
and an attribute that the service account may not read looks like a missing one.
"""

from __future__ import annotations

from ..problems import Problem
from .changes import Hidden
from .errors import DirectoryError
from .mapping import Schema
from .record import directory_id_of
from .search import Query, Session, pages


def hidden_people(session: Session, schema: Schema, chosen: str = "") -> Hidden:
    """All hidden people, or those who also match the filter `chosen`.

    Raises no DirectoryError: `why_incomplete` of the result has it.
    """
    if not schema.hidden_filter:
        return Hidden()
    which = f"(&{schema.person_filter}{chosen}{schema.hidden_filter})"
    query = Query(session.base_dn, which, [schema.id_attribute])
    ids, dns = set[str](), set[str]()
    why: Problem | None = None
    try:
        for entry in pages(session, query):
            if id := directory_id_of(entry, schema):
                ids.add(id)
            else:
                dns.add(entry.dn)
    except DirectoryError as e:
        is_filter = e.problem.code == "no-filter"
        why = e.problem._replace(detail="PEOPLE_LDAP_HIDDEN") if is_filter else e.problem
    return Hidden(frozenset(ids), frozenset(dns), why)
