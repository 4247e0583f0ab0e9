"""What can go wrong with a directory; ldap3's own exceptions stop at `client`."""

from __future__ import annotations

from ..problems import Failure


class DirectoryError(Failure):
    """The directory could not be asked; the text says what the operator can do."""

    code = "directory-failed"

    def __str__(self) -> str:
        advice = self.problem.kind.advice
        return f"{self.problem}. {advice}" if advice else str(self.problem)


class DirectoryDown(DirectoryError):
    """No server of the list answers in time. `problem.detail` is what each of them does instead."""

    code = "directory-down"


class TLSRefused(DirectoryError):
    """The connection is not safe: certificate, host name or StartTLS. Nothing was sent."""


class ServiceAccountRefused(DirectoryError):
    """The service account's DN or password is wrong."""


class IncompleteRead(DirectoryError):
    """A read that was cut short: what came is true, what is missing proves nothing."""

    code = "broken-off"


class ConnectionLost(IncompleteRead):
    """The server hung up, fell silent or spoke nonsense: nothing more can be asked of it."""


class BindRefused(Exception):
    """The server did not take this DN and password; the text is its own reason.

    `why` is one of policy's, where the server says so, else "".
    """

    def __init__(self, reason: str, why: str = "") -> None:
        super().__init__(reason)
        self.why = why
