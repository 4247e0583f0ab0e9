"""The service account's password: as it is, from a file, or from a command that prints it."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

from .errors import ServiceAccountRefused

WITHIN = 10
"""Seconds that a command may take."""
KEPT_FOR = 300
"""Seconds for which its answer is used again, so that not every sign-in runs it."""
_answers: dict[str, tuple[float, str]] = {}


def bind_password(password: str, file: str = "", command: str = "") -> str:
    """The password; of a file or an answer the first line. Raises ServiceAccountRefused."""
    if file:
        return _first_line(_read(file), file)
    return _asked(command) if command else password


def _read(file: str) -> str:
    try:
        return Path(file).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise ServiceAccountRefused(f"PEOPLE_LDAP_BIND_PASSWORD_FILE {file}: {e}.") from None


def _asked(command: str) -> str:
    at, password = _answers.get(command, (0.0, ""))
    if not password or time.monotonic() - at > KEPT_FOR:
        password = _first_line(_run(command), command)
        _answers[command] = time.monotonic(), password
    return password


def _run(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command), capture_output=True, text=True, timeout=WITHIN, check=True
        )
    except subprocess.CalledProcessError as e:
        # What it says of itself may hold the password: its status alone is told.
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
