"""Files only the app's own user can read: modes 0600 and 0700, whatever the umask."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE
from threading import Lock
from typing import Any

from sqlalchemy import URL, Engine, event

FILE, FOLDER = 0o600, 0o700
BESIDE = ("", "-wal", "-shm", "-journal")
"""The files of one SQLite database. SQLite gives the others the mode of the first."""
_one_at_a_time = Lock()


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents. A folder that exists is left as it is."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """Make an empty file. A file that exists is left as it is."""
    # One at a time: closing the file would drop the locks of another thread that has opened it
    # as a database meanwhile (https://sqlite.org/howtocorrupt.html, 2.2).
    with _one_at_a_time, suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))


def keep_database_private(engine: Engine) -> None:
    """Create the file of a new database before SQLite would."""
    if (path := file_of(engine.url)) is None:
        return

    @event.listens_for(engine, "do_connect")
    def make(*arguments: Any) -> None:
        with suppress(OSError):  # SQLite will report it
            make_file(path)


def file_of(url: URL) -> Path | None:
    """The file of a SQLite database; None if it is in memory or on another server."""
    name = url.database or ""
    name = name.removeprefix("file:") if url.query.get("uri") else name
    is_file = name not in ("", ":memory:") and "mode" not in url.query
    return Path(name) if url.get_backend_name() == "sqlite" and is_file else None


def open_to_others(database: Path) -> list[tuple[Path, int]]:
    """Which of the database's folder and files other users may access: (path, mode)."""
    files = [database.with_name(database.name + end) for end in BESIDE]
    modes = {p: S_IMODE(p.stat().st_mode) for p in (database.parent, *files) if p.exists()}
    return [(path, mode) for path, mode in modes.items() if mode & 0o077]
