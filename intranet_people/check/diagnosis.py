"""The diagnosis behind `flask people check`: from the name of the server to the calendars.

In the order in which things fail in life, each step on its own, and told as soon as it is known,
so that an operator sees where it hangs. Nothing is written, and no password is sent to a server
that is not safe.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..calendars.source import Owner
from ..clock import now
from ..ldap.connection import (
    Directory,
    DirectoryDown,
    DirectoryError,
    IncompleteRead,
    ServiceAccountRefused,
    TLSRefused,
)
from ..ldap.entry import Entry
from ..signin.methods import NO_VIEWER, flask_login_viewer
from ..state import State
from . import product, sample, server, storage
from .finding import Finding, Findings, describe

# What Active Directory says of a bind that it refuses, as "data 52e".
AD_REASONS = {
    "525": "there is no such account",
    "52e": "the password is wrong",
    "530": "it may not sign in at this hour",
    "531": "it may not sign in from here",
    "532": "its password has expired",
    "533": "the account is disabled",
    "701": "the account has expired",
    "773": "its password has to be changed first",
    "775": "the account is locked",
}


def check(here: State) -> Findings[None]:
    """Each finding as it comes; the last one says whether all is ready."""
    failed: list[Finding] = []
    for finding in _steps(here):
        failed += [finding] if finding.ok is False else []
        yield finding
    if not failed:
        yield Finding(True, "Ready: flask people sync")
        return
    things = "One thing" if len(failed) == 1 else f"{len(failed)} things"
    first = failed[0].what
    yield Finding(False, f"{things} to mend, the first: {first}", failed[0].hint)


def _steps(here: State) -> Iterator[Finding]:
    people = yield from _directory(here)
    yield from _viewer(here)
    yield from storage.database(here.session)
    if here.has_own_database:
        yield from storage.modes(here.session)
    yield from storage.calendars(here.calendars, here.settings.calendars, people, now())


def _directory(here: State) -> Findings[list[Owner]]:
    """Whose calendars can be tried."""
    try:
        directory = here.directory
    except ServiceAccountRefused as e:
        yield Finding(False, describe(e))
        return []
    first = yield from _servers(directory)
    if first is None:
        return []
    one, root = first
    if root.attributes or not one.uris[0].startswith("embedded:"):
        yield product.described(root, here.settings.ldap_schema)
    if not (yield from _base(one, root)):
        return []
    yield from product.reading(root, here.schema)
    yield from _groups(one, here.settings.sign_in_groups)
    return (yield from sample.people(one, here.schema, here.settings))


def _viewer(here: State) -> Iterator[Finding]:
    """Whether the host can say who is signed in."""
    is_default = here.host_viewer is flask_login_viewer
    if "host" in here.settings.sign_in and is_default and not hasattr(here.app, "login_manager"):
        yield Finding(False, f"{NO_VIEWER[0].upper()}{NO_VIEWER[1:]}")


def _groups(one: Directory, groups: Iterable[str]) -> Iterator[Finding]:
    """Those without which nobody gets in."""
    for dn in groups:
        try:
            replace(one, base_dn=dn, page_size=1).find("(objectClass=*)", [])
        except IncompleteRead:
            pass  # there is more below it
        except DirectoryError as e:
            what = describe(e).replace("PEOPLE_LDAP_BASE_DN", "PEOPLE_SIGN_IN_GROUPS")
            yield Finding(False, what)
            continue
        yield Finding(True, f"PEOPLE_SIGN_IN_GROUPS: {dn} is there.")


def _servers(directory: Directory) -> Findings[tuple[Directory, Entry] | None]:
    """Each of them, also where the first is good; the first good one, with its root DSE."""
    first = None
    for uri in directory.uris:
        yield Finding(None, f"Server {uri}")
        one = replace(directory, uris=(uri,))
        if (yield from server.look(uri, one)) and (yield from _binds(one)):
            first = first or (one, _root(one))
    return first


def _root(one: Directory) -> Entry:
    """Without attributes where it is hidden."""
    try:
        return one.root()
    except DirectoryError:
        return Entry("", {})  # the reads that follow tell whether that matters


def _binds(one: Directory) -> Findings[bool]:
    if one.sasl == "GSSAPI" and importlib.util.find_spec("gssapi") is None:
        what = "PEOPLE_LDAP_SASL is GSSAPI, which needs the package gssapi."
        yield Finding(False, what, "pip install 'intranet-people[kerberos]'")
        return False
    try:
        _first_below(one)
    except (ServiceAccountRefused, TLSRefused, DirectoryDown) as e:
        code = re.search(r"\bdata ([0-9a-f]{3})\b", str(e))
        reason = AD_REASONS.get(code[1], "") if code else ""
        yield Finding(False, describe(e), f"Active Directory says: {reason}." if reason else "")
        return False
    except DirectoryError:
        pass  # bound; what is wrong below is told of later
    if not one.bind_dn and not one.sasl:
        what = "Reading without a service account: PEOPLE_LDAP_BIND_DN is empty."
        yield Finding(None, what)
        return True
    yield Finding(True, f"The service account {one.sasl or one.bind_dn} is accepted.")
    return True


def _first_below(one: Directory) -> list[Entry]:
    return replace(one, page_size=1).find("(objectClass=*)", [])


def _base(one: Directory, root: Entry) -> Findings[bool]:
    held = ", ".join(product.contexts(root))
    hint = f"The server holds {held}." if held else ""
    if not one.bind_dn and not one.sasl:
        hint = "Perhaps nothing may be read without signing in: set PEOPLE_LDAP_BIND_DN."
    try:
        found = _first_below(one)
    except IncompleteRead:
        found = [Entry(one.base_dn, {})]  # there are more than it wants to give
    except DirectoryError as e:
        yield Finding(False, describe(e), hint)
        return False
    if not found:
        what = f"{one.base_dn} is there, and the service account may read nothing below it."
        yield Finding(False, what, "Let it read the entries of people, but not their passwords.")
        return False
    yield Finding(True, f"PEOPLE_LDAP_BASE_DN {one.base_dn} is there.")
    return True
