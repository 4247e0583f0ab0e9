"""The photo of a person, under a name that lasts and an address that never changes."""

from __future__ import annotations

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from ..db.session import db_session
from ..web.guard import get_person_or_404, sign_in_required
from ..web.viewer import viewer
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


@sign_in_required
def rendition(digest: str, size: int) -> Response:
    data = visible_webp(db_session(), viewer(), digest, size) if size in SIZES else None
    if data is None:
        abort(404)
    response = Response(data, mimetype="image/webp")
    response.cache_control.private = True
    response.cache_control.max_age = 365 * 24 * 3600
    response.cache_control.immutable = True
    return response
