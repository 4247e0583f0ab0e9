"""Kerberos in a browser: an Authorization header in, a login name out (RFC 4559, RFC 4178).

The GSSAPI of the system does the work (RFC 2743); it is imported where it is needed, as only who
signs people in by Kerberos has it.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..people.login_name import LoginName, NoLoginName

CHALLENGE = "Negotiate"
MAX_HEADER = 65_536
"""Characters. A ticket of Active Directory carries the groups of its owner, up to 48,000 bytes."""
SAY_NOTHING = ("Unspecified GSS failure", "Unknown error", "Success")
KRB5, SPNEGO = "1.2.840.113554.1.2.2", "1.3.6.1.5.5.2"


class TicketRefused(Exception):
    """The ticket was refused. The text is for the operator's log, and names nobody."""


class NoKeytab(Exception):
    """No ticket can be read, because the keys are missing. The text gives the reason."""


@dataclass(frozen=True)
class Ticket:
    """The name in the ticket, and the response that proves our identity to the browser."""

    name: str
    challenge: str


@dataclass(frozen=True)
class Spnego:
    """Accepts tickets.

    keytab  the file with our keys; empty: the system's, which KRB5_KTNAME may name
    realms  that are ours beside the one that we are in; "*" for any
    """

    keytab: str = ""
    realms: tuple[str, ...] = ()

    def check(self) -> None:
        """Raises ImportError if gssapi is missing, and NoKeytab if no ticket could be read."""
        self._credentials()

    def accept(self, header: str) -> Ticket:
        """The ticket in the value of an Authorization header. Raises TicketRefused or NoKeytab."""
        import gssapi

        token = token_of(header)
        context = gssapi.SecurityContext(creds=self._credentials(), usage="accept")
        try:
            answer = context.step(token)
            # Several steps, as of NTLM, would all need the same connection.
            if not context.complete:
                raise TicketRefused("it is no ticket, or only the beginning of a conversation")
            # SPNEGO accepts every mechanism of the system, also those of plugins.
            if context.mech.dotted_form != KRB5:
                raise TicketRefused("it is not Kerberos")
            client, service = str(context.initiator_name), str(context.target_name)
        except gssapi.raw.GSSError as e:
            raise TicketRefused(_reason(e)) from None
        except UnicodeDecodeError:
            raise TicketRefused("the name in it is not UTF-8") from None
        challenge = f"{CHALLENGE} {b64encode(answer).decode()}" if answer else CHALLENGE
        return Ticket(login_name(client, service, self.realms), challenge)

    def _credentials(self) -> Any:
        """Ours. They are for HTTP alone: a ticket for another service is not meant for us, though
        the keytab may have its key.
        """
        import gssapi

        try:
            return gssapi.Credentials(
                name=gssapi.Name("HTTP", gssapi.NameType.hostbased_service),
                usage="accept",
                mechs=[gssapi.OID.from_int_seq(mechanism) for mechanism in (KRB5, SPNEGO)],
                store={"keytab": self.keytab} if self.keytab else None,
            )
        except gssapi.raw.GSSError as e:
            raise NoKeytab(_reason(e)) from None


def token_of(header: str) -> bytes:
    """The bytes in the header. Raises TicketRefused."""
    if len(header) > MAX_HEADER:
        raise TicketRefused(f"it has more than {MAX_HEADER} characters")
    scheme, _, text = header.partition(" ")
    if scheme.lower() != CHALLENGE.lower():
        raise TicketRefused("it is not Negotiate")
    try:
        token = b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        raise TicketRefused("it is not Base64") from None
    if not token:
        raise TicketRefused("it is empty")
    if token.startswith(b"NTLMSSP\0"):
        raise TicketRefused("it is NTLM: the browser has no Kerberos ticket for this site")
    return token


def login_name(client: str, service: str, realms: Iterable[str]) -> str:
    """The login name of a principal, without the realm if it is the service's own or in `realms`.

    Raises TicketRefused.
    """
    user, _, realm = client.rpartition("@")
    # An escaped @ is part of the name; the realm follows the other one (RFC 1964, 2.1.1).
    is_ours = user and not user.endswith("\\") and realm == service.rpartition("@")[2]
    try:
        if user != user.strip():
            raise NoLoginName("it has unusual spaces")
        name = LoginName.parse(user) if is_ours else LoginName.parse(client, realms=realms)
    except NoLoginName:
        name = None
    if name is None:
        raise TicketRefused("the name in it cannot be a login name")
    return name.text


def _reason(e: Any) -> str:
    """The error of the library, as one line: it may quote the service of the ticket."""
    texts = [*e.get_all_statuses(e.maj_code, True), *e.get_all_statuses(e.min_code, False)]
    telling = [text for text in texts if not text.startswith(SAY_NOTHING)] or ["it is no token"]
    return "".join(c if c.isprintable() else "?" for c in "; ".join(telling))[:300]
