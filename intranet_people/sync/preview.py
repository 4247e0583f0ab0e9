"""What a run would do, said and not done: nothing at all is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..ldap.entry import Entry
from ..people.person import Person
from .compare import Compared, Comparison

OF_RECORD = ("name", "given_name", "surname", "title", "team", "office", "city", "mail")
SHOWN = (*OF_RECORD, "teams", "phones", "mobiles", "extra", "time_zone", "joined_at")
NAMED = 200


class Preview:
    """Collects the first NAMED of each kind, in words."""

    def __init__(self, session: Session, comparison: Comparison) -> None:
        self.session, self.comparison, self.report = session, comparison, comparison.report
        self.lines: dict[str, list[str]] = {}

    def take(self, entries: Sequence[Entry]) -> None:
        for compared in self.comparison.of(entries):
            if compared.kind == "unchanged":
                self.report.unchanged += 1
            elif compared.kind != "disabled":
                ids = getattr(self.report, compared.kind)
                ids.append(compared.row.id if compared.row else 0)
                lines = self.lines.setdefault(compared.kind, [])
                if len(lines) < NAMED:
                    lines.append(self._line(compared))

    def leavers(self, gone: Sequence[int]) -> None:
        query = select(Person.name, Person.handle).where(Person.id.in_(gone[:NAMED]))
        named = [f"{name} ({handle})" for name, handle in self.session.execute(query)]
        if named:
            self.lines["left"] = sorted(named)

    def _line(self, compared: Compared) -> str:
        record = self.comparison.record(compared)
        who = f"{record.name} ({record.handle})"
        if compared.kind != "changed" or not compared.row:
            return who
        return f"{who}: {'; '.join(self._differences(compared)) or 'a value that is not shown'}"

    def _differences(self, compared: Compared) -> Iterator[str]:
        row, record = compared.row, self.comparison.record(compared)
        person = self.session.get(Person, row.id if row else 0)
        if person is None:
            return
        new: dict[str, Any] = {n: getattr(record, n, None) for n in SHOWN}
        new |= {"teams": compared.teams, "joined_at": record.joined or person.joined_at}
        new["team"] = compared.teams[0] if compared.teams else record.team
        new |= {n: list(new[n]) for n in ("phones", "mobiles")}
        for name, value in {"handle": record.handle, **new}.items():
            old = getattr(person, name)
            if old != value:
                yield f"{name} {_said(old)} -> {_said(value)}"
        if record.manager_key != person.manager_key:
            yield "manager"
        if bool(record.photo) != bool(person.photo_offered):
            yield "photo " + ("added" if record.photo else "removed")


def _said(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {', '.join(v)}" for k, v in value.items()) or "nothing"
    return repr(value) if isinstance(value, str) and value else str(value or "nothing")
