"""Checks the settings: each problem by its key, and what would be right."""

from __future__ import annotations

import importlib.util
import re
from ipaddress import ip_network
from itertools import accumulate
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from .settings import OWN_SIGN_INS, Settings, key

SIGN_INS = ("host", "ldap", "header", "spnego")


def validate(s: Settings) -> list[str]:
    """All problems, so that they can be fixed at once."""
    return [*_wrong_directory(s), *_wrong_sign_in(s), *_wrong_page(s)]


def _wrong_directory(s: Settings) -> list[str]:
    wrong = [
        f"{key(name)} is missing; for example {example}"
        for name, example in (
            ("ldap_uri", "ldaps://ldap.corp.example"),
            ("ldap_base_dn", "dc=corp,dc=example"),
        )
        if not getattr(s, name)
    ]
    wrong += [w for uri in s.ldap_uri if (w := _wrong_uri(uri, s))]
    if s.ldap_base_dn and "=" not in s.ldap_base_dn:
        wrong.append(
            f"PEOPLE_LDAP_BASE_DN must be a DN such as dc=corp,dc=example, not {s.ldap_base_dn!r}."
        )
    if s.ldap_person_filter and not re.fullmatch(r"\(.+\)", s.ldap_person_filter):
        wrong.append(
            "PEOPLE_LDAP_PERSON_FILTER must be in parentheses, such as (objectClass=inetOrgPerson),"
            f" not {s.ldap_person_filter!r}."
        )
    if s.ldap_hidden and not _is_one_filter(s.ldap_hidden):
        wrong.append(
            "PEOPLE_LDAP_HIDDEN must be one filter in parentheses, such as (employeeType=witness),"
            f" not {s.ldap_hidden!r}."
        )
    if s.ldap_ca_file and not _is_file(s.ldap_ca_file):
        wrong.append(f"PEOPLE_LDAP_CA_FILE names {s.ldap_ca_file}, which is not a file.")
    wrong += _wrong_account(s)
    if s.ldap_group_base_dn and "=" not in s.ldap_group_base_dn:
        wrong.append(
            "PEOPLE_LDAP_GROUP_BASE_DN must be a DN such as ou=teams,dc=corp,dc=example,"
            f" not {s.ldap_group_base_dn!r}."
        )
    if s.sync_max_leavers > 100:
        wrong.append("PEOPLE_SYNC_MAX_LEAVERS must be a percentage from 1 to 100.")
    return wrong


def _wrong_sign_in(s: Settings) -> list[str]:
    wrong = []
    if unknown := [way for way in s.sign_in if way not in SIGN_INS]:
        wrong.append(f"PEOPLE_SIGN_IN knows {', '.join(SIGN_INS)}, not {', '.join(unknown)}.")
    if unknown := [a for a in s.sign_in_attributes if not re.fullmatch(r"[A-Za-z][\w;.-]*", a)]:
        wrong.append(f"PEOPLE_SIGN_IN_ATTRIBUTES must name attributes, not {', '.join(unknown)}.")
    wrong += _wrong_groups(s)
    if s.sign_in_match not in ("handle", "mail"):
        wrong.append(f"PEOPLE_SIGN_IN_MATCH must be handle or mail, not {s.sign_in_match!r}.")
    if not re.match(r"/(?!/)|https?://[^/]|$", s.sign_in_url):
        wrong.append(
            "PEOPLE_SIGN_IN_URL must be a path such as /login, or an address with https://, not"
            f" {s.sign_in_url!r}."
        )
    if "header" in s.sign_in or s.sso_trusted_proxies:
        wrong += _wrong_header(s)
    if s.spnego_keytab and not _is_file(s.spnego_keytab):
        wrong.append(f"PEOPLE_SPNEGO_KEYTAB names {s.spnego_keytab}, which is not a file.")
    return wrong


