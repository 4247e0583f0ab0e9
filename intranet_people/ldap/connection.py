"""The directory: the searches and binds that other rooms use, and their errors."""

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
from .failover import connect_to_first
from .hidden import hidden_people
from .mapping import Schema
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
    """Servers, credentials and limits; every call opens its own connection.

    `sasl` is the mechanism of the service account: "EXTERNAL" is the user of the process, over
    ldapi://; "GSSAPI" is a Kerberos ticket or keytab. `timeout` is in seconds per message.

    Every method raises DirectoryError.
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
        """All matching entries, page by page (RFC 2696).

        Raises IncompleteRead after the last entry if the server stopped early, because of a limit
        or an error, or keeps a part of the entries on another server.
        """
        session = self._service_session()
        try:
            yield from pages(session, Query(base_dn or self.base_dn, search_filter, attributes))
        finally:
            session.close()

    def reads(
        self, schema: Schema, checkpoint: Checkpoint | None = None, seen: KnownDigests | None = None
    ) -> Iterator[Read]:
        """The strategies to read the people, best first; if one raises StartOver, use the next.

        They are: the changes since `checkpoint`; everybody by syncrepl, if the server supports it;
        everybody by pages. A strategy connects when it is iterated. Entries in `seen` are not
        decoded.
        """
        return ways.reads(self._service_session, schema, checkpoint, seen)

    def find(self, search_filter: str, attributes: Sequence[str]) -> list[Entry]:
        """The matching entries of the first page. References to other servers are ignored."""
        session = self._service_session()
        try:
            return one_page(session, Query(self.base_dn, search_filter, attributes))
        finally:
            session.close()

    def find_people(self, schema: Schema, chosen: str) -> tuple[list[Entry], Hidden]:
        """The people of the first page who match the filter `chosen`, and the hidden among them."""
        session = self._service_session()
        try:
            which = f"(&{schema.person_filter}{chosen})"
            found = one_page(session, Query(self.base_dn, which, schema.attributes))
            return found, hidden_people(session, schema, chosen)
        finally:
            session.close()

    def root(self) -> Entry:
        """The root DSE (RFC 4512 5.1); without attributes if the server hides it."""
        session = self._service_session()
        try:
            return root_of(session)
        finally:
            session.close()

    def hidden(self, schema: Schema) -> Hidden:
        """The people whom the directory hides."""
        if not schema.hidden_filter:
            return Hidden()
        session = self._service_session()
        try:
            return hidden_people(session, schema)
        finally:
            session.close()

    def bind(self, dn: str, password: str) -> None:
        """Check the password of the entry `dn`. Raises BindRefused if it is wrong.

        An empty password would be an unauthenticated bind, which succeeds on many servers
        (RFC 4513 5.1.2). It is refused without asking the server, and so is a NUL.
        """
        if not dn or not password or "\0" in password:
            raise BindRefused("empty or impossible password")
        connection = self._connect(Credentials(dn, password, is_person=True))
        result = connection.result
        close(connection)
        if (why := policy.why("", result.get("controls"))) == policy.MUST_CHANGE:
            # Such a connection is only good for changing the password.
            raise BindRefused("the password has to be changed first", why)

    def _service_session(self) -> Session:
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
        return connect_to_first(self.uris, who, security, self.timeout)
