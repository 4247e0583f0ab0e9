"""The connection to the directory: the only module that imports ldap3.

ldap3's defaults are unsafe, so everything goes through here: certificates and host
names are verified, referrals are never followed (they would be sent the password),
every wait ends, and the result code of every answer is read. It opens, binds and writes
requests; what a search answers is read by `wire` and `ber`, in a tenth of its time.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import ldap3
from ldap3.core.exceptions import (
    LDAPException,
    LDAPSSLConfigurationError,
)
from ldap3.operation.search import search_operation
from ldap3.strategy.sync import SyncStrategy
from ldap3.utils.conv import escape_filter_chars

from ..problems import Problem
from ..text import one_line
from . import failover
from . import password_policy as policy
from . import strategies as ways
from .ber import Malformed
from .changes import Checkpoint, Hidden, KnownDigests, Read, StartOver
from .entry import Entry
from .errors import (
    BindRefused,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
    ServiceAccountRefused,
    TLSRefused,
)
from .hidden import hidden_people
from .messages import Result
from .schemas import Schema
from .search import Batch, Query, Session, one_page, pages
from .wire import Wire, answers, left

log = logging.getLogger(__name__)

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

SUCCESS = 0
# invalidCredentials, noSuchObject, invalidDNSyntax, inappropriateAuthentication,
# insufficientAccessRights and unwillingToPerform are all a "no" to this name and password
# (RFC 4511 A.1); whatever else is no answer to it.
REFUSALS = (49, 32, 34, 48, 50, 53)
ANSWERS_WITHIN = 5
"""Seconds that one server has, from the connection to the answer of the bind, if others wait."""
OF_STRATEGY = ("send", "open", "get_response", "post_send_single_response")
"""The methods that ldap3 copies from a strategy into its connection."""
escape = escape_filter_chars  # RFC 4515


@dataclass(frozen=True)
class Credentials:
    """The name and proof of a bind; with `sasl`, a mechanism, the system knows them."""

    dn: str = ""
    password: str = field(default="", repr=False)
    sasl: str = ""
    is_somebody: bool = False
    """A person, who is told why their password is not taken; no service account."""


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
        connection = self._first_that_answers(Credentials(dn, password, is_somebody=True))
        result = connection.result
        _close(connection)
        if (why := policy.why("", result.get("controls"))) == policy.MUST_CHANGE:
            # The server takes it for nothing but changing it.
            raise BindRefused("the password has to be changed first", why)

    def _as_service(self) -> Session:
        if self.sasl == "GSSAPI" and not importlib.util.find_spec("gssapi"):
            raise DirectoryError(Problem("no-package", "GSSAPI", "gssapi"))
        try:
            who = Credentials(self.bind_dn, self.bind_password, self.sasl)
            connection = self._first_that_answers(who)
        except BindRefused as e:
            code = "sasl-refused" if self.sasl else "account-refused"
            name = self.sasl or self.bind_dn or "(anonymous)"
            raise ServiceAccountRefused(Problem(code, name, str(e))) from None
        if connection.strategy.no_real_dsa:
            return _InMemory(connection, self)
        return _Searching(connection, self)

    def _first_that_answers(self, who: Credentials) -> Any:
        """A safe connection, bound. Only a server's "no" to the password is final.

        One that is not safe was sent nothing, and is told of where no other answers.
        """
        failures, unsafe = [], None
        uris = failover.in_order(self.uris)
        for n, uri in enumerate(uris, 1):
            within = self.timeout if n == len(uris) else min(ANSWERS_WITHIN, self.timeout)
            try:
                connection = self._open(uri, who, time.monotonic() + within)
            except TLSRefused as e:
                unsafe = unsafe or e
                log.error("The directory %s is not safe: %s", uri, e)
            except DirectoryDown as e:
                failures.append(f"{uri}: {e.problem.detail}")
                log.warning("The directory %s does not answer: %s", uri, e.problem.detail)
            else:
                failover.note(uri, answers=True)
                return connection
            failover.note(uri, answers=False)
        raise unsafe or DirectoryDown("; ".join(failures))

    def _open(self, uri: str, who: Credentials, deadline: float) -> Any:
        """Raises TLSRefused, BindRefused, and DirectoryDown for whatever else goes wrong."""
        connection: Any = None
        try:
            if uri.startswith("embedded:"):
                connection = _connect(_embedded(uri), who, client_strategy=ldap3.MOCK_SYNC)
            else:
                tls = _Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.ca_file or None)
                connection = _connect(ldap3.Server(uri, tls=tls, get_info=ldap3.NONE), who)
                _Patient.take_over(connection, deadline)
            connection.open(read_server_info=False)
            if self.starttls and uri.startswith("ldap:"):
                _start_tls(connection, uri, self.allow_plaintext)
            _bind(connection, who)
        except BaseException as e:
            if connection:
                _close(connection)
            if isinstance(e, TLSRefused | BindRefused | DirectoryDown):
                raise
            if _is_tls(e):
                raise TLSRefused(Problem("tls-untrusted", uri, _words(e))) from e
            if isinstance(e, Exception):  # of any kind: ldap3 decodes whatever the server sends
                raise DirectoryDown(_words(e)) from e
            raise
        return connection


class _Searching:
    """A connection that is bound, for searches one after the other."""

    is_embedded = False

    def __init__(self, connection: Any, directory: Directory) -> None:
        self.base_dn, self.page_size = directory.base_dn, directory.page_size
        self._timeout = directory.timeout
        self._connection = connection
        self._wire = Wire(connection.socket)

    def close(self) -> None:
        _close(self._connection)

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
        del strategy._outstanding[number]  # which waits for answers that it will not see
        return int(number)


class _InMemory(_Searching):
    """The same over ldap3's MOCK_SYNC, which has all at hand."""

    is_embedded = True

    def __init__(self, connection: Any, directory: Directory) -> None:
        self.base_dn, self.page_size = directory.base_dn, directory.page_size
        self._connection = connection

    def ask(self, query: Query) -> Iterator[Batch]:
        _request(query)  # which finds faults of the filter
        self._connection.search(query.base, query.filter, attributes=list(query.attributes))
        result = self._connection.result
        found = [Entry.of(r["dn"], r["raw_attributes"]) for r in self._connection.response]
        yield Batch([(entry, {}) for entry in found], Result(result["result"], result["message"]))


