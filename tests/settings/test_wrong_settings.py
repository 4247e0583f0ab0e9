"""What is missing or wrong is named at the start, with what would be right."""

from collections.abc import Mapping
from typing import Any

import pytest
from flask import Flask
from jinja2 import DictLoader

from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.state import CHECKS

from .. import SECRET_KEY
from .conftest import GOOD, WHO, moved_in, plugin_with


def complaints(**config: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings({**GOOD, **config}, *CHECKS)
    return str(caught.value)


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"LDAP_URI": None}, "PEOPLE_LDAP_URI is missing; for example ldaps://"),
        ({"LDAP_URI": ""}, "PEOPLE_LDAP_URI is missing"),
        ({"LDAP_BASE_DN": ""}, "PEOPLE_LDAP_BASE_DN is missing; for example dc=corp"),
        ({"LDAP_BASE_DN": "corp.example"}, "PEOPLE_LDAP_BASE_DN must be a DN such as dc=corp"),
        ({"LDAP_URI": "ldap.corp.example"}, "must begin with ldaps://, ldap:// or ldapi://"),
        ({"LDAP_URI": "https://corp.example"}, "must begin with ldaps://"),
        ({"LDAP_URI": "ldaps://"}, "PEOPLE_LDAP_URI must name a host"),
        ({"LDAP_URI": "ldaps://dc1:seven"}, "PEOPLE_LDAP_URI must be a URI"),
        ({"LDAP_URI": "ldaps://[dc1"}, "PEOPLE_LDAP_URI must be a URI"),
        ({"LDAP_URI": 389}, "PEOPLE_LDAP_URI must be text or a list of texts, not 389"),
        ({"LDAP_URI": "embedded:no.such.module"}, "names the module 'no.such.module', which does"),
        ({"LDAP_URI": "embedded:"}, "names the module '', which does not exist"),
        (
            {"LDAP_URI": "ldap://dc1", "LDAP_STARTTLS": False},
            "would send passwords in clear text: use ldaps://",
        ),
        ({"LDAP_BIND_DN": "cn=people,dc=corp"}, "PEOPLE_LDAP_BIND_PASSWORD is missing"),
        (
            {**WHO, "LDAP_BIND_PASSWORD": "x", "LDAP_BIND_PASSWORD_COMMAND": "pass show ldap"},
            "PEOPLE_LDAP_BIND_PASSWORD and PEOPLE_LDAP_BIND_PASSWORD_COMMAND both give the",
        ),
        (
            {**WHO, "LDAP_BIND_PASSWORD": "x", "LDAP_BIND_PASSWORD_FILE": __file__},
            "PEOPLE_LDAP_BIND_PASSWORD and PEOPLE_LDAP_BIND_PASSWORD_FILE both give the password",
        ),
        (
            {**WHO, "LDAP_BIND_PASSWORD_FILE": "/no/such/password"},
            "PEOPLE_LDAP_BIND_PASSWORD_FILE names /no/such/password, which is not a file",
        ),
        ({"LDAP_SASL": "PLAIN"}, "PEOPLE_LDAP_SASL must be EXTERNAL or GSSAPI, not 'PLAIN'"),
        ({"LDAP_SASL": "gssapi"}, "PEOPLE_LDAP_SASL must be EXTERNAL or GSSAPI, not 'gssapi'"),
        ({"LDAP_SASL": "EXTERNAL"}, "EXTERNAL needs ldapi:// in PEOPLE_LDAP_URI"),
        (
            {"LDAP_SASL": "EXTERNAL", "LDAP_URI": "ldapi://%2Frun%2Fldapi ldaps://dc1"},
            "EXTERNAL needs ldapi:// in PEOPLE_LDAP_URI",
        ),
        (
            {**WHO, "LDAP_SASL": "GSSAPI"},
            "PEOPLE_LDAP_SASL is GSSAPI, which needs no PEOPLE_LDAP_BIND_DN: remove one",
        ),
        (
            {"LDAP_SASL": "GSSAPI", "LDAP_BIND_PASSWORD_COMMAND": "pass show ldap"},
            "PEOPLE_LDAP_SASL is GSSAPI, which needs no PEOPLE_LDAP_BIND_PASSWORD_COMMAND and",
        ),
        (
            {"LDAP_GROUP_BASE_DN": "groups"},
            "PEOPLE_LDAP_GROUP_BASE_DN must be a DN such as ou=teams,",
        ),
        ({"LDAP_EXTRA_FIELDS": "Desk"}, "PEOPLE_LDAP_EXTRA_FIELDS must be a mapping such as {"),
        ({"LDAP_PERSON_FILTER": "uid=*"}, "PEOPLE_LDAP_PERSON_FILTER must be in parentheses"),
        (
            {"LDAP_HIDDEN": "uid=*"},
            "PEOPLE_LDAP_HIDDEN must be one filter in parentheses, such as (emp",
        ),
        ({"LDAP_HIDDEN": "(uid=a)(uid=b)"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "(&(uid=a)"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "(uid=a))"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "()"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_SCHEMA": "ad2"}, "PEOPLE_LDAP_SCHEMA must be one of inetorgperson"),
        ({"LDAP_ATTRIBUTES": "team=ou"}, "PEOPLE_LDAP_ATTRIBUTES must be a mapping such as {"),
        (
            {"LDAP_ATTRIBUTES": {"team": ["ou"]}},
            "PEOPLE_LDAP_ATTRIBUTES must be a mapping such as {",
        ),
        ({"LDAP_STARTTLS": "yes"}, "PEOPLE_LDAP_STARTTLS must be true or false, not 'yes'"),
        ({"LDAP_CA_FILE": "/no/such/ca.pem"}, "names /no/such/ca.pem, which is not a file"),
        ({"LDAP_TIMEOUT": 0}, "PEOPLE_LDAP_TIMEOUT must be a whole number above 0, not 0"),
        ({"LDAP_TIMEOUT": "10"}, "PEOPLE_LDAP_TIMEOUT must be a whole number above 0, not '10'"),
        ({"LDAP_PAGE_SIZE": True}, "PEOPLE_LDAP_PAGE_SIZE must be a whole number"),
        ({"SYNC_MAX_LEAVERS": 101}, "PEOPLE_SYNC_MAX_LEAVERS must be a percentage"),
        ({"SIGN_IN": "magic"}, "PEOPLE_SIGN_IN knows host, ldap, header, spnego, not magic"),
        ({"SIGN_IN": [1]}, "PEOPLE_SIGN_IN must be text or a list of texts"),
        (
            {"TIME_ZONE": "Rotterdam"},
            "PEOPLE_TIME_ZONE must be an IANA zone such as Europe/Oslo",
        ),
        ({"TIME_ZONE": "../etc/passwd"}, "PEOPLE_TIME_ZONE must be an IANA zone"),
        ({"COMPANY": ["Northwind"]}, "PEOPLE_COMPANY must be text, not a list"),
        ({"CONTENT_BLOCK": "main content"}, "PEOPLE_CONTENT_BLOCK must be the name of a block"),
        ({"CONTENT_BLOCK": "x %}{{ config }}{% block y"}, "PEOPLE_CONTENT_BLOCK must be the name"),
        (
            {"CONTENT_BLOCK": ""},
            "PEOPLE_CONTENT_BLOCK must be the name of a block, such as content",
        ),
        (
            {"LDAP_URL": "ldaps://dc1"},
            "PEOPLE_LDAP_URL is not a setting; do you mean PEOPLE_LDAP_URI?",
        ),
    ],
)
def test_each_wrong_setting_is_named(config: Mapping[str, Any], complaint: str) -> None:
    assert complaint in complaints(**{f"PEOPLE_{name}": value for name, value in config.items()})


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        read_settings({"PEOPLE_LDAP_TIMEOUT": -1, "PEOPLE_TIME_ZONE": "X", "PEOPLE_SHOES": 44})
    lines = str(caught.value).splitlines()
    assert lines[0] == "Intranet People cannot start:"
    named = [line.split()[0] for line in lines[1:]]
    assert sorted(named) == [
        "PEOPLE_LDAP_BASE_DN",
        "PEOPLE_LDAP_TIMEOUT",
        "PEOPLE_LDAP_URI",
        "PEOPLE_SHOES",
        "PEOPLE_TIME_ZONE",
    ]


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"PEOPLE_LDAP_ATTRIBUTES": {"shoes": "x"}}, "PEOPLE_LDAP_ATTRIBUTES: 'shoes' is no field"),
        ({"PEOPLE_CALENDARS": "gopher://x"}, "PEOPLE_CALENDARS|gopher"),
    ],
)
def test_what_the_app_itself_finds_wrong_is_named(
    config: dict[str, object], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        plugin_with(**config)


@pytest.mark.parametrize("field", [{"": "roomNumber"}, {" ": "roomNumber"}, {"Desk": " "}])
def test_a_field_of_ones_own_without_a_label_or_attribute_is_named(field: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"PEOPLE_LDAP_EXTRA_FIELDS: .* a label and an attr"):
        plugin_with(PEOPLE_LDAP_EXTRA_FIELDS=field)


def test_a_layout_that_is_not_there_is_named() -> None:
    app = Flask("host")
    app.jinja_loader = DictLoader({"base.html": "{% block content %}{% endblock %}{{ no.such }}"})
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, "PEOPLE_BASE_TEMPLATE": "base.html"})
    moved_in(app)
    app = Flask("another")
    app.jinja_loader = DictLoader({})
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, "PEOPLE_BASE_TEMPLATE": "layout.html"})
    with pytest.raises(SettingsError, match=r"PEOPLE_BASE_TEMPLATE names layout\.html, which"):
        moved_in(app)
