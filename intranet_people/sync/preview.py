"""Describes what a run would do, without writing anything."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..ldap.changes import Hidden
from ..ldap.entry import Entry
from ..ldap.record import directory_id_of
from ..people.person import Person
from .compare import Compared, Comparison

RECORD_FIELDS = ("name", "given_name", "surname", "title", "team", "office", "city", "mail")
SHOWN_FIELDS = (*RECORD_FIELDS, "teams", "phones", "mobiles", "extra", "time_zone", "joined_at")
MAX_LINES = 200


class _Line(NamedTuple):
    """A person by name, what would change, and the directory's id."""

    who: str
    what: str
    id: str


class Preview:
    """Collects descriptions of the first NAMED people of each kind."""

    def __init__(self, session: Session, comparison: Comparison) -> None:
        self.session, self.comparison, self.report = session, comparison, comparison.report
        self._lines: dict[str, list[_Line]] = {}
        self._joining: set[str] = set()

    @property
    def lines(self) -> dict[str, list[str]]:
        """Descriptions by kind. Hidden people have only their id, as a change may contain names."""
        return {kind: [*map(self._text, lines)] for kind, lines in self._lines.items()}

    def _text(self, line: _Line) -> str:
        name = self.report.name_of(line.who, line.id)
        return f"{name}: {line.what}" if line.what and name == line.who else name

    def add(self, entries: Sequence[Entry]) -> None:
        for compared in self.comparison.compare(entries):
            if compared.kind == "unchanged":
                self.report.unchanged += 1
            elif compared.kind != "disabled":
                if compared.kind == "joined":
                    self._joining.add(directory_id_of(compared.entry, self.comparison.schema))
                ids = getattr(self.report, compared.kind)
                ids.append(compared.row.id if compared.row else 0)
                lines = self._lines.setdefault(compared.kind, [])
                if len(lines) < MAX_LINES:
                    lines.append(self._line(compared))

    def add_leavers(self, gone: Sequence[int]) -> None:
        query = select(Person.name, Person.handle, Person.directory_id)
        rows = self.session.execute(query.where(Person.id.in_(gone[:MAX_LINES])))
        named = [_Line(f"{name} ({handle})", "", id) for name, handle, id in rows]
        if named:
            # Sorted by the text, so that the position of hidden people does not reveal their name.
            self._lines["left"] = sorted(named, key=self._text)

    def add_hidden(self, hidden: Hidden) -> None:
        """Add the people who would be hidden or shown, including those who would join hidden."""
        joining = self._joining if hidden.why_incomplete else self._joining & hidden.ids
        self.report.hidden += [0] * len(joining)
        for kind, ids in (("hidden", self.report.hidden), ("shown", self.report.shown)):
            is_one = Person.id.in_([id for id in ids if id][:MAX_LINES])
            found = {*self.session.scalars(select(Person.directory_id).where(is_one))}
            if found := found | joining if kind == "hidden" else found:
                self._lines[kind] = [_Line(id, "", id) for id in sorted(found)[:MAX_LINES]]

    def _line(self, compared: Compared) -> _Line:
        record = self.comparison.record(compared)
        what = ""
        if compared.kind == "changed" and compared.row:
            what = "; ".join(self._differences(compared)) or "a value that is not shown"
        return _Line(f"{record.name} ({record.handle})", what, record.directory_id)

    def _differences(self, compared: Compared) -> Iterator[str]:
        row, record = compared.row, self.comparison.record(compared)
        person = self.session.get(Person, row.id if row else 0)
        if person is None:
            return
        new: dict[str, Any] = {n: getattr(record, n, None) for n in SHOWN_FIELDS}
        new |= {"teams": compared.teams, "joined_at": record.joined or person.joined_at}
        new["team"] = compared.teams[0] if compared.teams else record.team
        new |= {n: list(new[n]) for n in ("phones", "mobiles")}
        for name, value in {"handle": record.handle, **new}.items():
            old = getattr(person, name)
            if old != value:
                yield f"{name} {_format(old)} -> {_format(value)}"
        if record.manager_key != person.manager_key:
            yield "manager"
        if bool(record.photo) != bool(person.photo_offered):
            yield "photo " + ("added" if record.photo else "removed")


def _format(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, dict):
        return "; ".join(f"{k}: {', '.join(v)}" for k, v in value.items()) or "nothing"
    return repr(value) if isinstance(value, str) and value else str(value or "nothing")
