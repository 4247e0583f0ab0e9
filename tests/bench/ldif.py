"""The company as a file for `slapadd` (RFC 2849)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from pathlib import Path

from tests.servers.slapd_conf import BASE_DN, SERVICE_DN, SERVICE_PASSWORD

from .company import PEOPLE_DN, Person
from .photos import USUAL

ROOT = f"""\
dn: {BASE_DN}
objectClass: dcObject
objectClass: organization
dc: northwind
o: Northwind

dn: {PEOPLE_DN}
objectClass: organizationalUnit
ou: people

dn: ou=services,{BASE_DN}
objectClass: organizationalUnit
ou: services

dn: {SERVICE_DN}
objectClass: applicationProcess
objectClass: simpleSecurityObject
cn: people
userPassword: {SERVICE_PASSWORD}

"""


def write_ldif(path: Path, people: Iterable[Person]) -> None:
    with path.open("w", encoding="ascii") as file:
        file.write(ROOT)
        for person in people:
            file.write(f"dn: {person.dn}\n")
            attributes = person.attributes(USUAL) | {"employeeNumber": [b"%d" % person.n]}
            file.writelines(
                f"{name}:: {b64encode(value).decode()}\n"
                for name, values in attributes.items()
                for value in values
            )
            file.write("\n")
