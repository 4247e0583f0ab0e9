"""The smb.conf of the tests, the names in it, and what the domain is filled with."""

import base64
from pathlib import Path

from tests.servers.tls import Certificates

ROOT_DN = "DC=ad,DC=test"
ADMIN_PASSWORD = "Admin-password-1"
SERVICE_PASSWORD = "people-password"

# Not the defaults of the system, whose own Samba must notice nothing.
_SETTINGS = """\
[global]
    netbios name = DC1
    workgroup = ADTEST
    realm = AD.TEST
    server role = active directory domain controller
    server services = ldap, kdc
    vfs objects = dfs_samba4 acl_xattr xattr_tdb
    interfaces = {address}/8
    bind interfaces only = yes
    ldap server require strong auth = allow_sasl_over_tls
    dsdb:schema update allowed = yes
    tls certfile = {tls.certificate}
    tls keyfile = {tls.key}
    tls cafile = {tls.ca_file}
    private dir = {directory}/state/private
    state directory = {directory}/state/state
    cache directory = {directory}/state/cache
    lock directory = {directory}/state/lock
    binddns dir = {directory}/state/dns
    pid directory = {directory}/run
    ncalrpc dir = {directory}/run/ncalrpc
    winbindd socket directory = {directory}/run/winbindd
    ntp signd socket directory = {directory}/run/ntp
    log file = {directory}/log.samba
[sysvol]
    path = {directory}/state/sysvol
[netlogon]
    path = {directory}/state/sysvol/scripts
"""
# Any password will do; and a ticket for a connection to the address as well as to the name.
_FIRST_CHANGES = """\
dn: {base}
changetype: modify
replace: pwdProperties
pwdProperties: 0
-
replace: minPwdLength
minPwdLength: 0

dn: CN=DC1,OU=Domain Controllers,{base}
changetype: modify
add: servicePrincipalName
servicePrincipalName: ldap/dc1.ad.test
servicePrincipalName: ldap/{address}
"""
_NOW = "dn:\nchangetype: modify\nadd: schemaUpdateNow\nschemaUpdateNow: 1\n"
# What Exchange adds to the schema of a domain, and the tests need of it.
EXCHANGE = f"""\
dn: CN=ms-Exch-Hide-From-Address-Lists,CN=Schema,CN=Configuration,{ROOT_DN}
changetype: add
objectClass: attributeSchema
lDAPDisplayName: msExchHideFromAddressLists
attributeID: 1.2.840.113556.1.4.7000.102.73
attributeSyntax: 2.5.5.8
oMSyntax: 1
isSingleValued: TRUE

{_NOW}
dn: CN=User,CN=Schema,CN=Configuration,{ROOT_DN}
changetype: modify
add: mayContain
mayContain: msExchHideFromAddressLists

{_NOW}
"""
_KERBEROS = """\
[libdefaults]
    default_realm = AD.TEST
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
[realms]
    AD.TEST = {{
        kdc = {address}
    }}
[domain_realm]
    {address} = AD.TEST
    dc1.ad.test = AD.TEST
"""


def settings(directory: Path, address: str, certificates: Certificates) -> str:
    return _SETTINGS.format(directory=directory, address=address, tls=certificates)


def kerberos(address: str) -> str:
    return _KERBEROS.format(address=address)


def first_changes(address: str) -> str:
    return _FIRST_CHANGES.format(base=ROOT_DN, address=address)


def with_passwords(ldif_text: str) -> str:
    """Each user with a password, which is sent in quotes and UTF-16 (MS-ADTS 3.1.1.3.1.5)."""
    entries = ldif_text.split("\n\n")
    return "\n\n".join(_with_password(e) if "objectClass: user\n" in e else e for e in entries)


def _with_password(entry: str) -> str:
    lines = entry.rstrip("\n").split("\n")
    name = next(x.split(": ")[1] for x in lines if x.startswith("sAMAccountName: "))
    password = base64.b64encode(f'"{name.lower()}-password"'.encode("utf-16-le")).decode()
    return "\n".join([*lines, f"unicodePwd:: {password}", ""])
