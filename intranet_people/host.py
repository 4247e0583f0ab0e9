"""The seam: what a host hands in, and what it may listen to.

Everything the plugin knows of its host passes through here: the settings, the
viewer, the session of its database, and the signals it can connect to.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from blinker import Namespace

signals = Namespace()
person_joined = signals.signal("person_joined", "A person came with a sync; sends person_id.")
person_changed = signals.signal("person_changed", "A sync changed a person; sends person_id.")
person_left = signals.signal("person_left", "A sync marked a person as left; sends person_id.")
person_returned = signals.signal("person_returned", "A leaver is back; sends person_id.")
followed = signals.signal("followed", "Sends follower_id, person_id.")
unfollowed = signals.signal("unfollowed", "Sends follower_id, person_id.")
hi_said = signals.signal("hi_said", "Sends hello_id, sender_id, receiver_id.")
hi_answered = signals.signal("hi_answered", "Sends hello_id, sender_id, receiver_id.")
sync_finished = signals.signal("sync_finished", "A sync ended; sends status, counts.")

Viewer = Callable[[], str | None]
"""Returns the directory login name of the signed-in user, or None."""

SCHEMAS = ("inetorgperson",)
SIGN_INS = ("host", "ldap")


class SettingsError(ValueError):
    """One or more settings are missing or wrong; the text names each and what would be right."""


def setting(default: Any, help: str) -> Any:
    """A field with its default and the sentence that documents it."""
    return field(default_factory=lambda: default, metadata={"help": help})


def default_of(f: Field[Any]) -> Any:
    return f.default_factory() if f.default_factory is not MISSING else f.default


@dataclass(frozen=True)
class Settings:
    """Every `PEOPLE_` setting, read once when the app starts."""

    ldap_uri: tuple[str, ...] = setting(
        (), "The directory: one URI or several, space-separated, tried in order. Required."
    )
    ldap_base_dn: str = setting("", "The DN below which people are searched. Required.")
    ldap_bind_dn: str = setting("", "The service account that reads people; empty: anonymous.")
    ldap_bind_password: str = setting("", "Its password.")
    ldap_person_filter: str = setting("", "Who is a person; empty: what the schema says.")
    ldap_schema: str = setting("inetorgperson", "The mapping preset: inetorgperson.")
    ldap_attributes: Mapping[str, str] = setting(
        {}, "Overrides of that mapping, field to attribute: {'team': 'departmentNumber'}."
    )
    ldap_starttls: bool = setting(True, "StartTLS on ldap:// connections.")
    ldap_ca_file: str = setting("", "A PEM file of the authorities to trust; empty: the system's.")
    ldap_allow_plaintext: bool = setting(
        False, "Allow ldap:// without StartTLS; passwords then travel in clear."
    )
    ldap_timeout: int = setting(10, "Seconds to wait for the directory, per answer.")
    ldap_page_size: int = setting(500, "Entries per page of a read.")
    sync_max_leavers: int = setting(
        5, "Percent of the active people that one run may mark as left; never fewer than 5 people."
    )
    sign_in: tuple[str, ...] = setting(
        ("host",), "Ways to sign in, in order: host, ldap. Stand-alone the default is ldap."
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

    @classmethod
    def read(cls, config: Mapping[str, Any]) -> Settings:
        """The settings in a Flask config. Raises SettingsError naming all that is wrong."""
        values, wrong = _values(config)
        settings = cls(**values)
        wrong += _wrong(settings)
        if wrong:
            raise SettingsError("Intranet People cannot start:\n  " + "\n  ".join(wrong))
        return settings


def key(name: str) -> str:
    """The config key of a field: `ldap_uri` is PEOPLE_LDAP_URI."""
    return "PEOPLE_" + name.upper()


def _values(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    known = {key(f.name): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    wrong = []
    for name, value in config.items():
        if not name.startswith("PEOPLE_") or name == "PEOPLE_CONFIG_FILE":
            continue
        if name not in known:
            wrong.append(f"{name} is not a setting; known are {', '.join(sorted(known))}.")
        elif value is not None:
            f = known[name]
            try:
                values[f.name] = _typed(value, default_of(f))
            except TypeError as e:
                wrong.append(f"{name} {e}, not {value!r}.")
    return values, wrong


def _typed(value: Any, default: Any) -> Any:
    """`value` in the type of the setting's default. Raises TypeError with what would be right."""
    match default:
        case bool():
            if not isinstance(value, bool):
                raise TypeError("must be true or false")
        case int():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise TypeError("must be a whole number above 0")
        case tuple():
            parts = value.split() if isinstance(value, str) else value
            if not isinstance(parts, list | tuple) or not all(isinstance(p, str) for p in parts):
                raise TypeError("must be text or a list of texts")
            return tuple(parts)
        case dict():
            if not isinstance(value, Mapping):
                raise TypeError('must be a mapping, as {"team": "departmentNumber"}')
        case _:
            # A password of digits is read from the environment as a number.
            return str(value)
    return value


def _wrong(s: Settings) -> list[str]:
    wrong = [
        f"{key(name)} is missing; for example {example}"
        for name, example in (
            ("ldap_uri", "ldaps://ldap.corp.example"),
            ("ldap_base_dn", "dc=corp,dc=example"),
        )
        if not getattr(s, name)
    ]
    wrong += [w for uri in s.ldap_uri if (w := _wrong_uri(uri, s))]
    if s.ldap_bind_dn and not s.ldap_bind_password:
        wrong.append("PEOPLE_LDAP_BIND_PASSWORD is missing for PEOPLE_LDAP_BIND_DN.")
    if s.ldap_schema not in SCHEMAS:
        wrong.append(f"PEOPLE_LDAP_SCHEMA must be one of {', '.join(SCHEMAS)}.")
    if unknown := [way for way in s.sign_in if way not in SIGN_INS]:
        wrong.append(f"PEOPLE_SIGN_IN knows {', '.join(SIGN_INS)}, not {', '.join(unknown)}.")
    if s.sync_max_leavers > 100:
        wrong.append("PEOPLE_SYNC_MAX_LEAVERS is a percentage: 1 to 100.")
    try:
        ZoneInfo(s.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong.append(f"PEOPLE_TIME_ZONE must be an IANA zone as Europe/Oslo, not {s.time_zone!r}.")
    return wrong


def _wrong_uri(uri: str, s: Settings) -> str | None:
    parts = urlsplit(uri)
    if parts.scheme == "embedded":
        if importlib.util.find_spec(parts.path) is None:
            return f"PEOPLE_LDAP_URI names the module {parts.path}, which does not exist."
        return None
    if parts.scheme not in ("ldap", "ldaps", "ldapi"):
        return f"PEOPLE_LDAP_URI must begin with ldaps://, ldap:// or ldapi://, not {uri!r}."
    if parts.scheme == "ldap" and not (s.ldap_starttls or s.ldap_allow_plaintext):
        return (
            f"PEOPLE_LDAP_URI {uri} would send passwords in clear: use ldaps://, or set"
            " PEOPLE_LDAP_STARTTLS, or PEOPLE_LDAP_ALLOW_PLAINTEXT if you must."
        )
    return None


def flask_login_viewer() -> str | None:
    """The default viewer: the signed-in user of the host's Flask-Login, by `username` or id."""
    from flask_login import current_user

    if not current_user or not current_user.is_authenticated:
        return None
    name = getattr(current_user, "username", None) or current_user.get_id()
    return cast("str | None", name)
