"""The renditions of a photo, under the digest of its source."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import LargeBinary, delete, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from ..people.person import Base, Person, PhotoSource
from .convert import SIZES, PhotoRefused, rendition, renditions


class Photo(Base):
    """One size of one photo; its address holds the digest, so it never changes."""

    __tablename__ = "people_photo"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


def nearest_size(pixels: int) -> int:
    """The smallest size that is served and has as many pixels, else the largest."""
    return next((size for size in SIZES if size >= pixels), SIZES[-1])


def webp(session: Session, digest: str, size: int) -> bytes | None:
    """The photo in one of SIZES; made on the spot, and not kept, where none is ready yet."""
    # A small photo has no larger sizes: its largest is shown instead.
    query = select(Photo.data).where(Photo.digest == digest, Photo.size <= size)
    if (ready := session.scalar(query.order_by(Photo.size.desc()).limit(1))) is not None:
        return ready
    source = session.get(PhotoSource, digest)
    try:
        return rendition(source.data, size) if source else None
    except PhotoRefused:
        return None


def prepare(session: Session, progress: Callable[[int, int], None] = lambda n, of: None) -> int:
    """Make the sizes of every new photo and forget those that nobody has any more. Commits."""
    used = select(Person.photo_digest).where(Person.photo_digest.is_not(None))
    session.execute(delete(Photo).where(Photo.digest.not_in(used)))
    session.commit()
    ready = select(Photo.digest)
    waiting = PhotoSource.digest.in_(used) & PhotoSource.digest.not_in(ready)
    new = session.scalars(select(PhotoSource.digest).where(waiting)).all()
    for n, digest in enumerate(new, 1):
        _prepare(session, digest)
        progress(n, len(new))
    return len(new)


def _prepare(session: Session, digest: str) -> None:
    data = session.scalar(select(PhotoSource.data).where(PhotoSource.digest == digest))
    try:
        sizes = renditions(data or b"")
    except PhotoRefused:
        return
    rows = [{"digest": digest, "size": size, "data": data} for size, data in sizes.items()]
    try:
        session.execute(insert(Photo), rows)
        session.commit()
    except IntegrityError:
        # Another run has just made them.
        session.rollback()
