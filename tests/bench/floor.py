"""The floor: a bare Flask page with one query and one template, over the same database."""

from __future__ import annotations

from flask import Flask, render_template
from jinja2 import DictLoader
from sqlalchemy import create_engine, select

from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.people.person import Person

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>People</title></head><body><ul>
{%- for row in rows %}
<li><a href="/@{{ row.handle }}">{{ row.name }}</a> {{ row.title }}, {{ row.city }}</li>
{%- endfor %}
</ul></body></html>
"""
SHOWN = select(Person.handle, Person.name, Person.title, Person.city)
LIST = SHOWN.where(Person.left_at.is_(None)).order_by(Person.sort_key, Person.id)


def bare_app(url: str) -> Flask:
    """`/list/N`, the first N by name, and `/from/ID/N`, N by the primary key."""
    app = Flask("floor", static_folder=None)
    app.jinja_loader = DictLoader({"page.html": PAGE})
    engine = create_engine(url)
    use_sqlite_well(engine)
    app.extensions["floor"] = engine

    @app.get("/list/<int:rows>")
    def by_name(rows: int) -> str:
        with engine.connect() as connection:
            found = connection.execute(LIST.limit(rows)).all()
        return render_template("page.html", rows=found)

    @app.get("/from/<int:first>/<int:rows>")
    def by_key(first: int, rows: int) -> str:
        query = SHOWN.where(Person.id >= first).order_by(Person.id).limit(rows)
        with engine.connect() as connection:
            found = connection.execute(query).all()
        return render_template("page.html", rows=found)

    return app
