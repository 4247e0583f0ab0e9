"""What neither a calendar, a time zone nor a hidden person may bring about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee
from intranet_people.hellos.answers import answer_all
from intranet_people.hellos.hello import Hello, HiRefused, hi_back, say_hi
from intranet_people.hellos.inbox import news_of
from intranet_people.hellos.recent import recent_hellos
from intranet_people.hellos.upcoming import coming_week
from intranet_people.meetings.guest_lists import Guest
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..client import Browser
from ..meetings.diaries import Invite
from ..queries import counted
from .test_sections import crowd, times_shown

Find = Callable[[str], Person]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_copied_uid_is_no_invitation(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """The receiver's own calendar decides, and the refusal does not say what it holds."""
    invite("dana", "kenji", uid="theirs", only_in=["dana", "kenji"])
    key = key_of(invite("priya", "dana", uid="theirs", only_in=["priya"], starts_in=5 * HOUR))
    with pytest.raises(HiRefused, match="Dana Whitfield is not in that meeting"):
        say_hi(session, person("priya"), person("dana"), key, "Hi", now)


def test_undo_is_no_way_around_the_rest(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    tomas, dana = person("tomas"), person("dana")
    first, second = (key_of(invite("tomas", "dana", uid=uid)) for uid in ("one", "two"))
    said = say_hi(session, tomas, dana, first, "Hi", now)
    said.withdrawn_at = now
    session.commit()
    say_hi(session, tomas, dana, second, "Hi", now)
    with pytest.raises(HiRefused, match="not long ago"):
        say_hi(session, tomas, dana, first, "Hi", now)


def test_answer_all_answers_nobody_hidden(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    key = key_of(invite("dana", "tomas", "kenji"))
    said = {
        h: say_hi(session, person(h), person("dana"), key, "Hi", now) for h in ("tomas", "kenji")
    }
    person("kenji").is_hidden = True
    session.commit()
    with company_app.app_context():
        answer_all(session, person("dana"), key, "Hi all", now)
    session.expire_all()
    assert [said["tomas"].reply, said["kenji"].reply] == ["Hi all", None]


def test_answer_all_costs_the_same_for_many(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    costs, dana = [], Browser(company_app, "dana")
    for n in (2, 12):
        handles = crowd(session, n, "dana")
        key = key_of(invite("dana", *handles, uid=f"m{n}"))
        for handle in handles:
            session.add(hello_of(person(handle), person("dana"), key, now))
        session.commit()
        with counted(company_app) as statements:
            answer = dana.post(f"/people/meetings/{key}/reply", htmx=True)
        assert answer.status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1]


def hello_of(sender: Person, receiver: Person, key: str, now: datetime) -> Hello:
    low, high = sorted((sender.id, receiver.id))
    ids = {"sender_id": sender.id, "receiver_id": receiver.id, "low_id": low, "high_id": high}
    times = {"starts_at": now + HOUR, "ends_at": now + 2 * HOUR, "sent_at": now}
    return Hello(**ids, **times, meeting_key=key, text="Hi")


@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Pacific/Kiritimati", "Europe/Oslo"])
def test_a_hi_on_a_whole_day_lasts_as_long_as_the_day(
    company_app: Flask, session: Session, invite: Invite, person: Find, now: datetime, zone: str
) -> None:
    """The day ended in UTC an hour ago; somewhere it goes on."""
    person("tomas").time_zone = person("dana").time_zone = zone
    session.commit()
    end = now - HOUR
    key = key_of(invite("tomas", "dana", all_day=True, starts_in=-HOUR - DAY, ends_at=end))
    said = Browser(company_app, "tomas").post(
        f"/people/meetings/{key}/hi/dana", htmx=True, line="Hi"
    )
    assert said.status_code == 200
    assert "Said hi" in said.text
    dana = Browser(company_app, "dana")
    assert "Hi back" in dana.get("/people/hellos").text
    hello = session.query(Hello).one()
    assert dana.post(f"/people/hellos/{hello.id}/reply", htmx=True).status_code == 200
    session.refresh(hello)
    assert hello.reply


def test_days_are_in_order_west_of_utc(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """A whole Tuesday begins on Monday afternoon in Los Angeles, and stays Tuesday's."""
    zone = ZoneInfo("America/Los_Angeles")
    start = (now.astimezone(zone) + 2 * DAY).replace(hour=10, minute=0, second=0, microsecond=0)
    whole = datetime(start.year, start.month, start.day, tzinfo=ZoneInfo("UTC")) + DAY
    for n, hours in enumerate((0, 8, 24)):
        begins = start + timedelta(hours=hours)
        invite("tomas", "dana", uid=f"m{n}", starts_in=begins - now)
    invite("tomas", "kenji", uid="day", all_day=True, starts_in=whole - now, ends_at=whole + DAY)
    days = [day for day, _ in coming_week(session, person("tomas"), now, zone).days()]
    assert days == sorted(set(days))
    assert len(days) == 2


def test_a_hidden_manager_makes_nobody_known(
    session: Session, person: Find, invite: Invite, now: datetime, company_app: Flask
) -> None:
    tomas, dana, boss = person("tomas"), person("dana"), person("kenji")
    tomas.manager_id = dana.manager_id = boss.id
    boss.is_hidden = True
    session.commit()
    invite("tomas", "dana")
    week = coming_week(session, tomas, now, ZoneInfo("UTC"))
    assert [g.person.id for g in week.meetings[0].to_meet] == [dana.id]
    assert "Same manager" not in Browser(company_app, "tomas").get("/people/@dana").text


def test_the_badge_and_the_page_count_the_same(
    session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """Also an answer to a hi of long ago."""
    tomas, dana = person("tomas"), person("dana")
    key = key_of(invite("tomas", "dana"))
    said = say_hi(session, tomas, dana, key, "Hi", now - 40 * DAY)
    hi_back(session, dana, said, "Hi", now)
    assert news_of(session, tomas, now) == recent_hellos(session, tomas, now).news(now)
    assert news_of(session, tomas, now).count == 1


def test_nobody_is_on_the_first_page_twice(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """An answer that nobody has seen, after a meeting that is over; and a crowd beside it."""
    key = key_of(invite("tomas", "dana"))
    said = say_hi(session, person("tomas"), person("dana"), key, "Hi", now)
    hi_back(session, person("dana"), said, "See you", now)
    said.starts_at, said.ends_at = now - 2 * HOUR, now - HOUR
    handles = crowd(session, 5, "dana")
    crowded = key_of(invite("tomas", *handles, uid="crowd", starts_in=3 * HOUR))
    for handle in handles:
        session.add(hello_of(person(handle), person("tomas"), crowded, now))
    session.commit()
    page = Browser(company_app, "tomas").get("/people/").text
    assert "5 people said hi to you" in page
    assert times_shown(page, "dana") == 1


def test_the_edit_page_leads_back_to_the_row(company_app: Flask, key: str) -> None:
    """Without JavaScript, with the day that was open."""
    tomas = Browser(company_app, "tomas")
    came_from = {"Referer": "http://localhost/people/meetings?on=2026-12-01"}
    path = f"/people/meetings/{key}/hi/dana?placement=page&edit"
    page = tomas.client.get(path, headers=came_from).text
    assert 'name="next" value="/people/meetings?on=2026-12-01"' in page
    assert 'name="placement" value="page"' in page
    away = tomas.client.get(path, headers={"Referer": "https://evil.example/people/"}).text
    assert "evil" not in away


def test_news_of_a_later_meeting_has_its_title(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """Of the second week, which the first page does not read otherwise."""
    key = key_of(invite("tomas", "dana", starts_in=10 * DAY, title="Tide tables"))
    said = say_hi(session, person("dana"), person("tomas"), key, "Hi", now)
    session.add(said)
    session.commit()
    assert "Tide tables" in Browser(company_app, "tomas").get("/people/").text


def test_a_hi_to_the_last_of_many_guests(
    company_app: Flask, session: Session, person: Find, invite: Invite
) -> None:
    """Beyond those whom a page reads."""
    guests = [Attendee(f"Guest {n}", f"guest{n}@opendoors.example.org") for n in range(210)]
    key = key_of(invite("tomas", "dana", guests=guests))
    last = session.scalars(select(Guest).where(Guest.person_id == person("dana").id)).one()
    last.position = 400
    session.commit()
    answer = Browser(company_app, "tomas").post(
        f"/people/meetings/{key}/hi/dana", htmx=True, line="See you there"
    )
    assert answer.status_code == 200
    assert "See you there" in answer.text


@pytest.mark.parametrize("line", ["Coffee after it?", "قهوة بعدها؟", "コーヒーはいかが？"])
def test_one_tap_never_says_yes(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime, line: str
) -> None:
    """To a question nobody has answered."""
    key = key_of(invite("tomas", "dana"))
    said = say_hi(session, person("dana"), person("tomas"), key, line, now)
    page = Browser(company_app, "tomas").get(f"/people/hellos/{said.id}").text
    assert 'value="Hi Dana, thank you for asking. Let us talk when we meet."' in page


def test_the_heading_has_faces(
    company_app: Flask, session: Session, person: Find, invite: Invite, now: datetime
) -> None:
    """Of some people, not of all, and not of two whose rows follow anyway."""
    person("tomas").time_zone = where_it_is_morning(now)
    session.commit()
    people = crowd(session, 8)
    tomas = Browser(company_app, "tomas")
    invite("tomas", *people[:2], uid="two")
    page = tomas.get("/people/").text
    assert "you meet 2 new people today" in page
    assert "ip-faces-48" not in page
    invite("tomas", *people, uid="eight", starts_in=HOUR / 2)
    page = tomas.get("/people/").text
    assert "you meet 8 new people today" in page
    strip = page.partition("ip-faces-48")[2].partition("</ul>")[0]
    assert strip.count("data-person") == 6


def where_it_is_morning(now: datetime) -> str:
    """A zone in which today is not over in an hour."""
    behind = now.hour - 9
    return f"Etc/GMT{behind if behind <= 12 else behind - 24:+}"
