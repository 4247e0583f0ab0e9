"""The part of `flask people sync` that reads the directory: output and exit statuses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError

from ..commandline import FAILED, REFUSED, RUNNING, fail
from ..db.commands import describe_error
from ..db.revisions import MigrationRequired
from ..jobs.lease import AlreadyRunning, LeaseLost
from ..jobs.progress import Progress
from ..ldap.connection import DirectoryError
from ..ldap.groups import read_teams
from ..signals import send, sync_finished
from ..state import get_state
from .guard import RefusedByGuard
from .history import expected_people, reasons_of
from .problems import for_operators
from .read import Options, Source
from .report import KINDS, SyncReport
from .sync import preview, sync


def run_sync(*, full: bool, force: bool) -> SyncReport:
    """Run a sync and print its steps. Raises the same errors as `sync`."""
    state, steps = get_state(), Progress("people")
    options = Options(
        max_leavers=None if force else state.settings.sync_max_leavers,
        full=full,
        expected=expected_people(state.session),
        keep_leavers=timedelta(days=state.settings.keep_leavers_days),
        progress=steps.step,
        say=steps.say,
    )
    report = sync(state.session, lambda: source(steps), options)
    steps.end()
    click.echo(describe_counts(report.counts))
    _echo_problems(report)
    if report.erased:
        click.echo(f"{report.erased} people who left long ago were erased.")
    return report


def run_preview() -> SyncReport:
    """Print what a full run would do, without writing anything. Raises DirectoryError."""
    state, steps = get_state(), Progress("people")
    limit, expected = state.settings.sync_max_leavers, expected_people(state.session)
    options = Options(limit, expected=expected, progress=steps.step, say=steps.say)
    report, lines, refusal = preview(state.session, source(steps), options)
    steps.end()
    click.echo("Would be: " + describe_counts(report.counts))
    for kind in (*KINDS, "hidden", "shown"):
        named = lines.get(kind, [])
        for line in named:
            click.echo(f"  {kind}: {line}")
        if more := len(getattr(report, kind)) - len(named):
            click.echo(f"  {kind}: and {more} more")
    if report.left:
        click.echo("Leavers are marked by the next full run at the latest: sync --full")
    if refusal:
        click.echo(f"Without --force it would be refused: {refusal}")
    _echo_problems(report)
    return report


def source(steps: Progress) -> Source:
    """The directory according to the settings. Raises DirectoryError."""
    state, settings = get_state(), get_state().settings
    directory = state.directory
    teams = None
    if settings.ldap_group_base_dn:
        steps.say("reading the groups")
        teams = read_teams(directory, settings.ldap_group_base_dn, settings.ldap_group_filter)
    # When these settings or the groups change, everything has to be read again.
    search = (settings.ldap_base_dn, settings.ldap_bind_dn, state.schema.person_filter)
    groups = teams.digest if teams is not None else ""
    mapping = hashlib.sha256(repr((search, state.schema.digest, groups)).encode()).hexdigest()
    return Source(directory, state.schema, teams, mapping)


@contextmanager
def exit_statuses(*, is_dry: bool) -> Iterator[None]:
    """Turn errors into a message and an exit status, and send them to the host as a signal."""
    try:
        yield
    except AlreadyRunning as e:
        fail(str(e), RUNNING)
    except RefusedByGuard as e:
        send_finished("refused")
        fail(str(e), REFUSED)
    except DirectoryError as e:
        text = f"The directory could not be read: {str(e).rstrip('.')}. Nothing was changed."
    except LeaseLost as e:
        text = f"{e} Nothing was changed."
    except MigrationRequired as e:
        text = str(e)
    except (OperationalError, ProgrammingError) as e:
        text = describe_error(e)
    except (IntegrityError, DataError) as e:
        text = f"The database refuses a row: {reasons_of(e)[0]}. Nothing was changed."
    else:
        return
    if not is_dry:
        send_finished("failed")
    fail(text, FAILED)


def send_finished(status: str, counts: dict[str, int] | None = None) -> None:
    send(get_state().session, sync_finished, status=status, counts=counts or {})


def describe_counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {kind}" for kind, n in counts.items())


def describe_unknown(report: SyncReport) -> str:
    return (
        f"The hidden people could not be read: {report.hidden_unknown}. Whoever was hidden"
        f" stays hidden; {len(report.hidden)} more people are hidden until a run can read them."
        " See `flask people check`."
    )


def _echo_problems(report: SyncReport) -> None:
    pairs = zip(report.problems, report.entry_problems, strict=True)
    found = [(who, n.id or "", problem) for (who, problem), n in pairs]
    for who, problem in for_operators(get_state().session, found):
        click.echo(f"  {who}: {problem}", err=True)
