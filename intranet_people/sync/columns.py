"""Converts an entry to the columns of a person, and stores its photo."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from ..db.rows import upsert
from ..images import sniff
from ..ldap.record import Record
from ..problems import Problem
from ..text import sort_key
from .compare import Compared
from .staged import PhotoSource

Photos = dict[str, bytes]
"""The photos as they are in the directory, by SHA-256."""


def columns_of(
    compared: Compared, record: Record, photos: Photos, since: datetime
) -> dict[str, Any]:
    """The values of DirectoryColumns; adds a new photo to `photos`. A joining date that is missing
    in the directory is `since` for new people and None for the others, to keep theirs."""
    row, teams, problems = compared.row, compared.teams, list(record.problems)
    last_photo = row.photo_offered if row else None
    return {
        "name": record.name,
        "given_name": record.given_name,
        "surname": record.surname,
        "title": record.title,
        "office": record.office,
        "city": record.city,
        "mail": record.mail,
        "sort_key": sort_key(record.name, record.given_name, record.surname),
        "team": teams[0] if teams else record.team,
        "teams": teams,
        "phones": list(record.phones),
        "mobiles": list(record.mobiles),
        "extra": record.extra,
        "time_zone": record.time_zone,
        "dn_key": record.dn_key,
        "manager_key": record.manager_key,
        "photo_offered": _photo(record, last_photo, photos, problems),
        "joined_at": record.joined or (None if row else since),
        "problems": problems,
        "fingerprint": compared.fingerprint,
        "entry_digest": compared.digest,
    }


def _photo(record: Record, last: str | None, photos: Photos, problems: list[Problem]) -> str | None:
    """The digest of the photo; the last one if the new value is certainly not an image."""
    if not record.photo:
        return None
    if wrong := sniff(record.photo):
        problems.append(Problem(wrong))
        return last
    digest = hashlib.sha256(record.photo).hexdigest()
    if digest != last:
        photos[digest] = record.photo
    return digest


def store_photos(session: Session, run_id: int, photos: Photos) -> None:
    """Store photos until their sizes are made. The caller commits."""
    if not photos:
        return
    statement = upsert(session, PhotoSource)
    # This locks those that are kept, so that the photo job does not delete them now.
    same_run = {"run_id": statement.excluded.run_id}
    statement = statement.on_conflict_do_update(index_elements=["digest"], set_=same_run)
    # Sorted, to avoid deadlocks.
    rows = [
        {"digest": digest, "data": photos[digest], "run_id": run_id} for digest in sorted(photos)
    ]
    session.execute(statement, rows)
