"""The photos' part of `flask people sync` and `flask people calendars`."""

from __future__ import annotations

import click
from sqlalchemy.orm import Session

from ..jobs.lease import AlreadyRunning, Held, LeaseLost
from ..jobs.progress import Steps
from ..sandbox.process import NotStarted
from ..sync.problems import photo_doubts
from .photo import prepare


def make_photos(session: Session) -> None:
    """The sizes of new photos, unless another run makes them; what fails is said and no error."""
    try:
        lease = Held(session, "photos")
    except AlreadyRunning:
        return
    steps = Steps("photos")

    def progress(n: int, of: int) -> None:
        lease.keep()
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
    for who, what in photo_doubts(session, [digest for digest, _ in made.problems]):
        click.echo(f"  {who}: {what}", err=True)
