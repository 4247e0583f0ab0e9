"""Apache with mod_auth_openidc in front of the app, as docs/sign-in.md has it, and a provider."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ..servers.apache import Apache
from ..servers.openid import CLIENT, SECRET, OpenID, openid
from ..servers.rsa import Key
from .front import FORGED, Front, cookies, in_front, need_apache, where

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenID]:
    with openid(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


def places(provider: OpenID, apache: Apache) -> dict[str, str]:
    return {
        "https://login.corp.example": provider.url,
        "OIDCClientID people": f"OIDCClientID {CLIENT}",
        "the provider knows it too": SECRET,
        "https://people.corp.example": apache.url,
    }


@pytest.fixture(scope="module")
def front(behind_apache: str, provider: OpenID) -> Iterator[Front]:
    need_apache("openid-connect")
    with Apache() as apache:
        there = places(provider, apache)
        with in_front(apache, behind_apache, "openid-connect", there) as front:
            yield front


def test_whom_the_provider_names_is_in(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana")
    dana = front.browser()
    assert front.me(dana) == "@dana"
    provider.says(preferred_username="kenji")
    assert front.me(dana) == "@dana"  # for as long as the session
    assert front.me(front.browser()) == "@kenji"


def test_whom_it_does_not_name_is_not(front: Front, provider: OpenID) -> None:
    provider.says(email="dana@example.test")
    for name in (None, 5, ["dana", "kenji"]):
        provider.claims |= {"preferred_username": name} if name else {}
        refused = front.browser().get(f"{front.apache.url}/people/me")
        assert "Remote user could not be set" in refused.text


def test_a_token_that_is_not_for_us_is_refused(
    front: Front, provider: OpenID, tmp_path: Path
) -> None:
    another = Key(tmp_path, "another")
    cases: list[tuple[dict[str, object], Key]] = [
        ({"aud": "somebody-else"}, provider.key),
        ({"aud": [CLIENT, "somebody-else"], "azp": "somebody-else"}, provider.key),
        ({"iss": "https://elsewhere.example"}, provider.key),
        ({"nonce": "of another sign-in"}, provider.key),
        ({"exp": 1}, provider.key),
        ({}, another),
    ]
    for lies, key in cases:
        provider.says(preferred_username="dana")
        provider.lies, provider.signed_by = lies, key
        refused = front.browser()
        assert "Error" in refused.get(f"{front.apache.url}/people/me").text
        assert front.me(refused, "--no-location") == "302"


def test_who_names_somebody_else_is_who_they_are(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana")
    dana = front.browser()
    assert front.me(dana) == "@dana"
    forged = dict.fromkeys(FORGED, "amina")
    assert front.named(dana, **forged) == ["dana"]
    assert front.me(dana, **forged) == "@dana"


def test_where_everybody_may_come_nobody_is_named(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana")
    dana = front.browser()
    assert front.me(dana) == "@dana"
    for browser in (dana, front.browser()):
        forged = dict.fromkeys(FORGED, "amina")
        assert front.named(browser, path="/people/health", **forged) == []


def test_a_name_is_no_more_than_a_name(front: Front, provider: OpenID) -> None:
    """Apache would write a line break as one: more headers, and whole requests, by who is named."""
    for name in ("x\r\nX-Remote-User: amina", "x\nX-Other: y", "\r\n\r\nGET / HTTP/1.1", "dana\n"):
        provider.says(preferred_username=name)
        arrived = dict(front.arrives(front.browser()))
        assert not arrived.keys() & {"x-remote-user", "x-other"}


@pytest.mark.parametrize(
    ("name", "who"),
    [("DANA", "@dana"), (" dana ", "@dana"), ("dana,amina", "401"), ("", "401"), ("Jörg Ä", "403")],
)
def test_names_as_they_come(front: Front, provider: OpenID, name: str, who: str) -> None:
    provider.says(preferred_username=name)
    assert front.me(front.browser()) == who


def test_names_in_any_script(front: Front, provider: OpenID) -> None:
    for name in ("Jörg Ä", "アリス", "Жанна"):
        provider.says(preferred_username=name)
        assert front.named(front.browser()) == [name]


def test_the_app_hears_the_name_alone(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana", email="dana@example.test", phone_number="+49 30")
    arrived = front.arrives(front.browser())
    assert ("x-forwarded-proto", "https") in arrived
    assert not [name for name, value in arrived if name.startswith("oidc") or "+49" in value]


def test_cookies_are_for_this_site_alone(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana")
    given = cookies(front.browser().get(f"{front.apache.url}/people/me", "--include"))
    assert {"secure", "httponly", "samesite=lax"} <= given["mod_auth_openidc_session"]


def test_a_fragment_is_not_led_away(front: Front, provider: OpenID) -> None:
    """What a script of ours asks for after the session has ended: a no, and not another site."""
    fetched = {"Sec-Fetch-Mode": "cors", "HX-Request": "true"}
    assert front.me(front.browser(), **fetched) == "401"


def test_signing_out(front: Front, provider: OpenID) -> None:
    provider.says(preferred_username="dana")
    dana = front.browser()
    assert front.me(dana) == "@dana"
    out = dana.get(f"{front.apache.url}/oidc?logout=https%3A%2F%2Felsewhere.example")
    assert "not match" in out.text
    out = dana.get(f"{front.apache.url}/oidc?logout={front.apache.url}/people/health")
    assert where(out) == "health"
    assert provider.signed_out == 1
    provider.says(preferred_username="kenji")
    assert front.me(dana) == "@kenji"


def test_by_mail(behind_apache: str, provider: OpenID) -> None:
    need_apache("openid-connect")
    provider.says(email="dana@EXAMPLE.TEST")
    with Apache() as apache:
        by_mail = {"OIDCRemoteUserClaim preferred_username": "OIDCRemoteUserClaim email"}
        there = places(provider, apache) | by_mail
        with in_front(apache, behind_apache, "openid-connect", there) as front:
            browser = front.browser()
            assert front.named(browser) == ["dana@EXAMPLE.TEST"]
            assert front.me(browser) == "@dana"
