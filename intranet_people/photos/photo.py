"""The sizes of a photo, under the digest of the photo as the directory holds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    LargeBinary,
    Select,
    bindparam,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, aliased, mapped_column

from ..db.base import Base
from ..db.rows import chunks, upsert
from ..people.login_name import Kind, LoginName
from ..people.named import IS_NAMED, named
from ..people.person import Person, SyncState
from ..people.visible import visible_to
from ..problems import Problem
from ..sync.staged import PhotoSource
from .formats import SIZES
from .worker import Converter, Sizes

# Of photos at a time. Other writers wait for none of these longer than some milliseconds.
FEW = 4
STORED = 8
FORGOTTEN = 100
LISTED = 300


class Photo(Base):
    """One size of one photo; its address holds the digest, so it never changes."""

    __tablename__ = "people_photo"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


_IS_BEHIND = Person.photo_digest.is_distinct_from(Person.photo_offered)
# Every photo has the smallest size.
_IS_READY = exists().where(Photo.digest == Person.photo_offered, Photo.size == SIZES[0])
_IS_WAITING = exists().where(
    PhotoSource.digest == Person.photo_offered, PhotoSource.data.is_not(None)
)
_UNUSED = (
    # Not of a sync that is running, nor of one that was killed.
    PhotoSource.run_id <= func.coalesce(select(SyncState.run_id).scalar_subquery(), 0),
    ~exists().where(Person.photo_offered == PhotoSource.digest),
)
_UNSHOWN = (
    ~exists().where(Person.photo_digest == Photo.digest),
    ~exists().where(PhotoSource.digest == Photo.digest),
)


# Neither as it came nor in its sizes: the directory has to be asked once more.
_IS_LOST = ~exists().where(PhotoSource.digest == Person.photo_offered)


@dataclass
class PhotoReport:
    """How many photos were `made`; the digests of the others, each with its problem."""

    made: int = 0
    problems: list[tuple[str, Problem]] = field(default_factory=list)


def nearest_size(pixels: int) -> int:
    """The smallest of SIZES that has at least `pixels`, else the largest."""
    return next((size for size in SIZES if size >= pixels), SIZES[-1])


def visible_webp(
    session: Session, viewer: LoginName, digest: str, size: int, *, is_kept: bool = False
) -> tuple[bytes | None] | None:
    """The photo in one of SIZES; None if it is not there (yet), or of nobody whom whoever has that
    login name may see. None instead of the tuple if nobody has that name: one query tells both.

    With `is_kept`, of a photo that the browser has already, b"" in place of what nobody reads.
    """
    query = (_SIZE if is_kept else _DATA)[viewer.kind]
    row = session.execute(query, {"digest": digest, "size": size, **named(viewer)}).first()
    if row is None:
        return None
    return (b"" if is_kept and row[0] is not None else row[0],)


def _to_viewer(column: InstrumentedAttribute[Any]) -> Mapping[Kind, Select[Any]]:
    has_it = _THEIRS.photo_digest == bindparam("digest")
    # A small photo has no larger sizes: its largest is served instead.
    sizes = select(func.max(_SIZES.size)).where(_SIZES.digest == bindparam("digest"))
    size = sizes.where(_SIZES.size <= bindparam("size")).scalar_subquery()
    query = (
        select(column)
        .select_from(Person)
        .outerjoin(_THEIRS, has_it & visible_to(Person, _THEIRS, by_name=True))
        .outerjoin(Photo, (Photo.digest == _THEIRS.photo_digest) & (Photo.size == size))
        .limit(1)
    )
    return {kind: query.where(is_viewer) for kind, is_viewer in IS_NAMED.items()}


_THEIRS, _SIZES = aliased(Person), aliased(Photo)
_DATA, _SIZE = _to_viewer(Photo.data), _to_viewer(Photo.size)


def prepare(
    session: Session,
    progress: Callable[[int, int], None] = lambda n, of: None,
    converter: Converter | None = None,
) -> PhotoReport:
    """Make what is shown match what the directory offers. A broken photo changes nothing.

    Commits, in small steps: none is open while a photo is read or `progress` is told. That gets
    the number of photos that were read, and 0, as nobody knows of how many; at the end the same
    number twice. Whatever ends it, the next run goes on from there. To be called under a lease,
    though two at once, or a sync meanwhile, do no harm. Raises NotStarted where the system gives
    no child process.
    """
    _follow(session, Person.photo_offered.is_(None), Person.photo_digest.is_not(None))
    for digests in _pages(session, Person.photo_offered, _IS_BEHIND, _IS_READY):
        _drop_data(session, digests)
        session.commit()
        _follow(session, Person.photo_offered.in_(digests))
    _ask_again(session)
    _forget(session)
    report = PhotoReport()
    with converter or Converter() as children:
        for done in chunks(children.convert(_waiting(session)), STORED):
            _store(session, done, report)
            progress(report.made + len(report.problems), 0)
    if read := report.made + len(report.problems):
        _forget(session)
        progress(read, read)
    return report


def _follow(session: Session, *who: ColumnElement[bool]) -> None:
    """Show the offered photo of everybody among `who` who still has another. Commits."""
    behind = select(Person.id).where(*who, _IS_BEHIND).limit(LISTED)
    while ids := session.scalars(behind).all():
        shown = update(Person).where(Person.id.in_(ids), *who)
        session.execute(shown.values(photo_digest=Person.photo_offered))
        session.commit()
    session.commit()


def _ask_again(session: Session) -> None:
    """Mark people whose offered photo was lost, so that the next full run reads them again."""
    unread = {"fingerprint": "", "entry_digest": None}
    for digests in _pages(session, Person.photo_offered, _IS_BEHIND, _IS_LOST):
        lost = update(Person).where(Person.photo_offered.in_(digests), _IS_BEHIND, _IS_LOST)
        session.execute(lost.values(photo_offered=Person.photo_digest, **unread))
        session.commit()


def _waiting(session: Session) -> Iterator[tuple[str, bytes]]:
    """The photos whose sizes are to be made, FEW in memory; the session is left at rest."""
    photos = select(PhotoSource.digest, PhotoSource.data)
    for digests in _pages(session, Person.photo_offered, _IS_BEHIND, _IS_WAITING):
        for few in chunks(digests, FEW):
            rows = session.execute(photos.where(PhotoSource.digest.in_(few))).all()
            session.commit()
            yield from ((digest, data) for digest, data in rows if data is not None)


def _store(
    session: Session, done: Iterable[tuple[str, Sizes | Problem]], report: PhotoReport
) -> None:
    made: dict[str, Sizes] = {}
    wrong: dict[str, Problem] = {}
    # Always in the same order, so that two runs cannot deadlock.
    for digest, outcome in sorted(done, key=itemgetter(0)):
        if isinstance(outcome, Problem):
            wrong[digest] = outcome
        else:
            made[digest] = outcome
    if made:
        _insert(session, made)
        _drop_data(session, made)
    for digest, problem in wrong.items():
        _drop_data(session, [digest], problem=problem)
    session.commit()
    # Thousands may share a photo: update them in steps, after the commit.
    if made:
        _follow(session, Person.photo_offered.in_(made))
    report.made += len(made)
    report.problems += wrong.items()


def _insert(session: Session, photos: dict[str, Sizes]) -> None:
    """Insert the sizes, except those that another run has just inserted."""
    rows = [
        {"digest": digest, "size": size, "data": data}
        for digest, sizes in photos.items()
        for size, data in sizes.items()
    ]
    session.execute(upsert(session, Photo).on_conflict_do_nothing(), rows)


def _drop_data(session: Session, digests: Iterable[str], problem: Problem | None = None) -> None:
    """Drop the original photo; its row stays as a record that it was read."""
    theirs = update(PhotoSource).where(PhotoSource.digest.in_(digests))
    session.execute(theirs.values(data=None, problem=problem))


def _forget(session: Session) -> None:
    """Delete sources that nobody is offered, then sizes that nobody is shown with. Commits."""
    for digests in _pages(session, PhotoSource.digest, *_UNUSED, size=FORGOTTEN):
        # A sync that relies on one of them holds a lock on its row.
        theirs = PhotoSource.digest.in_(digests)
        held = select(PhotoSource.digest).where(theirs).order_by(PhotoSource.digest)
        session.execute(held.with_for_update()).all()
        session.execute(delete(PhotoSource).where(theirs, *_UNUSED))
        session.commit()
    for digests in _pages(session, Photo.digest, Photo.size == SIZES[0], *_UNSHOWN, size=FORGOTTEN):
        session.execute(delete(Photo).where(Photo.digest.in_(digests), *_UNSHOWN))
        session.commit()


def _pages(
    session: Session,
    key: InstrumentedAttribute[Any],
    *conditions: ColumnElement[bool],
    size: int = LISTED,
) -> Iterator[Sequence[str]]:
    """The different values of `key` in their order; the session is left at rest."""
    query = select(key).where(*conditions).distinct().order_by(key).limit(size)
    last = ""
    while page := session.scalars(query.where(key > last)).all():
        session.commit()
        yield page
        last = page[-1]
    session.commit()
