"""`flask people ...`: what an operator runs."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError, ProgrammingError

from .check.diagnosis import check as findings
from .db.revisions import COMMAND, OtherVersion, check_revision, revision_of, what_is_wrong
from .db.upgrade import upgrade
from .jobs.lease import AlreadyRunning, Held, LeaseLost
from .jobs.progress import Steps
from .ldap.connection import DirectoryError
from .ldap.groups import read_teams
from .meetings import refresh as agenda
from .people.person import now
from .photos.formats import sniff
from .photos.photo import prepare
from .sandbox.process import NotStarted
from .settings import host
from .state import plugin, tell, tell_of
from .sync.history import last_run
from .sync.problems import doubts, photo_doubts
from .sync.report import KINDS, Report
from .sync.sync import Options, Source, TooManyLeavers, expected_people, preview
from .sync.sync import sync as run_sync

log = logging.getLogger(__name__)
FAILED, REFUSED, RUNNING = 1, 2, 3


class PeopleGroup(AppGroup):
    """Says what to do where the database is not ready, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except OtherVersion as e:
            _end(str(e), FAILED)
        except (OperationalError, ProgrammingError) as e:
            _end(_of_database(e), FAILED)


cli = PeopleGroup("people", help="The directory's people, their photos and calendars.")
"""Each command ends with the exit status that docs/operators.md lists."""


@cli.group("db", help="The tables: make them, bring them up to date, say how they are.")
def db() -> None:
    pass


@db.command("upgrade")
def db_upgrade() -> None:
    """Make the tables, or bring them up to date.

    Whatever stops it, they are as before or as after. Exit status 0 done, 1 failed.
    """
    try:
        steps = upgrade(plugin().session)
    except OtherVersion as e:
        _end(str(e), FAILED)
    except DBAPIError as e:
        _end(_of_database(e, "Nothing was changed."), FAILED)
    for revision, what in steps:
        click.echo(f"{revision}: {what}")
    click.echo("The tables are up to date.")


@db.command("current")
def db_current() -> None:
    """Say of which revision the tables are.

    Exit status 0 the newest, 1 another.
    """
    connection = plugin().session.connection()
    if wrong := what_is_wrong(connection):
        _end(wrong, FAILED)
    click.echo(f"{revision_of(connection)}, the newest.")


@db.command("history")
def db_history() -> None:
    """List the revisions of the tables, the newest first, with what each does."""
    from .db.migrate import history

    for revision, what in reversed(history()):
        click.echo(f"{revision}: {what}")


@cli.command()
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Say who would come, go and change; write nothing.")
@click.option("--force", is_flag=True, help="Mark leavers, however many. Look at --dry-run first.")
def sync(full: bool, dry_run: bool, force: bool) -> None:
    """Read the directory and the calendars.

    Exit status 0 done, 1 failed or incomplete, 2 refused by the guard, 3 already running.
    """
    steps = Steps("people")
    with _exit_statuses(is_dry=dry_run):
        check_revision(plugin().session)
        report = _preview(steps) if dry_run else _sync(steps, full, force)
    if not dry_run:
        tell_of(report)
        _finished("incomplete" if report.incomplete else "done", report.counts)
        _read_photos()
        try:
            _read_calendars()
        except (AlreadyRunning, LeaseLost) as e:
            click.echo(str(e), err=True)
    if report.incomplete:
        _end(f"Incomplete: {report.incomplete}. Nobody was marked as left.", FAILED)


def _sync(steps: Steps, full: bool, force: bool) -> Report:
    here = plugin()
    options = Options(
        max_leavers=None if force else here.settings.sync_max_leavers,
        full=full,
        expected=expected_people(here.session),
        keep_leavers=timedelta(days=here.settings.keep_leavers_days),
        progress=steps.step,
        say=steps.say,
    )
    report = run_sync(here.session, lambda: _source(steps), sniff, options)
    steps.end()
    click.echo(_say(report.counts))
    _tell_doubts(report)
    if report.erased:
        click.echo(f"{report.erased} people who left long ago are erased.")
    return report


def _preview(steps: Steps) -> Report:
    here = plugin()
    limit = here.settings.sync_max_leavers
    expected = expected_people(here.session)
    options = Options(limit, expected=expected, progress=steps.step, say=steps.say)
    report, lines, refusal = preview(here.session, _source(steps), options)
    steps.end()
    click.echo("Would be: " + _say(report.counts))
    for kind in KINDS:
        named = lines.get(kind, [])
        for line in named:
            click.echo(f"  {kind}: {line}")
        if more := len(getattr(report, kind)) - len(named):
            click.echo(f"  {kind}: and {more} more")
    if report.left:
        click.echo("Those who left are seen by the next full run at the latest: sync --full")
    if refusal:
        click.echo(f"Without --force it would be refused: {refusal}")
    _tell_doubts(report)
    return report


