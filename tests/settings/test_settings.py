"""Settings: what is missing or wrong is named at the start, with what would be right."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from flask_login import LoginManager, UserMixin, login_user
from jinja2 import DictLoader

from intranet_people import IntranetPeople
from intranet_people.ldap.connection import ServiceAccountRefused
from intranet_people.ldap.schemas import PRESETS
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import Settings, SettingsError, key
from intranet_people.signin.methods.host import _warn_of_no_name, flask_login_viewer
from intranet_people.state import CHECKS, State

from .. import SECRET_KEY

GOOD = {"PEOPLE_LDAP_URI": "ldaps://ldap.corp.example", "PEOPLE_LDAP_BASE_DN": "dc=corp,dc=example"}

WHO = {"LDAP_BIND_DN": "cn=people,dc=corp,dc=example"}


def complaints(**config: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings({**GOOD, **config}, *CHECKS)
    return str(caught.value)


def plugin_with(**config: Any) -> State:
    app = Flask("host")
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, **config})
    return moved_in(app)


def moved_in(app: Flask) -> State:
    IntranetPeople(app, viewer=lambda: None)
    state: State = app.extensions["intranet_people"]
    return state


def test_two_settings_are_enough() -> None:
    settings = read_settings(GOOD)
    assert settings.ldap_uri == ("ldaps://ldap.corp.example",)
    assert settings.ldap_starttls
    assert not settings.ldap_allow_plaintext
    assert settings.sign_in == ("host",)
    assert (settings.ldap_timeout, settings.ldap_page_size, settings.sync_max_leavers) == (
        10,
        500,
        5,
    )


def test_every_setting_is_documented() -> None:
    for field in fields(Settings):
        assert field.metadata["help"].endswith((".", ". Required.", "file:///...")), field.name


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"LDAP_URI": None}, "PEOPLE_LDAP_URI is missing; for example ldaps://"),
        ({"LDAP_URI": ""}, "PEOPLE_LDAP_URI is missing"),
        ({"LDAP_BASE_DN": ""}, "PEOPLE_LDAP_BASE_DN is missing; for example dc=corp"),
        ({"LDAP_BASE_DN": "corp.example"}, "PEOPLE_LDAP_BASE_DN must be a DN as dc=corp"),
        ({"LDAP_URI": "ldap.corp.example"}, "must begin with ldaps://, ldap:// or ldapi://"),
        ({"LDAP_URI": "https://corp.example"}, "must begin with ldaps://"),
        ({"LDAP_URI": "ldaps://"}, "PEOPLE_LDAP_URI names no host"),
        ({"LDAP_URI": "ldaps://dc1:seven"}, "PEOPLE_LDAP_URI is no URI"),
        ({"LDAP_URI": "ldaps://[dc1"}, "PEOPLE_LDAP_URI is no URI"),
        ({"LDAP_URI": 389}, "PEOPLE_LDAP_URI must be text or a list of texts, not 389"),
        ({"LDAP_URI": "embedded:no.such.module"}, "names the module 'no.such.module', which does"),
        ({"LDAP_URI": "embedded:"}, "names the module '', which does not exist"),
        (
            {"LDAP_URI": "ldap://dc1", "LDAP_STARTTLS": False},
            "would send passwords in clear: use ldaps://",
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
            "PEOPLE_LDAP_BIND_PASSWORD_FILE names /no/such/password, which is no file",
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
            "PEOPLE_LDAP_SASL is GSSAPI, which needs no PEOPLE_LDAP_BIND_DN: leave one",
        ),
        (
            {"LDAP_SASL": "GSSAPI", "LDAP_BIND_PASSWORD_COMMAND": "pass show ldap"},
            "PEOPLE_LDAP_SASL is GSSAPI, which needs no PEOPLE_LDAP_BIND_PASSWORD_COMMAND and",
        ),
        ({"LDAP_GROUP_BASE_DN": "groups"}, "PEOPLE_LDAP_GROUP_BASE_DN must be a DN as ou=teams,"),
        ({"LDAP_EXTRA_FIELDS": "Desk"}, "PEOPLE_LDAP_EXTRA_FIELDS must be a mapping, as {"),
        ({"LDAP_PERSON_FILTER": "uid=*"}, "PEOPLE_LDAP_PERSON_FILTER must be in parentheses"),
        ({"LDAP_HIDDEN": "uid=*"}, "PEOPLE_LDAP_HIDDEN must be one filter in parentheses, as (emp"),
        ({"LDAP_HIDDEN": "(uid=a)(uid=b)"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "(&(uid=a)"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "(uid=a))"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_HIDDEN": "()"}, "PEOPLE_LDAP_HIDDEN must be one filter"),
        ({"LDAP_SCHEMA": "ad2"}, "PEOPLE_LDAP_SCHEMA must be one of inetorgperson"),
        ({"LDAP_ATTRIBUTES": "team=ou"}, "PEOPLE_LDAP_ATTRIBUTES must be a mapping, as {"),
        ({"LDAP_ATTRIBUTES": {"team": ["ou"]}}, "PEOPLE_LDAP_ATTRIBUTES must be a mapping, as {"),
        ({"LDAP_STARTTLS": "yes"}, "PEOPLE_LDAP_STARTTLS must be true or false, not 'yes'"),
        ({"LDAP_CA_FILE": "/no/such/ca.pem"}, "names /no/such/ca.pem, which is no file"),
        ({"LDAP_TIMEOUT": 0}, "PEOPLE_LDAP_TIMEOUT must be a whole number above 0, not 0"),
        ({"LDAP_TIMEOUT": "10"}, "PEOPLE_LDAP_TIMEOUT must be a whole number above 0, not '10'"),
        ({"LDAP_PAGE_SIZE": True}, "PEOPLE_LDAP_PAGE_SIZE must be a whole number"),
        ({"SYNC_MAX_LEAVERS": 101}, "PEOPLE_SYNC_MAX_LEAVERS is a percentage"),
        ({"SIGN_IN": "magic"}, "PEOPLE_SIGN_IN knows host, ldap, header, spnego, not magic"),
        ({"SIGN_IN": [1]}, "PEOPLE_SIGN_IN must be text or a list of texts"),
        ({"TIME_ZONE": "Rotterdam"}, "PEOPLE_TIME_ZONE must be an IANA zone as Europe/Oslo"),
        ({"TIME_ZONE": "../etc/passwd"}, "PEOPLE_TIME_ZONE must be an IANA zone"),
        ({"COMPANY": ["Northwind"]}, "PEOPLE_COMPANY must be text, not a list"),
        ({"CONTENT_BLOCK": "main content"}, "PEOPLE_CONTENT_BLOCK must be the name of a block"),
        ({"CONTENT_BLOCK": "x %}{{ config }}{% block y"}, "PEOPLE_CONTENT_BLOCK must be the name"),
        ({"CONTENT_BLOCK": ""}, "PEOPLE_CONTENT_BLOCK must be the name of a block, as content"),
        (
            {"LDAP_URL": "ldaps://dc1"},
            "PEOPLE_LDAP_URL is not a setting; is PEOPLE_LDAP_URI meant?",
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
    "uri",
    [
        "ldaps://[::1]:636",
        "ldap://dc1:389",
        "ldapi://%2Frun%2Fldapi",
        "embedded:json",
        "LDAPS://dc",
    ],
)
def test_uris_that_are_fine(uri: str) -> None:
    assert read_settings({**GOOD, "PEOPLE_LDAP_URI": f"{uri} ldaps://dc2"}).ldap_uri[0] == uri


def test_a_password_of_digits_is_text_and_no_password_is_shown() -> None:
    config = {**GOOD, "PEOPLE_LDAP_BIND_DN": "cn=p,dc=x", "PEOPLE_LDAP_BIND_PASSWORD": 4711}
    settings = read_settings(config)
    assert settings.ldap_bind_password == "4711"
    assert "4711" not in repr(settings)


def test_what_the_plugin_makes_of_them(tmp_path: Path) -> None:
    made = plugin_with(
        PEOPLE_LDAP_PERSON_FILTER="(uid=*)",
        PEOPLE_LDAP_HIDDEN="(&(uid=a)(!(l=\\28)))",
        PEOPLE_LDAP_ATTRIBUTES={"team": "businessCategory"},
        PEOPLE_LDAP_TIMEOUT=3,
    )
    assert made.schema.person_filter == "(uid=*)"
    assert made.schema.hidden_filter == "(&(uid=a)(!(l=\\28)))"
    assert made.schema.fields["team"] == ("businessCategory",)
    assert made.directory.timeout == 3
    for config, complaint in (
        ({"SECRET_KEY": None}, "SECRET_KEY is missing"),
        ({"PEOPLE_LDAP_ATTRIBUTES": {"shoes": "x"}}, "PEOPLE_LDAP_ATTRIBUTES: 'shoes' is no field"),
        ({"PEOPLE_CALENDARS": "gopher://x"}, "PEOPLE_CALENDARS|gopher"),
    ):
        with pytest.raises(SettingsError, match=complaint):
            plugin_with(**config)


@pytest.mark.parametrize("field", [{"": "roomNumber"}, {" ": "roomNumber"}, {"Desk": " "}])
def test_a_field_of_ones_own_without_a_label_or_attribute_is_named(field: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"PEOPLE_LDAP_EXTRA_FIELDS: .* a label and an attr"):
        plugin_with(PEOPLE_LDAP_EXTRA_FIELDS=field)


@pytest.mark.parametrize(
    "way",
    [
        {"LDAP_SASL": "GSSAPI"},
        {"LDAP_SASL": "EXTERNAL", "LDAP_URI": "ldapi://%2Frun%2Fldapi"},
        {**WHO, "LDAP_BIND_PASSWORD_COMMAND": "pass show ldap"},
        {**WHO, "LDAP_BIND_PASSWORD_FILE": __file__},
    ],
)
def test_one_way_for_the_service_account_is_enough(way: dict[str, str]) -> None:
    read_settings({**GOOD, **{f"PEOPLE_{name}": value for name, value in way.items()}})


def test_a_password_is_fetched_when_it_is_needed(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.touch()
    made = plugin_with(PEOPLE_LDAP_BIND_DN="cn=p,dc=x", PEOPLE_LDAP_BIND_PASSWORD_FILE=str(file))
    with pytest.raises(ServiceAccountRefused, match="first line is empty"):
        _ = made.directory
    file.write_text("first\n")
    assert made.directory.bind_password == "first"
    file.write_text("second\n")
    assert made.directory.bind_password == "second"


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


def test_a_layout_of_a_blueprint_that_is_there() -> None:
    app = Flask("host")
    blueprint = Blueprint("looks", __name__)
    blueprint.jinja_loader = DictLoader({"looks/base.html": "{% block content %}{% endblock %}"})
    app.register_blueprint(blueprint)
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, "PEOPLE_BASE_TEMPLATE": "looks/base.html"})
    assert moved_in(app).settings.base_template


class Account(UserMixin):  # type: ignore[misc]
    """A host's user: their id is a number of its own, and no login name."""

    id = 7


