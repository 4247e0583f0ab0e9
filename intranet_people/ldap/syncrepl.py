"""The content synchronization operation, RFC 4533, as a refresh alone.

Servers differ in what the RFC leaves open, and one of them in what it does not:
- OpenLDAP tells either who was deleted or, where its session log does not reach back so far,
  who is still present; and sends no cookie where nothing has changed.
- 389 Directory Server says who was deleted and then, in its last word, that it spoke of the
  present; whom it did not name are there nevertheless.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator

from . import ber
from .ber import Malformed
from .changes import Checkpoint, Read, StartOver
from .entry import Entry
from .errors import IncompleteRead
from .messages import Controls, Intermediate, Result
from .schemas import Schema, directory_id_of
from .search import (
    NO_SUCH_OBJECT,
    SUCCESS,
    SYNC_REQUEST,
    Elsewhere,
    Query,
    Session,
    check,
    first,
    root_of,
)

SYNC_STATE = "1.3.6.1.4.1.4203.1.9.1.2"
SYNC_DONE = "1.3.6.1.4.1.4203.1.9.1.3"
SYNC_INFO = "1.3.6.1.4.1.4203.1.9.1.4"
# States of an entry (2.2), and kinds of information (2.5).
PRESENT, ADD, MODIFY, DELETE = 0, 1, 2, 3
NEW_COOKIE, REFRESH_DELETE, REFRESH_PRESENT, ID_SET = 0x80, 0xA1, 0xA2, 0xA3
# With busy and unavailable no other way would do better.
NO_FAULT_OF_SYNCREPL = (SUCCESS, NO_SUCH_OBJECT, 51, 52)


def refresh(
    session: Session, schema: Schema, since: Checkpoint | None, read: Read
) -> Iterator[Entry]:
    """Everybody, or what changed since the checkpoint. Not paged: the server sends all at once."""
    heard = _Heard(schema, since)
    elsewhere = Elsewhere()
    query = Query(
        session.base_dn,
        schema.person_filter,
        schema.attributes,
        controls=((SYNC_REQUEST, True, _request(heard.cookie)),),
        seen=read.seen,
    )
    result: Result | None = None
    try:
        for batch in session.ask(query):
            for answer, controls in batch.answers:
                if isinstance(answer, Entry):
                    if heard.brings(answer, controls):
                        yield answer
                elif isinstance(answer, Intermediate):
                    heard.information(answer)
                else:
                    elsewhere.add(answer)
            result, ending = batch.result, batch.controls
        if result and result.code not in NO_FAULT_OF_SYNCREPL:
            raise StartOver(f"the server refuses a refresh by syncrepl: {result}")
        check(result, query)
        elsewhere.settle(session)
        heard.end(session, ending, read)
    except ValueError as e:  # Malformed is one; so is a row with too much or too little in it
        raise IncompleteRead(str(e)) from e


class _Heard:
    """What a refresh has said so far about who is there."""

    def __init__(self, schema: Schema, since: Checkpoint | None) -> None:
        self._schema, self._since = schema, since
        self.cookie = _bytes_of(since) if since else b""
        self._gone: set[str] = set()
        self._present: set[str] = set()
        self._told_present = False
        self._is_same_id = False

    def brings(self, entry: Entry, controls: Controls) -> bool:
        """Whether the entry comes with its attributes."""
        state, id = self._state(controls)
        if state == PRESENT:
            self._present.add(id.hex())
            self._told_present = True
        elif state == DELETE:
            self._gone.add(id.hex())
        elif state in (ADD, MODIFY):
            self._gone.discard(id.hex())
            if not self._is_same_id:
                self._compare(entry, id)
            return True
        else:
            raise Malformed(f"an entry in the state {state}")
        return False

    def _state(self, controls: Controls) -> tuple[int, bytes]:
        """2.2."""
        value = controls.get(SYNC_STATE)
        if value is None:
            raise StartOver("the server sends an entry without its state")
        # Nearly all look so, and this costs a tenth.
        if len(value) == 23 and value[:4] == b"\x30\x15\x0a\x01" and value[5:7] == b"\x04\x10":
            return value[4], value[7:]
        state, id, *cookie = ber.inner(value)
        if cookie:
            self.cookie = cookie[0][1]
        return ber.number(state[1]), _sixteen(id[1])

    def _compare(self, entry: Entry, id: bytes) -> None:
        """The server's ids must be ours: by them it says who is gone."""
        ours = directory_id_of(entry, self._schema).replace("-", "")
        if ours and ours != id.hex():
            raise StartOver(f"{self._schema.id_attribute} is not the id that syncrepl speaks of")
        self._is_same_id = bool(ours)

    def information(self, message: Intermediate) -> None:
        """2.5."""
        if message.name != SYNC_INFO:
            return
        ((kind, content),) = ber.elements(message.value)
        if kind == NEW_COOKIE:
            self.cookie = content
            return
        parts = dict(ber.elements(content))
        self.cookie = parts.get(ber.OCTETS, self.cookie)
        if kind == ID_SET:
            ids = {_sixteen(id).hex() for _, id in ber.elements(parts.get(ber.SET, b""))}
            if any(parts.get(ber.BOOLEAN, b"")):
                self._gone |= ids
            else:
                self._present |= ids
                self._told_present = True
        elif kind == REFRESH_PRESENT:
            self._told_present = True
        elif kind != REFRESH_DELETE:
            raise Malformed(f"information of the kind 0x{kind:02x}")

    def end(self, session: Session, controls: Controls, read: Read) -> None:
        """2.4; gives the read what it has after its end."""
        if SYNC_DONE not in controls:
            raise StartOver("the server does not say how far it came")
        parts = dict(ber.inner(controls[SYNC_DONE]))
        told_deletes = any(parts.get(ber.BOOLEAN, b""))
        self.cookie = parts.get(ber.OCTETS, self.cookie)
        if self._since:
            if not told_deletes and not self._told_present and not _is_389(session):
                raise StartOver("the server does not say who is still there")
            read.gone = self._gone
            read.present = self._present if self._told_present else None
        if self.cookie:
            read.checkpoint = Checkpoint("syncrepl", "", b64encode(self.cookie).decode())


def _is_389(session: Session) -> bool:
    return "389" in first(root_of(session), "vendorName")


def _request(cookie: bytes) -> bytes:
    """2.2: refreshOnly, and no silent reload where the cookie is too old."""
    value = ber.integer(1, ber.ENUMERATED)
    return ber.element(ber.SEQUENCE, value + (ber.element(ber.OCTETS, cookie) if cookie else b""))


def _bytes_of(checkpoint: Checkpoint) -> bytes:
    try:
        return b64decode(checkpoint.value, validate=True)
    except ValueError as e:
        raise StartOver(f"the checkpoint is no cookie: {e}") from e


def _sixteen(id: bytes) -> bytes:
    if len(id) != 16:
        raise Malformed(f"an id of {len(id)} bytes")
    return id
