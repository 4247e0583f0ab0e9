"""The product of the directory server, the matching preset, and how changes will be read."""

from __future__ import annotations

from collections.abc import Iterator

from ..ldap.entry import Entry
from ..ldap.mapping import Schema
from ..ldap.search import PAGED, SYNC_REQUEST
from ..text import one_line
from .finding import Finding

ACTIVE_DIRECTORY = "1.2.840.113556.1.4.800"  # MS-ADTS 3.1.1.3.4.3.1
STRATEGIES = {
    "syncrepl": "what changed is read by syncrepl (RFC 4533), which also says who left.",
    "usn": "what changed is read by uSNChanged, of one domain controller at a time.",
    "timestamp": "what changed is read by modifyTimestamp; who left is found by a daily full run.",
}


def check_preset(root: Entry, preset: str) -> Finding:
    """Compare the product with the preset of PEOPLE_LDAP_SCHEMA. `root` is the root DSE."""
    name, fits = _product_of(root)
    if not name:
        return Finding(None, "The server does not say which product it is.")
    if fits and fits != preset:
        hint = f"PEOPLE_LDAP_SCHEMA is {preset}; the preset of this directory is {fits}."
        return Finding(None, f"It is {name}.", hint)
    return Finding(True, f"It is {name}" + (f", as the preset {fits} expects." if fits else "."))


def _product_of(root: Entry) -> tuple[str, str]:
    """The name of the product and of its preset, each "" if unknown."""
    vendor = " ".join(filter(None, (_first(root, "vendorName"), _first(root, "vendorVersion"))))
    if ACTIVE_DIRECTORY in _texts(root, "supportedCapabilities"):
        return f"Active Directory ({vendor})" if vendor else "Active Directory", "ad"
    if root.values("ipaTopologyPluginVersion") or "o=ipaca" in _texts(root, "namingContexts"):
        return f"FreeIPA ({vendor})", "freeipa"
    if "389" in _first(root, "vendorName"):
        return f"389 Directory Server ({vendor})", "389ds"
    if "OpenLDAProotDSE" in _texts(root, "objectClass"):
        return "OpenLDAP", "inetorgperson"
    return vendor, ""


def contexts(root: Entry) -> list[str]:
    """The naming contexts of the server: the DNs at the top of its trees (RFC 4512 5.1)."""
    return _texts(root, "namingContexts")


def check_changes(root: Entry, schema: Schema) -> Iterator[Finding]:
    """How people and changes will be read; no finding if the server hides its controls."""
    controls = _texts(root, "supportedControl")
    if not controls:
        return
    if PAGED not in controls:
        what = "The server has no pages (RFC 2696): its limits have to exceed the number of people."
        yield Finding(None, what)
    strategies = [s for s in schema.changes if s != "syncrepl" or SYNC_REQUEST in controls]
    if not strategies:
        yield Finding(None, "The server cannot say what changed: each run reads everything.")
        return
    hint = ""
    if strategies[0] != schema.changes[0] and _product_of(root)[0] == "OpenLDAP":
        hint = "With the overlay syncprov, the server could say at once who left."
    yield Finding(True, f"From the next full run on, {STRATEGIES[strategies[0]]}", hint)


def _texts(root: Entry, attribute: str) -> list[str]:
    return [one_line(v.decode("utf-8", "replace")) for v in root.values(attribute)]


def _first(root: Entry, attribute: str) -> str:
    return next(iter(_texts(root, attribute)), "")