def _wrong_page(s: Settings) -> list[str]:
    wrong = []
    if not s.content_block.isidentifier():
        wrong.append(
            "PEOPLE_CONTENT_BLOCK must be the name of a block, such as content,"
            f" not {s.content_block!r}."
        )
    try:
        ZoneInfo(s.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        wrong.append(
            f"PEOPLE_TIME_ZONE must be an IANA zone such as Europe/Oslo, not {s.time_zone!r}."
        )
    if s.locale and not _is_locale(s.locale):
        wrong.append(f"PEOPLE_LOCALE must be a locale such as de or en_US, not {s.locale!r}.")
    return wrong


def _wrong_groups(s: Settings) -> list[str]:
    """PEOPLE_SIGN_IN_GROUPS only works if we sign people in ourselves."""
    if not s.sign_in_groups:
        return []
    wrong = []
    if odd := [dn for dn in s.sign_in_groups if not re.fullmatch(r"[\w.-]+ *=.+?,.+=.+", dn)]:
        wrong.append(
            "PEOPLE_SIGN_IN_GROUPS must be a list of DNs, such as"
            f' ["cn=Intranet,ou=groups,dc=corp,dc=example"], not {odd[0]!r}.'
        )
    if elsewhere := [way for way in s.sign_in if way not in OWN_SIGN_INS]:
        wrong.append(
            f"PEOPLE_SIGN_IN_GROUPS cannot be checked if {' and '.join(elsewhere)} sign people in:"
            " let those require the groups."
        )
    return wrong


def _is_one_filter(text: str) -> bool:
    r"""Whether all parentheses are closed, the first one last; in a value they are written as
    \28 and \29 (RFC 4515 3)."""
    depths = list(accumulate((c == "(") - (c == ")") for c in text))
    return text.startswith("(") and 0 in depths and depths.index(0) == len(text) - 1 > 1


def _is_locale(text: str) -> bool:
    from babel import Locale, UnknownLocaleError

    try:
        Locale.parse(text.replace("_", "-"), sep="-")
    except (UnknownLocaleError, ValueError):
        return False
    return True


def _wrong_header(s: Settings) -> list[str]:
    """A header that anybody could send must not name the user."""
    if not s.sso_trusted_proxies:
        return [
            "PEOPLE_SSO_TRUSTED_PROXIES is missing: the addresses of the servers in front that are"
            " trusted, such as 127.0.0.1 or 10.0.5.0/24."
        ]
    wrong = []
    for text in s.sso_trusted_proxies:
        if text == "unix":
            continue
        try:
            is_everybody = ip_network(text).prefixlen == 0
        except ValueError as e:
            wrong.append(f"PEOPLE_SSO_TRUSTED_PROXIES has {text!r}: {e}.")
            continue
        if is_everybody and s.sso_header != "REMOTE_USER":
            wrong.append(
                f"PEOPLE_SSO_TRUSTED_PROXIES has {text}, which is everybody: anybody could send"
                f" {s.sso_header}. Name the servers in front."
            )
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]*|REMOTE_USER", s.sso_header):
        wrong.append(
            f"PEOPLE_SSO_HEADER must be a header such as X-Remote-User, not {s.sso_header!r}."
        )
    return wrong


def _wrong_account(s: Settings) -> list[str]:
    """The service account needs exactly one way to sign in."""
    ways = ("ldap_bind_password", "ldap_bind_password_file", "ldap_bind_password_command")
    given = [key(name) for name in ways if getattr(s, name)]
    wrong = []
    if s.ldap_sasl not in ("", "EXTERNAL", "GSSAPI"):
        wrong.append(f"PEOPLE_LDAP_SASL must be EXTERNAL or GSSAPI, not {s.ldap_sasl!r}.")
    elif s.ldap_sasl and (given or s.ldap_bind_dn):
        wrong.append(
            f"PEOPLE_LDAP_SASL is {s.ldap_sasl}, which needs no"
            f" {' and no '.join([*given, 'PEOPLE_LDAP_BIND_DN'])}: remove one of the two."
        )
    elif len(given) > 1:
        wrong.append(f"{' and '.join(given)} both give the password: keep one of them.")
    elif given and not s.ldap_bind_dn:
        wrong.append(f"PEOPLE_LDAP_BIND_DN is missing for {given[0]}.")
    elif s.ldap_bind_dn and not given:
        wrong.append("PEOPLE_LDAP_BIND_PASSWORD is missing for PEOPLE_LDAP_BIND_DN.")
    if s.ldap_sasl == "EXTERNAL" and not all(uri.startswith("ldapi:") for uri in s.ldap_uri):
        wrong.append("PEOPLE_LDAP_SASL EXTERNAL needs ldapi:// in PEOPLE_LDAP_URI.")
    if s.ldap_bind_password_file and not _is_file(s.ldap_bind_password_file):
        path = s.ldap_bind_password_file
        wrong.append(f"PEOPLE_LDAP_BIND_PASSWORD_FILE names {path}, which is not a file.")
    return wrong


def _wrong_uri(uri: str, s: Settings) -> str | None:
    try:
        parts = urlsplit(uri)
        has_address = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return f"PEOPLE_LDAP_URI must be a URI such as ldaps://ldap.corp.example:636, not {uri!r}."
    if parts.scheme == "embedded":
        if not _is_module(parts.path):
            return f"PEOPLE_LDAP_URI names the module {parts.path!r}, which does not exist."
        return None
    if parts.scheme not in ("ldap", "ldaps", "ldapi"):
        return f"PEOPLE_LDAP_URI must begin with ldaps://, ldap:// or ldapi://, not {uri!r}."
    if parts.scheme != "ldapi" and not has_address:
        return f"PEOPLE_LDAP_URI must name a host, such as ldaps://ldap.corp.example, not {uri!r}."
    if parts.scheme == "ldap" and not (s.ldap_starttls or s.ldap_allow_plaintext):
        return (
            f"PEOPLE_LDAP_URI {uri} would send passwords in clear text: use ldaps://, or set"
            " PEOPLE_LDAP_STARTTLS, or PEOPLE_LDAP_ALLOW_PLAINTEXT if you must."
        )
    return None


def _is_file(path: str) -> bool:
    """Whether it is a file; False too if this process may not read its folder."""
    try:
        return Path(path).is_file()
    except PermissionError:
        return False


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, ValueError):
        return False
