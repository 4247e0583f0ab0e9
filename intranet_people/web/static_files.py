"""Our stylesheet, scripts and icon: the same for everybody, also where there is no such file.

Caches often keep what is below a folder of files whoever asked for it, whatever is answered. So no
answer there looks at the session, not even a refusal.
"""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, g, request, send_from_directory
from werkzeug.exceptions import HTTPException, MethodNotAllowed, ServiceUnavailable

from ..state import get_state

FOLDER = Path(__file__).parents[1] / "static"
READS = ("GET", "HEAD")
METHODS = (*READS, "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def add_routes(bp: Blueprint, path: str) -> None:
    """With every method, so that a wrong one is refused here and not by a page of the host's."""
    bp.add_url_rule(f"{path}/<people_anywhere:filename>", "static", answer, methods=METHODS)
    bp.add_url_rule(f"{path}/", "no_file", answer, methods=METHODS, strict_slashes=False)


def is_below() -> bool:
    """Whether the request is for a file of ours, or for something beside one."""
    here = get_state().static_path
    return request.path == here or request.path.startswith(f"{here}/")


def is_found() -> bool:
    """Whether the answer to this request is a file, and not a refusal."""
    return "_people_file" in g


def answer(filename: str = "") -> Response:
    """The file, or a plain refusal."""
    try:
        if request.method not in READS:
            raise MethodNotAllowed(READS)
        file = send_from_directory(FOLDER, filename)
    except HTTPException as e:
        return refused(e)
    g._people_file = True
    return file


def refused(e: Exception) -> Response:
    """In a few words, without a page and without anybody's name."""
    if not isinstance(e, HTTPException) or e.code is None:
        e = ServiceUnavailable()
    response = Response(f"{e.code} {e.name}\n", e.code, mimetype="text/plain")
    for name, value in e.get_headers():
        if name != "Content-Type":
            response.headers.add(name, value)
    return response
