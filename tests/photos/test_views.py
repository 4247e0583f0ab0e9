"""Photos over HTTP, and the renditions behind them."""

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, update

from intranet_people.demo import company
from intranet_people.people.person import Person
from intranet_people.photos.formats import SIZES
from intranet_people.photos.photo import Photo, PhotoReport, prepare

from ..conftest import plugin_of, sign_in
from ..queries import counted

WITH = next(p.handle for p in company.people() if p.photo)
WITHOUT = next(p.handle for p in company.people() if not p.photo)


@pytest.fixture
def client(company_app: Flask) -> FlaskClient:
    """Tomas, signed in."""
    client = company_app.test_client()
    sign_in(client, "tomas", company.PASSWORD)
    return client


def digest_of(app: Flask, handle: str) -> str:
    with app.app_context():
        query = select(Person.photo_digest).where(Person.handle == handle)
        digest = plugin_of(app).session.scalar(query)
    assert digest
    return digest


def kept(app: Flask) -> int:
    with app.app_context():
        return len(plugin_of(app).session.execute(select(Photo.digest, Photo.size)).all())


def test_a_photo_has_an_address_that_never_changes(client: FlaskClient, company_app: Flask) -> None:
    digest = digest_of(company_app, WITH)
    answer = client.get(f"/people/@{WITH}/photo?size=100")
    assert answer.status_code == 302
    assert answer.location == f"/people/photos/{digest}/128.webp"
    assert answer.headers["Cache-Control"] == "no-store"


def test_renditions(client: FlaskClient, company_app: Flask) -> None:
    for size in SIZES:
        answer = client.get(f"/people/photos/{digest_of(company_app, WITH)}/{size}.webp")
        assert answer.status_code == 200
        assert answer.mimetype == "image/webp"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        caching = answer.cache_control
        assert caching.private
        assert caching.immutable  # "*" in Werkzeug before 3.1
        assert not caching.no_store
        assert caching.max_age == 365 * 24 * 3600
        with Image.open(io.BytesIO(answer.data)) as picture:
            edge = min(size, 320)  # of the portraits, which are never enlarged
            assert picture.size == (edge, edge)


def test_initials_for_who_has_no_photo(client: FlaskClient) -> None:
    answer = client.get(f"/people/@{WITHOUT}/photo?size=64")
    assert answer.status_code == 200
    assert answer.mimetype == "image/svg+xml"
    assert 'width="64"' in answer.text
    assert "<text" in answer.text
    assert "script" not in answer.text


def test_initials_are_text_whatever_the_name(client: FlaskClient, company_app: Flask) -> None:
    with company_app.app_context():
        session = plugin_of(company_app).session
        named = {"given_name": "<b>", "surname": "&", "name": "<b> &"}
        session.execute(update(Person).where(Person.handle == WITHOUT).values(**named))
        session.commit()
    assert "&lt;&amp;</text>" in client.get(f"/people/@{WITHOUT}/photo").text


def test_what_is_not_there(client: FlaskClient, company_app: Flask) -> None:
    digest = digest_of(company_app, WITH)
    for path in (
        f"photos/{'0' * 64}/64.webp",
        f"photos/{digest}/65.webp",
        f"photos/{digest}/99999999999999999999.webp",
        f"photos/{digest}/-64.webp",
        "photos/%00/64.webp",
        "@nobody/photo",
        "@%00/photo",
    ):
        assert client.get(f"/people/{path}").status_code == 404, path


def test_any_size_is_answered_by_the_nearest(client: FlaskClient) -> None:
    for size in ("", "x", "0", "-1", "1e9", "9" * 30):
        answer = client.get(f"/people/@{WITH}/photo?size={size}")
        assert answer.status_code == 302
        assert client.get(answer.location).status_code == 200


def test_photos_are_for_those_who_are_signed_in(company_app: Flask) -> None:
    stranger = company_app.test_client()
    for path in (f"@{WITH}/photo", f"photos/{digest_of(company_app, WITH)}/64.webp"):
        answer = stranger.get(f"/people/{path}")
        assert answer.status_code == 302
        assert answer.location.startswith("/people/sign-in?next=")


def test_sizes_are_made_ahead_and_forgotten_when_unused(company_app: Flask) -> None:
    photos = {p.photo.read_bytes() for p in company.people() if p.photo}
    assert kept(company_app) == len(photos) * len(SIZES)
    with company_app.app_context():
        session = plugin_of(company_app).session
        assert prepare(session) == PhotoReport()
        session.execute(update(Person).where(Person.handle == WITH).values(photo_offered=None))
        assert prepare(session) == PhotoReport()
    assert kept(company_app) == (len(photos) - 1) * len(SIZES)


def test_a_photo_is_gone_for_all_once_it_is_withdrawn(
    client: FlaskClient, company_app: Flask
) -> None:
    path = f"/people/photos/{digest_of(company_app, WITH)}/64.webp"
    assert client.get(path).status_code == 200
    with company_app.app_context():
        session = plugin_of(company_app).session
        session.execute(update(Person).where(Person.handle == WITH).values(photo_offered=None))
        prepare(session)
    assert client.get(path).status_code == 404
    assert client.get(f"/people/@{WITH}/photo").mimetype == "image/svg+xml"


def test_a_photo_that_the_browser_has_is_not_sent_again(
    client: FlaskClient, company_app: Flask
) -> None:
    path = f"/people/photos/{digest_of(company_app, WITH)}/64.webp"
    etag = client.get(path).headers["ETag"]
    with counted(company_app) as statements:
        again = client.get(path, headers={"If-None-Match": etag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", etag)
    assert again.cache_control.private
    assert len(statements) == 1
    assert "people_photo.data" not in statements[0]
    # A server between may weaken it (RFC 9110 8.8.1).
    assert client.get(path, headers={"If-None-Match": f"W/{etag}"}).status_code == 304
    other = client.get(path.replace("/64.", "/128."), headers={"If-None-Match": etag})
    assert other.status_code == 200, "another size is another photo"


def test_nobody_is_told_that_a_photo_is_as_it_was(client: FlaskClient, company_app: Flask) -> None:
    path = f"/people/photos/{digest_of(company_app, WITH)}/64.webp"
    kept = {"If-None-Match": client.get(path).headers["ETag"]}
    assert company_app.test_client().get(path, headers=kept).status_code == 302
    with company_app.app_context():
        session = plugin_of(company_app).session
        session.execute(update(Person).where(Person.handle == WITH).values(is_hidden=True))
        session.commit()
    assert client.get(path, headers=kept).status_code == 404
