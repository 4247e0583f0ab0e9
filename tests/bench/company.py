"""A made-up company of any size: the same seed makes the same people, whatever the size."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from uuid import UUID

from anyascii import anyascii

from .names import AREAS, CITIES, SCRIPTS, TITLES, Script
from .photos import photo_of

BASE_DN = "dc=northwind,dc=example"
PEOPLE_DN = f"ou=people,{BASE_DN}"
TEAM = 12
"""People in a team, its lead among them."""
SPAN = 8
"""Leads who have the same manager."""
WITH_PHOTO = 0.2
NEWCOMERS = 0.005


@dataclass(frozen=True)
class Person:
    """The `n`th of the company; what is dear to make is made when asked for."""

    n: int
    seed: int
    given: str
    family: str
    name: str
    title: str
    team: str
    city: str
    joined: date
    has_photo: bool

    @cached_property
    def handle(self) -> str:
        letters = (anyascii(part).lower() for part in (self.given, self.family))
        return ".".join("".join(c for c in part if c.isalpha()) for part in letters) + str(self.n)

    @property
    def directory_id(self) -> str:
        return str(UUID(int=(self.seed << 64) + self.n, version=4))

    @property
    def dn(self) -> str:
        return dn_of(self.n)

    @property
    def manager_dn(self) -> str:
        """The lead of the team; a lead's own is a lead nearer to the top, who has none."""
        team, place = divmod(self.n, TEAM)
        if place:
            return dn_of(team * TEAM)
        return dn_of((team - 1) // SPAN * TEAM) if team else ""

    def attributes(self, photo_bytes: int) -> dict[str, list[bytes]]:
        """As a directory would answer, with a photo of about so many bytes."""
        texts = {
            "objectClass": "inetOrgPerson",
            "entryUUID": self.directory_id,
            "createTimestamp": f"{self.joined:%Y%m%d}080000Z",
            "uid": self.handle,
            "cn": self.name,
            "displayName": self.name,
            "givenName": self.given,
            "sn": self.family,
            "mail": f"{self.handle}@northwind.example",
            "title": self.title,
            "ou": self.team,
            "physicalDeliveryOfficeName": f"{self.n % 9 + 1}.{self.n % 40:02}",
            "l": self.city,
            "telephoneNumber": f"+49 351 555 {self.n:06}",
            "mobile": f"+49 151 555 {self.n:06}",
            "manager": self.manager_dn,
        }
        values = {name: [text.encode()] for name, text in texts.items() if text}
        if self.has_photo:
            values["jpegPhoto"] = [photo_of(self.n, photo_bytes)]
        return values


def dn_of(n: int) -> str:
    return f"employeeNumber={n},{PEOPLE_DN}"


def people(size: int, seed: int, today: date) -> Iterator[Person]:
    """Managers before those whom they manage."""
    return (_person(n, seed, today) for n in range(size))


def _person(n: int, seed: int, today: date) -> Person:
    dice = random.Random(seed * 1_000_003 + n)
    script = dice.choices(SCRIPTS, [s.share for s in SCRIPTS])[0]
    given, family = _one_of(script.given, dice), _family(script, dice)
    days = dice.randrange(14) if dice.random() < NEWCOMERS else dice.randrange(14, 5000)
    return Person(
        n=n,
        seed=seed,
        given=given,
        family=family,
        name=f"{family} {given}" if script.family_first else f"{given} {family}",
        title=dice.choice(TITLES) if n % TEAM else "Team Lead",
        team=f"{AREAS[n // TEAM % len(AREAS)]} {n // TEAM // len(AREAS) + 1}",
        city=dice.choice(CITIES),
        joined=today - timedelta(days=days),
        has_photo=dice.random() < WITH_PHOTO,
    )


def _family(script: Script, dice: random.Random) -> str:
    parts = script.beginnings, script.endings
    family = "".join(_one_of(part, dice) for part in parts)
    if script.hyphens and dice.random() < 0.08:
        family += "-" + "".join(_one_of(part, dice) for part in parts)
    return family


def _one_of(words: str, dice: random.Random) -> str:
    return dice.choice(words.split(" "))
