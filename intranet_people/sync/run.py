"""The steps of one sync run: read, stage, check by the guard, merge, clean up."""

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
from ..people.person import Person, SyncState
from ..problems import Problem
from .compare import Comparison, known_digests
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
NOT_NEW = timedelta(days=60)
"""So long ago people joined whom a first run finds without a date: nobody greets them as new."""


FULL_EVERY = timedelta(hours=23)
"""Less than a day, so that a job that starts at about the same time each night runs fully."""


class Run:
    """One run, under a lease. If it fails before the merge, no person is changed."""

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
        stage, read, hidden = read_batches(self._reads(), self._stage, self.options)
        left = find_missing(self.session, stage.comparison, read)
        self._merge(stage, left, read, hidden)
        try:
            stage.store_digests()
            self._clean_up(read)
        except Exception as e:
            # The people are already up to date, and the next run cleans up the rest.
            log.error("Tidying up after the run failed: %s", reasons_of(e)[0])
            self.session.rollback()
            problem = Problem("failed", "", str(reasons_of(e)[0]))
            self.report.add_problem("(tidying up)", problem, None)
        self._end()

    def _reads(self) -> Iterator[Read]:
        """The strategies to read the directory, cheapest first."""
        state = self.session.get_one(SyncState, 1)
        checkpoint = self._checkpoint(state)
        last = Checkpoint.of_json(state.checkpoint) if state.checkpoint else None
        can_skip = checkpoint is None and not self.source.teams_of
        known = known_digests(self.session) if can_skip else None
        self.session.commit()
        seen = KnownDigests(self.schema.digest_key, known, last)
        return self.source.directory.reads(self.schema, checkpoint, seen)

    def _checkpoint(self, state: SyncState) -> Checkpoint | None:
        """Where to start reading changes; None if a full run is due."""
        is_due = state.full_at is None or state.full_at < now() - FULL_EVERY
        has_other_mapping = state.mapping != self.source.mapping
        if self.options.full or is_due or has_other_mapping or not state.checkpoint:
            return None
        return Checkpoint.of_json(state.checkpoint)

    def _stage(self) -> Stage:
        self.report.start_over()
        comparison = Comparison(self.session, self.schema, self.report, self.source.teams_of)
        empty_stage(self.session, self.lease)
        is_first = self.session.scalar(select(SyncState.full_at)) is None
        # Nobody is new because the product is.
        joined_at = now() - NOT_NEW if is_first else now()
        return Stage(self.session, self.run_id, self.lease, comparison, joined_at)

    def _merge(self, stage: Stage, left: list[int], read: Read | None, hidden: Hidden) -> None:
        session, report = self.session, self.report
        hiding = Hiding(session, hidden, report, left, stage.comparison.hidden_before)
        refuse(refusals(session, report, left, hiding, self.options))
        self.options.say(f"writing {_changes(report, left)} changes")
        stage.link_managers()
        names = assign_handles(session, stage.wanted, set(left), self.run_id)
        self._note_conflicts(names)
        is_complete = read is not None and read.is_full
        newcomers = [] if stage.comparison.is_first else report.joined
        # In Active Directory `manager` follows a renamed manager without a change of the entry.
        is_by_name = "usn" not in self.schema.changes
        links = find_links(session, newcomers, is_complete=is_complete, is_by_name=is_by_name)
        with self.lease.transaction():
            merge(session, self.run_id, report, left, names, links)
            hiding.find()
            hiding.merge()
            session.execute(update(SyncState).values(**self._next_state(read)))
            report.left = left
            self._end()

    def _note_conflicts(self, names: HandleAssignment) -> None:
        """Report people whose login name belongs to somebody else."""
        for conflicts in chunks(names.conflicts):
            person_ids = [conflict[0] for conflict in conflicts]
            here = select(Person.id, Person.directory_id).where(Person.id.in_(person_ids))
            joins = select(StagedPerson.person_id, StagedPerson.directory_id)
            joins = joins.where(StagedPerson.person_id.in_(person_ids), StagedPerson.is_new)
            ids = dict(self.session.execute(union_all(here, joins)).all())
            for id, name, handle in conflicts:
                self.report.add_problem(name, Problem("same-login-name", "", handle), ids[id])

    def _next_state(self, read: Read | None) -> dict[str, Any]:
        """The columns of SyncState for the next run."""
        if read is None:
            # After an incomplete full run, or one with other settings, everything must be read.
            known = self.session.scalar(select(SyncState.mapping))
            is_same = known == self.source.mapping and self.report.kind == "changes"
            return {"mapping": known if is_same else ""}
        checkpoint = read.checkpoint.as_json() if read.checkpoint else None
        full = {"mapping": self.source.mapping, "full_at": now()} if read.is_full else {}
        return {"checkpoint": checkpoint, **full}

    def _clean_up(self, read: Read | None) -> None:
        empty_stage(self.session, self.lease)
        self.report.entry_problems += same_mails(self.session, self.report)
        if read is not None and self.options.keep_leavers is not None:
            kept = self.options.keep_leavers
            self.report.erased = erase_leavers(self.session, self.lease, kept)

    def _end(self) -> None:
        report = self.report
        end_run(self.session, self.run_id, report.status, report.reasons, report)


def concealed(session: Session, source: Source) -> Sequence[str] | None:
    """The people to conceal until the hidden ones are read: None, which is everybody, if the
    directory can hide people, else those who are hidden now."""
    if source.schema.hidden_filter:
        return None
    return session.scalars(select(Person.directory_id).where(Person.is_hidden)).all()


def refusals(
    session: Session, report: SyncReport, left: list[int], hiding: Hiding, options: Options
) -> list[Problem | None]:
    """The reasons of the guard to refuse the run."""
    percent = options.max_leavers
    return [refusal(session, report, left, percent), hiding.refusal(percent)]


def _changes(report: SyncReport, left: list[int]) -> int:
    return len(report.joined) + len(report.changed) + len(report.returned) + len(left)
