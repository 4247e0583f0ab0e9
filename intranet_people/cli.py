"""`flask people ...`: the commands of all rooms."""

from __future__ import annotations

from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError, ProgrammingError

from .check.commands import check
from .commandline import fail
from .db.commands import db, describe_error
from .db.revisions import MigrationRequired
from .operations.commands import calendars, status, sync


class PeopleGroup(AppGroup):
    """Says what to do where the database is not ready, instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except MigrationRequired as e:
            fail(str(e))
        except (OperationalError, ProgrammingError) as e:
            fail(describe_error(e))


def people_group() -> PeopleGroup:
    """The group of one app, which may add commands of its own."""
    return PeopleGroup(
        "people",
        help="The directory's people, their photos and calendars.",
        commands=[calendars, check, db, status, sync],
    )
