"""Fetches the bytes of one calendar by HTTP or from a file."""

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
from .messages import MAX_BYTES
from .source import CalendarError, CalendarMissing

_CHUNK_SIZE = 64 * 1024


def fetch_url(
    session: requests.Session,
    url: str,
    *,
    timeouts: tuple[float, float] = (5, 10),
    seconds: float = 30,
) -> bytes:
    """The body of `url`.

    `timeouts` are to connect and between bytes, `seconds` is for the whole body. Raises
    CalendarMissing for HTTP 404 and 410, else CalendarError. The error text has only the host, as
    the user, path and query may contain secrets.
    """
    host = urlsplit(url).hostname
    # No compression: a small response may expand to gigabytes.
    headers = {"Accept": "text/calendar", "Accept-Encoding": "identity"}
    deadline = monotonic() + seconds
    try:
        with session.get(
            url, headers=headers, timeout=timeouts, stream=True, allow_redirects=False
        ) as response:
            _check_response(response, url)
            return _read_limited(
                _chunks(response, deadline, _problem("slow", host, f"{seconds:g}"))
            )
    except (requests.RequestException, HTTPError) as error:
        # Hide the cause, whose text contains the whole URL.
        raise CalendarError(_problem_of(error, host, timeouts)) from None
    except (OSError, ValueError) as error:
        raise CalendarError(_problem("unreadable", host, type(error).__name__)) from None


def read_file(path: str) -> bytes:
    """The bytes of a file. Raises CalendarMissing if it does not exist, else CalendarError."""
    name = Path(path).name
    try:
        # Non-blocking, as opening a named pipe would wait for a writer.
        number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise CalendarError(_problem("no-file", name))
            return _read_limited(iter(lambda: file.read(_CHUNK_SIZE), b""))
    except (FileNotFoundError, NotADirectoryError):
        raise CalendarMissing(_problem("missing", name)) from None
    except OSError as error:
        raise CalendarError(_problem("unreadable", name, error.strerror or "")) from None


def _check_response(response: requests.Response, url: str) -> None:
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
    if length.isdecimal() and int(length) > MAX_BYTES:
        raise CalendarError(_problem("too-large"))


def _chunks(response: requests.Response, deadline: float, timed_out: Problem) -> Iterator[bytes]:
    # read1 returns the bytes that have arrived. read would wait for a full chunk, and a server that
    # sends a byte now and then would never run into the timeout between bytes.
    while chunk := response.raw.read1(_CHUNK_SIZE):
        yield chunk
        if monotonic() > deadline:
            raise CalendarError(timed_out)


def _read_limited(chunks: Iterator[bytes]) -> bytes:
    data = bytearray()
    for chunk in chunks:
        data += chunk
        if len(data) > MAX_BYTES:
            raise CalendarError(_problem("too-large"))
    return bytes(data)


def _problem_of(error: Exception, host: str | None, timeouts: tuple[float, float]) -> Problem:
    if isinstance(error, requests.ConnectTimeout):
        return _problem("no-connection", host, f"{timeouts[0]:g}")
    # urllib3's own exceptions come from reading the raw body.
    if isinstance(error, (requests.Timeout, ReadTimeoutError)):
        return _problem("silent", host, f"{timeouts[1]:g}")
    if isinstance(error, requests.exceptions.SSLError):
        return _problem("certificate", host)
    if isinstance(error, (requests.ConnectionError, HTTPError)):
        return _problem("unreachable", host)
    return _problem("unreadable", host, type(error).__name__)


def _problem(code: str, subject: str | None = "", detail: str = "") -> Problem:
    return Problem(f"calendar-{code}", subject or "", detail)
