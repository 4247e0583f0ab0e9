"""Where a host names no viewer, Flask-Login's user is asked for the login name."""

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin, login_user

from intranet_people.signin.methods.host import _warn_of_no_name, flask_login_viewer

from .. import SECRET_KEY


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
