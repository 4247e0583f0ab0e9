"""Paged searches (RFC 4511, RFC 2696), independent of the connection that sends them."""

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
"""OID, criticality and value."""
Answer = tuple[Entry | Reference | Intermediate, Controls]


class Batch(NamedTuple):
    """Answers that arrived together. The last batch of a search has its result and controls."""

    answers: list[Answer]
    result: Result | None = None
    controls: Controls = NO_CONTROLS

    @property
    def entries(self) -> list[Entry]:
        return [answer for answer, _ in self.answers if isinstance(answer, Entry)]


@dataclass(frozen=True)
class Query:
    """A search of the subtree of `base`, or of `base` alone. Aliases are not followed."""

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
    """A bound connection."""

    base_dn: str
    page_size: int
    is_embedded: bool
    """Whether this is a directory in memory, which keeps nothing between connections."""

    def ask(self, query: Query) -> Iterator[Batch]:
        """Send the search now, and yield its answers as they arrive.

        Read one search to its end before reading the next one. Raises IncompleteRead after the
        last answer.
        """

    def close(self) -> None: ...


class References:
    """References to the parts of a result on other servers, which are never followed."""

    def __init__(self) -> None:
        self._references: list[Reference] = []

    def add(self, reference: Reference) -> None:
        # One is enough to fail, but harmless ones may come first.
        if len(self._references) < 1000:
            self._references.append(reference)

    def check_complete(self, session: Session) -> None:
        """Raises IncompleteRead if a reference may lead to people.

        A domain of Active Directory always refers to its configuration partition and its two DNS
        partitions (MS-ADTS 3.1.1.1.5), which hold no people.
        """
        if not self._references:
            return
        root = root_of(session)
        doubtful = [r for r in self._references if not _holds_no_people(r, root)]
        if doubtful:
            url = next(iter(doubtful[0].urls), "nowhere")
            raise IncompleteRead(Problem("referral", str(len(doubtful)), url))


def pages(session: Session, query: Query) -> Iterator[Entry]:
    """All entries, page by page. Raises IncompleteRead after the last entry that arrived."""
    references = References()
    following: Iterator[Batch] | None = session.ask(query.page(session.page_size, b""))
    while following:
        answers, following, result = following, None, None
        for batch in answers:
            if result := batch.result:
                cookie = _cookie(batch.controls)
                if result.code == SUCCESS and cookie:
                    # Request the next page before the caller processes the end of this one.
                    following = session.ask(query.page(session.page_size, cookie))
            yield from _entries(batch, references)
        check_result(result, query)
    references.check_complete(session)


def one_page(session: Session, query: Query) -> list[Entry]:
    """The entries of the first page. References to other servers are ignored."""
    found: list[Entry] = []
    result = None
    for batch in session.ask(query.page(session.page_size, b"")):
        found += batch.entries
        result = batch.result
    check_result(result, query)
    return found


def _entries(batch: Batch, references: References) -> Iterator[Entry]:
    for answer, _ in batch.answers:
        if isinstance(answer, Entry):
            yield answer
        elif isinstance(answer, Reference):
            references.add(answer)


def check_result(result: Result | None, query: Query) -> None:
    """Raises DirectoryError if the base does not exist, IncompleteRead for any other error."""
    if result is None:
        raise IncompleteRead("it has no end")
    if result.code == NO_SUCH_OBJECT:
        raise DirectoryError(Problem("no-base", query.base, "PEOPLE_LDAP_BASE_DN"))
    if result.code != SUCCESS:
        raise IncompleteRead(Problem("stopped-early", "", str(result)))


def root_of(session: Session) -> Entry:
    """The root DSE (RFC 4512 5.1), which describes the server; empty if the server hides it."""
    if not session.is_embedded:
        query = Query("", "(objectClass=*)", ROOT_ATTRIBUTES, only_base=True)
        for entry in [e for batch in session.ask(query) for e in batch.entries]:
            return entry
    return Entry("", {})


def first(entry: Entry, attribute: str) -> str:
    """The first value as text, "" if there is none."""
    return next((v.decode("utf-8", "replace") for v in entry.values(attribute)), "")


def _cookie(controls: Controls) -> bytes:
    if PAGED not in controls:
        return b""
    try:
        (_, _), (_, cookie) = ber.inner(controls[PAGED])
    except ValueError as e:  # Malformed, or another number of elements
        raise IncompleteRead(str(e)) from e
    return cookie


def _holds_no_people(reference: Reference, root: Entry) -> bool:
    domain, forest = first(root, "defaultNamingContext"), first(root, "rootDomainNamingContext")
    if not domain or not forest or not root.values("dsServiceName"):
        return False
    without_people = {
        comparable_dn(dn)
        for dn in (
            f"CN=Configuration,{forest}",
            f"DC=ForestDnsZones,{forest}",
            f"DC=DomainDnsZones,{domain}",
        )
    }
    # In the form ldap://host/DN??sub (RFC 4516).
    dns = {url.partition("://")[2].partition("/")[2].partition("?")[0] for url in reference.urls}
    return bool(dns) and {comparable_dn(unquote(dn)) for dn in dns} <= without_people
