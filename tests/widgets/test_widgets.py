"""Widgets: the same fragments as on the pages, anywhere."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import text

from intranet_people import IntranetPeople, hi_said
from intranet_people.db.session import db_session
from intranet_people.signals import send
from intranet_people.widgets.widget import WIDGETS, UnknownWidget, people_widget

from .. import SECRET_KEY
from ..client import Browser
from ..conftest import COMPANY, close
from ..queries import counted


@pytest.mark.parametrize("name", ["meetings", "search"])
def test_widget_without_a_person(company_app: Flask, name: str) -> None:
    answer = Browser(company_app, "tomas").get(f"/people/widgets/{name}")
    assert answer.status_code == 200
    assert "<html" not in answer.text


@pytest.mark.parametrize("name", ["card", "follow"])
def test_widget_of_a_person(company_app: Flask, name: str) -> None:
    tomas = Browser(company_app, "tomas")
    assert "Dana Whitfield" in tomas.get(f"/people/widgets/{name}?person=dana").text
    assert tomas.get(f"/people/widgets/{name}?person=nobody").status_code == 404
    assert tomas.get(f"/people/widgets/{name}").status_code == 404


def test_follow_from_a_widget_keeps_its_place(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    assert 'value="widget-follow"' in tomas.get("/people/widgets/follow?person=dana").text
    answer = tomas.post("/people/@dana/follow", htmx=True, placement="widget-follow")
    assert 'form="ip-widget-follow-form"' in answer.text


def test_unknown_widget_names_those_there_are(company_app: Flask) -> None:
    with company_app.test_request_context("/"), pytest.raises(UnknownWidget) as e:
        people_widget("followers")
    for name in WIDGETS:
        assert name in str(e.value)


def test_nobody_asked_for(company_app: Flask) -> None:
    """A host's template may have no name at hand."""
    with company_app.test_request_context("/"):
        assert people_widget("card", None) == people_widget("follow", "nobody") == ""


def test_nobody_signed_in_sees_nothing(company_app: Flask) -> None:
    with company_app.test_request_context("/"):
        assert people_widget("meetings") == ""
    assert company_app.test_client().get("/people/widgets/meetings").status_code == 302


@pytest.mark.parametrize(
    ("widget", "queries"),
    [
        ('"search"', 1),
        ('"meetings"', 4),
        ('"card", "dana"', 3),
        ('"follow", "dana"', 3),
        ('"card", "nobody"', 2),
    ],
)
@pytest.mark.parametrize("match", ["handle", "mail"])
def test_what_a_widget_asks_the_database(
    company_url: str, widget: str, queries: int, match: str
) -> None:
    """Who is signed in, once; and one query for each subject."""
    app = Flask("host")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    app.config["PEOPLE_SIGN_IN_MATCH"] = match
    mail = "tomas.ferreira@northwind.example"
    IntranetPeople(app, viewer=lambda: "tomas" if match == "handle" else mail)

    @app.get("/")
    def home() -> ResponseReturnValue:
        return render_template_string("{{ people_head() }}{{ people_widget(" + widget + ") }}")

    try:
        assert ("ip-" in app.test_client().get("/").text) == ("nobody" not in widget)
        with counted(app) as statements:
            assert app.test_client().get("/").status_code == 200
        assert len(statements) == queries
    finally:
        close(app)


DROP_MEETINGS = "ALTER TABLE people_meeting RENAME TO lost_meeting"


@pytest.fixture
def shop(company_url: str) -> Iterator[Flask]:
    """A host that takes orders into its own database, which is ours as well."""
    app = Flask("shop")
    app.config.update(SECRET_KEY=SECRET_KEY, SQLALCHEMY_DATABASE_URI=company_url, **COMPANY)
    db = SQLAlchemy(app)
    app.add_url_rule("/", "order", lambda: order(db), methods=["POST"])
    IntranetPeople(app, viewer=lambda: "tomas")
    with app.app_context():
        db.session.execute(text("CREATE TABLE soup (id integer)"))
        db.session.commit()
    yield app
    close(app)


def order(db: SQLAlchemy) -> str:
    db.session.execute(text("INSERT INTO soup VALUES (1)"))
    html = people_widget("meetings")
    db.session.commit()
    return html or "without"


def soups(app: Flask) -> int:
    with app.app_context():
        session = app.extensions["sqlalchemy"].session
        return int(session.scalar(text("SELECT count(*) FROM soup")))


def test_what_a_view_has_pending_outlives_a_widget_that_fails(shop: Flask) -> None:
    client = shop.test_client()
    assert "Dana" in client.get("/people/@dana").text
    with shop.app_context():
        shop.extensions["sqlalchemy"].session.execute(text(DROP_MEETINGS))
        shop.extensions["sqlalchemy"].session.commit()
    assert client.post("/").text == "without"
    assert soups(shop) == 1


def test_what_a_view_has_pending_outlives_a_receiver_that_fails(shop: Flask) -> None:
    def fails(sender: object, **facts: object) -> None:
        raise RuntimeError

    with hi_said.connected_to(fails), shop.app_context():
        session = shop.extensions["sqlalchemy"].session
        session.execute(text("INSERT INTO soup VALUES (1)"))
        send(db_session(), hi_said, hello_id=1, sender_id=1, receiver_id=2)
        session.commit()
    assert soups(shop) == 1


def test_a_log_without_names(shop: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with shop.app_context():
        shop.extensions["sqlalchemy"].session.execute(text(DROP_MEETINGS))
        shop.extensions["sqlalchemy"].session.commit()
    shop.test_client().post("/")
    assert "The widget meetings is left out" in caplog.text
    assert "tomas" not in caplog.text
