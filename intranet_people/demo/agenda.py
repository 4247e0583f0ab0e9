"""What Northwind has in its calendars around now: plain values, no iCalendar."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from intranet_people.demo.company import MAIL_DOMAIN, Person, by_handle, people

PAST_WEEKS = 8


@dataclass(frozen=True)
class Guest:
    """An attendee from outside the company, or a room or thing (`cutype` of RFC 5545)."""

    name: str
    address: str
    cutype: str = "INDIVIDUAL"


PLANNING, DIALS_AT_SEA = "Quarterly planning", "Dials at sea"
ALL_HANDS = "All hands: Open Doors, with Charlotte Reyes"
SPEAKER = Guest("Charlotte Reyes", "mailto:charlotte.reyes@opendoors.example.org")
AALTO = Guest("Room Aalto", f"mailto:room-aalto@{MAIL_DOMAIN}", "ROOM")
PROJECTOR = Guest("Large projector", f"mailto:projector@{MAIL_DOMAIN}", "RESOURCE")
# Outlook writes this for someone whom it knows by name only.
HARBOUR_MASTER = Guest("The harbour master", "invalid:nomail")


@dataclass(frozen=True)
class SampleMeeting:
    """A meeting; `people` are handles, the organizer first; weekly ones keep a local time."""

    uid: str
    title: str
    location: str
    starts_at: datetime
    minutes: int
    people: tuple[str, ...]
    guests: tuple[Guest, ...] = ()
    weekly: bool = False
    all_day: bool = False
    """It lasts `minutes`, whole days, from midnight UTC on."""


def agenda(now: datetime) -> list[SampleMeeting]:
    """Every meeting: one of last week, one of the last workday, one that runs at `now` (aware), and
    many that are still to come."""
    return [
        _last_week(now),
        _last_workday(now),
        _running(now),
        *_whole_days(now),
        _quarterly_planning(now),
        _all_hands(now),
        _design_review(now),
        _onboarding_coffee(now),
        *_projects(now),
        *_team_meetings(now),
        *_one_to_ones(now),
    ]


def _last_week(now: datetime) -> SampleMeeting:
    """Tomás knows the others since then."""
    who = ("njeri", "tomas", "sigurdur", "siti")
    uid, start = _uid("tide-tables-first", now), _on_weekday(now, -5, 9, UTC)
    return SampleMeeting(uid, "Tide tables, a first look", "Online", start, 45, who)


def _last_workday(now: datetime) -> SampleMeeting:
    """After which Dana and Małgorzata are asked whether they met."""
    who = ("malgorzata", "dana")
    uid, start = _uid("dials-at-sea", now), _on_weekday(now, -1, 13, UTC)
    return SampleMeeting(uid, DIALS_AT_SEA, "Room Elbe", start, 30, who)


def _running(now: datetime) -> SampleMeeting:
    who = ("abena", "dana", "hana", "iris", "wei")
    uid, start = _uid("clinic", now), _in_25_minutes(now) - timedelta(minutes=35)
    return SampleMeeting(uid, "Calibration clinic", "Online", start, 60, who)


def _whole_days(now: datetime) -> Iterator[SampleMeeting]:
    day = 24 * 60
    for key, number, days, title, place, who in (
        ("harbour-day", 2, 1, "Harbour day", "Lisbon", "rui tomas catarina dana nour"),
        ("fair", 3, 2, "Instrument fair", "Dresden", "iris amina grete juergen tomas"),
    ):
        start = _on_weekday(now, number, 0, UTC)
        people = tuple(who.split())
        uid = _uid(key, now)
        yield SampleMeeting(uid, title, place, start, days * day, people, all_day=True)


def _quarterly_planning(now: datetime) -> SampleMeeting:
    who = ("dana", "kenji", "priya", "tomas", "nour", "rui", "eleni", "gabriela")
    uid, start = _uid("quarterly-planning", now), _in_25_minutes(now)
    return SampleMeeting(uid, PLANNING, "Room Aalto", start, 60, who, (AALTO,))


def _all_hands(now: datetime) -> SampleMeeting:
    """Today, or tomorrow if the day is well on: someone who looks around shall find it near."""
    day = now.astimezone(UTC)
    start = day.replace(hour=13, minute=0, second=0, microsecond=0)
    if day.hour >= 11:
        start += timedelta(days=1)
    everyone = tuple(person.handle for person in people())
    uid = _uid("all-hands", now)
    return SampleMeeting(uid, ALL_HANDS, "Harbour hall and online", start, 60, everyone, (SPEAKER,))


def _design_review(now: datetime) -> SampleMeeting:
    who = ("eleni", "nour", "tomas", "amina", "kenji", "katerina", "naoki", "hueseyin")
    uid, start = _uid("design-review", now), _on_weekday(now, 2, 15, ZoneInfo("Europe/Athens"))
    guests = (PROJECTOR, HARBOUR_MASTER)
    return SampleMeeting(uid, "Design review: harbour clock", "Room Olive", start, 60, who, guests)


def _onboarding_coffee(now: datetime) -> SampleMeeting:
    newcomers = tuple(person.handle for person in people() if person.is_newcomer)
    who = ("yasmine", *newcomers, "solveig", "kristin", "callum")
    uid, start = _uid("onboarding-coffee", now), _on_weekday(now, 1, 12, ZoneInfo("Africa/Cairo"))
    return SampleMeeting(uid, "Coffee for those who are new", "Online", start, 30, who)


def _projects(now: datetime) -> Iterator[SampleMeeting]:
    path = Path(__file__).with_name("projects.tsv")
    with path.open(encoding="utf-8", newline="") as table:
        for row in csv.DictReader(table, delimiter="\t", quoting=csv.QUOTE_NONE):
            who = tuple(row["people"].split())
            start = _on_weekday(now, int(row["day"]), int(row["hour"]), UTC)
            uid, minutes = _uid(row["key"], now), int(row["minutes"])
            yield SampleMeeting(uid, row["title"], row["location"], start, minutes, who)


def _team_meetings(now: datetime) -> Iterator[SampleMeeting]:
    for number, (team, members) in enumerate(_teams().items()):
        zone = ZoneInfo(members[0].zone)
        today = now.astimezone(zone).replace(
            hour=9 + number % 3, minute=30, second=0, microsecond=0
        )
        monday = today - timedelta(days=today.weekday())
        start = monday + timedelta(days=number % 5, weeks=-PAST_WEEKS)
        who = tuple(person.handle for person in members)
        uid = f"team-{team.lower().replace(' ', '-')}@{MAIL_DOMAIN}"
        yield SampleMeeting(uid, f"{team} weekly", "Online", start, 30, who, weekly=True)


def _one_to_ones(now: datetime) -> Iterator[SampleMeeting]:
    places: dict[str, int] = {}
    for person in people():
        if not person.manager:
            continue
        manager = by_handle()[person.manager]
        place = places[manager.handle] = places.get(manager.handle, -1) + 1
        start = _on_weekday(now, 1 + place % 8, 9 + place * 3 % 8, ZoneInfo(manager.zone))
        title, who = f"{manager.given} and {person.given}", (manager.handle, person.handle)
        yield SampleMeeting(_uid(f"pair-{person.handle}", now), title, manager.room, start, 30, who)


def _teams() -> dict[str, list[Person]]:
    """Members by team, whoever leads it first: so do the rows of company.tsv."""
    teams: dict[str, list[Person]] = {}
    for person in people():
        teams.setdefault(person.team, []).append(person)
    return teams


def _uid(key: str, now: datetime) -> str:
    """The same all day long, so that a second run moves meetings instead of doubling them."""
    return f"{key}-{now.astimezone(UTC):%Y%m%d}@{MAIL_DOMAIN}"


def _in_25_minutes(now: datetime) -> datetime:
    step = 5 * 60
    return datetime.fromtimestamp(round((now.timestamp() + 25 * 60) / step) * step, UTC)


def _on_weekday(now: datetime, number: int, hour: int, zone: tzinfo) -> datetime:
    """The full hour, in `zone`, of the weekday that is `number` weekdays after today; before it,
    if the number is negative."""
    day, step = now.astimezone(UTC), 1 if number > 0 else -1
    while number:
        day += timedelta(days=step)
        number -= step * (day.weekday() < 5)
    return datetime(day.year, day.month, day.day, hour, tzinfo=zone).astimezone(UTC)
