"""The photo of a person, under a name that lasts and an address that never changes."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..db.session import db_session
from ..people.login_name import LoginName
from ..web.guard import get_person_or_404, sign_in_required
from ..web.viewer import viewer_asked, viewer_name
from .formats import SIZES
from .photo import nearest_size, visible_webp


def add_routes(bp: Blueprint) -> None:
    bp.get("/@<people_handle:handle>/photo")(photo)
    bp.get("/photos/<people_digest:digest>/<int:size>.webp")(rendition)


@sign_in_required
def photo(handle: str) -> Response:
    person = get_person_or_404(handle)
    size = nearest_size(request.args.get("size", 128, type=int))
    if person.photo_digest:
        address = url_for(".rendition", digest=person.photo_digest, size=size)
        return redirect(address)  # type: ignore[return-value]
    svg = render_template("intranet_people/photos/initials.svg", person=person, size=size)
    return Response(svg, mimetype="image/svg+xml")


def rendition(digest: str, size: int) -> ResponseReturnValue:
    """The photo in one of SIZES, or 304 where the browser has it already.

    A page has many of them: one query finds the viewer, and the photo if they may see it.
    """
    name = viewer_asked()
    found = None if name is None else _answer(name, digest, size)
    return _first_rendition(digest, size) if found is None else found


@sign_in_required
def _first_rendition(digest: str, size: int) -> ResponseReturnValue:
    """For nobody, or somebody who is new: ask to sign in, or bring them in."""
    name = viewer_name() or abort(403)
    return _answer(name, digest, size) or abort(404)


def _answer(viewer: LoginName, digest: str, size: int) -> Response | None:
    """None if nobody has that login name."""
    if size not in SIZES:
        abort(404)
    etag = f"{digest}-{size}"
    is_kept = request.if_none_match.contains_weak(etag)
    found = visible_webp(db_session(), viewer, digest, size, is_kept=is_kept)
    if found is None:
        return None
    if found[0] is None:
        abort(404)
    response = Response(found[0], 304 if is_kept else 200, mimetype="image/webp")
    response.set_etag(etag)
    response.cache_control.private = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    return response
