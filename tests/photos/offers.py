"""People who are offered photos in an empty database, and what is shown with them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from intranet_people.clock import now
from intranet_people.db.sqlite import use_sqlite_well
from intranet_people.db.upgrade import upgrade
from intranet_people.people.person import Person
from intranet_people.photos.photo import Photo, PhotoReport, prepare
from intranet_people.sync.staged import PhotoSource

from .conftest import REFUSED, halves, saved

ALICE, BOB, JOERG = "alice", "bob", "jörg"
FACES = [saved(halves(100 + n, 100), "JPEG") for n in range(40)]
OLD, NEW = FACES[:2]
BROKEN = REFUSED["half a JPEG"][0]


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An empty database with tables."""
    engine = create_engine(database_url)
    use_sqlite_well(engine)
    with Session(engine) as session:
        upgrade(session)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        yield session


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def offer(session: Session, photos: Mapping[str, bytes | None]) -> None:
    """As a sync leaves it: by login name, the photo that the directory holds now."""
    known = {p.handle: p for p in session.scalars(select(Person))}
    for handle, data in photos.items():
        digest = digest_of(data) if data else None
        if handle in known:
            known[handle].photo_offered = digest
        else:
            session.add(person(handle, digest))
        if digest and not session.get(PhotoSource, digest):
            session.add(PhotoSource(digest=digest, data=data))
            session.flush()
    session.commit()


def person(handle: str, digest: str | None) -> Person:
    return Person(
        directory_id=f"id-{handle}",
        handle=handle,
        name=handle.title(),
        sort_key=handle,
        dn_key=hash(handle),
        joined_at=now(),
        fingerprint="",
        photo_offered=digest,
    )


def shown(session: Session) -> dict[str | None, bytes | None]:
    """Of each person by their login name: the photo that is shown with them, as it came."""
    came = {digest_of(face): face for face in FACES}
    session.rollback()
    digests = session.execute(select(Person.handle, Person.photo_digest)).all()
    for _, digest in digests:
        assert digest is None or session.get(Photo, (digest, 64)) is not None
    return {handle: came[digest] if digest else None for handle, digest in digests}


def kept(session: Session) -> dict[bytes | None, list[int]]:
    """The photos of which sizes are kept, and the sizes."""
    came = {digest_of(face): face for face in FACES}
    sizes: dict[bytes | None, list[int]] = {}
    for digest, size in session.execute(select(Photo.digest, Photo.size).order_by(Photo.size)):
        sizes.setdefault(came.get(digest), []).append(size)
    return sizes


def waiting(session: Session) -> list[str]:
    query = select(PhotoSource.digest).where(PhotoSource.data.is_not(None))
    return list(session.scalars(query))


def is_at_rest(session: Session) -> bool:
    """Nothing is left to be done, made or forgotten."""
    told: list[int] = []
    before = kept(session)
    rest = prepare(session, lambda n, of: told.append(n)) == PhotoReport() and not told
    return rest and kept(session) == before and not waiting(session)
