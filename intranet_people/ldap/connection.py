"""The connection to the directory: the only module that imports ldap3.

ldap3's defaults are unsafe, so everything goes through here: certificates and host
names are verified, referrals are never followed (they would be sent the password),
every wait ends, and the result code of every answer is read.
"""

from __future__ import annotations

import importlib
import logging
import ssl
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

import ldap3
from ldap3.core.exceptions import (
    LDAPCertificateError,
    LDAPException,
    LDAPInvalidFilterError,
    LDAPSSLConfigurationError,
    LDAPStartTLSError,
)
from ldap3.utils.conv import escape_filter_chars

from .entry import Entry
from .errors import (
    BindRefused,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
    ServiceAccountRefused,
    TLSRefused,
)

log = logging.getLogger(__name__)

__all__ = [
    "BindRefused",
    "Directory",
    "DirectoryDown",
    "DirectoryError",
    "IncompleteRead",
    "ServiceAccountRefused",
    "TLSRefused",
    "escape",
]

SUCCESS = 0
NO_SUCH_OBJECT = 32
# invalidCredentials, noSuchObject, invalidDNSyntax, inappropriateAuthentication,
# insufficientAccessRights and unwillingToPerform are all a "no" to this name and password
# (RFC 4511 A.1); whatever else is no answer to it.
REFUSALS = (49, NO_SUCH_OBJECT, 34, 48, 50, 53)
CONNECT_WITHIN = 5
escape = escape_filter_chars  # RFC 4515


