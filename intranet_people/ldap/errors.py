"""Errors of the directory. ldap3's own exceptions never leave `client`."""

from __future__ import annotations

from ..problems import Failure


class DirectoryError(Failure):
    """A request to the directory failed. The text tells operators what to do."""

    code = "directory-failed"

    def __str__(self) -> str:
        advice = self.problem.kind.advice
        return f"{self.problem}. {advice}" if advice else str(self.problem)


class DirectoryDown(DirectoryError):
    """No server answered in time. `problem.detail` has the error of each."""

    code = "directory-down"


class TLSRefused(DirectoryError):
    """The certificate, host name or StartTLS failed. No credentials were sent."""


class ServiceAccountRefused(DirectoryError):
    """The service account's DN or password is wrong."""


class IncompleteRead(DirectoryError):
    """A read ended early. Its entries are valid, but a missing entry does not mean a deletion."""

    code = "broken-off"


class ConnectionLost(IncompleteRead):
    """The connection closed, timed out or sent invalid data, and cannot be used any more."""


class BindRefused(Exception):
    """The server refused this DN and password. The text is the server's message.

    `why` is EXPIRED, LOCKED or MUST_CHANGE of `password_policy`, or "" if the server gives no
    reason.
    """

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.why = why
