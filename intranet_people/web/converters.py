"""Parts of our addresses. What cannot be one is an address that does not exist."""

from __future__ import annotations

import re

from flask import Flask
from werkzeug.routing import BaseConverter

from ..people.login_name import MAX_LENGTH


class HandleConverter(BaseConverter):
    """A login name, in lower case.

    A slash is written ~1, in the style of RFC 6901, as many servers decode %2F too early. ~ is
    written ~0 only before a 0 or 1, so that alice~2 is alice~2.
    """

    # No control characters; each character of a name may take two. A ValidationError instead would
    # be a 404 of Werkzeug's, and not our page.
    regex = rf"[^/\x00-\x1f\x7f-\x9f]{{1,{2 * MAX_LENGTH}}}"
    part_isolating = True

    def to_python(self, value: str) -> str:
        return decode(value).lower()

    def to_url(self, value: str) -> str:
        return super().to_url(encode(value))


class DigestConverter(BaseConverter):
    """The SHA-256 of a photo."""

    regex = "[0-9a-f]{64}"


class KeyConverter(BaseConverter):
    """The key of a meeting."""

    regex = "[0-9a-f]{32}"


def register(app: Flask) -> None:
    """Under names that no host has."""
    converters = {"handle": HandleConverter, "digest": DigestConverter, "key": KeyConverter}
    for name, converter in converters.items():
        app.url_map.converters[f"people_{name}"] = converter


def encode(handle: str) -> str:
    return re.sub("~(?=[01/])", "~0", handle).replace("/", "~1")


def decode(text: str) -> str:
    return re.sub("~[01]", lambda found: "/" if found[0] == "~1" else "~", text)
