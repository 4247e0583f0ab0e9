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

# An attribute that no stock schema has, in OpenLDAP's arc for experiments (1.3.6.1.4.1.4203.666).
TIME_ZONE_SCHEMA = (
    "attributetype ( 1.3.6.1.4.1.4203.666.11.94.1 NAME 'timeZone' EQUALITY caseExactMatch"
    " SYNTAX 1.3.6.1.4.1.1466.115.121.1.15 SINGLE-VALUE )",
    "objectclass ( 1.3.6.1.4.1.4203.666.11.94.2 NAME 'northwindPerson' SUP top AUXILIARY"
    " MAY ( timeZone ) )",
)

SCHEMA_FOLDERS = (Path("/etc/ldap/schema"), Path("/etc/openldap/schema"))
MODULE_FOLDERS = (Path("/usr/lib/ldap"), Path("/usr/lib64/openldap"), Path("/usr/lib/openldap"))

TEMPLATE = """\
{schema}
modulepath {modules}
moduleload back_mdb
moduleload memberof
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
access to * by dn.exact="{service}" read by self read by * none
overlay memberof
overlay syncprov
syncprov-checkpoint 1000 10
syncprov-sessionlog 10000
"""


def configuration(
    directory: Path,
    certificates: Certificates | None,
    size_limit: int | None,
    schema_lines: Sequence[str],
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
