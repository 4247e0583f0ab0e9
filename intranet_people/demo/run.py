"""`flask people demo`: the sample company, from nothing to served."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask
from sqlalchemy import create_engine
from werkzeug.serving import WSGIRequestHandler, make_server

from ..db.private_files import make_file, make_folder
from ..db.revisions import no_way
from .company import SIGN_INS
from .meetings import write_calendars

HOST = "127.0.0.1"
DATABASE = "people.db"


class QuietHandler(WSGIRequestHandler):
    """Leaves the terminal to who can sign in."""

    def log(self, type: str, message: str, *args: object) -> None:
        pass


def config(folder: Path) -> dict[str, object]:
    """The settings of the demo, which keeps all it has in `folder`."""
    return {
        "SECRET_KEY": _secret(folder),
        "SQLALCHEMY_DATABASE_URI": f"sqlite:///{folder / DATABASE}",
        "PEOPLE_LDAP_URI": "embedded:intranet_people.demo.company",
        "PEOPLE_LDAP_BASE_DN": "dc=northwind,dc=example",
        "PEOPLE_LDAP_BIND_DN": "cn=people,ou=services,dc=northwind,dc=example",
        "PEOPLE_LDAP_BIND_PASSWORD": "read-only",
        "PEOPLE_LDAP_ATTRIBUTES": {"time_zone": "timeZone"},
        "PEOPLE_CALENDARS": [f"ics+file://{folder / 'calendars'}/{{handle}}.ics"],
        "PEOPLE_COMPANY": "Northwind Instruments",
        "PEOPLE_OPERATORS": ["tomas"],
    }


# Browsers refuse to open these (https://fetch.spec.whatwg.org/#port-blocking).
REFUSED_PORTS = {
    *(
        1,
        7,
        9,
        11,
        13,
        15,
        17,
        19,
        20,
        21,
        22,
        23,
        25,
        37,
        42,
        43,
        53,
        69,
        77,
        79,
        87,
        95,
        101,
        102,
    ),
    *(
        103,
        104,
        109,
        110,
        111,
        113,
        115,
        117,
        119,
        123,
        135,
        137,
        139,
        143,
        161,
        179,
        389,
        427,
        465,
    ),
    *(
        512,
        513,
        514,
        515,
        526,
        530,
        531,
        532,
        540,
        548,
        554,
        556,
        563,
        587,
        601,
        636,
        989,
        990,
        993,
    ),
    *(
        995,
        1719,
        1720,
        1723,
        2049,
        3659,
        4045,
        4190,
        5060,
        5061,
        6000,
        6566,
        6665,
        6666,
        6667,
        6668,
    ),
    *(6669, 6679, 6697, 10080),
}


def check_port(port: int) -> None:
    """Say at once, before any work, where the port is taken or no browser opens it."""
    if port in REFUSED_PORTS:
        message = f"Browsers refuse to open port {port}. Choose another: make demo PORT=5001"
        raise click.ClickException(message)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as e:
            message = f"Port {port} is taken ({e.strerror}). Choose another: make demo PORT=5001"
            raise click.ClickException(message) from None


def prepare_calendars(folder: Path) -> None:
    """The meetings of the days to come, as seen from now."""
    calendars = folder / "calendars"
    make_folder(calendars)
    write_calendars(calendars, datetime.now(UTC))


def put_aside(database: Path) -> None:
    """Rename the folder of a demo whose tables cannot be upgraded; nothing in it is lost."""
    if not database.exists():
        return
    engine = create_engine(f"sqlite:///{database}")
    with engine.connect() as connection:
        wrong = no_way(connection)
    engine.dispose()
    if wrong:
        old = database.parent
        new = old.rename(old.with_name(f"{old.name}.{datetime.now():%Y%m%d-%H%M%S}"))
        click.echo(f"{old} was of another version, and is now {new}: the demo starts again.")


def serve(app: Flask, port: int) -> None:
    """Serve until interrupted, and say who can sign in."""
    server = make_server(HOST, port, app, threaded=True, request_handler=QuietHandler)
    click.echo(f"\nNorthwind Instruments is open: http://{HOST}:{port}\n")
    for sign_in in SIGN_INS:
        click.echo(f"sign in: {sign_in.handle} / {sign_in.password}  ({sign_in.what})")
    click.echo("\nStop with Ctrl-C; what you did is kept.")
    sys.stdout.flush()
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        click.echo("\nClosed.")
    finally:
        server.server_close()


def _secret(folder: Path) -> str:
    """Made once, so that sessions last over a restart."""
    import secrets

    make_folder(folder)
    file = folder / "secret"
    if not file.exists():
        make_file(file)
        file.write_text(secrets.token_hex(32))
    return file.read_text()
