"""Who is shown to nobody: asked of the directory by a filter, whole and in every run.

Not by an attribute of the entries that come: an entry need not change for a filter to find it, and
a value that the service account may not read would look like one that is not there.
"""

from __future__ import annotations

from ..problems import Problem
from .changes import Hidden
from .errors import DirectoryError
from .schemas import Schema, directory_id_of
from .search import Query, Session, pages


def hidden_people(session: Session, schema: Schema, chosen: str = "") -> Hidden:
    """All of them, or those whom the filter `chosen` finds too. Raises nothing: where the search
    ends early, the answer says so."""
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
