"""Syncs of a company, as processes: over its directory, and again a day later."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from tests.bench.company import PEOPLE_DN, dn_of, people
from tests.bench.ldif import write_ldif
from tests.servers.slapd import Slapd

from .. import SECRET_KEY

ROOT = Path(__file__).parents[2]
SIZE = 600


@contextmanager
def company(folder: Path) -> Iterator[Slapd]:
    """SIZE people in a directory, a few with a photo."""
    ldif = folder / "company.ldif"
    staff = (replace(p, has_photo=p.n % 60 == 0) for p in people(SIZE, 7, date(2026, 1, 1)))
    write_ldif(ldif, staff)
    with Slapd(ldif=ldif) as slapd:
        hide = "changetype: modify\nadd: employeeType\nemployeeType: witness\n"
        slapd.modify("\n".join(f"dn: {dn_of(n)}\n{hide}" for n in (10, 40, 70, 305)))
        yield slapd


def change(slapd: Slapd) -> None:
    """The company a day later: people came, went, changed, moved, swapped their login names; some
    are hidden, and some no longer."""

    def modify(n: int, *lines: str) -> str:
        return f"dn: {dn_of(n)}\nchangetype: modify\n" + "\n".join(lines) + "\n"

    changes = [modify(n, "replace: title", "title: Astronomer") for n in range(50, 250)]
    changes += [f"dn: {dn_of(n)}\nchangetype: delete\n" for n in range(301, 320)]
    changes += [modify(n, "replace: uid", f"uid: was.{n}") for n in (400, 401)]
    changes += [modify(400, "replace: uid", "uid: swapped.1")]
    changes += [modify(n, "replace: manager", f"manager: {dn_of(1000)}") for n in range(410, 420)]
    changes += [modify(n, "delete: jpegPhoto") for n in (60, 120)]
    changes += [modify(n, "replace: employeeType", "employeeType: witness") for n in (240, 270)]
    changes += [modify(n, "delete: employeeType") for n in (10, 40)]
    slapd.modify("\n".join(changes))
    newcomers = [
        f"dn: {dn_of(n)}\nobjectClass: inetOrgPerson\nuid: new.{n}\ncn: Newcomer {n}\n"
        f"sn: Newcomer\nmanager: {dn_of(n - n % 10)}\nemployeeNumber: {n}\n"
        f"employeeType: {'witness' if n % 20 == 0 else 'staff'}\n"
        for n in range(1000, 1080)
    ]
    slapd.add("\n".join(newcomers))


def run(slapd: Slapd, url: str, *options: str) -> None:
    """A sync that nobody kills."""
    running = start(slapd, url, *options)
    said, _ = running.communicate()
    assert running.returncode == 0, said


def start(
    slapd: Slapd,
    url: str,
    *options: str,
    uri: str = "",
    dying: tuple[str, int] | None = None,
    settings: Mapping[str, str] | None = None,
) -> subprocess.Popen[str]:
    """`flask people sync` as a process, over `uri` in place of the server's own; `dying` as
    tests.soak.dying has it."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("PEOPLE_")}
    usual = {
        "SECRET_KEY": SECRET_KEY,
        "SQLALCHEMY_DATABASE_URI": url,
        "PEOPLE_LDAP_URI": uri or slapd.ldaps_uri,
        "PEOPLE_LDAP_CA_FILE": str(slapd.ca_file),
        "PEOPLE_LDAP_BASE_DN": PEOPLE_DN,
        "PEOPLE_LDAP_HIDDEN": "(employeeType=witness)",
        "PEOPLE_LDAP_BIND_DN": slapd.service_dn,
        "PEOPLE_LDAP_BIND_PASSWORD": slapd.service_password,
    }
    program = ["tests.soak.dying", dying[0], str(dying[1])] if dying else ["flask"]
    options = tuple(option for option in options if option != "--no-full")
    command = [sys.executable, "-m", *program, "--app", "wsgi", "people", "sync", *options]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=inherited | usual | dict(settings or {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
