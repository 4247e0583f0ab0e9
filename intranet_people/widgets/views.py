"""Widgets under an address of their own, for pages of the same site."""

from __future__ import annotations

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from ..web.guard import sign_in_required
from .widget import WIDGETS, people_widget


def add_routes(bp: Blueprint) -> None:
    bp.get("/widgets/<name>")(widget)


@sign_in_required
def widget(name: str) -> ResponseReturnValue:
    """The fragment, `?person=HANDLE` where it is about somebody; 404 where there is none."""
    html = people_widget(name, request.args.get("person")) if name in WIDGETS else ""
    return str(html) if html else abort(404)
