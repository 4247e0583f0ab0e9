"""What can be wrong with an entry, a photo, a calendar or a run: codes, and the words for them.

Only codes are stored, with what they are about; the words are looked up when somebody reads them.
Knows neither Flask nor SQL: the child processes that read photos and calendars import it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .i18n.marks import N_
from .text import one_line


class Problem(NamedTuple):
    """What is wrong: a code of KINDS, and what its words need.

    subject  the attribute, setting, server, file or event that it is about
    detail   a number, a value, or the reason that a server or a library gives
    """

    code: str
    subject: str = ""
    detail: str = ""

    def __str__(self) -> str:
        """In English, for commands and logs."""
        return self.fill(self.kind.words)

    @property
    def kind(self) -> Kind:
        return KINDS.get(self.code, UNKNOWN)

    def fill(self, words: str) -> str:
        """`words` of this problem, in any language, with its subject and detail."""
        return words % {"code": self.code, "subject": self.subject, "detail": self.detail}


class Kind(NamedTuple):
    """The words for a code; what an operator can do about it, "" where only they can know; and
    whether something is missing as a whole: an entry, a calendar, a run."""

    words: str
    advice: str = ""
    is_error: bool = False


class Failure(Exception):
    """An error whose `problem` can be stored. A text is the detail of a problem of that `code`."""

    code = "failed"

    def __init__(self, problem: Problem | str) -> None:
        self.problem = problem if isinstance(problem, Problem) else Problem(self.code, "", problem)
        super().__init__(str(self.problem))


def problem_from(values: Sequence[Any]) -> Problem:
    """What a child process says, which may be anything. Raises ValueError, TypeError."""
    code, subject, detail = values
    if code not in KINDS:
        raise ValueError("a problem that nobody knows")
    return Problem(code, one_line(subject), one_line(detail))


UNKNOWN = Kind("%(code)s: %(subject)s %(detail)s")

_FILL_IN = N_("Add it in the directory.")
_PHOTO = N_("Put an intact JPEG, PNG or WebP of at most 10 MB into the directory.")
_SHORTEN = N_("Shorten it in the directory to 300 characters.")
_EXPORT = N_("Check the calendar's file or address, and the program that exports it.")
_ACCESS = N_("Check PEOPLE_CALENDARS, and whether this server may read the calendar.")

_ENTRIES = {
    "no-login-name": Kind(
        N_("has no %(subject)s, so cannot sign in"),
        N_("Give the entry a login name, or map the attribute that has it."),
        True,
    ),
    "no-name": Kind(N_("has no %(subject)s"), _FILL_IN),
    "no-id": Kind(
        N_("has no %(subject)s; left out"),
        N_("Check whether the service account may read it: flask people check says more."),
        True,
    ),
    "same-id": Kind(
        N_("has the id of another entry; left out"),
        N_("Two entries have the same id: remove one of them."),
        True,
    ),
    "not-utf8": Kind(
        N_("%(subject)s is not valid UTF-8; left out"),
        N_("Enter the value again in the directory, as UTF-8."),
    ),
    "too-long": Kind(N_("%(subject)s has %(detail)s characters; left out"), _SHORTEN),
    "dn-too-long": Kind(N_("%(subject)s has %(detail)s bytes; left out")),
    "no-zone": Kind(
        N_("%(subject)s “%(detail)s” is not an IANA time zone; left out"),
        N_("Use a name such as Europe/Oslo, or map another attribute."),
    ),
    "same-mail": Kind(
        N_("has the same mail address as %(detail)s; both are kept"),
        N_("Give one of them another address: until then, meetings find neither of them by it."),
    ),
    "same-login-name": Kind(
        N_("has the same login name as another entry; is called %(detail)s here"),
        N_("Rename one of the two in the directory."),
    ),
    "same-login-name-hidden": Kind(
        N_("has the same login name as another entry, so has a different one here"),
        N_("Rename one of the two in the directory."),
    ),
}
_PHOTOS = {
    "photo-empty": Kind(N_("the photo is empty"), _PHOTO),
    "photo-too-large": Kind(N_("the photo is larger than 10 MB"), _PHOTO),
    "photo-no-image": Kind(N_("the photo is not a JPEG, PNG or WebP"), _PHOTO),
    "photo-no-picture": Kind(N_("the photo is broken: it contains no image"), _PHOTO),
    "photo-pixels": Kind(N_("the photo has too many pixels: %(detail)s"), _PHOTO),
    "photo-broken": Kind(N_("the photo is broken: %(detail)s"), _PHOTO),
    "photo-slow": Kind(N_("the photo takes too long to read"), _PHOTO),
    "photo-memory": Kind(N_("the photo needs too much memory to read"), _PHOTO),
    "photo-crashed": Kind(N_("the photo is broken: the program that reads it crashed"), _PHOTO),
}
_CALENDARS = {
    "calendar-failed": Kind("%(detail)s", "", True),
    "calendar-source-failed": Kind(
        N_("the source failed (%(detail)s); the log says where"), "", True
    ),
    "calendar-gone": Kind(
        N_("it no longer exists; its last meetings are kept until they are over"), _ACCESS, True
    ),
    "calendar-shared-mail": Kind(
        N_("another person has the same mail address, so no calendar is fetched with it"),
        N_("Give each person an address of their own in the directory."),
        True,
    ),
    "calendar-unfit": Kind(
        N_("the person's %(subject)s cannot be part of a calendar's address"), "", True
    ),
    "calendar-unnamed": Kind(N_("the person has no %(subject)s, which the address needs")),
    "calendar-missing": Kind(N_("%(subject)s does not exist"), _ACCESS),
    "calendar-no-file": Kind(N_("%(subject)s is not a file"), _ACCESS, True),
    "calendar-unreadable": Kind(N_("%(subject)s could not be read: %(detail)s"), _ACCESS, True),
    "calendar-too-large": Kind(N_("it is larger than 10 MB"), _EXPORT, True),
    "calendar-slow": Kind(N_("%(subject)s took longer than %(detail)s s"), _ACCESS, True),
    "calendar-silent": Kind(N_("%(subject)s sent nothing for %(detail)s s"), _ACCESS, True),
    "calendar-no-connection": Kind(
        N_("%(subject)s did not accept a connection within %(detail)s s"), _ACCESS, True
    ),
    "calendar-unreachable": Kind(
        N_("%(subject)s cannot be reached, or closed the connection"), _ACCESS, True
    ),
    "calendar-certificate": Kind(N_("%(subject)s has an invalid certificate"), _ACCESS, True),
    "calendar-redirect": Kind(
        N_("%(subject)s redirects to %(detail)s; redirects are not followed"), _ACCESS, True
    ),
    "calendar-refused": Kind(
        N_("%(subject)s refuses our user name and password (HTTP %(detail)s)"), _ACCESS, True
    ),
    "calendar-http": Kind(N_("%(subject)s answered HTTP %(detail)s"), _ACCESS, True),
    "calendar-packed": Kind(
        N_("%(subject)s sent a compressed response, which was not requested"), _EXPORT, True
    ),
    "calendar-no-calendar": Kind(
        N_("it is not a calendar: it does not begin with BEGIN:VCALENDAR"), _EXPORT, True
    ),
    "calendar-cut-off": Kind(
        N_("it was cut off: it does not end with END:VCALENDAR"), _EXPORT, True
    ),
    "calendar-scale": Kind(N_("its CALSCALE is %(detail)s, not GREGORIAN"), _EXPORT, True),
    "calendar-no-reader": Kind(
        N_("it could not be read: %(detail)s (intranet-people[calendars])"), "", True
    ),
    "calendar-reader": Kind(N_("it could not be read: %(detail)s"), _EXPORT, True),
    "too-many-meetings": Kind(
        N_("it has %(detail)s meetings: only the first %(subject)s are kept"), _EXPORT
    ),
    "more-problems": Kind(N_("and %(detail)s more problems")),
    "zone-unreadable": Kind(N_("a time zone could not be read: %(detail)s"), _EXPORT),
    "event-unfinished": Kind(N_("the event of %(subject)s has no END:VEVENT"), _EXPORT),
    "event-unreadable": Kind(N_("the event of %(subject)s could not be read: %(detail)s"), _EXPORT),
    "event-no-uid": Kind(N_("the event of %(subject)s has no UID, so it was given one"), _EXPORT),
    "event-no-address": Kind(
        N_("the event of %(subject)s has an attendee with neither a mail address nor a name"),
        _EXPORT,
    ),
}
_RUNS = {
    "failed": Kind("%(detail)s", "", True),
    "directory-failed": Kind("%(detail)s", "", True),
    "directory-down": Kind(N_("no directory server answers: %(detail)s"), "", True),
    "tls-untrusted": Kind(
        N_("%(subject)s: the server's certificate cannot be trusted: %(detail)s"),
        N_("Check PEOPLE_LDAP_CA_FILE and the host name."),
        True,
    ),
    "starttls-refused": Kind(
        N_("%(subject)s refused StartTLS (%(detail)s)"),
        N_("Use ldaps://, or PEOPLE_LDAP_ALLOW_PLAINTEXT if you must."),
        True,
    ),
    "account-refused": Kind(
        N_("the service account %(subject)s was refused: %(detail)s"),
        N_("Check PEOPLE_LDAP_BIND_DN and PEOPLE_LDAP_BIND_PASSWORD."),
        True,
    ),
    "sasl-refused": Kind(
        N_("the service account was refused with %(subject)s: %(detail)s"),
        N_("Check PEOPLE_LDAP_SASL."),
        True,
    ),
    "no-package": Kind(
        N_("%(subject)s needs the Python package %(detail)s"),
        N_("Install it with intranet-people[kerberos]."),
        True,
    ),
    "no-filter": Kind(
        N_("%(subject)s is not a valid filter (RFC 4515): check %(detail)s"), "", True
    ),
    "no-base": Kind(
        N_("%(subject)s does not exist, or the service account may not read it: check %(detail)s"),
        "",
        True,
    ),
    "referral": Kind(
        N_("%(subject)s parts are on another server (a referral to %(detail)s)"),
        N_("Check PEOPLE_LDAP_BASE_DN."),
        True,
    ),
    "broken-off": Kind(N_("the read failed partway: %(detail)s"), "", True),
    "stopped-early": Kind(N_("the server stopped early: %(detail)s"), "", True),
    "hidden-unknown": Kind(
        N_("the hidden people could not be read"), N_("See `flask people check`."), True
    ),
    "not-asked": Kind(N_("the directory was not asked")),
    "too-many-leavers": Kind(
        N_("%(subject)s people would be marked as left (%(detail)s)"),
        N_(
            "If that is right, look at `flask people sync --dry-run`, then run `flask"
            " people sync --force`; otherwise check PEOPLE_LDAP_BASE_DN,"
            " PEOPLE_LDAP_PERSON_FILTER and what the service account may read."
        ),
        True,
    ),
    "too-many-shown": Kind(
        N_("%(subject)s hidden people would be shown"),
        N_(
            "Usually PEOPLE_LDAP_HIDDEN was changed or removed, or the service account"
            " may no longer read an attribute that it names. If that is right, look at"
            " `flask people sync --dry-run`, then run `flask people sync --force`."
        ),
        True,
    ),
    "taken-over": Kind(N_("another run has taken over"), "", True),
    "stopped": Kind(N_("it was stopped before the end"), "", True),
}
KINDS = _ENTRIES | _PHOTOS | _CALENDARS | _RUNS
