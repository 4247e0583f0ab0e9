"""Fetches one calendar's bytes: by HTTP, or from a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, ReadTimeoutError

from ..problems import Problem
from .messages import MOST_BYTES
from .source import CalendarError, CalendarMissing

_PIECE = 64 * 1024


def fetch_url(
    session: requests.Session,
    url: str,
    *,
    timeouts: tuple[float, float] = (5, 10),
    seconds: float = 30,
) -> bytes:
    """The body of `url`; `timeouts` to connect and of silence, `seconds` for the whole body.

    Raises CalendarMissing for HTTP 404 and 410, else CalendarError. Its text names the host
    alone: user, path and query may each hold a secret.
    """
    host = urlsplit(url).hostname
    # Packed answers are not asked for: a small one may unpack to gigabytes.
    headers = {"Accept": "text/calendar", "Accept-Encoding": "identity"}
    ends = monotonic() + seconds
    try:
        with session.get(
            url, headers=headers, timeout=timeouts, stream=True, allow_redirects=False
        ) as response:
            _check(response, url)
            return _joined(_pieces(response, ends, _problem("slow", host, f"{seconds:g}")))
    except (requests.RequestException, HTTPError) as error:
        # Without its cause, whose text is the whole URL.
        raise CalendarError(_why(error, host, timeouts)) from None
    except (OSError, ValueError) as error:
        raise CalendarError(_problem("unreadable", host, type(error).__name__)) from None


def read_file(path: str) -> bytes:
    """The bytes of the file `path`. Raises CalendarMissing where there is none, CalendarError."""
    name = Path(path).name
    try:
        # Not blocking: a named pipe would wait for its writer.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise CalendarError(_problem("no-file", name))
            return _joined(iter(lambda: file.read(_PIECE), b""))
    except (FileNotFoundError, NotADirectoryError):
        raise CalendarMissing(_problem("missing", name)) from None
    except OSError as error:
        raise CalendarError(_problem("unreadable", name, error.strerror or "")) from None


def _check(response: requests.Response, url: str) -> None:
    host, status = urlsplit(url).hostname, response.status_code
    if status in {404, 410}:
        raise CalendarMissing(_problem("http", host, str(status)))
    if 300 <= status < 400:
        target = urlsplit(urljoin(url, response.headers.get("Location", ""))).hostname
        raise CalendarError(_problem("redirect", host, target or ""))
    if status in {401, 403}:
        raise CalendarError(_problem("refused", host, str(status)))
    if status != 200:
        raise CalendarError(_problem("http", host, str(status)))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise CalendarError(_problem("packed", host))
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and int(length) > MOST_BYTES:
        raise CalendarError(_problem("too-large"))


def _pieces(response: requests.Response, ends: float, late: Problem) -> Iterator[bytes]:
    # read1 returns what has come: read would wait for the whole piece, and a server that
    # sends a byte now and then never meets the timeout of silence.
    while piece := response.raw.read1(_PIECE):
        yield piece
        if monotonic() > ends:
            raise CalendarError(late)


def _joined(pieces: Iterator[bytes]) -> bytes:
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > MOST_BYTES:
            raise CalendarError(_problem("too-large"))
    return bytes(data)


def _why(error: Exception, host: str | None, timeouts: tuple[float, float]) -> Problem:
    if isinstance(error, requests.ConnectTimeout):
        return _problem("no-connection", host, f"{timeouts[0]:g}")
    # urllib3's own come from the body, which requests does not read for us.
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return _problem("silent", host, f"{timeouts[1]:g}")
    if isinstance(error, requests.exceptions.SSLError):
        return _problem("certificate", host)
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        return _problem("unreachable", host)
    return _problem("unreadable", host, type(error).__name__)


def _problem(code: str, subject: str | None = "", detail: str = "") -> Problem:
    return Problem(f"calendar-{code}", subject or "", detail)
