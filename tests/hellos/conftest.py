"""Tomás, Dana, and a meeting of theirs."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from intranet_people.hellos.hello import Hello
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..meetings.diaries import Find, Invite


@pytest.fixture
def tomas(person: Find) -> Person:
    """Who says hi."""
    return person("tomas")


@pytest.fixture
def dana(person: Find) -> Person:
    """Who hears it."""
    return person("dana")


@pytest.fixture
def key(invite: Invite) -> str:
    """Of a meeting of Tomás, Dana and Kenji, in an hour."""
    return key_of(invite("tomas", "dana", "kenji"))


def count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Hello)) or 0
