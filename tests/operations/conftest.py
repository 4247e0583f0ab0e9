"""Runs and problems as a sync leaves them, and who may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.people.person import Person
from intranet_people.problems import Problem
from intranet_people.sync.history import SyncRun
from intranet_people.sync.staged import PhotoSource

from ..client import Browser
from ..conftest import COMPANY, MakeApp

STATUS = "/people/status"
OPERATORS = {"PEOPLE_OPERATORS": "Tomas amina"}
FULL = {"read": 1204, "joined": 4, "changed": 12, "left": 3, "returned": 1, "unchanged": 1187}
REFUSED = Problem("too-many-leavers", "60/120", "dana, kenji, ...")
DOWN = Problem("directory-down", "", "ldaps://dc1.corp.example: refused")
NO_NAME = Problem("no-name", "cn")
NO_ID = Problem("no-id", "entryUUID")
LONG_TITLE = Problem("too-long", "title", "4000")
PIXELS = Problem("photo-pixels", "", "9000 x 9000")


@pytest.fixture
def operated(open_app: MakeApp, company_url: str) -> Flask:
    """The sample company of 120, with Tomás and Amina for operators."""
    return open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, **OPERATORS)


@pytest.fixture
def tomas(operated: Flask) -> Browser:
    return Browser(operated, "tomas")


def ran(session: Session, minutes_ago: float, status: str = "done", **facts: Any) -> SyncRun:
    """A run that took two seconds; `facts` are columns of SyncRun."""
    began = now() - timedelta(minutes=minutes_ago)
    ended = None if status == "running" else began + timedelta(seconds=2)
    values = {"kind": "changes", "counts": {"read": 0, "unchanged": 0}}
    run = SyncRun(started_at=began, finished_at=ended, status=status, **values | facts)
    session.add(run)
    session.commit()
    return run


def doubt(session: Session, handle: str, *problems: Problem) -> None:
    person = session.scalars(select(Person).where(Person.handle == handle)).one()
    person.problems = list(problems)
    session.commit()


def break_photo(session: Session, handle: str, problem: Problem) -> None:
    """As though the photo that the directory offers had been tried, and found to be none."""
    person = session.scalars(select(Person).where(Person.handle == handle)).one()
    person.photo_offered = f"digest-of-{handle}"
    session.add(PhotoSource(digest=person.photo_offered, data=None, problem=problem))
    session.commit()
