"""Who is signed in: found once for each request, and anew when somebody signs in or out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_login import LoginManager, UserMixin, login_user, logout_user, user_logged_out

from intranet_people import IntranetPeople
from intranet_people.widgets.widget import people_widget

from .. import SECRET_KEY
from ..client import HTMX, Browser
from ..conftest import COMPANY, close
from ..queries import counted


class Account(UserMixin):  # type: ignore[misc]
    def __init__(self, username: str) -> None:
        self.id = self.username = username


@pytest.fixture
def host(company_url: str) -> Iterator[Flask]:
    """A host that signs people in with Flask-Login, by their login name alone."""
    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    LoginManager(app).user_loader(Account)
    yield app
    close(app)


def names_in(html: str) -> list[str]:
    return [name for name in ("Tomás Ferreira", "Dana Whitfield") if name in html]


@pytest.mark.parametrize("path", ["/people/", "/people/@dana", "/people/meetings"])
def test_the_host_is_asked_once_for_a_page(host: Flask, path: str) -> None:
    asked = []

    def viewer() -> str:
        asked.append("tomas")
        return "tomas"

    IntranetPeople(host, viewer=viewer)
    assert host.test_client().get(path).status_code == 200
    assert asked == ["tomas"]


def test_within_a_request_the_first_answer_counts(host: Flask) -> None:
    answers = iter(["tomas", "dana"])
    IntranetPeople(host, viewer=lambda: next(answers))
    with host.test_request_context("/"):
        assert "Dana Whitfield" in people_widget("card", "dana")
        # To Dana herself there would be no button.
        assert "<button" in people_widget("follow", "dana")
    with host.test_request_context("/"):
        assert "<button" not in people_widget("follow", "dana")


def test_whoever_signs_in_within_a_request_is_the_viewer_from_then_on(host: Flask) -> None:
    IntranetPeople(host)
    with host.test_request_context("/"):
        assert people_widget("search") == ""
        login_user(Account("dana"))
        assert people_widget("search") != ""
        assert "<button" not in people_widget("follow", "dana")
        logout_user()
        assert people_widget("search") == ""


def test_whoever_signs_out_is_the_viewer_no_more_whatever_asks_meanwhile(host: Flask) -> None:
    """Flask-Login tells its receivers, in no order, before it forgets who it was."""
    asked = []

    def ask(app: Flask, user: Account) -> None:
        asked.append(people_widget("search"))

    IntranetPeople(host)
    user_logged_out.connect(ask, host)
    with host.test_request_context("/"):
        login_user(Account("dana"))
        assert people_widget("search") != ""
        logout_user()
        assert len(asked) == 1
        assert people_widget("search") == ""
        login_user(Account("tomas"))
        assert people_widget("search") != ""


def test_the_host_is_asked_once_for_a_badge_of_nobody_we_know(host: Flask) -> None:
    asked = []

    def viewer() -> str:
        asked.append("stranger")
        return "stranger"

    IntranetPeople(host, viewer=viewer)
    host.test_client().get("/people/hellos/badge")
    assert asked == ["stranger"]


def test_a_login_of_another_app_is_none_of_ours() -> None:
    """Flask-Login's signals reach all apps of a process, also those without us."""
    app = Flask("another")
    app.secret_key = SECRET_KEY
    LoginManager(app)
    with app.test_request_context("/"):
        assert login_user(Account("dana"))


def test_the_person_is_loaded_once_for_each_page(company_app: Flask, tomas: Browser) -> None:
    for path in ("/people/", "/people/@dana", "/people/meetings", "/people/following"):
        with counted(company_app) as statements:
            assert tomas.get(path).status_code == 200
        by_id = [s for s in statements if "people_person.directory_id = " in s]
        assert len(by_id) == 1, path


def test_the_idle_badge_asks_one_query(company_app: Flask, tomas: Browser) -> None:
    with counted(company_app) as statements:
        assert tomas.get("/people/hellos/badge?n=0", htmx=True).status_code == 204
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("match", "name"), [("handle", "tomas"), ("mail", "tomas.ferreira@northwind.example")]
)
def test_in_a_host_too(host: Flask, match: str, name: str) -> None:
    host.config["PEOPLE_SIGN_IN_MATCH"] = match
    IntranetPeople(host, viewer=lambda: name)
    client = host.test_client()
    client.get("/people/")
    with counted(host) as statements:
        assert client.get("/people/hellos/badge?n=0", headers=HTMX).status_code == 204
    assert len(statements) == 1


def test_the_badge_of_nobody_asks_nothing(company_app: Flask) -> None:
    client = company_app.test_client()
    client.get("/people/")
    with counted(company_app) as statements:
        assert client.get("/people/hellos/badge?n=0", headers=HTMX).status_code == 204
    assert statements == []


QUERIES: dict[str, int] = {
    "/people/": 5,
    "/people/?after=kenji~1": 3,
    "/people/search?q=a": 3,
    "/people/@dana": 5,
    "/people/@dana/card": 4,
    "/people/@dana/photo": 2,
    "/people/meetings": 5,
    "/people/following": 5,
    "/people/hellos": 6,
    "/people/widgets/card?person=dana": 3,
    "/people/widgets/meetings": 4,
}
"""What each page asks of the database, the viewer and the badge of the navigation included, while
the viewer has no meetings."""


@pytest.mark.parametrize(("path", "most"), QUERIES.items())
def test_the_queries_of_each_page(company_app: Flask, tomas: Browser, path: str, most: int) -> None:
    tomas.get("/people/")
    with counted(company_app) as statements:
        tomas.get(path)
    # PostgreSQL has savepoints around those of a widget.
    assert len([s for s in statements if s.startswith(("SELECT", "WITH"))]) == most, statements
