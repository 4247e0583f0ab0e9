"""Parts of our addresses. What cannot be one is an address that does not exist."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter, PathConverter

from ..people.login_name import MAX_LENGTH

DOTS = {".": "~0.", "..": "~0.."}
FROM_DOTS = {text: handle for handle, text in DOTS.items()}


class HandleConverter(BaseConverter):
    """A login name, in lower case.

    A slash is written ~1, in the style of RFC 6901, as many servers decode %2F too early. ~ is
    written ~0 only before a 0 or 1, so that alice~2 is alice~2. A name of one or two dots alone
    would be a segment that browsers resolve, also as %2E.
    """

    # No control characters; each character of a name may take two. A ValidationError instead would
    # be a 404 of Werkzeug's, and not our page.
    regex = rf"[^/\x00-\x1f\x7f-\x9f]{{1,{2 * MAX_LENGTH}}}"
    part_isolating = True

    def to_python(self, value: str) -> str:
        return decode(value).lower()

    def to_url(self, value: str) -> str:
        return super().to_url(encode(str(value)))


class AnywhereConverter(PathConverter):
    """Any path, also with a line break, which Werkzeug's own does not match."""

    regex = r"[^/][\s\S]*?"
    part_isolating = False


class DigestConverter(BaseConverter):
    """The SHA-256 of a photo."""

    regex = "[0-9a-f]{64}"


class KeyConverter(BaseConverter):
    """The key of a meeting."""

    regex = "[0-9a-f]{32}"


def register(app: Flask) -> None:
    """Under names that no host has."""
    app.url_map.converters.update(
        people_handle=HandleConverter,
        people_digest=DigestConverter,
        people_key=KeyConverter,
        people_anywhere=AnywhereConverter,
    )


def encode(handle: str) -> str:
    return DOTS.get(handle) or re.sub("~(?=[01])", "~0", handle).replace("/", "~1")


def decode(text: str) -> str:
    plain = re.sub("~[01]", lambda found: "/" if found[0] == "~1" else "~", text)
    return FROM_DOTS.get(text, plain)
