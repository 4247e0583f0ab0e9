"""The part of `flask people sync` and `flask people calendars` that reads calendars."""

from __future__ import annotations

import click

from ..clock import now
from ..jobs.progress import Progress
from ..state import get_state
from .refresh import refresh


def read_calendars() -> None:
    """Read all calendars and print a report. Raises AlreadyRunning, LeaseLost."""
    state = get_state()
    if not state.calendars:
        return
    report = refresh(state.session, state.calendars, now(), Progress("calendars").step)
    click.echo(f"{report.read} calendars read, {report.changed} changed.")
    for who, what in report.problems:
        click.echo(f"  {who}'s calendar: {what}", err=True)
