"""What we write is for the user that the app runs as: 0600 and 0700, whatever the umask allows."""

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
"""What SQLite keeps for a database: it gives the others the mode of the first."""
_one_at_a_time = Lock()


def make_folder(path: Path) -> None:
    """The folder and those above it that are missing. One that is there stays as it is."""
    missing = [folder for folder in (path, *path.parents) if not folder.exists()]
    for folder in reversed(missing):
        folder.mkdir(mode=FOLDER, exist_ok=True)


def make_file(path: Path) -> None:
    """An empty one; one that is there stays as it is."""
    # Not two at once: to close a file takes away the locks that another thread, which has opened
    # it meanwhile as a database, has on it (https://sqlite.org/howtocorrupt.html, 2.2).
    with _one_at_a_time, suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, FILE))


def keep_database_private(engine: Engine) -> None:
    """Where SQLite would make the file of a new database, we do."""
    if (path := file_of(engine.url)) is None:
        return

    @event.listens_for(engine, "do_connect")
    def make(*arguments: Any) -> None:
        with suppress(OSError):  # which SQLite will say in its own words
            make_file(path)


def file_of(url: URL) -> Path | None:
    """That of a SQLite database which is one, and not in memory."""
    name = url.database or ""
    name = name.removeprefix("file:") if url.query.get("uri") else name
    is_file = name not in ("", ":memory:") and "mode" not in url.query
    return Path(name) if url.get_backend_name() == "sqlite" and is_file else None


def open_to_others(database: Path) -> list[tuple[Path, int]]:
    """The folder and the files of a database that others on this machine may use: (path, mode)."""
    files = [database.with_name(database.name + end) for end in BESIDE]
    modes = {p: S_IMODE(p.stat().st_mode) for p in (database.parent, *files) if p.exists()}
    return [(path, mode) for path, mode in modes.items() if mode & 0o077]