@dataclass(frozen=True)
class Directory:
    """Where and how to ask; opens a connection for each use."""

    uris: Sequence[str]
    base_dn: str
    bind_dn: str = ""
    bind_password: str = field(default="", repr=False)
    starttls: bool = True
    allow_plaintext: bool = False
    ca_file: str = ""
    timeout: int = 10
    page_size: int = 500

    def read(self, search_filter: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """All entries that match, page by page (RFC 2696).

        Raises IncompleteRead after the last entry that came, where the server stopped
        before its end, by whatever limit or fault, or keeps a part on another server.
        """
        elsewhere = 0
        with self._as_service() as connection:
            cookie: bytes | None = None
            while True:
                elsewhere += yield from self._search(connection, search_filter, attributes, cookie)
                cookie = _cookie(connection.result)
                if not cookie:
                    break
        if elsewhere:
            raise IncompleteRead(f"{elsewhere} parts lie on another server (a referral)")

    def find(self, search_filter: str, attributes: Sequence[str]) -> list[Entry]:
        """The entries of one page; what may lie on another server is not asked for."""
        with self._as_service() as connection:
            return list(self._search(connection, search_filter, attributes, None))

    def bind(self, dn: str, password: str) -> None:
        """Prove that `password` is the entry's. Raises BindRefused where it is not.

        An empty password would be an unauthenticated bind, which many servers answer with
        success (RFC 4513 5.1.2); it and a NUL are refused before the server is asked.
        """
        if not dn or not password or "\0" in password:
            raise BindRefused("empty or impossible password")
        with self._bound(dn, password):
            pass

    def _search(
        self,
        connection: Any,
        search_filter: str,
        attributes: Sequence[str],
        cookie: bytes | None,
    ) -> Generator[Entry, None, int]:
        """One page; returns how many parts of it lie elsewhere (RFC 4511 4.5.3)."""
        try:
            connection.search(
                self.base_dn,
                search_filter,
                attributes=list(attributes),
                paged_size=self.page_size,
                paged_cookie=cookie,
            )
        except LDAPInvalidFilterError as e:
            raise DirectoryError(
                f"{search_filter!r} is no filter (RFC 4515): check PEOPLE_LDAP_PERSON_FILTER."
            ) from e
        except Exception as e:  # of any kind: ldap3 decodes whatever the server sends
            raise IncompleteRead(f"the read broke off: {e}") from e
        result, message = connection.result["result"], connection.result["message"]
        if result == NO_SUCH_OBJECT:
            raise DirectoryError(
                f"{self.base_dn} does not exist, or the service account may not read it:"
                " check PEOPLE_LDAP_BASE_DN."
            )
        elsewhere = 0
        for response in connection.response or ():
            if response["type"] == "searchResEntry":
                yield Entry.of(response["dn"], response["raw_attributes"])
            else:
                elsewhere += 1
        if result != SUCCESS:
            raise IncompleteRead(
                f"the server stopped early: {connection.result['description']} {message}".strip()
            )
        return elsewhere

    @contextmanager
    def _as_service(self) -> Iterator[Any]:
        try:
            with self._bound(self.bind_dn, self.bind_password) as connection:
                yield connection
        except BindRefused as e:
            raise ServiceAccountRefused(
                f"the service account {self.bind_dn or '(anonymous)'} was refused: {e}. Check"
                " PEOPLE_LDAP_BIND_DN and PEOPLE_LDAP_BIND_PASSWORD."
            ) from None

    @contextmanager
    def _bound(self, dn: str, password: str) -> Iterator[Any]:
        connection = self._first_that_answers(dn, password)
        try:
            yield connection
        finally:
            _close(connection)

    def _first_that_answers(self, dn: str, password: str) -> Any:
        """A safe connection, bound. Only a server's "no" to the password is final.

        One that is not safe was sent nothing, and is told of where no other answers.
        """
        failures, unsafe = [], None
        for uri in self.uris:
            try:
                return _bind(self._open(uri, dn, password))
            except TLSRefused as e:
                unsafe = unsafe or e
                log.error("The directory %s is not safe: %s", uri, e)
            except (DirectoryDown, LDAPException, OSError) as e:
                failures.append(f"{uri}: {e}")
                log.warning("The directory %s does not answer: %s", uri, e)
        raise unsafe or DirectoryDown("no directory server answers: " + "; ".join(failures))

    def _open(self, uri: str, dn: str, password: str) -> Any:
        if uri.startswith("embedded:"):
            return _connect(_embedded(uri), dn, password, client_strategy=ldap3.MOCK_SYNC)
        server = ldap3.Server(
            uri,
            tls=_Tls(validate=ssl.CERT_REQUIRED, ca_certs_file=self.ca_file or None),
            connect_timeout=min(CONNECT_WITHIN, self.timeout),
            get_info=ldap3.NONE,
        )
        connection = _connect(server, dn, password, receive_timeout=self.timeout)
        try:
            connection.open(read_server_info=False)
            if self.starttls and not server.ssl and uri.startswith("ldap:"):
                _start_tls(connection, uri, self.allow_plaintext)
        except BaseException as e:
            _close(connection)
            if isinstance(e, TLSRefused):
                raise
            if _is_tls(e):
                raise TLSRefused(
                    f"{uri}: the server's certificate is not to be trusted: {e}."
                    " Check PEOPLE_LDAP_CA_FILE and the host name."
                ) from e
            raise
        return connection


class _Tls(ldap3.Tls):  # type: ignore[misc]
    """Lets Python check certificate and host name: ldap3's own way is gone in Python 3.12."""

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        connection.socket = ssl.create_default_context(cafile=self.ca_certs_file).wrap_socket(
            connection.socket,
            server_hostname=connection.server.host,
            do_handshake_on_connect=do_handshake,
        )


def _connect(server: Any, dn: str, password: str, **options: Any) -> Any:
    return ldap3.Connection(
        server,
        user=dn or None,
        # As bytes it is sent as it is: ldap3 refuses text with mixed scripts or controls.
        password=password.encode() or None,
        authentication=ldap3.SIMPLE if dn else ldap3.ANONYMOUS,
        auto_referrals=False,
        raise_exceptions=False,
        check_names=False,
        read_only=True,
        **options,
    )


def _start_tls(connection: Any, uri: str, allow_plaintext: bool) -> None:
    try:
        started = connection.start_tls(read_server_info=False)
    except LDAPStartTLSError:
        # Of a refusal and of a bad certificate alike.
        if connection.result["result"] == SUCCESS:
            raise
        started = False
    if started:
        return
    refusal = f"{uri} refused StartTLS ({connection.result['description']})"
    if not allow_plaintext:
        raise TLSRefused(f"{refusal}: use ldaps://, or PEOPLE_LDAP_ALLOW_PLAINTEXT if you must.")
    log.warning("%s: passwords travel in clear, as PEOPLE_LDAP_ALLOW_PLAINTEXT allows.", refusal)


def _bind(connection: Any) -> Any:
    """The connection, bound; closed where that fails."""
    try:
        _check_bind(connection)
    except BaseException:
        _close(connection)
        raise
    return connection


def _check_bind(connection: Any) -> None:
    try:
        connection.bind(read_server_info=False)
    except Exception as e:  # of any kind: ldap3 decodes whatever the server sends
        raise DirectoryDown(f"connected, but then {e}") from e
    result = connection.result
    reason = f"{result['description']} {result['message']}".strip()
    if result["result"] in REFUSALS:
        raise BindRefused(reason)
    if result["result"] != SUCCESS:
        raise DirectoryDown(f"it cannot check passwords now: {reason}")


def _close(connection: Any) -> None:
    try:
        connection.unbind()
    except (LDAPException, OSError) as e:
        log.debug("Closing a directory connection: %s", e)
    if connection.socket:
        # ldap3 forgets those that never came to be open.
        connection.socket.close()


def _is_tls(e: BaseException) -> bool:
    kinds = (LDAPStartTLSError, LDAPCertificateError, LDAPSSLConfigurationError)
    # ldap3 wraps what the ssl module raises into one exception for all, a time-out too.
    signs = ("CERTIFICATE_VERIFY_FAILED", "certificate", "WRONG_VERSION", "ALERT")
    return isinstance(e, kinds) or any(sign in str(e) for sign in signs)


def _cookie(result: Any) -> bytes | None:
    control = (result.get("controls") or {}).get("1.2.840.113556.1.4.319")
    return control["value"]["cookie"] or None if control else None


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
