"""A private PostgreSQL server on 127.0.0.1 (Debian: postgresql)."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from tests.servers.process import (
    Server,
    ServerError,
    end,
    find_program,
    free_port,
    wait_until_ready,
)

SUPERUSER = "app"


class PostgreSQL(Server):
    """One cluster in a temporary directory; everybody on this machine may connect, as `app`."""

    def __init__(self) -> None:
        # PostgreSQL refuses to run as root, so root lends it the directory and another user;
        # TMPDIR may be closed to that user, /tmp is not.
        self._identity = _other_user() if os.getuid() == 0 else {}
        self.directory = Path(
            tempfile.mkdtemp(prefix="postgresql-", dir="/tmp" if self._identity else None)
        )
        self.port = free_port()
        self._log = self.directory / "log"
        self._process: subprocess.Popen[bytes] | None = None
        if self._identity:
            os.chown(self.directory, self._identity["user"], self._identity["group"])
        self._initdb()

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Starts, or starts again on the same port with the same databases; ready on return."""
        options = ["-p", str(self.port), "-h", "127.0.0.1", "-k", str(self.directory)]
        command = [str(_program("postgres")), "-D", str(self.directory / "data"), "-F", *options]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.directory,
                **self._identity,
            )
        wait_until_ready(self._process, self._answers, self._log)

    def stop(self) -> None:
        """Ends at once but in good order, whoever is connected; the databases stay."""
        if self._process and self._process.poll() is None:
            end(self._process, signal.SIGINT)
        self._process = None

    def close(self) -> None:
        self.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

    def create_database(self, name: str, template: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of one to which nobody is connected."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drops it, if it is there, whoever is still connected to it."""
        self._execute(
            sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        )

    def dump(self, name: str, *options: str) -> str:
        """The database of that name as SQL: its tables, and a statement for each row."""
        command = [str(_program("pg_dump")), "--inserts", "--no-owner", "--no-privileges"]
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, name]
        return subprocess.run(
            [*command, *options, *where], capture_output=True, text=True, check=True
        ).stdout

    def _initdb(self) -> None:
        options = ["-A", "trust", "-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "-N"]
        done = subprocess.run(
            [str(_program("initdb")), "-D", str(self.directory / "data"), *options],
            capture_output=True,
            text=True,
            check=False,
            cwd=self.directory,
            **self._identity,
        )
        if done.returncode != 0:
            self.close()
            raise ServerError(f"initdb ended with {done.returncode}\n{done.stdout}{done.stderr}")

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, dbname="postgres", autocommit=True
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: sql.Composed) -> None:
        with self._connect() as connection:
            connection.execute(statement)


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    return None if _find("initdb") and _find("postgres") else "postgresql"


def _find(name: str) -> Path | None:
    # Debian keeps each version apart, off PATH; the newest comes first.
    folders = Path("/usr/lib/postgresql").glob("*/bin")
    return find_program([name], sorted(folders, key=_version, reverse=True))


def _version(folder: Path) -> float:
    try:
        return float(folder.parent.name)
    except ValueError:
        return 0


def _program(name: str) -> Path:
    found = _find(name)
    if not found:
        raise ServerError(f"{name} is not installed")
    return found


def _other_user() -> dict[str, Any]:
    """The keywords of subprocess that run a program as somebody who is not root."""
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
