"""The promises of the sample company: who is in it, and how they hang together."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from intranet_people.demo.company import (
    BASE_DN,
    PASSWORD,
    SERVICE_DN,
    SERVICE_PASSWORD,
    SIGN_INS,
    by_handle,
    entries,
    people,
)

TODAY = date(2026, 11, 23)
Attributes = dict[str, list[bytes]]


@pytest.fixture(scope="module")
def tree() -> dict[str, Attributes]:
    """The entries by DN."""
    return dict(entries(TODAY))


@pytest.fixture(scope="module")
def persons(tree: dict[str, Attributes]) -> list[Attributes]:
    return [attributes for attributes in tree.values() if "uid" in attributes]


def test_there_are_120_people_in_14_teams_and_12_cities() -> None:
    assert len(people()) == 120
    assert len({person.team for person in people()} - {"Leadership"}) == 14
    assert len({person.city for person in people()}) == 12


@pytest.mark.parametrize("attribute", ["uid", "cn", "mail", "entryUUID", "employeeNumber"])
def test_what_tells_people_apart_is_theirs_alone(persons: list[Attributes], attribute: str) -> None:
    assert len({attributes[attribute][0] for attributes in persons}) == 120


def test_handles_and_mails_are_lower_case_ascii() -> None:
    for person in people():
        assert re.fullmatch("[a-z]+", person.handle)
        assert re.fullmatch(r"[a-z-]+\.[a-z-]+@northwind\.example", person.address)


def test_no_value_is_empty_and_each_parent_comes_before_its_children() -> None:
    seen = {"dc=example"}
    for dn, attributes in entries(TODAY):
        assert dn.partition(",")[2] in seen
        assert all(values and all(values) for values in attributes.values())
        seen.add(dn)


def test_ids_do_not_change_from_day_to_day(tree: dict[str, Attributes]) -> None:
    for dn, attributes in entries(TODAY + timedelta(days=30)):
        assert attributes["entryUUID"] == tree[dn]["entryUUID"]
        UUID(attributes["entryUUID"][0].decode())


def test_three_levels_of_leaders_end_in_one_chief(persons: list[Attributes]) -> None:
    managers = {person.handle: person.manager for person in people()}
    leaders = {manager for manager in managers.values() if manager}
    depths = {handle: len(_line(handle, managers)) for handle in managers}
    assert [handle for handle, depth in depths.items() if depth == 0] == ["solveig"]
    assert {depths[leader] for leader in leaders} == {0, 1, 2}
    assert {depths[handle] for handle in managers.keys() - leaders} == {3}
    assert sum("manager" in attributes for attributes in persons) == 119


def _line(handle: str, managers: dict[str, str]) -> list[str]:
    line: list[str] = []
    while handle := managers[handle]:
        assert handle not in line, "a circle of managers"
        line.append(handle)
    return line


def test_80_portraits_open_and_no_two_are_alike(persons: list[Attributes]) -> None:
    photos = [attributes["jpegPhoto"][0] for attributes in persons if "jpegPhoto" in attributes]
    pixels = set()
    for photo in photos:
        with Image.open(io.BytesIO(photo), formats=("JPEG",)) as image:
            assert image.size == (320, 320)
            assert "progressive" not in image.info
            pixels.add(image.tobytes())
    assert len(photos) == len(pixels) == 80
    assert sum(map(len, photos)) < 1_200_000


def test_a_leader_and_the_newcomer_have_no_portrait_yet() -> None:
    assert by_handle()["takumi"].photo is None
    assert by_handle()["nour"].photo is None


def test_the_sign_ins(tree: dict[str, Attributes]) -> None:
    assert [sign_in.what for sign_in in SIGN_INS] == [
        "an employee",
        "a newcomer",
        "a leader",
        "in a meeting just now",
    ]
    for sign_in in SIGN_INS:
        entry = tree[by_handle()[sign_in.handle].dn]
        assert entry["userPassword"] == [sign_in.password.encode()] == [PASSWORD.encode()]
    assert tree[SERVICE_DN]["userPassword"] == [SERVICE_PASSWORD.encode()]
    assert tree[BASE_DN]["dc"] == [b"northwind"]


def test_newcomers_are_few_and_joined_this_week(persons: list[Attributes]) -> None:
    week = {f"{TODAY - timedelta(days=days):%Y%m%d}080000Z".encode() for days in range(7)}
    new = {a["uid"][0] for a in persons if a["createTimestamp"][0] in week}
    assert new == {b"nour", b"dimitra", b"yui", b"jiahui"}


def test_time_zones_exist(persons: list[Attributes]) -> None:
    for attributes in persons:
        ZoneInfo(attributes["timeZone"][0].decode())


def test_names_are_as_long_as_62_and_as_short_as_5_characters() -> None:
    lengths = [len(person.name) for person in people()]
    assert (max(lengths), min(lengths)) == (62, 5)


def test_those_whom_the_documents_name_are_here() -> None:
    dana, kenji, priya = (by_handle()[handle] for handle in ("dana", "kenji", "priya"))
    assert (dana.name, dana.title, dana.city) == ("Dana Whitfield", "Head of Calibration", "Oslo")
    assert (kenji.name, kenji.team, kenji.city) == ("佐藤 健二 Kenji Sato", "Optics", "Yokohama")
    assert (priya.given, priya.team) == ("Priya", "Tide Clocks")