def _request(query: Query) -> Any:
    """Raises DirectoryError where the filter is none."""
    scope = ldap3.BASE if query.only_base else ldap3.SUBTREE
    attributes = list(query.attributes) or [ldap3.NO_ATTRIBUTES]
    how = (scope, ldap3.DEREF_NEVER, attributes, 0, 0, False, True, True)
    try:
        return search_operation(query.base, query.filter, *how)
    except Exception as e:  # of any kind: what ldap3 takes for text, pyasn1 may not
        setting = "PEOPLE_LDAP_PERSON_FILTER"
        raise DirectoryError(Problem("no-filter", repr(query.filter), setting)) from e


def _words(e: BaseException) -> str:
    """Of an exception of ldap3, which may hold those of others as a tuple."""
    said = e.args[0] if len(e.args) == 1 and isinstance(e.args[0], tuple) else e.args
    return one_line(" ".join(map(str, said))) or type(e).__name__


class _Patient(SyncStrategy):  # type: ignore[misc]
    """ldap3's own way waits anew with each byte; here all up to the bind has one deadline."""

    deadline = 0.0

    @classmethod
    def take_over(cls, connection: Any, deadline: float) -> None:
        strategy = connection.strategy = cls(connection)
        strategy.deadline = deadline
        for name in OF_STRATEGY:
            setattr(connection, name, getattr(strategy, name))

    def _open_socket(self, address: Any, use_ssl: bool = False, unix_socket: bool = False) -> None:
        addresses = [address] if unix_socket else self.connection.server.address_info
        opened = self.connection.socket = self._first_open(addresses)
        try:
            if use_ssl:
                self.connection.server.tls.wrap_socket(self.connection, do_handshake=True)
        except BaseException:
            opened.close()
            raise
        self.connection.closed = False

    def _first_open(self, addresses: Sequence[Any]) -> socket.socket:
        """A name may have several addresses: each gets its share of the time that is left."""
        for n, address in enumerate(addresses, 1):
            opened = socket.socket(*address[:3])
            try:
                opened.settimeout(left(self.deadline) / (len(addresses) - n + 1))
                opened.connect(address[4])
            except BaseException as e:
                opened.close()
                if n == len(addresses) or not isinstance(e, OSError):
                    raise
            else:
                return opened
        raise OSError("the name has no address")

    def sending(self, ldap_message: Any) -> None:
        self.connection.socket.settimeout(left(self.deadline))
        super().sending(ldap_message)

    def receiving(self) -> list[bytes]:
        wire = Wire(self.connection.socket)
        messages = wire.messages(self.deadline)
        # More than one answer to one question may be meant to be read after StartTLS.
        if len(messages) != 1 or not wire.is_empty:
            raise Malformed("the server spoke out of turn")
        return messages


