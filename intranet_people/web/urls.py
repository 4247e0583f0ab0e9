"""The addresses of people and photos, of which a page has dozens.

`url_for` is asked once in a request for each kind, and its answer filled in for everybody.
"""

from __future__ import annotations

from typing import cast

from flask import g, has_request_context, request, url_for
from werkzeug.routing import Map

from ..state import NAME, get_state
from .converters import HandleConverter

_KEY = "intranet_people.urls"
_HANDLE = HandleConverter(Map())
_SOMEBODY, _DIGEST, _SIZE = "somebody-s-login-name", "0" * 64, 123456789


def profile_url(handle: str) -> str:
    """The same as `url_for("intranet_people.profile", handle=handle)`."""
    known = _known()
    if "profile" not in known:
        known["profile"] = url_for(f"{NAME}.profile", handle=_SOMEBODY)
    return known["profile"].replace(_SOMEBODY, _HANDLE.to_url(handle))


def photo_url(digest: str, size: int) -> str:
    """The same as `url_for("intranet_people.rendition", digest=digest, size=size)`."""
    known = _known()
    if "photo" not in known:
        known["photo"] = url_for(f"{NAME}.rendition", digest=_DIGEST, size=_SIZE)
    return known["photo"].replace(str(_SIZE), str(size)).replace(_DIGEST, digest)


def _known() -> dict[str, str]:
    """Those of this app: one may call another within a request."""
    if not has_request_context():
        return cast("dict[str, str]", g.__dict__.setdefault(_KEY, {}))
    known = request.environ.setdefault(_KEY, {})
    return cast("dict[str, str]", known.setdefault((get_state(), request.script_root), {}))
