"""Run by Alembic, over the connection that `db.migrate` hands in, within its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import TypeDecorator

from intranet_people.db.base import Base
from intranet_people.db.migrate import is_of_the_models
from intranet_people.db.revisions import VERSION_TABLE


def _plain(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Types of our own as what they are to the database: a revision imports nothing of ours."""
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    version_table=VERSION_TABLE,
    include_name=is_of_the_models,
    render_item=_plain,
    render_as_batch=True,
    compare_type=True,
    compare_server_default=True,
)
context.run_migrations()