def viewer_with(user: object) -> str | None:
    """What the default viewer says while `user` is signed in."""
    app = Flask("host")
    app.secret_key = SECRET_KEY
    LoginManager(app).user_loader(lambda id: None)
    with app.test_request_context():
        if user:
            login_user(user)
        return flask_login_viewer()


def test_the_default_viewer_is_the_username() -> None:
    alice = Account()
    alice.username = "alice"
    assert viewer_with(alice) == "alice"
    assert viewer_with(None) is None


def test_the_number_of_a_hosts_user_is_no_login_name(caplog: pytest.LogCaptureFixture) -> None:
    _warn_of_no_name.cache_clear()
    assert viewer_with(Account()) is None
    assert viewer_with(Account()) is None
    assert caplog.text.count("Account has no `username`") == 1
    assert "pass viewer=..." in caplog.text


def test_without_flask_login_there_is_no_viewer(caplog: pytest.LogCaptureFixture) -> None:
    with Flask("bakery").test_request_context():
        assert flask_login_viewer() is None
        assert flask_login_viewer() is None
    assert caplog.text.count("bakery: nobody can be signed in to Intranet People") == 1
    assert "pass viewer=" in caplog.text


def test_the_presets_are_those_of_the_directory() -> None:
    for name in PRESETS:
        assert read_settings({**GOOD, "PEOPLE_LDAP_SCHEMA": name}).ldap_schema == name


def test_keys_are_named_after_fields() -> None:
    assert key("ldap_uri") == "PEOPLE_LDAP_URI"


@pytest.mark.parametrize("text", ["1", "true", "True", "on", 1, True])
def test_yes_as_people_write_it(text: object) -> None:
    assert read_settings({**GOOD, "PEOPLE_LDAP_ALLOW_PLAINTEXT": text}).ldap_allow_plaintext


def test_settings_of_later_versions_are_no_error(caplog: pytest.LogCaptureFixture) -> None:
    read_settings({**GOOD, "PEOPLE_PUBLIC_URL": "https://intranet.corp.example"})
    assert "PEOPLE_PUBLIC_URL has no effect" in caplog.text
