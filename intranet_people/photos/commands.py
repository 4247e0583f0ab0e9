"""The photos' part of `flask people sync` and `flask people calendars`."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from ..jobs.lease import AlreadyRunning, LeaseHandle, LeaseLost
from ..jobs.progress import Progress
from ..sandbox.process import NotStarted
from ..sync.problems import photo_problems
from .photo import prepare


def make_photos(session: Session) -> None:
    """Make the sizes of new photos, unless another run does. Prints failures, raises none."""
    try:
        lease = LeaseHandle(session, "photos")
    except AlreadyRunning:
        return
    steps = Progress("photos")

    def progress(n: int, of: int) -> None:
        lease.renew_when_due()
        steps.step(n, of)

    try:
        made = prepare(session, progress)
    except (NotStarted, LeaseLost) as e:
        click.echo(f"The photos could not be read: {e}", err=True)
        return
    finally:
        lease.release()
        session.commit()
    if made.made:
        click.echo(f"{made.made} photos made ready.")
    for who, what in photo_problems(session, [digest for digest, _ in made.problems]):
        click.echo(f"  {who}: {what}", err=True)
