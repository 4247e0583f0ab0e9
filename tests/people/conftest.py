"""A company with a leaver and somebody hidden, in every page that they could be in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from intranet_people.clock import now as current
from intranet_people.follows.follow import follow
from intranet_people.hellos.hello import say_hi
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person, by_handle
from intranet_people.photos.photo import Photo

from ..conftest import COMPANY, MakeApp
from ..meetings.diaries import Invite

LEAVER, HIDDEN = "kenji", "priya"
UNSEEN = (LEAVER, HIDDEN)
NOBODY = "nobody-here"
NO_KEY, NO_ID, NO_DIGEST = "0" * 32, 999_999, "f" * 64


class Company:
    """Nour has a meeting and a hello with each of those who are not seen; Tomás follows them."""

    def __init__(self, app: Flask, session: Session, invite: Invite, now: datetime) -> None:
        self.app, self.session = app, session
        self.key = key_of(invite("nour", "tomas", "dana", *UNSEEN))
        nour, tomas = self.person("nour"), self.person("tomas")
        self.hellos = {}
        for number, handle in enumerate(UNSEEN):
            unseen = self.person(handle)
            follow(session, tomas, unseen)
            said = (
                say_hi(session, nour, unseen, self.key, "Hi from Nour", now)
                if number
                else say_hi(session, unseen, nour, self.key, f"Hi from {handle}", now)
            )
            self.hellos[handle] = said.id
            unseen.photo_digest = digest_of(handle)
            session.add(Photo(digest=unseen.photo_digest, size=64, data=b"RIFF0000WEBP"))
        self.person(LEAVER).left_at = now
        self.person(HIDDEN).is_hidden = True
        session.commit()

    def person(self, handle: str) -> Person:
        person = by_handle(self.session, handle)
        assert person
        return person

    def names(self, handle: str) -> list[str]:
        """What must not be found in a page that they are not in."""
        person = self.person(handle)
        texts = [person.name, person.mail, person.photo_digest, f"@{handle}", f'"{handle}"']
        return [text for text in texts if text]

    def values(self, rule: Rule, handle: str) -> dict[str, Any]:
        """What to fill an address with."""
        known: Mapping[str, Any] = {
            "handle": handle,
            "key": self.key,
            "digest": NO_DIGEST if handle == NOBODY else digest_of(handle),
            "size": 64,
            "hello_id": self.hellos.get(handle, NO_ID),
            "name": "card",
            "filename": "people.css",
            "nowhere": "nowhere",
        }
        return {argument: known[argument] for argument in rule.arguments}


def digest_of(handle: str) -> str:
    return handle.encode().hex().ljust(64, "0")


@pytest.fixture
def company(open_app: MakeApp, company_url: str, session: Session, invite: Invite) -> Company:
    app = open_app(SQLALCHEMY_DATABASE_URI=company_url, **COMPANY, PEOPLE_OPERATORS="tomas")
    return Company(app, session, invite, current())
