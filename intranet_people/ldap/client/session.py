"""Searches on a bound connection."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.operation.search import search_operation
from ldap3.utils.conv import escape_filter_chars

from ...problems import Problem
from ..entry import Entry
from ..errors import DirectoryError
from ..messages import Result
from ..search import Batch, Query, Session
from ..wire import Wire, answers
from .server import close

escape = escape_filter_chars  # RFC 4515


def session_on(connection: Any, base_dn: str, page_size: int, timeout: int) -> Session:
    if connection.strategy.no_real_dsa:
        return InMemorySession(connection, base_dn, page_size)
    return LDAPSession(connection, base_dn, page_size, timeout)


class LDAPSession:
    """A bound connection for consecutive searches."""

    is_embedded = False

    def __init__(self, connection: Any, base_dn: str, page_size: int, timeout: int) -> None:
        self.base_dn, self.page_size, self._timeout = base_dn, page_size, timeout
        self._connection = connection
        self._wire = Wire(connection.socket)

    def close(self) -> None:
        close(self._connection)

    def ask(self, query: Query) -> Iterator[Batch]:
        number, fault = 0, None
        request = _request(query)
        try:
            number = self._send(request, query)
        except (LDAPException, OSError) as e:
            fault = e
        return answers(self._wire, number, self._timeout, fault, query.seen)

    def _send(self, request: Any, query: Query) -> int:
        strategy = self._connection.strategy
        strategy.deadline = time.monotonic() + self._timeout
        number = strategy.send("searchRequest", request, list(query.controls))
        del strategy._outstanding[number]  # ldap3 does not read the answers
        return int(number)


class InMemorySession(LDAPSession):
    """The same for ldap3's MOCK_SYNC, which returns all answers at once."""

    is_embedded = True

    def __init__(self, connection: Any, base_dn: str, page_size: int) -> None:
        self.base_dn, self.page_size = base_dn, page_size
        self._connection = connection

    def ask(self, query: Query) -> Iterator[Batch]:
        _request(query)  # validates the filter
        self._connection.search(query.base, query.filter, attributes=list(query.attributes))
        result = self._connection.result
        found = [Entry.of(r["dn"], r["raw_attributes"]) for r in self._connection.response]
        yield Batch([(entry, {}) for entry in found], Result(result["result"], result["message"]))


def _request(query: Query) -> Any:
    """Raises DirectoryError if the filter is invalid."""
    scope = ldap3.BASE if query.only_base else ldap3.SUBTREE
    attributes = list(query.attributes) or [ldap3.NO_ATTRIBUTES]
    how = (scope, ldap3.DEREF_NEVER, attributes, 0, 0, False, True, True)
    try:
        return search_operation(query.base, query.filter, *how)
    except Exception as e:  # pyasn1 may refuse text that ldap3 accepts
        setting = "PEOPLE_LDAP_PERSON_FILTER"
        raise DirectoryError(Problem("no-filter", repr(query.filter), setting)) from e
