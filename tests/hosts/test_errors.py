"""Errors: the host's pages for its own, ours for ours, and widgets on either."""

from __future__ import annotations

import pytest
from flask import abort, render_template_string, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import TestResponse

from ..queries import counted
from .conftest import MakeHost, show
from .known import HOSTS, Host

WIDGETS = "{{ people_head() }}[{{ people_widget('meetings') }}{{ people_widget('card', 'dana') }}]"


def fails() -> str:
    raise KeyError("the lift is stuck")


def test_errors_of_the_host_are_the_hosts_and_ours_are_ours(make: MakeHost) -> None:
    app = make(PROPAGATE_EXCEPTIONS=False)
    for code in (401, 403, 404, 405, 413, 500):
        app.register_error_handler(code, lambda e: (f"the host's {getattr(e, 'code', 500)}", 418))
    app.register_error_handler(Exception, lambda e: ("the host's own", 418))
    show(app, "/broken", fails)
    show(app, "/refused", lambda: abort(401))
    client = app.test_client()
    client.get("/come/tomas")
    for path, words in (("/nowhere", "404"), ("/refused", "401"), ("/broken", "own")):
        assert client.get(path).text == f"the host's {words}"
    assert client.post("/").text == "the host's 405"
    for path, status in (("/people/nowhere", 404), ("/people/@nobody", 404)):
        ours = client.get(path)
        assert ours.status_code == status
        assert "ip-lead" in ours.text
    assert app.test_client().get("/people/").status_code == 401
    assert client.post("/people/@dana/follow").status_code == 403


def test_widgets_on_an_error_page_too(make: MakeHost) -> None:
    """Also where the request is too large to be read: the page is shown all the same."""
    app = make(MAX_CONTENT_LENGTH=100)

    def too_large(e: RequestEntityTooLarge) -> tuple[str, int]:
        return render_template_string(WIDGETS), 413

    app.register_error_handler(413, too_large)
    show(app, "/send", lambda: request.form["x"], "POST")
    client = app.test_client()
    assert client.post("/send", data={"x": "y" * 200}).text.endswith("[]")
    client.get("/come/tomas")
    answer = client.post("/send", data={"x": "y" * 200})
    assert answer.status_code == 413
    assert "Dana Whitfield" in answer.text


def test_what_is_too_large_for_an_address_of_ours(make: MakeHost) -> None:
    app = make(MAX_CONTENT_LENGTH=100)

    def too_large(e: RequestEntityTooLarge) -> tuple[str, int]:
        return render_template_string(WIDGETS), 413

    app.register_error_handler(413, too_large)
    client = app.test_client()
    client.get("/come/tomas")
    answer = client.post("/people/@dana/follow", data={"x": "y" * 200})
    assert answer.status_code == 413
    assert "Dana Whitfield" in answer.text


def test_a_hosts_own_field_called_next_is_not_ours(make: MakeHost) -> None:
    app = make()
    show(app, "/wizard", lambda: render_template_string(WIDGETS), "POST")
    client = app.test_client()
    client.get("/come/tomas")
    page = client.post("/wizard", data={"next": "step 2"}).text
    assert 'name="next" value="/wizard"' in page
    assert "step 2" not in page


@pytest.mark.parametrize(
    "host",
    [h for h in HOSTS if h.name in ("migrating", "factory", "sessions")],
    ids=lambda h: h.name,
)
def test_a_page_without_a_widget_asks_nothing(host: Host, move_in: MakeHost) -> None:
    """No statement of ours, and no cookie, on pages that show nothing of ours."""
    app = move_in(host)
    client = app.test_client()
    with counted(app) as asked:
        answer: TestResponse = client.get(host.pages[0])
    assert asked == []
    assert "Set-Cookie" not in answer.headers
