"""The slapd.conf of the tests, and the names in it."""

import os
from collections.abc import Sequence
from pathlib import Path

from tests.servers.tls import Certificates

BASE_DN = "dc=northwind,dc=example"
ADMIN_DN = f"cn=admin,{BASE_DN}"
ADMIN_PASSWORD = "admin-password"
SERVICE_DN = f"cn=people,ou=services,{BASE_DN}"
SERVICE_PASSWORD = "people-password"

SCHEMA_FOLDERS = (Path("/etc/ldap/schema"), Path("/etc/openldap/schema"))
# posixAccount and shadowAccount (RFC 2307)
NIS_SCHEMA = tuple(
    f"include {folder / 'nis.schema'}" for folder in SCHEMA_FOLDERS if folder.is_dir()
)[:1]

# An attribute that no stock schema has, in OpenLDAP's arc for experiments (1.3.6.1.4.1.4203.666).
TIME_ZONE_SCHEMA = (
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.1 NAME 'timeZone' EQUALITY caseExactMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.2 NAME 'northwindPerson' SUP top AUXILIARY"
    " MAY ( timeZone ) )",
)

# What FreeIPA and 389 Directory Server name otherwise than others do, under their own OIDs. They
# hold nsAccountLock and nsUniqueId as operational attributes, which a slapd.conf cannot define.
LOCK = (
    "attributetype ( 2.16.840.1.113730.3.1.610 NAME 'nsAccountLock' EQUALITY caseIgnoreMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
)
FREEIPA_SCHEMA = (
    *NIS_SCHEMA,
    *LOCK,
    "attributetype ( 2.16.840.1.113730.3.8.3.1 NAME 'ipaUniqueID' EQUALITY caseIgnoreMatch"
    " ORDERING caseIgnoreOrderingMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 )",
    "attributetype ( 2.16.840.1.113719.1.301.4.6.1 NAME 'krbPrincipalExpiration'"
    " EQUALITY generalizedTimeMatch SYNTAX 1.3.6.1.4.1.1466.115.121.1.24 SINGLE-VALUE )",
    "objectclass ( 2.16.840.1.113730.3.8.4.8 NAME 'ipaObject' SUP top AUXILIARY"
    " MUST ipaUniqueID MAY nsAccountLock )",
    "objectclass ( 2.16.840.1.113719.1.301.6.8.1 NAME 'krbPrincipalAux' SUP top AUXILIARY"
    " MAY krbPrincipalExpiration )",
)
DS389_SCHEMA = (
    *LOCK,
    "attributetype ( 2.16.840.1.113730.3.1.542 NAME 'nsUniqueId' EQUALITY caseIgnoreMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.3 NAME 'nsPerson' SUP top STRUCTURAL"
    " MUST ( displayName $ cn ) MAY ( uid $ userPassword $ mail ) )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.4 NAME 'nsAccount' SUP top AUXILIARY"
    " MAY ( nsUniqueId $ nsAccountLock ) )",
)

MODULE_FOLDERS = (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap"))

TEMPLATE = """\
{schema}
modulepath {modules}
moduleload back_mdb
moduleload memberof
moduleload ppolicy
moduleload syncprov
{tls}
sizelimit {size_limit}
authz-regexp "gidNumber=[0-9]*[+]uidNumber={uid},cn=peercred,cn=external,cn=auth" "{service}"
access to dn.base="" by * read
access to dn.base="cn=Subschema" by users read

database mdb
suffix {base}
rootdn {admin}
rootpw {admin_password}
directory {directory}/db
maxsize 1073741824
dbnosync
index objectClass,entryUUID,entryCSN,modifyTimestamp eq
index uid,mail,member,memberOf,manager eq
access to attrs=userPassword by self write by anonymous auth by * none
{access}
access to * by dn.exact="{service}" read by self read by * none
overlay memberof
overlay ppolicy
overlay syncprov
syncprov-checkpoint 1000 10
syncprov-sessionlog 10000
"""


def configuration(
    directory: Path,
    certificates: Certificates | None,
    size_limit: int | None,
    schema_lines: Sequence[str],
    access: Sequence[str] = (),
) -> str:
    schemas = (_first(SCHEMA_FOLDERS) / f"{n}.schema" for n in ("core", "cosine", "inetorgperson"))
    return TEMPLATE.format(
        schema="\n".join([*(f"include {schema}" for schema in schemas), *schema_lines]),
        modules=_first(MODULE_FOLDERS),
        tls=_tls_lines(certificates) if certificates else "",
        size_limit=size_limit or "unlimited",
        uid=os.getuid(),
        base=BASE_DN,
        admin=ADMIN_DN,
        admin_password=ADMIN_PASSWORD,
        service=SERVICE_DN,
        access="\n".join(access),
        directory=directory,
    )


def _first(folders: Sequence[Path]) -> Path:
    return next((folder for folder in folders if folder.is_dir()), folders[0])


def _tls_lines(certificates: Certificates) -> str:
    return (
        f"TLSCACertificateFile {certificates.ca_file}\n"
        f"TLSCertificateFile {certificates.certificate}\n"
        f"TLSCertificateKeyFile {certificates.key}"
    )
