"""`spnego`: the browser sends a Kerberos ticket; it is asked for one once in a session."""

from __future__ import annotations

from ...people.login_name import LoginName
from ...settings.settings import Settings
from .. import negotiate
from ..session import session_viewer


class Kerberos:
    """Raises SettingsError if the package gssapi is missing."""

    def __init__(self, settings: Settings) -> None:
        negotiate.check(settings)

    def viewer(self) -> LoginName | None:
        return session_viewer()
