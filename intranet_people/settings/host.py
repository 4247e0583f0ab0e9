"""The seam: what a host hands in, and what it may listen to.

Everything the plugin knows of its host passes through here: the settings, the
viewer, the session of its database, and the signals it can connect to.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import Field, dataclass, field, fields
from difflib import get_close_matches
from functools import cache
from typing import Any, cast

import click
from blinker import Namespace
from flask import current_app

from .validate import OWN_SIGN_INS, faults, key

log = logging.getLogger(__name__)
signals = Namespace()
person_joined = signals.signal("person_joined", "A person came with a sync; sends person_id.")
person_changed = signals.signal("person_changed", "A sync changed a person; sends person_id.")
person_left = signals.signal("person_left", "A sync marked a person as left; sends person_id.")
person_returned = signals.signal("person_returned", "A leaver is back; sends person_id.")
followed = signals.signal("followed", "Sends follower_id, person_id.")
unfollowed = signals.signal("unfollowed", "Sends follower_id, person_id.")
hi_said = signals.signal("hi_said", "Sends hello_id, sender_id, receiver_id.")
hi_answered = signals.signal("hi_answered", "Sends hello_id, sender_id, receiver_id.")
met = signals.signal("met", "Two say that they met; sends hello_id, sender_id, receiver_id.")
sync_finished = signals.signal("sync_finished", "A sync ended; sends status, counts.")

Viewer = Callable[[], str | None]
"""Returns the directory login name of the signed-in user, or None."""


class Mail(str):
    """The name of a viewer, where that is a mail address (PEOPLE_SIGN_IN_MATCH)."""

    __slots__ = ()


NO_VIEWER = (
    "nobody can be signed in to Intranet People, as this app has no Flask-Login: pass viewer=...,"
    ' as IntranetPeople(app, viewer=lambda: session.get("login")).'
)

ANY_REALM = {"true": "*", "on": "*", "1": "*", "false": "", "off": "", "0": ""}
"""For who takes that setting for a switch."""
LATER = ("PEOPLE_EMBED_ORIGINS", "PEOPLE_PUBLIC_URL")
"""Settings that a later version knows; without them, this one does less, but nothing unsafe."""


class SettingsError(click.ClickException, ValueError):
    """One or more settings are missing or wrong; the text names each and what would be right.

    `flask` shows the text, and no traceback.
    """


def setting(default: Any, help: str, *, secret: bool = False) -> Any:
    """A field with its default and the sentence that documents it."""
    metadata = {"help": help, "default": default}
    return field(default_factory=lambda: default, metadata=metadata, repr=not secret)


def default_of(f: Field[Any]) -> Any:
    return f.metadata["default"]


@dataclass(frozen=True)
class Settings:
    """Every `PEOPLE_` setting, read once when the app starts."""

    ldap_uri: tuple[str, ...] = setting(
        (), "The directory: one URI or several, space-separated, tried in order. Required."
    )
    ldap_base_dn: str = setting("", "The DN below which people are searched. Required.")
    ldap_bind_dn: str = setting("", "The service account that reads people; empty: anonymous.")
    ldap_bind_password: str = setting("", "Its password.", secret=True)
    ldap_bind_password_file: str = setting("", "A file that holds it, read anew each time.")
    ldap_bind_password_command: str = setting(
        "", "A command that prints it, as `pass show ldap`; run without a shell."
    )
    ldap_sasl: str = setting(
        "", "EXTERNAL (over ldapi://) or GSSAPI (Kerberos) for the service account, in its place."
    )
    ldap_person_filter: str = setting("", "Who is a person; empty: what the schema says.")
    ldap_schema: str = setting(
        "inetorgperson", "The mapping preset: inetorgperson, ad, freeipa or 389ds."
    )
    ldap_attributes: Mapping[str, str] = setting(
        {}, "Overrides of that mapping, field to attribute: {'team': 'departmentNumber'}."
    )
    ldap_extra_fields: Mapping[str, str] = setting(
        {}, "Fields of your own on the profile, label to attribute: {'Languages': 'language'}."
    )
    ldap_group_base_dn: str = setting(
        "", "Where teams are groups: the DN below which those groups are."
    )
    ldap_group_filter: str = setting(
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))",
        "Which of them are teams.",
    )
    ldap_starttls: bool = setting(True, "StartTLS on ldap:// connections.")
    ldap_ca_file: str = setting("", "A PEM file of the authorities to trust; empty: the system's.")
    ldap_allow_plaintext: bool = setting(
        False, "Allow ldap:// where StartTLS is off or refused; passwords then travel in clear."
    )
    ldap_timeout: int = setting(10, "Seconds to wait for the directory, per answer.")
    ldap_page_size: int = setting(500, "Entries per page of a read.")
    sync_max_leavers: int = setting(
        5, "Percent of the active people that one run may mark as left; never fewer than 5 people."
    )
    keep_leavers_days: int = setting(
        30, "Days after which people who have left are erased, with all that is kept of them."
    )
    operators: tuple[str, ...] = setting(
        (), "Login names of those who see the page on the sync, which lists doubtful entries."
    )
    sign_in: tuple[str, ...] = setting(
        ("host",),
        "Ways to sign in, in order: host, ldap, header, spnego. Stand-alone the default is ldap.",
    )
    sign_in_url: str = setting(
        "", "With host, where the host signs people in, as /login; ?next= leads back from there."
    )
    sso_header: str = setting(
        "REMOTE_USER", "With header: where the server in front says who it is; a header, or this."
    )
    sso_trusted_proxies: tuple[str, ...] = setting(
        (), "The addresses or networks of those servers; `unix` for a Unix socket. Nobody else's."
    )
    sso_strip_realm: tuple[str, ...] = setting(
        (), "Realms and domains to leave out: alice@CORP.EXAMPLE is alice. true: any."
    )
    spnego_keytab: str = setting(
        "", "With spnego: the keytab of HTTP/THE-NAME-OF-THIS-SITE; empty: the system's."
    )
    sign_in_attributes: tuple[str, ...] = setting(
        (), "Attributes by whose value people sign in, as uid mail; empty: by the login name."
    )
    sign_in_groups: tuple[str, ...] = setting(
        (),
        "DNs of groups of which one is needed to sign in, also by groups within it, as"
        " ['cn=Intranet,ou=groups,dc=corp,dc=example']; empty: everybody may.",
    )
    sign_in_match: str = setting(
        "handle", "What host and header name people by: handle, their login name, or mail."
    )
    sign_in_tries: int = setting(
        4,
        "Wrong passwords for one name, and twenty times as many from one address, after which the"
        " directory is not asked for a while. To be fewer than its own lockout allows.",
    )
    sign_in_pause: int = setting(
        10, "How long that is, in minutes. To be no less than the directory counts wrong ones."
    )
    calendars: tuple[str, ...] = setting(
        (), "Calendar sources: ics+https://mail.corp.example/{mail}/calendar.ics, ics+file:///..."
    )
    base_template: str = setting(
        "", "The host's layout, which our pages extend; empty: a layout of our own."
    )
    content_block: str = setting("content", "The block of that layout which our pages fill.")
    company: str = setting("", "The company's name, on the sign-in page and in our own layout.")
    time_zone: str = setting("UTC", "The IANA zone for people whose own is not known.")
    locale: str = setting(
        "",
        "The language and formats of our pages, as de or en_US; empty: as the host's"
        " Flask-Babel says, or the browser.",
    )
    translations: str = setting(
        "", "A folder with LANG.po files of the host's own, which win over ours."
    )

    @property
    def own_sign_ins(self) -> tuple[str, ...]:
        """The ways by which we sign people in ourselves, and out."""
        return tuple(way for way in self.sign_in if way in OWN_SIGN_INS)

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Settings:
        """The settings in a Flask config. Raises SettingsError naming all that is wrong."""
        values, wrong = _values(config)
        settings = cls(**values)
        wrong += faults(settings)
        if wrong:
            raise SettingsError("Intranet People cannot start:\n  " + "\n  ".join(wrong))
        return settings


def _values(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    known = {key(f.name): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    wrong = []
    for name, value in config.items():
        if not name.startswith("PEOPLE_") or name == "PEOPLE_CONFIG_FILE":
            continue
        if name in LATER:
            log.warning("%s has no effect: this version cannot do that yet.", name)
        elif name not in known:
            like = get_close_matches(name, known, 1)
            meant = f"is {like[0]} meant?" if like else "docs/settings.md has all of them."
            wrong.append(f"{name} is not a setting; {meant}")
        elif value is not None:
            f = known[name]
            if f.name == "sso_strip_realm" and str(value).lower() in ANY_REALM:
                value = ANY_REALM[str(value).lower()]
            try:
                values[f.name] = typed(value, default_of(f))
            except TypeError as e:
                wrong.append(f"{name} must be {e}.")
    return values, wrong


def typed(value: Any, default: Any) -> Any:
    """`value` in the type of the setting's default. Raises TypeError with what would be right."""
    match default:
        case bool():
            # As people write it in an environment: 1, true, True, on.
            known = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
            if str(value).lower() not in known:
                raise TypeError(f"true or false, not {value!r}")
            value = known[str(value).lower()]
        case int():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise TypeError(f"a whole number above 0, not {value!r}")
        case tuple():
            parts = value.split() if isinstance(value, str) else value
            if not isinstance(parts, list | tuple) or not _are_texts(parts):
                raise TypeError(f"text or a list of texts, not {value!r}")
            return tuple(parts)
        case dict():
            if not isinstance(value, Mapping) or not _are_texts([*value, *value.values()]):
                raise TypeError(f'a mapping, as {{"team": "departmentNumber"}}, not {value!r}')
        case _:
            # A password of digits is read from the environment as a number.
            if not isinstance(value, str | int | float):
                raise TypeError(f"text, not a {type(value).__name__}")
            return str(value)
    return value


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def flask_login_viewer() -> str | None:
    """The default viewer: `username` of the signed-in user of the host's Flask-Login.

    Where a user has none, nobody is signed in here: the id of a host's user is no login name of
    the directory, and may be that of somebody else.
    """
    return _of_flask_login("username")


def flask_login_mail() -> str | None:
    """The same where people are known by their mail: `email` or `mail` of that user."""
    return _of_flask_login("email", "mail")


def _of_flask_login(*attributes: str) -> str | None:
    from flask_login import current_user

    if not hasattr(current_app, "login_manager"):
        _warn_of_no_viewer(current_app.name)
        return None
    if not current_user or not current_user.is_authenticated:
        return None
    name = next((n for a in attributes if (n := getattr(current_user, a, None))), None)
    if not name:
        _warn_of_no_name(type(current_user._get_current_object()).__name__, attributes)
        return None
    return cast(str, name)


@cache
def _warn_of_no_viewer(app: str) -> None:
    log.warning("%s: %s", app, NO_VIEWER)


@cache
def _warn_of_no_name(kind: str, attributes: tuple[str, ...]) -> None:
    """Once, not with every request."""
    log.warning(
        "%s has no `%s`, so nobody is signed in to Intranet People: pass viewer=..., which"
        " returns what PEOPLE_SIGN_IN_MATCH says people are known by.",
        kind,
        "` or `".join(attributes),
    )
