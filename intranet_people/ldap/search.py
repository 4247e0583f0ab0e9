"""Searches in the words of RFC 4511, page by page (RFC 2696); who sends them is told apart."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple, Protocol
from urllib.parse import unquote

from ..problems import Problem
from . import ber
from .changes import KnownDigests
from .entry import Entry, comparable_dn
from .errors import DirectoryError, IncompleteRead
from .messages import NO_CONTROLS, Controls, Intermediate, Reference, Result

log = logging.getLogger(__name__)

PAGED = "1.2.840.113556.1.4.319"
SYNC_REQUEST = "1.3.6.1.4.1.4203.1.9.1.1"
SUCCESS = 0
NO_SUCH_OBJECT = 32
ROOT_ATTRIBUTES = (
    "objectClass",
    "vendorName",
    "vendorVersion",
    "ipaTopologyPluginVersion",
    "supportedControl",
    "supportedCapabilities",
    "namingContexts",
    "defaultNamingContext",
    "rootDomainNamingContext",
    "dsServiceName",
    "highestCommittedUSN",
)

Control = tuple[str, bool, bytes | None]
"""OID, criticality, value."""
Answer = tuple[Entry | Reference | Intermediate, Controls]


class Batch(NamedTuple):
    """As many answers as came together; the last batch has the result, and what came with it."""

    answers: list[Answer]
    result: Result | None = None
    controls: Controls = NO_CONTROLS

    @property
    def entries(self) -> list[Entry]:
        return [answer for answer, _ in self.answers if isinstance(answer, Entry)]


@dataclass(frozen=True)
class Query:
    """A search of all below `base`, or of `base` alone. Aliases are never followed."""

    base: str
    filter: str
    attributes: Sequence[str]
    controls: tuple[Control, ...] = field(default=())
    only_base: bool = False
    seen: KnownDigests | None = None

    def page(self, size: int, cookie: bytes) -> Query:
        value = ber.integer(size) + ber.element(ber.OCTETS, cookie)
        control = (PAGED, False, ber.element(ber.SEQUENCE, value))
        return replace(self, controls=(*self.controls, control))


class Session(Protocol):
    """A connection that is bound."""

    base_dn: str
    page_size: int
    is_embedded: bool
    """A directory in memory, which is always new."""

    def ask(self, query: Query) -> Iterator[Batch]:
        """Sends at once; then what comes, as it comes.

        Raises IncompleteRead after the last that came. To be read to its end before the next
        is read.
        """

    def close(self) -> None: ...


class Elsewhere:
    """The parts of an answer that lie on other servers, which are never asked."""

    def __init__(self) -> None:
        self._references: list[Reference] = []

    def add(self, reference: Reference) -> None:
        # One is as bad as many, but those that hold nobody may be the first to come.
        if len(self._references) < 1000:
            self._references.append(reference)

    def settle(self, session: Session) -> None:
        """Raises IncompleteRead where people may be there.

        A domain of Active Directory always names its other partitions, of which no person is a
        part: the configuration, and the two of its DNS (MS-ADTS 3.1.1.1.5).
        """
        if not self._references:
            return
        root = root_of(session)
        doubtful = [r for r in self._references if not _holds_nobody(r, root)]
        if doubtful:
            url = next(iter(doubtful[0].urls), "nowhere")
            raise IncompleteRead(Problem("referral", str(len(doubtful)), url))


def pages(session: Session, query: Query) -> Iterator[Entry]:
    """All entries. Raises IncompleteRead after the last that came."""
    elsewhere = Elsewhere()
    following: Iterator[Batch] | None = session.ask(query.page(session.page_size, b""))
    while following:
        answers, following, result = following, None, None
        for batch in answers:
            if result := batch.result:
                cookie = _cookie(batch.controls)
                if result.code == SUCCESS and cookie:
                    # While the server collects the next page, the end of this one is used up.
                    following = session.ask(query.page(session.page_size, cookie))
            yield from _entries(batch, elsewhere)
        check(result, query)
    elsewhere.settle(session)


def one_page(session: Session, query: Query) -> list[Entry]:
    """The entries of the first page; what may lie on another server is not asked for."""
    found: list[Entry] = []
    result = None
    for batch in session.ask(query.page(session.page_size, b"")):
        found += batch.entries
        result = batch.result
    check(result, query)
    return found


def _entries(batch: Batch, elsewhere: Elsewhere) -> Iterator[Entry]:
    for answer, _ in batch.answers:
        if isinstance(answer, Entry):
            yield answer
        elif isinstance(answer, Reference):
            elsewhere.add(answer)


def check(result: Result | None, query: Query) -> None:
    """Raises DirectoryError where there is no such base, IncompleteRead for any other fault."""
    if result is None:
        raise IncompleteRead("it has no end")
    if result.code == NO_SUCH_OBJECT:
        raise DirectoryError(Problem("no-base", query.base, "PEOPLE_LDAP_BASE_DN"))
    if result.code != SUCCESS:
        raise IncompleteRead(Problem("stopped-early", "", str(result)))


def root_of(session: Session) -> Entry:
    """The root DSE (RFC 4512 5.1): what this server is; without attributes where it hides it."""
    if not session.is_embedded:
        query = Query("", "(objectClass=*)", ROOT_ATTRIBUTES, only_base=True)
        for entry in [e for batch in session.ask(query) for e in batch.entries]:
            return entry
    return Entry("", {})


def first(entry: Entry, attribute: str) -> str:
    """Its first value as text, "" where there is none."""
    return next((v.decode("utf-8", "replace") for v in entry.values(attribute)), "")


def _cookie(controls: Controls) -> bytes:
    if PAGED not in controls:
        return b""
    try:
        (_, _), (_, cookie) = ber.inner(controls[PAGED])
    except ValueError as e:  # Malformed is one
        raise IncompleteRead(str(e)) from e
    return cookie


def _holds_nobody(reference: Reference, root: Entry) -> bool:
    domain, forest = first(root, "defaultNamingContext"), first(root, "rootDomainNamingContext")
    if not domain or not forest or not root.values("dsServiceName"):
        return False
    nobody = {
        comparable_dn(dn)
        for dn in (
            f"CN=Configuration,{forest}",
            f"DC=ForestDnsZones,{forest}",
            f"DC=DomainDnsZones,{domain}",
        )
    }
    # As ldap://host/DN??sub (RFC 4516).
    named = {url.partition("://")[2].partition("/")[2].partition("?")[0] for url in reference.urls}
    return bool(named) and {comparable_dn(unquote(dn)) for dn in named} <= nobody