def _source(steps: Steps) -> Source:
    """The directory as it is set up now. Raises DirectoryError."""
    here, s = plugin(), plugin().settings
    directory = here.directory
    teams = None
    if s.ldap_group_base_dn:
        steps.say("reading the groups")
        teams = read_teams(directory, s.ldap_group_base_dn, s.ldap_group_filter)
    # Whoever reads with other settings, or of other groups, has to read everything.
    what = (s.ldap_base_dn, s.ldap_bind_dn, here.schema.person_filter)
    groups = teams.digest if teams is not None else ""
    mapping = hashlib.sha256(repr((what, here.schema.digest, groups)).encode()).hexdigest()
    return Source(directory, here.schema, teams, mapping)


@contextmanager
def _exit_statuses(is_dry: bool) -> Iterator[None]:
    """What went wrong, in words and as an exit status; the host hears of it too."""
    try:
        yield
    except AlreadyRunning as e:
        _end(str(e), RUNNING)
    except TooManyLeavers as e:
        _finished("refused")
        _end(str(e), REFUSED)
    except DirectoryError as e:
        text = f"The directory could not be read: {str(e).rstrip('.')}. Nothing was changed."
    except LeaseLost as e:
        text = f"{e} Nothing was changed."
    except OtherVersion as e:
        text = str(e)
    except (OperationalError, ProgrammingError) as e:
        text = _of_database(e)
    except (IntegrityError, DataError) as e:
        text = f"The database refuses a row: {e.orig}. Nothing was changed."
    else:
        return
    if not is_dry:
        _finished("failed")
    _end(text, FAILED)


def _read_photos() -> None:
    """The sizes of new photos."""
    here = plugin()
    try:
        lease = Held(here.session, "photos")
    except AlreadyRunning:
        return  # which makes these as well
    steps = Steps("photos")

    def progress(n: int, of: int) -> None:
        lease.keep()
        steps.step(n, of)

    try:
        made = prepare(here.session, progress)
    except (NotStarted, LeaseLost) as e:
        click.echo(f"The photos could not be read: {e}", err=True)
        return
    finally:
        lease.release()
        here.session.commit()
    if made.made:
        click.echo(f"{made.made} photos made ready.")
    for who, what in photo_doubts(here.session, [digest for digest, _ in made.problems]):
        click.echo(f"  {who}: {what}", err=True)


def _read_calendars() -> None:
    """The coming meetings."""
    here = plugin()
    if not here.calendars:
        return
    report = agenda.refresh(here.session, here.calendars, now(), Steps("calendars").step)
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
    check_revision(plugin().session)
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
        run.make_tables(plugin().session)
        sync.main([], standalone_mode=False)
    run.serve(app, port)


@cli.command()
def status() -> None:
    """How the last sync went, and which entries and calendars were doubtful."""
    check_revision(plugin().session)
    run = last_run(plugin().session)
    if run is None:
        _end("No sync has run yet: flask people sync", FAILED)
    click.echo(f"{run.status} at {run.started_at:%Y-%m-%d %H:%M} UTC: {_say(run.counts)}")
    if run.message:
        click.echo(run.message)
    problems = [*doubts(plugin().session), *((who, what) for who, what in run.problems)]
    for who, what in dict.fromkeys(problems):
        click.echo(f"  {who}: {what}")
    for who, what in agenda.problems(plugin().session):
        click.echo(f"  {who}'s calendar: {what}")


@cli.command()
def check() -> None:
    """Say step by step what works, how five people would be mapped, and what to mend.

    Exit status 0 ready, 1 something has to be mended.
    """
    is_ready: bool | None = False
    for finding in findings(plugin()):
        click.echo(str(finding))
        is_ready = finding.ok
    if is_ready is False:
        raise SystemExit(FAILED)


def _tell_doubts(report: Report) -> None:
    for who, what in report.problems:
        click.echo(f"  {who}: {what}", err=True)


def _say(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in counts.items())


def _finished(status: str, counts: dict[str, int] | None = None) -> None:
    tell(host.sync_finished, status=status, counts=counts or {})


def _of_database(e: DBAPIError, hint: str = f"Did you run `{COMMAND}`?") -> str:
    if "unable to open database file" in str(e.orig):
        return (
            "The database cannot be opened: the folder that SQLALCHEMY_DATABASE_URI names does not"
            " exist, or this user may not write there."
        )
    return f"The database: {e.orig}. {hint}"


def _end(message: str, status: int) -> NoReturn:
    click.echo(message, err=True)
    raise SystemExit(status)
