"""`flask people ...`: what an operator runs."""

from __future__ import annotations

import logging
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click
from blinker import NamedSignal
from flask.cli import AppGroup
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from . import host
from .hellos import agenda
from .ldap.connection import DirectoryError
from .ldap.schemas import record_of
from .people.database import upgrade
from .people.lease import AlreadyRunning, LeaseLost
from .people.person import now
from .people.report import KINDS, Report
from .people.sync import TooManyLeavers, last_run
from .people.sync import sync as run_sync
from .photos.convert import check as check_photo
from .photos.photo import prepare
from .plugin import plugin

log = logging.getLogger(__name__)
FAILED, REFUSED, RUNNING = 1, 2, 3


class PeopleGroup(AppGroup):
    """Says what to do where the database is not ready, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError) as e:
            _end(f"The database: {e.orig}. Did you run `flask people db upgrade`?", FAILED)


cli = PeopleGroup("people", help="The directory's people, their photos and calendars.")
"""Each command ends with the exit status that docs/operators.md lists."""


@cli.group("db", help="The tables.")
def db() -> None:
    pass


@db.command("upgrade")
def db_upgrade() -> None:
    """Make the tables that are missing."""
    upgrade(plugin().session)
    click.echo("The tables are up to date.")


@cli.command()
@click.option("--full", is_flag=True, help="Read everything; every run does, as yet.")
@click.option("--dry-run", is_flag=True, help="Say who would come, go and change; write nothing.")
@click.option("--force", is_flag=True, help="Mark leavers, however many. Look at --dry-run first.")
def sync(full: bool, dry_run: bool, force: bool) -> None:
    """Read the directory and the calendars.

    Exit status 0 done, 1 failed or incomplete, 2 refused by the guard, 3 already running.
    """
    here = plugin()
    try:
        report = run_sync(
            here.session,
            here.directory,
            here.schema,
            check_photo,
            max_leavers=None if force else here.settings.sync_max_leavers,
            dry_run=dry_run,
            progress=Progress("people").step,
        )
    except AlreadyRunning as e:
        _end(str(e), RUNNING)
    except TooManyLeavers as e:
        _finished("refused")
        _end(str(e), REFUSED)
    except DirectoryError as e:
        _finished("failed")
        _end(f"The directory could not be read: {e} Nothing was changed.", FAILED)
    except LeaseLost as e:
        _finished("failed")
        _end(f"{e} Nothing was changed.", FAILED)
    except (OperationalError, ProgrammingError) as e:
        _finished("failed")
        _end(f"The database: {e.orig}. Did you run `flask people db upgrade`?", FAILED)
    except (IntegrityError, DataError) as e:
        _finished("failed")
        _end(f"The database refuses a row: {e.orig}. Nothing was changed.", FAILED)
    _tell(report, dry_run)
    if not dry_run:
        _tell_host(report)
        _finished("incomplete" if report.incomplete else "done", report.counts)
        _read_photos()
        try:
            _read_calendars()
        except (AlreadyRunning, LeaseLost) as e:
            click.echo(str(e), err=True)
    if report.incomplete:
        _end(f"Incomplete: {report.incomplete}. Nobody was marked as left.", FAILED)


def _read_photos() -> None:
    """The sizes of new photos."""
    photos = prepare(plugin().session, Progress("photos").step)
    if photos:
        click.echo(f"{photos} photos made ready.")


def _read_calendars() -> None:
    """The coming meetings."""
    here = plugin()
    if not here.calendars:
        return
    report = agenda.refresh(here.session, here.calendars, now(), Progress("calendars").step)
    click.echo(f"{report.read} calendars read, {report.changed} with news.")
    for who, what in report.problems:
        click.echo(f"  {who}'s calendar: {what}", err=True)


@cli.command()
def calendars() -> None:
    """Read the calendars alone, as often as every few minutes.

    Exit status 0 done, 1 failed, 3 already running.
    """
    if not plugin().calendars:
        _end("PEOPLE_CALENDARS names no calendar.", FAILED)
    _read_photos()
    try:
        _read_calendars()
    except AlreadyRunning as e:
        _end(str(e), RUNNING)
    except LeaseLost as e:
        _end(str(e), FAILED)


@cli.command()
@click.option("--port", default=5000, show_default=True, help="The port on 127.0.0.1.")
@click.option("--folder", default="instance/demo", show_default=True, help="What it keeps is here.")
def demo(port: int, folder: str) -> None:
    """The sample company, served with all that belongs to it; no settings are needed."""
    from .demo import create_app, run

    run.check_port(port)
    app = create_app(folder)
    run.prepare_calendars(Path(folder).resolve())
    with app.app_context():
        upgrade(plugin().session)
        sync.main([], standalone_mode=False)
    run.serve(app, port)


@cli.command()
def status() -> None:
    """How the last sync went, and which entries and calendars were doubtful."""
    run = last_run(plugin().session)
    if run is None:
        _end("No sync has run yet: flask people sync", FAILED)
    click.echo(f"{run.status} at {run.started_at:%Y-%m-%d %H:%M} UTC: {_say(run.counts)}")
    if run.message:
        click.echo(run.message)
    for who, what in run.problems:
        click.echo(f"  {who}: {what}")
    for who, what in agenda.problems(plugin().session):
        click.echo(f"  {who}'s calendar: {what}")


@cli.command()
def check() -> None:
    """Connect, read five people, and show what each field was read from."""
    here = plugin()
    schema = here.schema
    try:
        entries = here.directory.find(schema.person_filter, schema.attributes)[:5]
    except DirectoryError as e:
        _end(str(e), FAILED)
    click.echo(f"Connected, and read {len(entries)} people below {here.directory.base_dn}.")
    for entry in entries:
        click.echo(f"\n{entry.dn}")
        record = record_of(entry, schema)
        if record is None:
            click.echo(f"  has no {schema.id_attribute}: would be left out")
            continue
        for field, attributes in schema.fields.items():
            value = getattr(record, field, None) or getattr(record, f"{field}_dn", "")
            shown = f"{len(value)} bytes" if isinstance(value, bytes) else value
            shown = ", ".join(shown) if isinstance(shown, tuple) else shown or "-"
            click.echo(f"  {field:12} {' or '.join(attributes) or '(not mapped)':40} {shown}")
        for problem in record.problems:
            click.echo(f"  ! {problem}")
    if not entries:
        _end("Nobody matches: check PEOPLE_LDAP_PERSON_FILTER and PEOPLE_LDAP_BASE_DN.", FAILED)


class Progress:
    """A line that rewrites itself on a terminal; nothing in a log."""

    def __init__(self, what: str) -> None:
        self.what, self.began, self.shown = what, time.monotonic(), 0.0
        self.is_shown = sys.stderr.isatty()

    def step(self, n: int, of: int = 0) -> None:
        moment = time.monotonic()
        if not self.is_shown or (moment - self.shown < 0.1 and n != of):
            return
        self.shown = moment
        rate = n / max(moment - self.began, 0.001)
        bar = f"[{'#' * (24 * n // of):24}] {n}/{of}" if of else str(n)
        sys.stderr.write(f"\r{self.what} {bar} {rate:,.0f}/s " + ("\n" if n == of else ""))
        sys.stderr.flush()


def _tell(report: Report, dry_run: bool) -> None:
    click.echo(("Would be: " if dry_run else "") + _say(report.counts))
    for kind in KINDS if dry_run else ():
        for id in getattr(report, kind):
            if id in report.names:
                click.echo(f"  {kind}: {report.names[id]}")
    for who, what in report.problems:
        click.echo(f"  {who}: {what}", err=True)


def _say(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in counts.items())


def _tell_host(report: Report) -> None:
    for kind in KINDS:
        signal = getattr(host, f"person_{kind}")
        for id in getattr(report, kind) if signal.receivers else ():
            _send(signal, person_id=id)


def _finished(status: str, counts: dict[str, int] | None = None) -> None:
    _send(host.sync_finished, status=status, counts=counts or {})


def _send(signal: NamedSignal, **facts: object) -> None:
    """To each receiver, whatever the others do: what a host does with it is no fault of a run."""
    here = plugin()
    for receiver in signal.receivers_for(here.app):
        try:
            receiver(here.app, **facts)
        except Exception:
            log.exception("A receiver of %s failed; the run goes on.", signal.name)
            # It may have left the session, which may be the host's too, within a failed statement.
            here.session.rollback()


def _end(message: str, status: int) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(status)
