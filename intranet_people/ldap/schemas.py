"""The mappings of the usual directories, as data; and what an entry becomes by them."""

from __future__ import annotations

from .accounts import disabled
from .mapping import Schema
from .record import Record, directory_id_of, fingerprint_of, record_of

__all__ = [
    "PRESETS",
    "Record",
    "Schema",
    "directory_id_of",
    "disabled",
    "fingerprint_of",
    "record_of",
]

# RFC 2798 (inetOrgPerson), RFC 4519, and RFC 4530 for entryUUID. The account: RFC 2307's shadow
# and draft-behera-ldap-password-policy-10.
INETORGPERSON = Schema(
    id_attribute="entryUUID",
    person_filter="(objectClass=inetOrgPerson)",
    fields={
        "handle": ("uid",),
        "name": ("displayName", "cn"),
        "given_name": ("givenName",),
        "surname": ("sn",),
        "title": ("title",),
        "team": ("ou", "departmentNumber"),
        "office": ("physicalDeliveryOfficeName", "roomNumber"),
        "city": ("l",),
        "mail": ("mail",),
        "phones": ("telephoneNumber",),
        "mobiles": ("mobile",),
        "manager": ("manager",),
        "time_zone": (),
        "joined": ("createTimestamp",),
        "photo": ("jpegPhoto",),
    },
    account={"pwdAccountLockedTime": "for good", "pwdEndTime": "time", "shadowExpire": "day"},
    changes=("syncrepl", "timestamp"),
)

# MS-ADA1 to MS-ADA3 and MS-ADTS. Of objects with the class "user", those of the category
# "person" are no computers; krbtgt, Guest, Administrator and trusts are critical to the system.
AD = Schema(
    id_attribute="objectGUID",
    id_is_guid=True,
    person_filter=("(&(objectCategory=person)(objectClass=user)(!(isCriticalSystemObject=TRUE)))"),
    fields={
        "handle": ("sAMAccountName",),
        "name": ("displayName", "cn"),
        "given_name": ("givenName",),
        "surname": ("sn",),
        "title": ("title",),
        "team": ("department",),
        "office": ("physicalDeliveryOfficeName",),
        "city": ("l",),
        "mail": ("mail",),
        "phones": ("telephoneNumber", "otherTelephone"),
        "mobiles": ("mobile", "otherMobile"),
        "manager": ("manager",),
        "time_zone": (),
        "joined": ("whenCreated",),
        "photo": ("thumbnailPhoto", "jpegPhoto"),
    },
    account={"userAccountControl": "flag", "accountExpires": "file time"},
    changes=("usn",),
    # Of the schema of Exchange. Where a domain is without, the filter finds nobody: a clause about
    # an attribute that the server does not know is undefined (RFC 4511 4.5.1.7).
    hidden_filter="(msExchHideFromAddressLists=TRUE)",
)

# FreeIPA 4. Its id is not the one that its server's syncrepl speaks of. A user who is staged has
# no id yet: it says "autogenerate".
FREEIPA = Schema(
    id_attribute="ipaUniqueID",
    person_filter="(&(objectClass=person)(objectClass=posixAccount)(!(ipaUniqueID=autogenerate)))",
    fields=INETORGPERSON.fields,
    account={"nsAccountLock": "true", "krbPrincipalExpiration": "time"},
    changes=("timestamp",),
)

# 389 Directory Server; `dsidm user create` makes an nsPerson. nsUniqueId is what its syncrepl
# speaks of; nsAccountLock may come from a role, and is sent only to who asks for it by name.
DS389 = Schema(
    id_attribute="nsUniqueId",
    person_filter="(|(objectClass=inetOrgPerson)(objectClass=nsPerson))",
    fields=INETORGPERSON.fields,
    account={"nsAccountLock": "true"},
    changes=("syncrepl", "timestamp"),
)

PRESETS = {"inetorgperson": INETORGPERSON, "ad": AD, "freeipa": FREEIPA, "389ds": DS389}
