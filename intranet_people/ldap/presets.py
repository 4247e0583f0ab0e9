"""The presets: mappings for common directory servers."""

from __future__ import annotations

from .mapping import Schema

# RFC 2798 (inetOrgPerson), RFC 4519 and RFC 4530 (entryUUID). Account rules: shadowExpire of
# RFC 2307, and draft-behera-ldap-password-policy-10.
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

# MS-ADA1 to MS-ADA3 and MS-ADTS. The category "person" excludes computers, which have the class
# "user" too; isCriticalSystemObject is set for krbtgt, Guest, Administrator and trusts.
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
    # From the schema of Exchange. In a domain without it the filter matches nobody, as conditions
    # on unknown attributes are Undefined (RFC 4511 4.5.1.7).
    hidden_filter="(msExchHideFromAddressLists=TRUE)",
)

# FreeIPA 4. Its syncrepl uses another id, so it is not in `changes`. Staged users have no id yet:
# theirs is "autogenerate".
FREEIPA = Schema(
    id_attribute="ipaUniqueID",
    person_filter="(&(objectClass=person)(objectClass=posixAccount)(!(ipaUniqueID=autogenerate)))",
    fields=INETORGPERSON.fields,
    account={"nsAccountLock": "true", "krbPrincipalExpiration": "time"},
    changes=("timestamp",),
)

# 389 Directory Server; `dsidm user create` makes an nsPerson. Its syncrepl uses nsUniqueId.
# nsAccountLock may come from a role and is only sent when requested by name.
DS389 = Schema(
    id_attribute="nsUniqueId",
    person_filter="(|(objectClass=inetOrgPerson)(objectClass=nsPerson))",
    fields=INETORGPERSON.fields,
    account={"nsAccountLock": "true"},
    changes=("syncrepl", "timestamp"),
)

PRESETS = {"inetorgperson": INETORGPERSON, "ad": AD, "freeipa": FREEIPA, "389ds": DS389}
