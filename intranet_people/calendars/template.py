"""The address of a person's calendar, from a template with {mail} or {handle}."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote, urlsplit

from ..problems import Problem
from .source import CalendarError, CalendarMissing, Owner

_PLACEHOLDER = re.compile(r"\{(mail|handle)\}")


class Template:
    """An address template. A person's value can only fill one path segment, never add another.

    Raises ValueError, naming PEOPLE_CALENDARS, if `spec` is invalid.
    """

    def __init__(self, spec: str) -> None:
        self.url = spec.removeprefix("ics+")
        try:
            parts = urlsplit(self.url)
            self.host = parts.hostname or ""
            _ = parts.port
        except ValueError as error:
            raise _invalid(f"is not an address ({error})") from None
        self.is_file = parts.scheme == "file"
        self.uses_mail = "{mail}" in self.url
        self._check(parts.netloc, parts.path)

    def url_of(self, owner: Owner) -> str:
        """The http(s) URL of `owner`'s calendar. Raises CalendarMissing, CalendarError."""
        return self._fill(self.url, owner, escape=True)

    def file_of(self, owner: Owner) -> str:
        """The path of `owner`'s calendar. Raises CalendarMissing, CalendarError."""
        return self._fill(unquote(urlsplit(self.url).path), owner, escape=False)

    def _fill(self, text: str, owner: Owner, *, escape: bool) -> str:
        """Raises CalendarMissing if the person has no such value, CalendarError if it is unsafe."""

        def value(match: re.Match[str]) -> str:
            name = match[1]
            found = _checked(name, owner.mail if name == "mail" else owner.handle)
            return quote(found, safe="") if escape else found

        return _PLACEHOLDER.sub(value, text)

    def _check(self, netloc: str, path: str) -> None:
        rest = _PLACEHOLDER.sub("", self.url)
        if any(c.isspace() or not c.isprintable() for c in self.url) or "\\" in self.url:
            raise _invalid("has a space, a backslash or a control character in it")
        if "{" in rest or "}" in rest:
            raise _invalid("has a placeholder that is neither {mail} nor {handle}")
        if "{" in netloc:
            raise _invalid("has a placeholder in its host or user: put it into the path")
        if rest == self.url:
            raise _invalid("has no {mail} or {handle}: everybody would get the same calendar")
        if self.is_file and (netloc not in {"", "localhost"} or not path.startswith("/")):
            raise _invalid("needs a whole path: ics+file:///srv/calendars/{handle}.ics")
        if not self.is_file and not self.host:
            raise _invalid("has no host: ics+https://mail.corp.example/{mail}/calendar.ics")


def _checked(name: str, value: str | None) -> str:
    if not value:
        raise CalendarMissing(Problem("calendar-unnamed", name))
    # Even ".", which next to a dot in the template would become "..".
    if "/" in value or "\\" in value or not value.isprintable() or value in {".", ".."}:
        raise CalendarError(Problem("calendar-unfit", name))
    return value


def _invalid(why: str) -> ValueError:
    # Without the address, which may contain a password or token.
    return ValueError(f"PEOPLE_CALENDARS: the address {why}")
