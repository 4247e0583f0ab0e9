"""Login names, as they come from a form, a header, a ticket or the host."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Self

Kind = Literal["handle", "mail", "directory_id"]
MAX_LENGTH = 300
"""The longest text that a sync stores."""
BLANKS = " \t\r\n"


class NoLoginName(ValueError):
    """The text cannot be a login name. The message gives the reason, without the text."""


@dataclass(frozen=True)
class LoginName:
    """A name, and what kind of name it is.

    handle        the directory's login name
    mail          a mail address (PEOPLE_SIGN_IN_MATCH)
    directory_id  the immutable id of the entry, from a session of ours
    """

    text: str
    kind: Kind = "handle"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def parse(
        cls, text: object, *, realms: Iterable[str] = (), kind: Kind = "handle"
    ) -> Self | None:
        """The name in `text`, without a realm or domain that is one of `realms` ("*": any).

        None if it is empty. Raises NoLoginName if it is nobody's name: characters that merely
        look like others, as the Kelvin sign for K, would make it the name of somebody else.
        """
        if text is None or text == "":
            return None
        if not isinstance(text, str):
            raise NoLoginName(f"it is no text, but of type {type(text).__name__}")
        if not unicodedata.is_normalized("NFKC", text):
            raise NoLoginName("it has characters that look like others")
        plain = text.strip(BLANKS)
        name = without_realm(plain, realms)
        # Other blanks are part of the name, and so is a blank before the realm.
        if name != name.strip():
            raise NoLoginName("it has unusual spaces")
        return cls._checked(name, kind)

    @classmethod
    def typed(cls, text: str, *, realms: Iterable[str] = ()) -> Self | None:
        """The same for a name that a person typed, in any form of Unicode and with any blanks: the
        directory ignores such differences (RFC 4518)."""
        return cls._checked(without_realm(text.strip(), realms).strip(), "handle")

    @classmethod
    def _checked(cls, name: str, kind: Kind) -> Self | None:
        if not name:
            return None
        if not is_handle(name):
            raise NoLoginName("it is too long, or has control characters")
        return cls(name, kind)

    @property
    def key(self) -> str:
        """The same for all spellings that a directory takes for the same name (RFC 4518)."""
        return " ".join(unicodedata.normalize("NFKC", self.text).casefold().split())


def is_handle(text: str) -> bool:
    """Whether `text` can be a login name, in a URL and in the database."""
    return 0 < len(text) <= MAX_LENGTH and all(map(is_printable, text))


def is_printable(character: str) -> bool:
    """Without control characters, which PostgreSQL, a header or a log would not accept."""
    return unicodedata.category(character) not in ("Cc", "Cs")


def without_realm(name: str, realms: Iterable[str]) -> str:
    """A Kerberos principal or a Windows name without its realm, if that is one of `realms`.

    Others keep theirs: alice of another realm is somebody else, also if its name merely looks like
    ours, with ſ for s.
    """
    ours = {realm.lower() for realm in realms}
    user, at, realm = name.rpartition("@")
    domain, backslash, windows_user = name.partition("\\")
    for plain, separator, where in ((user, at, realm), (windows_user, backslash, domain)):
        is_ours = where.lower() in ours and unicodedata.is_normalized("NFKC", where)
        if separator and plain and ("*" in ours or is_ours):
            return plain
    return name
