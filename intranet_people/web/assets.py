"""Our stylesheet and scripts, each under an address that changes with its content."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from flask import url_for
from markupsafe import Markup

from ..state import NAME

HTMX = "vendor/htmx-4.0.1/htmx.min.js"


def people_head(nonce: str = "") -> Markup:
    """The stylesheet and the script, once in the head of a page; htmx unless it is there.

    `nonce` is that of the host's Content-Security-Policy, where that asks for one.
    """
    css, js, htmx = (static_url(name) for name in ("people.css", "people.js", HTMX))
    by = Markup(' nonce="{}"').format(nonce) if nonce else ""
    return Markup(
        '<link rel="stylesheet" href="{}"{}><script src="{}" data-htmx="{}" defer{}></script>'
    ).format(css, by, js, htmx, by)


def static_url(name: str) -> str:
    return url_for(f"{NAME}.static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    """Of the content, so that a browser never keeps an old file."""
    data = files("intranet_people").joinpath("static", *name.split("/")).read_bytes()
    return hashlib.sha256(data).hexdigest()[:12]
