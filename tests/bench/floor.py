"""The floor: a bare Flask app that sends the very same bytes, each from one query and one template.

It has no session, no sign-in, no forms and no permissions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from flask import Flask, Response, redirect, render_template
from jinja2 import DictLoader
from markupsafe import escape
from sqlalchemy import (
    Column,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    insert,
    select,
)

from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.people.person import Person
from intranet_people.photos.photo import Photo

FIELDS = ("handle", "name", "given_name", "title", "team", "city", "photo_digest")
_PEOPLE = Person.metadata.tables[Person.__tablename__].c
_ROWS = select(_PEOPLE.id, *(_PEOPLE[name] for name in FIELDS)).where(
    _PEOPLE.id.in_(bindparam("ids", expanding=True))
)
_PHOTO = Person.metadata.tables[Photo.__tablename__].c
_DATA = select(_PHOTO.data).where(
    _PHOTO.digest == bindparam("digest"), _PHOTO.size == bindparam("size")
)
_WRITTEN = Table(
    "floor_written",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("first", Integer),
    Column("second", Integer),
    Column("text", String(100)),
)
SHORTEST = 4
"""Shorter values stand in the template as they are: they would be found where they are not."""


@dataclass(frozen=True)
class Floor:
    app: Flask
    engine: Engine
    templates: dict[str, str] = field(default_factory=dict)
    ids: dict[str, list[int]] = field(default_factory=dict)

    def same(self, body: str) -> str:
        """The path of a page with the same bytes as `body`, a page of ours."""
        name = f"page{len(self.templates)}.html"
        handles = dict.fromkeys(re.findall(r'data-person="([^"]+)"', body))
        with self.engine.connect() as connection:
            people = select(_PEOPLE.id, *(_PEOPLE[f] for f in FIELDS))
            rows = connection.execute(people.where(_PEOPLE.handle.in_(handles))).all()
        values: dict[str, str] = {}
        for row in rows:
            for f in FIELDS:
                if row._mapping[f] and len(row._mapping[f]) >= SHORTEST:
                    shown = str(escape(row._mapping[f]))
                    values.setdefault(shown, f"{{{{ people[{row.id}].{f} }}}}")
        if values:
            any_value = "|".join(map(re.escape, sorted(values, key=len, reverse=True)))
            text = re.sub(any_value, lambda found: values[found[0]], body)
        self.templates[name], self.ids[name] = text if values else body, [row.id for row in rows]
        if (answer := self.app.test_client().get(f"/page/{name}").text) != body:
            raise RuntimeError(f"The floor sends {len(answer)} letters in place of {len(body)}.")
        return f"/page/{name}"


def bare_app(url: str) -> Floor:
    app = Flask("floor", static_folder=None)
    engine = create_engine(url)
    use_sqlite_well(engine)
    _WRITTEN.create(engine, checkfirst=True)
    floor = Floor(app, engine)
    app.jinja_loader = DictLoader(floor.templates)
    app.jinja_env.keep_trailing_newline = True

    @app.get("/page/<name>")
    def page(name: str) -> str:
        with engine.connect() as connection:
            rows = connection.execute(_ROWS, {"ids": floor.ids[name]}).all()
        return render_template(name, people={row.id: row for row in rows})

    @app.get("/nothing/<int:id>")
    def nothing(id: int) -> Response:
        with engine.connect() as connection:
            connection.execute(_ROWS, {"ids": [id]}).all()
        return Response(status=204)

    @app.get("/photo/<digest>/<int:size>")
    def photo(digest: str, size: int) -> Response:
        with engine.connect() as connection:
            data = connection.execute(_DATA, {"digest": digest, "size": size}).scalar()
        return Response(data, mimetype="image/webp")

    @app.get("/kept/<int:id>")
    def kept(id: int) -> Response:
        with engine.connect() as connection:
            connection.execute(_ROWS, {"ids": [id]}).all()
        return Response(status=304)

    @app.post("/write")
    def write() -> Response:
        with engine.begin() as connection:
            connection.execute(insert(_WRITTEN), {"first": 1, "second": 2, "text": "Hi there"})
        return redirect("/nothing/1", 303)  # type: ignore[return-value]

    return floor