class _Tls(ldap3.Tls):  # type: ignore[misc]
    """Lets Python check certificate and host name: ldap3's own way is gone in Python 3.12."""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        # The time of the socket is that of the whole handshake.
        connection.socket.settimeout(left(connection.strategy.deadline))
        connection.socket = ssl.create_default_context(cafile=self.ca_certs_file).wrap_socket(
            connection.socket,
            server_hostname=connection.server.host,
            do_handshake_on_connect=do_handshake,
        )


def _connect(server: Any, who: Credentials, **options: Any) -> Any:
    how = ldap3.SASL if who.sasl else ldap3.SIMPLE if who.dn else ldap3.ANONYMOUS
    return ldap3.Connection(
        server,
        user=None if who.sasl else who.dn or None,
        # As bytes it is sent as it is: ldap3 refuses text with mixed scripts or controls.
        password=None if who.sasl else who.password.encode() or None,
        authentication=how,
        sasl_mechanism=who.sasl or None,
        # With none EXTERNAL would not begin: it wants an answer before it asks.
        sasl_credentials="",
        auto_referrals=False,
        raise_exceptions=False,
        check_names=False,
        read_only=True,
        **options,
    )


def _start_tls(connection: Any, uri: str, allow_plaintext: bool) -> None:
    connection.extended("1.3.6.1.4.1.1466.20037")  # RFC 4511 4.14
    if connection.result["result"] == SUCCESS:
        connection.server.tls.wrap_socket(connection, do_handshake=True)
        return
    refusal = Problem("starttls-refused", uri, connection.result["description"])
    if not allow_plaintext:
        raise TLSRefused(refusal)
    log.warning("%s: passwords travel in clear, as PEOPLE_LDAP_ALLOW_PLAINTEXT allows.", refusal)


def _bind(connection: Any, who: Credentials) -> None:
    controls = [(policy.CONTROL, False, None)] if who.is_somebody else None
    connection.bind(read_server_info=False, controls=controls)
    result = connection.result
    reason = one_line(f"{result['description']} {result['message']}")
    if result["result"] in REFUSALS:
        raise BindRefused(reason, policy.why(reason, result.get("controls")))
    if result["result"] != SUCCESS:
        raise DirectoryDown(f"it cannot check passwords now: {reason}")


def _close(connection: Any) -> None:
    connection.strategy.deadline = time.monotonic() + 1
    try:
        connection.unbind()
    except (LDAPException, OSError) as e:
        log.debug("Closing a directory connection: %s", e)
    if connection.socket:
        # ldap3 forgets those that never came to be open.
        connection.socket.close()


def _is_tls(e: BaseException) -> bool:
    """Whether it is about trust, and no mere end or want of an answer."""
    kinds = (ssl.SSLError, LDAPSSLConfigurationError)
    return isinstance(e, kinds) and not isinstance(e, ssl.SSLEOFError)


@cache
def _embedded(uri: str) -> Any:
    """A directory in memory, filled by `entries(today)` of the module that the URI names.

    ldap3's own MOCK_SYNC strategy answers binds and paged searches, so everything above
    runs as with a real server, with no port and no further dependency. It knows no TLS
    and no limits.
    """
    module = importlib.import_module(uri.removeprefix("embedded:"))
    server = ldap3.Server("embedded", get_info=ldap3.NONE)
    strategy = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC).strategy
    for dn, attributes in module.entries(date.today()):
        strategy.add_entry(dn, {k: list(v) for k, v in attributes.items()})
    return server
