"""Settings: which are enough, how they are written, and what the app makes of them."""

from dataclasses import fields
from pathlib import Path

import pytest
from flask import Blueprint, Flask
from jinja2 import DictLoader

from intranet_people.ldap.connection import ServiceAccountRefused
from intranet_people.ldap.presets import PRESETS
from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import Settings, key

from .. import SECRET_KEY
from .conftest import GOOD, WHO, moved_in, plugin_with


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


def test_what_the_plugin_makes_of_them() -> None:
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


def test_a_layout_of_a_blueprint_that_is_there() -> None:
    app = Flask("host")
    blueprint = Blueprint("looks", __name__)
    blueprint.jinja_loader = DictLoader({"looks/base.html": "{% block content %}{% endblock %}"})
    app.register_blueprint(blueprint)
    app.config.update({"SECRET_KEY": SECRET_KEY, **GOOD, "PEOPLE_BASE_TEMPLATE": "looks/base.html"})
    assert moved_in(app).settings.base_template


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
