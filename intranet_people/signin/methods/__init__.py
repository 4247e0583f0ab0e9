"""The sign-in methods of PEOPLE_SIGN_IN, a module each."""

from .chosen import find_method, methods_of
from .form import PasswordForm
from .header import TrustedHeader
from .host import NO_VIEWER, Host, flask_login_viewer
from .kerberos import Kerberos

__all__ = [
    "NO_VIEWER",
    "Host",
    "Kerberos",
    "PasswordForm",
    "TrustedHeader",
    "find_method",
    "flask_login_viewer",
    "methods_of",
]
