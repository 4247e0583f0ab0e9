"""`flask people check`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from ..commandline import FAILED
from ..state import get_state
from .diagnosis import check as findings


@click.command()
@with_appcontext
def check() -> None:
    """Say step by step what works, how five people would be mapped, and what to mend.

    Exit status 0 ready, 1 something has to be mended.
    """
    is_ready: bool | None = False
    for finding in findings(get_state()):
        click.echo(str(finding))
        is_ready = finding.ok
    if is_ready is False:
        raise SystemExit(FAILED)
