"""`flask people db`: the tables."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from ..commandline import fail
from .revisions import COMMAND, MigrationRequired, revision_of, what_is_wrong
from .session import db_session
from .upgrade import upgrade

db = AppGroup("db", help="Create the tables, upgrade them, or show their revision.")


@db.command("upgrade")
def db_upgrade() -> None:
    """Create the tables, or bring them up to date.

    All changes are one transaction. Exit status 0 done, 1 failed.
    """
    try:
        steps = upgrade(db_session())
    except MigrationRequired as e:
        fail(str(e))
    except DBAPIError as e:
        fail(describe_error(e, "Nothing was changed."))
    for revision, what in steps:
        click.echo(f"{revision}: {what}")
    click.echo("The tables are up to date.")


@db.command("current")
def db_current() -> None:
    """Show the revision of the tables.

    Exit status 0 the newest, 1 another one.
    """
    connection = db_session().connection()
    if wrong := what_is_wrong(connection):
        fail(wrong)
    click.echo(f"{revision_of(connection)}, the newest.")


@db.command("history")
def db_history() -> None:
    """List the revisions of the tables, the newest first, and what each of them does."""
    from .migrate import history

    for revision, what in reversed(history()):
        click.echo(f"{revision}: {what}")


def describe_error(e: DBAPIError, hint: str = f"Did you run `{COMMAND}`?") -> str:
    """In words for an operator."""
    if "unable to open database file" in str(e.orig):
        return (
            "The database cannot be opened: the folder that SQLALCHEMY_DATABASE_URI names does not"
            " exist, or this user may not write there."
        )
    return f"The database: {e.orig}. {hint}"
