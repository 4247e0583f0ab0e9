"""What a browser sends, and whose name a ticket holds: without any Kerberos."""

import sys

import pytest

from intranet_people.settings.settings import SettingsError
from intranet_people.signin.spnego import MAX_HEADER, TicketRefused, login_name, token_of

from ..conftest import COMPANY, MakeApp

OURS = "HTTP/people.corp.example@CORP.EXAMPLE"
NTLM = "TlRMTVNTUAABAAAAB4IIogAAAAAAAAAAAAAAAAAAAAAKALpHAAAADw=="


@pytest.mark.parametrize("scheme", ["Negotiate", "negotiate", "NEGOTIATE"])
def test_a_token(scheme: str) -> None:
    assert token_of(f"{scheme} YIIC") == b"\x60\x82\x02"
    assert token_of(f"{scheme}  YIIC ") == b"\x60\x82\x02"


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("", "not Negotiate"),
        ("Basic YWxpY2U6YWxpY2UtcGFzc3dvcmQ=", "not Negotiate"),
        ("Bearer YIIC", "not Negotiate"),
        (f"NTLM {NTLM}", "not Negotiate"),
        ("NegotiateYIIC", "not Negotiate"),
        ("Negotiate", "empty"),
        ("Negotiate ", "empty"),
        ("Negotiate YII", "not Base64"),
        ("Negotiate YII*", "not Base64"),
        ("Negotiate YIIC, Negotiate YIIC", "not Base64"),
        (f"Negotiate {NTLM}", "NTLM"),
        ("Negotiate Ÿ", "not Base64"),
        ("Negotiate " + "A" * MAX_HEADER, "characters"),
    ],
)
def test_what_is_no_token(header: str, reason: str) -> None:
    with pytest.raises(TicketRefused, match=reason):
        token_of(header)


def test_the_longest_header() -> None:
    header = "Negotiate " + "A" * (MAX_HEADER - 12)
    assert len(token_of(header)) == 49_143


@pytest.mark.parametrize(
    ("client", "realms", "name"),
    [
        ("alice@CORP.EXAMPLE", (), "alice"),
        ("PC17$@CORP.EXAMPLE", (), "PC17$"),
        ("alice/admin@CORP.EXAMPLE", (), "alice/admin"),
        # Another realm's alice is somebody else, unless that realm is ours as well.
        ("alice@PARTNER.EXAMPLE", (), "alice@PARTNER.EXAMPLE"),
        ("alice@PARTNER.EXAMPLE", ("OLD.EXAMPLE",), "alice@PARTNER.EXAMPLE"),
        ("alice@OLD.EXAMPLE", ("OLD.EXAMPLE", "OLDER.EXAMPLE"), "alice"),
        ("alice@ANY.EXAMPLE", ("*",), "alice"),
        ("alice@corp.example", (), "alice@corp.example"),
        # A name that looks like one with a realm: an @ of its own, escaped.
        ("alice\\@CORP.EXAMPLE@PARTNER.EXAMPLE", (), "alice\\@CORP.EXAMPLE@PARTNER.EXAMPLE"),
        ("alice\\@CORP.EXAMPLE", (), "alice\\@CORP.EXAMPLE"),
        ("@CORP.EXAMPLE", (), "@CORP.EXAMPLE"),
    ],
)
def test_names_and_realms(client: str, realms: tuple[str, ...], name: str) -> None:
    assert login_name(client, OURS, realms) == name


@pytest.mark.parametrize(
    "client",
    [
        "\u212aenji@CORP.EXAMPLE",
        "alice\0@CORP.EXAMPLE",
        "alice @CORP.EXAMPLE",
        " alice@CORP.EXAMPLE",
        "alice\t@CORP.EXAMPLE",
    ],
)
def test_signs_that_are_in_no_name(client: str) -> None:
    with pytest.raises(TicketRefused, match="cannot be a login name"):
        login_name(client, OURS, ())


def test_without_its_package_the_start_says_how_to_get_it(
    open_app: MakeApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gssapi", None)
    with pytest.raises(SettingsError, match=r"pip install 'intranet-people\[sso\]'"):
        open_app(PEOPLE_SIGN_IN="spnego ldap", **COMPANY)
    open_app(PEOPLE_SIGN_IN="ldap", SQLALCHEMY_DATABASE_URI="sqlite://", **COMPANY)
