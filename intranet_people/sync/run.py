"""The steps of one run that writes: read, stage, check by the guard, merge, tidy up."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select, union_all, update
from sqlalchemy.orm import Session

from ..clock import now
from ..db.rows import chunks
from ..jobs.lease import LeaseHandle
from ..ldap.changes import Checkpoint, Hidden, KnownDigests, Read
from ..people.person import NEW_FOR, Person, SyncState
from ..problems import Problem
from .compare import Comparison, seen_before
from .erase import erase_leavers
from .guard import refuse
from .handles import HandleAssignment, assign_handles
from .hidden import Hiding
from .history import end_run, reasons_of
from .leavers import find_missing, refusal
from .merge import find_links, merge
from .problems import same_mails
from .read import Options, Source, read_batches
from .report import SyncReport
from .stage import Stage, empty_stage
from .staged import StagedPerson

log = logging.getLogger(__name__)


FULL_EVERY = timedelta(hours=23)
"""A full run at least daily, also where it is started at about the same time each night."""


class Run:
    """One run, under a lease. Whatever goes wrong before the merge changes nobody."""

    def __init__(
        self,
        session: Session,
        run_id: int,
        lease: LeaseHandle,
        source: Source,
        options: Options,
        report: SyncReport,
    ) -> None:
        self.session, self.run_id, self.lease = session, run_id, lease
        self.source, self.options, self.report = source, options, report
        self.schema = source.schema

    def do(self) -> None:
        self.report.concealed = concealed(self.session, self.source)
        staged, read, hidden = read_batches(self._reads(), self._stage, self.options)
        left = find_missing(self.session, staged.comparison, read)
        self._merge(staged, left, read, hidden)
        try:
            staged.note_digests()
            self._tidy(read)
        except Exception as e:
            # The people are as they should be; what was left over is tidied by the next run.
            log.error("Tidying up after the run failed: %s", reasons_of(e)[0])
            self.session.rollback()
            problem = Problem("failed", "", str(reasons_of(e)[0]))
            self.report.note("(tidying up)", problem, None)
        self._end()

    def _reads(self) -> Iterator[Read]:
        """The ways to read the directory, the cheapest first."""
        state = self.session.get_one(SyncState, 1)
        checkpoint = self._checkpoint(state)
        last = Checkpoint.of_json(state.checkpoint) if state.checkpoint else None
        can_skip = checkpoint is None and not self.source.teams_of
        who = seen_before(self.session) if can_skip else None
        self.session.commit()
        seen = KnownDigests(self.schema.digest_key, who, last)
        return self.source.directory.reads(self.schema, checkpoint, seen)

    def _checkpoint(self, state: SyncState) -> Checkpoint | None:
        """From where changes can be asked for; None where a full run is due."""
        is_due = state.full_at is None or state.full_at < now() - FULL_EVERY
        is_mapped_otherwise = state.mapping != self.source.mapping
        if self.options.full or is_due or is_mapped_otherwise or not state.checkpoint:
            return None
        return Checkpoint.of_json(state.checkpoint)

    def _stage(self) -> Stage:
        self.report.start_over()
        comparison = Comparison(self.session, self.schema, self.report, self.source.teams_of)
        empty_stage(self.session, self.lease)
        is_first = self.session.scalar(select(SyncState.full_at)) is None
        joined_at = now() - NEW_FOR if is_first else now()
        return Stage(self.session, self.run_id, self.lease, comparison, joined_at)

    def _merge(self, staged: Stage, left: list[int], read: Read | None, hidden: Hidden) -> None:
        session, report = self.session, self.report
        hiding = Hiding(session, hidden, report, left, staged.comparison.hidden_before)
        refuse(refusals(session, report, left, hiding, self.options))
        self.options.say(f"writing {_changes(report, left)} changes")
        staged.end()
        names = assign_handles(session, staged.wanted, set(left), self.run_id)
        self._note_conflicts(names)
        is_whole = read is not None and read.is_full
        newcomers = [] if staged.comparison.is_first else report.joined
        # Active Directory's links follow whom they name, and nothing tells of it.
        is_by_name = "usn" not in self.schema.changes
        links = find_links(session, newcomers, is_whole=is_whole, is_by_name=is_by_name)
        with self.lease.transaction():
            merge(session, self.run_id, report, left, names, links)
            hiding.find()
            hiding.merge()
            session.execute(update(SyncState).values(**self._next_state(read)))
            report.left = left
            self._end()

    def _note_conflicts(self, names: HandleAssignment) -> None:
        """Each whose login name is another's, by the directory's id."""
        for some in chunks(names.conflicts):
            those = [conflict[0] for conflict in some]
            here = select(Person.id, Person.directory_id).where(Person.id.in_(those))
            joins = select(StagedPerson.person_id, StagedPerson.directory_id)
            joins = joins.where(StagedPerson.person_id.in_(those), StagedPerson.is_new)
            ids = dict(self.session.execute(union_all(here, joins)).all())
            for id, name, handle in some:
                self.report.note(name, Problem("same-login-name", "", handle), ids[id])

    def _next_state(self, read: Read | None) -> dict[str, Any]:
        """What the next run has to know of this one."""
        if read is None:
            # What a full run did not reach stays to be read, and what it did may be by other
            # settings.
            known = self.session.scalar(select(SyncState.mapping))
            is_same = known == self.source.mapping and self.report.kind == "changes"
            return {"mapping": known if is_same else ""}
        checkpoint = read.checkpoint.as_json() if read.checkpoint else None
        full = {"mapping": self.source.mapping, "full_at": now()} if read.is_full else {}
        return {"checkpoint": checkpoint, **full}

    def _tidy(self, read: Read | None) -> None:
        empty_stage(self.session, self.lease)
        self.report.noted += same_mails(self.session, self.report)
        if read is not None and self.options.keep_leavers is not None:
            kept = self.options.keep_leavers
            self.report.erased = erase_leavers(self.session, self.lease, kept)

    def _end(self) -> None:
        report = self.report
        end_run(self.session, self.run_id, report.status, report.reasons, report)


def concealed(session: Session, source: Source) -> Sequence[str] | None:
    """Whom a report must not name before all is read: everybody, where the directory hides some."""
    if source.schema.hidden_filter:
        return None
    return session.scalars(select(Person.directory_id).where(Person.is_hidden)).all()


def refusals(
    session: Session, report: SyncReport, left: list[int], hiding: Hiding, options: Options
) -> list[Problem | None]:
    """What the guard has against the run."""
    most = options.max_leavers
    return [refusal(session, report, left, most), hiding.refusal(most)]


def _changes(report: SyncReport, left: list[int]) -> int:
    return len(report.joined) + len(report.changed) + len(report.returned) + len(left)
