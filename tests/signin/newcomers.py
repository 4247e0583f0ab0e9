"""Noor, who is in the directory before any sync brings her."""

from __future__ import annotations

from base64 import b64encode

from flask import Flask
from sqlalchemy import select

from intranet_people.people.person import Person
from intranet_people.sync.history import last_run

from ..conftest import plugin_of
from .conftest import PEOPLE_DN

PHOTO = b"\xff\xd8\xff\xe0" + bytes(40)
NOOR = f"""\
dn: uid=noor,{PEOPLE_DN}
objectClass: inetOrgPerson
uid: noor
cn: Noor de Wit
sn: de Wit
title: Optician
manager: uid=alice,{PEOPLE_DN}
jpegPhoto:: {b64encode(PHOTO).decode()}
userPassword: noor-password
"""


def sync(app: Flask, *options: str) -> dict[str, int]:
    """What it counted, without zeros."""
    ended = app.test_cli_runner().invoke(args=["people", "sync", *options])
    assert ended.exit_code == 0, ended.output
    with app.app_context():
        run = last_run(plugin_of(app).session)
    assert run
    return {k: n for k, n in run.counts.items() if n}


def person(app: Flask, handle: str) -> Person:
    with app.app_context():
        session = plugin_of(app).session
        return session.scalars(select(Person).where(Person.handle == handle)).one()
