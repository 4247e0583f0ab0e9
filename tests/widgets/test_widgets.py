"""Widgets: the same fragments as on the pages, anywhere."""

from __future__ import annotations

import pytest
from flask import Flask

from intranet_people.widgets.widget import WIDGETS, UnknownWidget, people_widget

from ..client import Browser


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
    answer = tomas.post("/people/@dana/follow", htmx=True, place="widget-follow")
    assert 'value="widget-follow"' in answer.text


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
