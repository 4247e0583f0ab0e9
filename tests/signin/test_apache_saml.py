"""Apache with mod_auth_mellon in front of the app, as docs/sign-in.md has it, and a provider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path

import pytest

from ..servers.apache import Apache
from ..servers.curl import Answer, Curl
from ..servers.rsa import Key
from ..servers.saml import IdentityProvider, identity_provider
from .front import FORGED, Front, cookies, in_front, need_apache, where

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    with identity_provider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture(scope="module")
def front(behind_apache: str, provider: IdentityProvider) -> Iterator[Front]:
    need_apache("Mellon")
    with Apache() as apache:
        Key(apache.folder, "people")
        (apache.folder / "provider.xml").write_text(provider.metadata)
        places = {"/etc/apache2/saml": str(apache.folder)}
        with in_front(apache, behind_apache, "Mellon", places) as front:
            yield front


def signs_in(front: Front, browser: Curl, *options: str) -> Answer:
    """The whole way to /me: to the provider, and back with the form that it gives."""
    form = browser.get(f"{front.apache.url}/people/me").text
    action = re.findall(r'action="(.*?)"', form)
    fields = re.findall(r'name="(.*?)" value="(.*?)"', form)
    data = [o for f in fields for o in ("--data-urlencode", "=".join(map(unescape, f)))]
    return browser.get(action[0], *data, *options)


def test_whom_the_provider_names_is_in(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="dana")
    dana = front.browser()
    assert where(signs_in(front, dana)) == "@dana"
    provider.says(uid="kenji")
    assert front.me(dana) == "@dana"  # for as long as the session
    assert where(signs_in(front, front.browser())) == "@kenji"


def test_whom_it_does_not_name_is_not(front: Front, provider: IdentityProvider) -> None:
    provider.says(mail="dana@example.test")
    browser = front.browser()
    assert signs_in(front, browser).status == 500
    assert front.me(browser) == "500"


def unsigned(assertion: str) -> str:
    return re.sub("<ds:Signature .*</ds:Signature>", "", assertion)


def another(assertion: str) -> str:
    return assertion.replace(">dana<", ">amina<")


def before(assertion: str) -> str:
    """The signed one stays whole, and another stands before it."""
    return another(unsigned(assertion)).replace('ID="_', 'ID="_x') + assertion


def around(assertion: str) -> str:
    """The signed one stays whole, within the signature of another."""
    inside = f"<ds:Object>{assertion}</ds:Object></ds:Signature>"
    outside = another(assertion).replace('ID="_', 'ID="_x', 1)
    return outside.replace("</ds:Signature>", inside)


@pytest.mark.parametrize("forge", [unsigned, another, before, around])
def test_a_forged_assertion_is_refused(
    front: Front, provider: IdentityProvider, forge: Callable[[str], str]
) -> None:
    provider.says(uid="dana")
    provider.forge = forge
    refused(front)


@pytest.mark.parametrize(
    "lies",
    [
        {"audience": "https://elsewhere.example"},
        {"recipient": "https://elsewhere.example/mellon/postResponse"},
        {"issuer": "https://elsewhere.example"},
        {"end": "2020-01-01T00:00:00Z"},
        {"begin": "2090-01-01T00:00:00Z"},
    ],
)
def test_one_that_is_not_for_us_is_refused(
    front: Front, provider: IdentityProvider, lies: dict[str, str]
) -> None:
    provider.says(uid="dana")
    provider.lies = lies
    refused(front)


def test_one_that_somebody_else_signed_is_refused(
    front: Front, provider: IdentityProvider, tmp_path: Path
) -> None:
    provider.says(uid="dana")
    provider.signed_by = Key(tmp_path, "another")
    refused(front)


def refused(front: Front) -> None:
    browser = front.browser()
    assert signs_in(front, browser).status in (400, 401, 403)
    assert front.me(browser, "--no-location") == "303"  # to the provider once more


def test_who_names_somebody_else_is_who_they_are(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="dana")
    dana = front.browser()
    signs_in(front, dana)
    forged = dict.fromkeys(FORGED, "amina")
    assert front.named(dana, **forged) == ["dana"]
    assert front.me(dana, **forged) == "@dana"


def test_where_everybody_may_come_nobody_is_named(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="dana")
    dana = front.browser()
    signs_in(front, dana)
    for browser in (dana, front.browser()):
        forged = dict.fromkeys(FORGED, "amina")
        assert front.named(browser, path="/people/health", **forged) == []


@pytest.mark.parametrize("name", ["x\nX-Remote-User: amina", "dana\n"])
def test_a_name_is_no_more_than_a_name(front: Front, provider: IdentityProvider, name: str) -> None:
    provider.says(uid=name)
    browser = front.browser()
    signs_in(front, browser)
    assert front.named(browser) == []


def test_names_in_any_script(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="Жörg アÄ")
    browser = front.browser()
    signs_in(front, browser)
    assert front.named(browser) == ["Жörg アÄ"]


def test_signing_out(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="dana")
    dana = front.browser()
    signs_in(front, dana)
    health = f"{front.apache.url}/people/health"
    assert dana.get(f"{front.apache.url}/mellon/logout?ReturnTo={health}").url == health
    provider.says(uid="kenji")
    assert where(signs_in(front, dana)) == "@kenji"


def test_what_the_provider_is_told_of_us(front: Front) -> None:
    metadata = front.browser().get(f"{front.apache.url}/mellon/metadata").text
    assert f'Location="{front.apache.url}/mellon/postResponse"' in metadata


def test_cookies_are_for_this_site_alone(front: Front, provider: IdentityProvider) -> None:
    provider.says(uid="dana")
    given = cookies(signs_in(front, front.browser(), "--include"))
    assert {"secure", "httponly", "samesite=lax"} <= given["mellon-cookie"]
