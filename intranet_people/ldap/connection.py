"""The directory: what the rooms above ask, and what can go wrong."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..problems import Problem
from . import password_policy as policy
from . import strategies as ways
from .changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from .client.server import Credentials, Security, close
from .client.session import escape, session_on
from .entry import Entry
from .errors import (
    BindRefused,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
    ServiceAccountRefused,
    TLSRefused,
)
from .failover import first_that_answers
from .hidden import hidden_people
from .schemas import Schema
from .search import Query, Session, one_page, pages, root_of

__all__ = [
    "BindRefused",
    "Checkpoint",
    "Directory",
    "DirectoryDown",
    "DirectoryError",
    "IncompleteRead",
    "Read",
    "ServiceAccountRefused",
    "StartOver",
    "TLSRefused",
    "escape",
]


@dataclass(frozen=True)
class Directory:
    """Where and how to ask; opens a connection for each use.

    `sasl`, for the service account alone: "EXTERNAL" is who the process is, over ldapi://;
    "GSSAPI" is a Kerberos ticket or keytab. `timeout` is in seconds, for each message.
    """

    uris: Sequence[str]
    base_dn: str
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    sasl: str = ""
    starttls: bool = True
    allow_plaintext: bool = False
    ca_file: str = ""
    timeout: int = 10
    page_size: int = 500

    def read(
        self, search_filter: str, attributes: Sequence[str], base_dn: str = ""
    ) -> Iterator[Entry]:
        """All entries that match, page by page (RFC 2696).

        Raises IncompleteRead after the last entry that came, where the server stopped
        before its end, by whatever limit or fault, or keeps a part on another server.
        """
        session = self._as_service()
        try:
            yield from pages(session, Query(base_dn or self.base_dn, search_filter, attributes))
        finally:
            session.close()

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]:
        """The ways to read the people, the best first; take the next where one raises StartOver.

        These are: the changes since `checkpoint`; everything by syncrepl, where the server has it;
        everything by pages. Each is tried only when it is asked for. What was `seen` is not
        decoded.
        """
        return ways.reads(self._as_service, schema, checkpoint, seen)

    def find(self, search_filter: str, attributes: Sequence[str]) -> list[Entry]:
        """The entries of one page; what may lie on another server is not asked for."""
        session = self._as_service()
        try:
            return one_page(session, Query(self.base_dn, search_filter, attributes))
        finally:
            session.close()

    def find_people(self, schema: Schema, chosen: str) -> tuple[list[Entry], Hidden]:
        """Those of one page whom the filter `chosen` finds, and who of these is hidden."""
        session = self._as_service()
        try:
            which = f"(&{schema.person_filter}{chosen})"
            found = one_page(session, Query(self.base_dn, which, schema.attributes))
            return found, hidden_people(session, schema, chosen)
        finally:
            session.close()

    def root(self) -> Entry:
        """What the server is (RFC 4512 5.1); without attributes where it hides that."""
        session = self._as_service()
        try:
            return root_of(session)
        finally:
            session.close()

    def hidden(self, schema: Schema) -> Hidden:
        """Whom the directory hides."""
        if not schema.hidden_filter:
            return Hidden()
        session = self._as_service()
        try:
            return hidden_people(session, schema)
        finally:
            session.close()

    def bind(self, dn: str, password: str) -> None:
        """Prove that `password` is the entry's. Raises BindRefused where it is not.

        An empty password would be an unauthenticated bind, which many servers answer with
        success (RFC 4513 5.1.2); it and a NUL are refused before the server is asked.
        """
        if not dn or not password or "\0" in password:
            raise BindRefused("empty or impossible password")
        connection = self._connect(Credentials(dn, password, is_somebody=True))
        result = connection.result
        close(connection)
        if (why := policy.why("", result.get("controls"))) == policy.MUST_CHANGE:
            # The server takes it for nothing but changing it.
            raise BindRefused("the password has to be changed first", why)

    def _as_service(self) -> Session:
        if self.sasl == "GSSAPI" and not importlib.util.find_spec("gssapi"):
            raise DirectoryError(Problem("no-package", "GSSAPI", "gssapi"))
        try:
            who = Credentials(self.bind_dn, self.bind_password, self.sasl)
            connection = self._connect(who)
        except BindRefused as e:
            code = "sasl-refused" if self.sasl else "account-refused"
            name = self.sasl or self.bind_dn or "(anonymous)"
            raise ServiceAccountRefused(Problem(code, name, str(e))) from None
        return session_on(connection, self.base_dn, self.page_size, self.timeout)

    def _connect(self, who: Credentials) -> Any:
        security = Security(self.starttls, self.allow_plaintext, self.ca_file)
        return first_that_answers(self.uris, who, security, self.timeout)
