"""What the tests of Active Directory ask the domain controller."""

from typing import Any

from intranet_people.ldap.connection import Directory
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import AD
from intranet_people.ldap.record import Record, record_of

from ..servers.samba import Samba


def domain_of(samba: Samba, **options: Any) -> Directory:
    """That domain as its service account sees it; `options` are those of Directory."""
    settings: dict[str, Any] = {
        "uris": [samba.ldaps_uri],
        "base_dn": samba.base_dn,
        "bind_dn": samba.service_dn,
        "bind_password": samba.service_password,
        "ca_file": str(samba.ca_file),
        "timeout": 5,
    }
    return Directory(**settings | options)


def entries_of(samba: Samba, **options: Any) -> dict[str, Entry]:
    """By sAMAccountName, as the server writes it, all whom the preset takes for people."""
    read = domain_of(samba, **options).read(AD.person_filter, AD.attributes)
    return {entry.values("sAMAccountName")[0].decode(): entry for entry in read}


def people_of(samba: Samba) -> dict[str, Record]:
    """By handle, all people as records."""
    records = [record_of(entry, AD) for entry in entries_of(samba).values()]
    return {record.handle: record for record in records if record}


def entry_of(samba: Samba, handle: str) -> Entry:
    """The entry of one person, as it is now."""
    search_filter = f"(sAMAccountName={handle})"
    (entry,) = domain_of(samba).read(search_filter, AD.attributes)
    return entry
