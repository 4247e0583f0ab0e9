"""Tickets that are no good: broken, used up, expired, or meant for somebody else."""

from __future__ import annotations

import logging
import time
from base64 import b64encode

import pytest
from flask import Flask
from markupsafe import escape as html

from intranet_people.signin.negotiate import REFUSED

from ...servers.kerberos import Kerberos
from ..test_spnego import NTLM
from ..tickets import KRB5, NEEDS_GSSAPI, SPNEGO, negotiate, token
from .conftest import PASSWORD_FIELD, Visit, offers

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]


def test_what_is_no_good_ticket(
    both: Flask, visit: Visit, kerberos: Kerberos, caplog: pytest.LogCaptureFixture
) -> None:
    alice = kerberos.ticket("alice")
    good = token(alice, "HTTP/localhost")
    other = b64encode(token(alice, "HTTP/localhost")[:-40] + bytes(40)).decode()
    # An offer of mechanisms without a token (RFC 4178, 4.2.1): the beginning of a conversation.
    offer = "YBwGBisGAQUFAqASMBCgDjAMBgorBgEEAYI3AgIK"
    kerberos_offer = "YBsGBisGAQUFAqARMA+gDTALBgkqhkiG9xIBAgI="
    for header in (
        f"Negotiate {NTLM}",
        f"Negotiate {offer}",
        f"Negotiate {kerberos_offer}",
        f"Negotiate {other}",
        "Negotiate " + b64encode(good[:200]).decode(),
        "Negotiate " + b64encode(good[:-1]).decode(),
        "Negotiate " + b64encode(b"nonsense" * 100).decode(),
        "Negotiate ???",
        "Negotiate",
        "Negotiate " + "A" * 60_000,
        # Of the same keytab, but not meant for us.
        negotiate(alice, "ldap/localhost"),
        negotiate(alice, "ldap/localhost", KRB5),
        # Of a name that we do not have.
        negotiate(alice, "HTTP/other.example"),
    ):
        caplog.clear()
        curl = visit(both)
        assert offers(curl, header) == (401, ""), header
        (record,) = (r for r in caplog.records if r.name.startswith("intranet_people"))
        assert record.levelno == logging.WARNING
        assert "Sign-in by Kerberos refused: " in record.getMessage()
        assert "alice" not in caplog.text
        # Nor is anybody asked after that.
        page = curl.ask("/people/sign-in")
        assert (page.status, page.challenges) == (200, [])


def test_the_page_of_a_refused_ticket(both: Flask, visit: Visit) -> None:
    answer = visit(both).ask("/people/sign-in", "-H", f"Authorization: Negotiate {NTLM}")
    assert html(REFUSED) in answer.text
    assert PASSWORD_FIELD in answer.text


@pytest.mark.parametrize("mechanism", [SPNEGO, KRB5])
def test_a_ticket_is_good_once(
    both: Flask, visit: Visit, kerberos: Kerberos, mechanism: str
) -> None:
    header = negotiate(kerberos.ticket("alice"), mechanism=mechanism)
    assert offers(visit(both), header) == (303, "alice")
    assert offers(visit(both), header) == (401, "")


def test_an_expired_ticket(
    both: Flask,
    visit: Visit,
    kerberos: Kerberos,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("KRB5_CONFIG", str(kerberos.configuration("exact.conf", clock_skew=1)))
    header = negotiate(kerberos.ticket("alice", seconds=2))
    time.sleep(4)
    assert offers(visit(both), header) == (401, "")
    assert "refused: Ticket expired" in caplog.text
