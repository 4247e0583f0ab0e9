"""Every `PEOPLE_` setting: its default, and the sentence that documents it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from typing import Any

import click

OWN_SIGN_INS = ("ldap", "spnego")
"""The ways to sign in that begin a session of ours, and end it."""


class SettingsError(click.ClickException, ValueError):
    """One or more settings are missing or wrong; the text names each and what would be right.

    `flask` shows the text, and no traceback.
    """


def key(name: str) -> str:
    """The config key of a field: `ldap_uri` is PEOPLE_LDAP_URI."""
    return "PEOPLE_" + name.upper()


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
    ldap_bind_password_file: str = setting("", "A file that holds it, read each time.")
    ldap_bind_password_command: str = setting(
        "", "A command that prints it, such as `pass show ldap`; run without a shell."
    )
    ldap_sasl: str = setting(
        "", "Instead of DN and password: EXTERNAL (over ldapi://) or GSSAPI (Kerberos)."
    )
    ldap_person_filter: str = setting("", "Which entries are people; empty: what the schema says.")
    ldap_hidden: str = setting(
        "", "Filter for people who are shown to nobody, such as (employeeType=witness)."
    )
    ldap_schema: str = setting(
        "inetorgperson", "The mapping preset: inetorgperson, ad, freeipa or 389ds."
    )
    ldap_attributes: Mapping[str, str] = setting(
        {}, "Overrides of that mapping, field to attribute: {'team': 'departmentNumber'}."
    )
    ldap_extra_fields: Mapping[str, str] = setting(
        {}, "Fields of your own on the profile, label to attribute: {'Languages': 'language'}."
    )
    ldap_group_base_dn: str = setting("", "If teams are groups: the DN below which the groups are.")
    ldap_group_filter: str = setting(
        "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=group))",
        "Which of them are teams.",
    )
    ldap_starttls: bool = setting(True, "StartTLS on ldap:// connections.")
    ldap_ca_file: str = setting("", "A PEM file of authorities to trust; empty: the system's.")
    ldap_allow_plaintext: bool = setting(
        False, "Allow ldap:// if StartTLS is off or refused; passwords are then sent in clear text."
    )
    ldap_timeout: int = setting(10, "Seconds to wait for the directory, per answer.")
    ldap_page_size: int = setting(500, "Entries per page of a read.")
    sync_max_leavers: int = setting(
        5,
        "Percent of the people that one run may mark as left, and of the hidden people that it may"
        " show; up to 5 are always allowed, unless they are everybody.",
    )
    keep_leavers_days: int = setting(
        30, "Days after which people who have left are erased, with everything about them."
    )
    operators: tuple[str, ...] = setting(
        (), "Login names of the people who see the page on the sync, with problems of entries."
    )
    sign_in: tuple[str, ...] = setting(
        ("host",),
        "Ways to sign in, in order: host, ldap, header, spnego. Stand-alone the default is ldap.",
    )
    sign_in_url: str = setting(
        "", "With host, where the host signs people in, such as /login; ?next= leads back."
    )
    sso_header: str = setting(
        "REMOTE_USER", "With header: where the server in front names the user; a header, or this."
    )
    sso_trusted_proxies: tuple[str, ...] = setting(
        (),
        "The addresses or networks of those servers; `unix` for a Unix socket. Others are ignored.",
    )
    sso_strip_realm: tuple[str, ...] = setting(
        (), "Realms and domains to remove: alice@CORP.EXAMPLE is alice. true: any."
    )
    spnego_keytab: str = setting(
        "", "With spnego: the keytab of HTTP/THE-NAME-OF-THIS-SITE; empty: the system's."
    )
    sign_in_attributes: tuple[str, ...] = setting(
        (), "Attributes whose values people may sign in with, such as uid mail; empty: login name."
    )
    sign_in_groups: tuple[str, ...] = setting(
        (),
        "DNs of groups; people must be in one of them, directly or nested, to sign in, such as"
        " ['cn=Intranet,ou=groups,dc=corp,dc=example']; empty: everybody may sign in.",
    )
    sign_in_match: str = setting(
        "handle", "What host and header name people by: handle, their login name, or mail."
    )
    sign_in_tries: int = setting(
        4,
        "Wrong passwords for one name, and twenty times as many from one address, after which the"
        " directory is not asked for a while. Must be lower than its own lockout.",
    )
    sign_in_pause: int = setting(
        10, "How long that is, in minutes; no shorter than the directory counts wrong passwords."
    )
    calendars: tuple[str, ...] = setting(
        (), "Calendar sources: ics+https://mail.corp.example/{mail}/calendar.ics, ics+file:///..."
    )
    base_template: str = setting(
        "", "The host's layout, which our pages extend; empty: a layout of our own."
    )
    content_block: str = setting("content", "The block of that layout which our pages fill.")
    company: str = setting("", "The company's name, on the sign-in page and in our own layout.")
    time_zone: str = setting("UTC", "The IANA time zone of people whose own is not known.")
    locale: str = setting(
        "",
        "The language and formats of our pages, such as de or en_US; empty: from the host's"
        " Flask-Babel, or the browser.",
    )
    translations: str = setting(
        "", "A folder with LANG.po files of the host's own, whose texts replace ours."
    )

    @property
    def own_sign_ins(self) -> tuple[str, ...]:
        """The ways by which we sign people in ourselves, and out."""
        return tuple(way for way in self.sign_in if way in OWN_SIGN_INS)
