"""The first tables: people, photos, follows, meetings, hellos, and the runs of the sync."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    _people()
    _staged_people()
    _index_of_words()
    _photos()
    _runs()
    _follows()
    _calendars()
    _guest_lists()
    _meetings()
    _hellos()
    _login_attempts()


def _people() -> None:
    made = "people_person"
    op.create_table(
        made,
        _number("id"),
        _text("directory_id"),
        _text("handle", nullable=True),
        _number("manager_id", nullable=True),
        _text("photo_digest", nullable=True),
        _time("left_at", nullable=True),
        sa.Column("is_hidden", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("hidden_provisionally", sa.Boolean(), server_default=sa.false(), nullable=False),
        _time("read_alone_at", nullable=True),
        *_facts(),
        _key(made, "id"),
        _unique(made, "directory_id"),
        _unique(made, "handle"),
        sqlite_autoincrement=True,
    )
    _indexes_of_people(made)


def _indexes_of_people(made: str) -> None:
    _index(made, "manager_id", "sort_key", "id")
    _index(made, "sort_key", "id", "is_hidden", where="left_at IS NULL")
    _index(made, "joined_at", where="left_at IS NULL")
    _index(made, "left_at", where="left_at IS NOT NULL")
    _index(made, "mail")
    _index(made, "dn_key")
    op.create_index(
        f"ix_{made}_id",
        made,
        ["id"],
        sqlite_where=sa.text("is_hidden = 1"),
        postgresql_where=sa.text("is_hidden"),
    )
    _index(made, "photo_offered", "photo_digest", where="photo_offered IS NOT NULL")
    _index(made, "photo_digest", "photo_offered", where="photo_digest IS NOT NULL")
    _index(made, "sort_key", "id", where="problems IS NOT NULL")
    _index(made, "manager_key", where="manager_id IS NULL AND manager_key IS NOT NULL")


def _staged_people() -> None:
    made = "people_staged_person"
    op.create_table(
        made,
        _number("person_id", autoincrement=False),
        _number("run_id"),
        _text("directory_id"),
        _text("handle", nullable=True),
        _number("manager_id", nullable=True),
        sa.Column("is_new", sa.Boolean(), server_default=sa.false(), nullable=False),
        *_facts(),
        _key(made, "person_id"),
    )


def _facts() -> list[sa.Column[Any]]:
    folded = sa.String().with_variant(sa.String(collation="C"), "postgresql")
    return [
        _text("name"),
        _text("given_name"),
        _text("surname"),
        _column("sort_key", folded),
        _text("title"),
        _text("team"),
        _json("teams"),
        _text("office"),
        _text("city"),
        _text("mail"),
        _json("phones"),
        _json("mobiles"),
        _json("extra"),
        _text("time_zone"),
        _column("dn_key", sa.BigInteger()),
        _column("manager_key", sa.BigInteger(), nullable=True),
        _text("photo_offered", nullable=True),
        _time("joined_at"),
        _json("problems"),
        _text("fingerprint"),
        _column("entry_digest", sa.LargeBinary(), nullable=True),
    ]


def _index_of_words() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE people_index USING fts5(names, logins, work, teams,"
            " detail='column', prefix='1 2')"
        )
        return
    op.execute(
        "CREATE TABLE people_index"
        " (rowid bigint CONSTRAINT pk_people_index PRIMARY KEY, lexemes tsvector NOT NULL)"
    )
    op.execute("CREATE INDEX ix_people_index_lexemes ON people_index USING gin (lexemes)")


def _photos() -> None:
    made = "people_photo_source"
    op.create_table(
        made,
        _text("digest"),
        _column("data", sa.LargeBinary(), nullable=True),
        _number("run_id"),
        _json("problem"),
        _key(made, "digest"),
    )
    made = "people_photo"
    op.create_table(
        made,
        _text("digest"),
        _number("size"),
        _column("data", sa.LargeBinary()),
        _key(made, "digest", "size"),
    )


def _runs() -> None:
    made = "people_sync_state"
    op.create_table(
        made,
        _number("id"),
        _number("run_id"),
        _json("checkpoint"),
        _text("mapping"),
        _time("full_at", nullable=True),
        _key(made, "id"),
    )
    made = "people_sync_run"
    op.create_table(
        made,
        _number("id"),
        _time("started_at"),
        _time("finished_at", nullable=True),
        _text("kind"),
        _text("status"),
        _json("reasons"),
        _json("counts", nullable=False),
        _json("problems", nullable=False),
        _key(made, "id"),
        sqlite_autoincrement=True,
    )
    made = "people_lease"
    op.create_table(made, _text("name"), _time("expires_at"), _key(made, "name"))


def _follows() -> None:
    made = "people_follow"
    op.create_table(
        made,
        _number("follower_id"),
        _number("person_id"),
        _time("since"),
        _key(made, "follower_id", "person_id"),
        _person(made, "follower_id"),
        _person(made, "person_id"),
    )
    _index(made, "person_id")


def _calendars() -> None:
    made = "people_calendar"
    op.create_table(
        made,
        _number("person_id"),
        _time("read_at"),
        _text("digest"),
        _json("problems"),
        _text("mail"),
        _key(made, "person_id"),
        _person(made, "person_id"),
    )


def _guest_lists() -> None:
    made = "people_guest_list"
    op.create_table(
        made,
        _number("id"),
        _text("digest"),
        _number("size"),
        _key(made, "id"),
        _unique(made, "digest"),
        sqlite_autoincrement=True,
    )
    made = "people_guest"
    op.create_table(
        made,
        _number("list_id"),
        _number("position"),
        _number("person_id", nullable=True),
        _text("name"),
        _key(made, "list_id", "position"),
        _refers(made, "list_id", "people_guest_list.id", "CASCADE"),
        _person(made, "person_id", "SET NULL"),
    )
    _index(made, "person_id")


def _meetings() -> None:
    made = "people_meeting"
    op.create_table(
        made,
        _number("id"),
        _number("owner_id"),
        _text("key"),
        _time("starts_at"),
        _time("ends_at"),
        _column("all_day", sa.Boolean()),
        _text("title"),
        _text("location"),
        _number("guest_list_id"),
        _key(made, "id"),
        _unique(made, "owner_id", "key"),
        _person(made, "owner_id"),
        _refers(made, "guest_list_id", "people_guest_list.id"),
        sqlite_autoincrement=True,
    )
    _index(made, "key")
    _index(made, "guest_list_id")


def _hellos() -> None:
    made = "people_hello"
    op.create_table(
        made,
        _number("id"),
        _number("sender_id"),
        _number("receiver_id"),
        _number("low_id"),
        _number("high_id"),
        _text("meeting_key"),
        _time("starts_at"),
        _time("ends_at"),
        _text("text"),
        _time("sent_at"),
        _time("withdrawn_at", nullable=True),
        _text("reply", nullable=True),
        _time("replied_at", nullable=True),
        _time("reply_seen_at", nullable=True),
        _time("sender_met_at", nullable=True),
        _time("receiver_met_at", nullable=True),
        _time("met_at", nullable=True),
        _key(made, "id"),
        _unique(made, "low_id", "high_id", "meeting_key"),
        _person(made, "sender_id"),
        _person(made, "receiver_id"),
        sqlite_autoincrement=True,
    )
    _index(made, "sender_id")
    _index(made, "receiver_id")


def _login_attempts() -> None:
    made = "people_login_attempt"
    op.create_table(made, _text("key"), _number("count"), _time("since"), _key(made, "key"))
    _index(made, "since")


def _column(
    name: str,
    type_: sa.types.TypeEngine[Any],
    nullable: bool = False,
    autoincrement: Any = "auto",
) -> sa.Column[Any]:
    return sa.Column(name, type_, nullable=nullable, autoincrement=autoincrement)


def _text(name: str, nullable: bool = False) -> sa.Column[Any]:
    return _column(name, sa.String(), nullable)


def _number(name: str, nullable: bool = False, autoincrement: Any = "auto") -> sa.Column[Any]:
    return _column(name, sa.Integer(), nullable, autoincrement)


def _time(name: str, nullable: bool = False) -> sa.Column[Any]:
    return _column(name, sa.DateTime(timezone=True), nullable)


def _json(name: str, nullable: bool = True) -> sa.Column[Any]:
    return _column(name, sa.JSON(), nullable)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _person(table: str, column: str, then: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return _refers(table, column, "people_person.id", then)


def _refers(table: str, column: str, to: str, then: str | None = None) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [to], name=f"fk_{table}_{column}", ondelete=then)


def _index(table: str, *columns: str, where: str | None = None) -> None:
    some = sa.text(where) if where else None
    name = f"ix_{table}_{'_'.join(columns)}"
    op.create_index(name, table, columns, sqlite_where=some, postgresql_where=some)
