"""`flask people sync`, `calendars` and `status`: each uses several rooms."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from ..commandline import FAILED, RUNNING, fail, stop_on_sigterm
from ..db.commands import describe_error
from ..db.revisions import check_revision
from ..jobs.lease import AlreadyRunning, LeaseLost
from ..meetings.addresses import drop_outdated
from ..meetings.attendees import drop_hidden
from ..meetings.commands import read_calendars
from ..meetings.refresh import calendar_problems
from ..photos.commands import make_photos
from ..state import get_state
from ..sync.commands import (
    describe_counts,
    describe_unknown,
    exit_statuses,
    run_preview,
    run_sync,
    send_finished,
)
from ..sync.history import last_run
from ..sync.problems import entry_problems, run_problems
from ..sync.report import send_signals


@click.command()
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@click.option("--dry-run", is_flag=True, help="Only show who would join, leave and change.")
@click.option("--force", is_flag=True, help="Override the guard. Look at --dry-run first.")
@with_appcontext
@stop_on_sigterm()
def sync(full: bool, dry_run: bool, force: bool) -> None:
    """Read the directory and the calendars.

    Exit status 0 done, 1 failed or incomplete, 2 refused by the guard, 3 already running.
    """
    session = get_state().session
    with exit_statuses(is_dry=dry_run):
        check_revision(session)
        report = run_preview() if dry_run else run_sync(full=full, force=force)
    if not dry_run:
        send_signals(session, report)
        send_finished(report.status, report.counts)
        _drop_meetings(session)
        make_photos(session)
        try:
            read_calendars()
        except (AlreadyRunning, LeaseLost) as e:
            click.echo(str(e), err=True)
    if report.hidden_unknown:
        click.echo(describe_unknown(report), err=True)
    if report.incomplete:
        fail(f"Incomplete: {report.incomplete}. Nobody was marked as left.", FAILED)
    if report.hidden_unknown:
        raise SystemExit(FAILED)


def _drop_meetings(session: Session) -> None:
    """Delete meetings and guests that may no longer be shown, without waiting for the calendars,
    which another run may be reading now. If this fails, the next run does it."""
    try:
        drop_outdated(session)
        drop_hidden(session)
        session.commit()
    except DBAPIError as e:
        session.rollback()
        click.echo(f"The meetings could not be cleaned up: {describe_error(e)}", err=True)


@click.command()
@with_appcontext
@stop_on_sigterm()
def calendars() -> None:
    """Read only the calendars; as often as every few minutes.

    Exit status 0 done, 1 failed, 3 already running.
    """
    state = get_state()
    if not state.calendars:
        fail("PEOPLE_CALENDARS names no calendar.", FAILED)
    check_revision(state.session)
    make_photos(state.session)
    try:
        read_calendars()
    except AlreadyRunning as e:
        fail(str(e), RUNNING)
    except LeaseLost as e:
        fail(str(e), FAILED)


@click.command()
@with_appcontext
def status() -> None:
    """Show how the last sync went, and the problems of entries and calendars."""
    session = get_state().session
    check_revision(session)
    run = last_run(session)
    if run is None:
        fail("No sync has run yet: flask people sync", FAILED)
    click.echo(
        f"{run.status} at {run.started_at:%Y-%m-%d %H:%M} UTC: {describe_counts(run.counts)}"
    )
    for reason in run.reasons:
        click.echo(f"{reason}. {reason.kind.advice}".rstrip())
    problems = [*entry_problems(session), *run_problems(session, [run])]
    for who, what in dict.fromkeys(problems):
        click.echo(f"  {who}: {what}")
    for who, what in calendar_problems(session):
        click.echo(f"  {who}'s calendar: {what}")
