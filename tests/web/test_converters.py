"""Login names in addresses: each has one, and each address is one person's."""

from __future__ import annotations

import re
from itertools import product
from urllib.parse import unquote

import pytest
from flask import Flask, url_for

from intranet_people.web.converters import decode, encode

from ..client import Browser
from ..conftest import MakeApp, slapd_settings
from ..servers.slapd import Slapd

ODD = [
    "..",
    ".",
    "a#b",
    "a?b",
    "a%2fb",
    "a&b",
    "a b",
    "@",
    "jörg",
    "a~1",
    "a~0/",
    "~",
    "a+b",
    "a;b",
]


def test_every_name_has_an_address_of_its_own_without_a_slash() -> None:
    seen: dict[str, str] = {}
    for length in range(1, 6):
        for letters in product("a/~01.é", repeat=length):
            handle = "".join(letters)
            text = encode(handle)
            assert "/" not in text
            assert text not in (".", "..")
            assert decode(text) == handle
            assert seen.setdefault(text, handle) == handle


@pytest.mark.parametrize(
    ("handle", "text"),
    [
        ("alice", "alice"),
        ("alice~2", "alice~2"),
        ("alice/card", "alice~1card"),
        ("a~1", "a~01"),
        ("..", "~0.."),
    ],
)
def test_how_a_name_is_written(handle: str, text: str) -> None:
    assert encode(handle) == text


@pytest.mark.parametrize("handle", ODD)
def test_the_way_to_a_page_and_back(company_app: Flask, handle: str) -> None:
    with company_app.test_request_context("/"):
        path = url_for("intranet_people.profile", handle=handle)
    assert path.count("/") == 2
    adapter = company_app.url_map.bind("localhost")
    assert adapter.match(unquote(path)) == ("intranet_people.profile", {"handle": handle})


def test_upper_case_is_the_same_person(tomas: Browser) -> None:
    assert "<h1><bdi>Dana Whitfield</bdi></h1>" in tomas.get("/people/@DANA").text


@pytest.mark.parametrize(
    "path",
    [
        "@a%00b",
        "@" + "a" * 301,
        "@" + "a" * 601,
        "@a%0Ab",
        "zz%0Azz",
        "@",
        "photos/x/64.webp",
        f"photos/{'0' * 63}/64.webp",
        f"photos/{'0' * 64}/65.webp",
        "photos/../64.webp",
    ],
)
def test_what_can_be_no_address_is_none(tomas: Browser, path: str) -> None:
    answer = tomas.get(f"/people/{path}")
    assert answer.status_code == 404
    assert "Not here" in answer.text


def test_a_number_is_a_name_too(company_app: Flask) -> None:
    with company_app.test_request_context("/"):
        assert url_for("intranet_people.profile", handle=7) == "/people/@7"


@pytest.mark.parametrize("path", ["@a%00b/follow", "meetings/abc/hi/dana"])
def test_a_form_for_none_is_refused(tomas: Browser, path: str) -> None:
    assert tomas.post(f"/people/{path}").status_code == 405


PEOPLE = {"alice/card": "Slash Alice", "alice~2": "Tilde Alice", "..": "Dotty Alice"}


@pytest.mark.slapd
def test_three_alices_of_whom_one_has_a_slash(make_app: MakeApp, changing_slapd: Slapd) -> None:
    """Each page, form and link is that of the right one."""
    for handle, name in PEOPLE.items():
        changing_slapd.add(
            f"dn: cn={name},ou=people,{Slapd.base_dn}\n"
            f"objectClass: inetOrgPerson\ncn: {name}\nsn: Alice\nuid: {handle}\n"
            "userPassword: three-alices\n"
        )
    app = make_app(**slapd_settings(changing_slapd))
    assert app.test_cli_runner().invoke(args=["people", "sync"]).exit_code == 0
    bob = Browser(app, "bob", "bob-password")
    names = {"alice": "Alice Liddell"} | PEOPLE
    for handle, name in names.items():
        with app.test_request_context("/"):
            address = url_for("intranet_people.profile", handle=handle)
            photo = url_for("intranet_people.photo", handle=handle)
            widget = url_for("intranet_people.widget", name="card", person=handle)
            hi = url_for("intranet_people.hi", key="0" * 32, handle=handle)
        assert f"<h1><bdi>{name}</bdi></h1>" in bob.get(address).text
        card = bob.get(f"{address}/card", htmx=True).text
        assert f'data-person="{handle}"' in card
        assert f"<bdi>{name}</bdi>" in card
        assert name in bob.get(widget).text
        # There is no such meeting, which is said beside the person.
        refused = bob.post(hi, line="Hi")
        assert (refused.status_code, f"<bdi>{name}</bdi>" in refused.text) == (409, True)
        assert bob.get(photo).status_code in (200, 302)
        followed = bob.post(f"{address}/follow", htmx=True).text
        assert f"Following, unfollow {name}" in followed
        assert f'action="{address}/unfollow"' in followed
        plain = bob.post(f"{address}/unfollow", next=address)
        assert (plain.status_code, plain.location) == (303, address)
        bob.post(f"{address}/follow")
    page = bob.get("/people/search?q=alice").text
    links = re.findall(r'href="([^"]+)" class="ip-name"><bdi>(.*?)</bdi>', page)
    shown = {re.sub("<[^>]+>", "", name): href for href, name in links}
    assert set(names.values()) <= set(shown)
    for name in names.values():
        assert f"<h1><bdi>{name}</bdi></h1>" in bob.get(shown[name]).text
    following = bob.get("/people/following").text
    assert all(name in following for name in names.values())
    for handle in PEOPLE:
        herself = Browser(app, handle, "three-alices")
        with app.test_request_context("/"):
            own_page = url_for("intranet_people.profile", handle=handle)
        assert herself.get("/people/me").location == own_page
