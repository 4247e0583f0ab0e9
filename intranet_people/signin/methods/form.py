"""`ldap`: our own form, and the directory checks the password."""

from __future__ import annotations

from ...people.login_name import LoginName
from ..session import session_viewer


class PasswordForm:
    def viewer(self) -> LoginName | None:
        return session_viewer()
