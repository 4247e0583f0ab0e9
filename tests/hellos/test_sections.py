"""What of a week is open on the page, what is folded, and each person only once."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from intranet_people.calendars.source import Attendee
from intranet_people.meetings.meeting import key_of
from intranet_people.people.person import Person

from ..client import Browser
from ..meetings.diaries import Invite, upcoming
from ..queries import counted

Find = Callable[[str], Person]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PAGES = ("/people/", "/people/meetings", "/people/hellos", "/people/@dana", "/people/following")


def crowd(session: Session, n: int, *without: str) -> list[str]:
    """The handles of n people, without some and without those who work with Tomás."""
    tomas = session.query(Person).filter_by(handle="tomas").one()
    rest = session.query(Person).filter(Person.manager_id != tomas.manager_id)
    rest = rest.filter(Person.id != tomas.manager_id).order_by(Person.id)
    return [p.handle or "" for p in rest if p.handle not in ("tomas", *without)][:n]


def times_shown(page: str, handle: str) -> int:
    return page.count(f'class="ip-greeting" data-person="{handle}"')


def test_each_person_once_at_their_first_meeting(
    company_app: Flask, session: Session, tomas: Person, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", "kenji")
    invite("tomas", "dana", "priya", uid="later", starts_in=2 * HOUR)
    first, second = upcoming(session, tomas, now)
    assert [g.person.handle for g in first.to_meet] == ["dana", "kenji"]
    assert [g.person.handle for g in second.to_meet] == ["priya"]
    assert first.to_meet[0].also == (now + 2 * HOUR,)
    page = Browser(company_app, "tomas").get("/people/meetings").text
    assert [times_shown(page, h) for h in ("dana", "kenji", "priya")] == [1, 1, 1]


def test_where_something_was_said_they_are_shown(
    company_app: Flask, session: Session, tomas: Person, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana", "kenji")
    key = key_of(invite("tomas", "dana", uid="later", starts_in=2 * HOUR))
    Browser(company_app, "tomas").post(f"/people/meetings/{key}/hi/dana", line="Hello Dana")
    first, second = upcoming(session, tomas, now)
    assert [g.person.handle for g in first.to_meet] == ["kenji"]
    assert [g.person.handle for g in second.to_meet] == ["dana"]


def test_who_is_known_has_no_button(
    company_app: Flask, person: Find, invite: Invite, session: Session
) -> None:
    invite("tomas", "dana", uid="last week", starts_in=-7 * DAY)
    key = key_of(invite("tomas", "dana", "kenji"))
    tomas = Browser(company_app, "tomas")
    for path in ("/people/", "/people/meetings", "/people/@dana"):
        page = tomas.get(path).text
        assert f'formaction="/people/meetings/{key}/hi/dana' not in page, path
    assert "and 1 person you know" in tomas.get("/people/meetings").text


def test_later_days_are_folded_and_open_in_place(
    company_app: Flask, invite: Invite, now: datetime
) -> None:
    invite("tomas", "dana")
    invite("tomas", "kenji", uid="later", title="Design review", starts_in=3 * DAY)
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/meetings").text
    assert "1 new person" in page
    assert times_shown(page, "kenji") == 0
    link = re.search(r'href="(/people/meetings\?on=[^"#]+)', page)
    assert link
    for htmx in (True, False):
        opened = tomas.get(link[1], htmx=htmx).text
        assert ("<html" in opened) is not htmx
        assert times_shown(opened, "kenji") == 1
        assert "Design review" in opened
    for odd in ("2020-01-01", "x", "9999-99-99", ""):
        assert tomas.get(f"/people/meetings?on={odd}").status_code == 200
    assert tomas.get("/people/meetings?on=2020-01-01", htmx=True).status_code == 404


def test_a_large_meeting_shows_a_few_and_opens_whole(
    company_app: Flask, session: Session, invite: Invite
) -> None:
    key = key_of(invite("tomas", *crowd(session, 40), title="All hands"))
    tomas = Browser(company_app, "tomas")
    page = tomas.get("/people/meetings").text
    assert page.count('class="ip-greeting"') == 4
    assert "and 36 others" in page
    for htmx in (True, False):
        whole = tomas.get(f"/people/meetings/{key}", htmx=htmx).text
        assert whole.count('class="ip-greeting"') == 40
    title = "All hands</bdi></h{}>"
    for placement, level in (("page", 3), ("home", 2), ("widget", 3)):
        part = tomas.get(f"/people/meetings/{key}?placement={placement}", htmx=True).text
        assert title.format(level) in part, "a level below the heading that it opens under"
    assert tomas.get(f"/people/meetings/{'0' * 32}").status_code == 404
    assert "new people today" not in tomas.get("/people/").text, "nobody meets forty people"


def test_what_is_open_has_a_limit(company_app: Flask, session: Session, invite: Invite) -> None:
    """Ten meetings of eight and one of two hundred, in less than 30 kB."""
    people = crowd(session, 100)
    for n in range(10):
        invite("tomas", *people[n * 7 : n * 7 + 7], uid=f"m{n}", starts_in=(1 + n) * HOUR / 10)
    invite("tomas", *crowd(session, 100), uid="all", title="All hands", starts_in=2 * HOUR)
    part = Browser(company_app, "tomas").get("/people/meetings", htmx=True)
    assert part.text.count('class="ip-greeting"') <= 12
    assert len(part.data) < 30_000


def test_a_large_meeting_of_a_later_day_opens_with_its_people(
    company_app: Flask, session: Session, invite: Invite, now: datetime
) -> None:
    """They are not read while the day is folded."""
    invite("tomas", "dana")
    key = key_of(
        invite(
            "tomas", *crowd(session, 30, "dana"), title="All hands", uid="all", starts_in=3 * DAY
        )
    )
    tomas = Browser(company_app, "tomas")
    folded = tomas.get("/people/meetings").text
    assert "<bdi>All hands</bdi>" in folded
    day = re.search(r"/people/meetings\?on=[0-9-]+", folded)
    assert day
    for htmx in (False, True):
        page = tomas.get(day[0], htmx=htmx).text
        assert page.count('data-state="ready"') >= 4
        assert "and 26 others" in page
    whole = tomas.get(f"/people/meetings/{key}").text
    assert whole.count('class="ip-greeting"') == 30


def test_a_guest_is_the_first_row(company_app: Flask, invite: Invite) -> None:
    speaker = Attendee("Charlotte Reyes", "charlotte@opendoors.example.org")
    invite("tomas", "dana", guests=[speaker])
    page = Browser(company_app, "tomas").get("/people/meetings").text
    assert 0 < page.index("<bdi>Charlotte Reyes</bdi>") < page.index("Dana Whitfield")


def test_a_running_meeting_shows_everybody_by_face_and_name(
    company_app: Flask, invite: Invite
) -> None:
    invite("tomas", "dana", "kenji", starts_in=-10 * HOUR / 60)
    page = Browser(company_app, "tomas").get("/people/meetings").text
    assert "ip-faces-96" in page
    assert "until" in page


@pytest.mark.parametrize(("hours", "shown"), [(-1, True), (-25, False)])
def test_a_whole_day_is_the_viewers_own(
    company_app: Flask, session: Session, tomas: Person, invite: Invite, hours: int, shown: bool
) -> None:
    """In São Paulo the day goes on for three hours after it has ended in UTC."""
    tomas.time_zone = "Pacific/Honolulu"
    session.commit()
    now = datetime.now(tz=None).astimezone()
    end = timedelta(hours=hours)
    invite("tomas", "dana", all_day=True, starts_in=end - DAY, ends_at=now + end)
    page = Browser(company_app, "tomas").get("/people/meetings").text
    assert ("Quarterly planning" in page) is shown


def test_after_the_last_hi_of_a_day_one_sentence_replaces_the_buttons(
    company_app: Flask, session: Session, invite: Invite
) -> None:
    people = crowd(session, 11)
    key = key_of(invite("tomas", *people))
    tomas = Browser(company_app, "tomas")
    for handle in people[:10]:
        tomas.post(f"/people/meetings/{key}/hi/{handle}", line="Hi")
    page = tomas.get("/people/meetings").text
    assert page.count("You have said hi to 10 people today") == 1
    assert "Say hi" not in page
    said = re.search(r'formaction="([^"]+/undo)"', page)
    assert said
    undone = tomas.post(said[1], htmx=True).text
    assert "Say hi" in undone, "what was withdrawn can be said again"


def test_queries_of_every_page(
    company_app: Flask, session: Session, invite: Invite, person: Find
) -> None:
    """At most six, whatever it shows."""
    for n in range(4):
        invite("tomas", *crowd(session, 30)[n : n + 8], "dana", uid=f"m{n}", starts_in=n * DAY)
    tomas = Browser(company_app, "tomas")
    for handle in crowd(session, 5):
        tomas.post(f"/people/@{handle}/follow")
    key = key_of(invite("tomas", "dana", "kenji"))
    for handle in ("dana", "kenji"):
        Browser(company_app, handle).post(f"/people/meetings/{key}/hi/tomas", line="Hi")
    for path in PAGES:
        with counted(company_app) as statements:
            assert tomas.get(path).status_code == 200
        assert len(statements) <= 6, f"{path}: {statements}"


@pytest.mark.parametrize("htmx", [False, True])
def test_statements_of_what_one_does(company_app: Flask, invite: Invite, htmx: bool) -> None:
    """A plain form is answered with a redirect, before what it leads to is read."""
    key = key_of(invite("tomas", "dana"))
    tomas = Browser(company_app, "tomas")
    for path, most in (("@dana/follow", 3), (f"meetings/{key}/hi/dana", 6)):
        with counted(company_app) as statements:
            answer = tomas.post(f"/people/{path}", htmx=htmx, line="See you there")
        assert answer.status_code == (200 if htmx else 303)
        reads = 6 if htmx else 0
        assert len(statements) <= most + reads, statements
