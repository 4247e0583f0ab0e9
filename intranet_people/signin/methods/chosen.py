"""The methods of an app, in the order of PEOPLE_SIGN_IN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ...settings.settings import Settings
from ...state import SignInMethod, Viewer, get_state
from .form import PasswordForm
from .header import TrustedHeader
from .host import Host
from .kerberos import Kerberos

M = TypeVar("M", bound=SignInMethod)


def methods_of(settings: Settings, host_viewer: Viewer) -> list[SignInMethod]:
    """Raises SettingsError if a method lacks its package."""
    makers: dict[str, Callable[[], SignInMethod]] = {
        "host": lambda: Host(settings, host_viewer),
        "ldap": PasswordForm,
        "header": lambda: TrustedHeader(settings),
        "spnego": lambda: Kerberos(settings),
    }
    return [makers[name]() for name in settings.sign_in]


def find_method(kind: type[M]) -> M | None:
    """The method of that class, if the current app has it."""
    return next((m for m in get_state().methods if isinstance(m, kind)), None)
