"""The fewest settings that an app starts with, and apps that have more."""

from typing import Any

from flask import Flask

from intranet_people import IntranetPeople
from intranet_people.state import State

from .. import SECRET_KEY

GOOD = {"PEOPLE_LDAP_URI": "ldaps://ldap.corp.example", "PEOPLE_LDAP_BASE_DN": "dc=corp,dc=example"}
WHO = {"LDAP_BIND_DN": "cn=people,dc=corp,dc=example"}


def plugin_with(**config: Any) -> State:
    app = Flask("host")
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, **config})
    return moved_in(app)


def moved_in(app: Flask) -> State:
    IntranetPeople(app, viewer=lambda: None)
    state: State = app.extensions["intranet_people"]
    return state
