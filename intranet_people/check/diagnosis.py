"""The steps of `flask people check`, from the host name of the server to the calendars.

They run in the order in which things usually fail, and report at once, so that operators see where
it hangs. Nothing is written, and no password is sent over an insecure connection.
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

# The code in Active Directory's answer to a refused bind, for example "data 52e" (MS-ERREF 2.2).
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


def check(state: State) -> Findings[None]:
    """Run all steps; the last finding is the conclusion."""
    failed: list[Finding] = []
    for finding in _run_steps(state):
        failed += [finding] if finding.ok is False else []
        yield finding
    if not failed:
        yield Finding(True, "Ready: flask people sync")
        return
    count = "One thing" if len(failed) == 1 else f"{len(failed)} things"
    first = failed[0].what
    yield Finding(False, f"{count} to mend, the first: {first}", failed[0].hint)


def _run_steps(state: State) -> Iterator[Finding]:
    people = yield from _check_directory(state)
    yield from _check_viewer(state)
    yield from storage.database(state.session)
    if state.has_own_database:
        yield from storage.modes(state.session)
    yield from storage.calendars(state.calendars, state.settings.calendars, people, now())


def _check_directory(state: State) -> Findings[list[Owner]]:
    """Check servers and entries; returns some people whose calendars can be tried."""
    try:
        directory = state.directory
    except ServiceAccountRefused as e:
        yield Finding(False, describe(e))
        return []
    first = yield from _check_servers(directory)
    if first is None:
        return []
    single, root = first
    if root.attributes or not single.uris[0].startswith("embedded:"):
        yield product.check_preset(root, state.settings.ldap_schema)
    if not (yield from _check_base(single, root)):
        return []
    yield from product.check_changes(root, state.schema)
    yield from _check_groups(single, state.settings.sign_in_groups)
    return (yield from sample.people(single, state.schema, state.settings))


def _check_viewer(state: State) -> Iterator[Finding]:
    """Check that the host can tell who is signed in."""
    is_default = state.host_viewer is flask_login_viewer
    if "host" in state.settings.sign_in and is_default and not hasattr(state.app, "login_manager"):
        yield Finding(False, f"{NO_VIEWER[0].upper()}{NO_VIEWER[1:]}")


def _check_groups(directory: Directory, groups: Iterable[str]) -> Iterator[Finding]:
    """Check that the groups of PEOPLE_SIGN_IN_GROUPS exist."""
    for dn in groups:
        try:
            replace(directory, base_dn=dn, page_size=1).find("(objectClass=*)", [])
        except IncompleteRead:
            pass  # it exists, with more entries than fit on the page
        except DirectoryError as e:
            what = describe(e).replace("PEOPLE_LDAP_BASE_DN", "PEOPLE_SIGN_IN_GROUPS")
            yield Finding(False, what)
            continue
        yield Finding(True, f"PEOPLE_SIGN_IN_GROUPS: {dn} is there.")


def _check_servers(directory: Directory) -> Findings[tuple[Directory, Entry] | None]:
    """Check every server; returns the first that works, with its root DSE."""
    first = None
    for uri in directory.uris:
        yield Finding(None, f"Server {uri}")
        single = replace(directory, uris=(uri,))
        if (yield from server.check_server(uri, single)) and (yield from _check_bind(single)):
            first = first or (single, _root(single))
    return first


def _root(directory: Directory) -> Entry:
    """The root DSE; empty if it cannot be read."""
    try:
        return directory.root()
    except DirectoryError:
        return Entry("", {})  # later steps show whether that matters


def _check_bind(directory: Directory) -> Findings[bool]:
    if directory.sasl == "GSSAPI" and importlib.util.find_spec("gssapi") is None:
        what = "PEOPLE_LDAP_SASL is GSSAPI, which needs the package gssapi."
        yield Finding(False, what, "pip install 'intranet-people[kerberos]'")
        return False
    try:
        _first_entry(directory)
    except (ServiceAccountRefused, TLSRefused, DirectoryDown) as e:
        code = re.search(r"\bdata ([0-9a-f]{3})\b", str(e))
        reason = AD_REASONS.get(code[1], "") if code else ""
        yield Finding(False, describe(e), f"Active Directory says: {reason}." if reason else "")
        return False
    except DirectoryError:
        pass  # the bind succeeded; later steps report errors of the search
    if not directory.bind_dn and not directory.sasl:
        what = "Reading without a service account: PEOPLE_LDAP_BIND_DN is empty."
        yield Finding(None, what)
        return True
    yield Finding(True, f"The service account {directory.sasl or directory.bind_dn} is accepted.")
    return True


def _first_entry(directory: Directory) -> list[Entry]:
    return replace(directory, page_size=1).find("(objectClass=*)", [])


def _check_base(directory: Directory, root: Entry) -> Findings[bool]:
    held = ", ".join(product.contexts(root))
    hint = f"The server holds {held}." if held else ""
    if not directory.bind_dn and not directory.sasl:
        hint = "Perhaps nothing may be read without signing in: set PEOPLE_LDAP_BIND_DN."
    try:
        found = _first_entry(directory)
    except IncompleteRead:
        found = [Entry(directory.base_dn, {})]  # it exists, with more entries than fit on the page
    except DirectoryError as e:
        yield Finding(False, describe(e), hint)
        return False
    if not found:
        what = f"{directory.base_dn} is there, and the service account may read nothing below it."
        yield Finding(False, what, "Let it read the entries of people, but not their passwords.")
        return False
    yield Finding(True, f"PEOPLE_LDAP_BASE_DN {directory.base_dn} is there.")
    return True
