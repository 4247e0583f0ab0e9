"""The password of the service account: from the settings, a file, or the output of a command."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

from .errors import ServiceAccountRefused

COMMAND_TIMEOUT = 10
"""Time limit for the command, in seconds."""
CACHE_SECONDS = 300
"""Seconds to cache the output of the command, so that not every sign-in runs it."""
_cache: dict[str, tuple[float, str]] = {}


def bind_password(password: str, file: str = "", command: str = "") -> str:
    """The password: the first line of the file, else of the command's output, else `password`.

    Raises ServiceAccountRefused.
    """
    if file:
        return _first_line(_read(file), file)
    return _from_command(command) if command else password


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise ServiceAccountRefused(f"PEOPLE_LDAP_BIND_PASSWORD_FILE {file}: {e}.") from None


def _from_command(command: str) -> str:
    at, password = _cache.get(command, (0.0, ""))
    if not password or time.monotonic() - at > CACHE_SECONDS:
        password = _first_line(_run(command), command)
        _cache[command] = time.monotonic(), password
    return password


def _run(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT,
            check=True,
        )
    except subprocess.CalledProcessError as e:
        # Only the status, as the output may contain the password.
        wrong = f"ended with status {e.returncode}"
    except (OSError, ValueError, subprocess.TimeoutExpired) as e:
        wrong = f"cannot be run: {type(e).__name__}"
    else:
        return done.stdout
    raise ServiceAccountRefused(f"PEOPLE_LDAP_BIND_PASSWORD_COMMAND {wrong}.")


def _first_line(text: str, source: str) -> str:
    line = next(iter(text.splitlines()), "")
    if not line:
        raise ServiceAccountRefused(f"{source} gives no password: its first line is empty.")
    return line
