"""Apache with mod_auth_gssapi in front of the app, as docs/sign-in.md has it, in a realm."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from ..servers.apache import Apache
from ..servers.kerberos import Kerberos
from .front import FORGED, Front, in_front, need_apache

pytestmark = [pytest.mark.process, pytest.mark.kerberos]
WITH_TICKET = ("--negotiate", "--user", ":")


@pytest.fixture(scope="module")
def front(behind_apache: str, kerberos: Kerberos) -> Iterator[Front]:
    need_apache("GSSAPI")
    with Apache() as apache:
        keytab, krb5 = apache.folder / "keytab", apache.folder / "krb5.conf"
        shutil.copy(kerberos.keytab("HTTP/localhost"), keytab)
        shutil.copy(kerberos.krb5_config, krb5)
        places = {"/etc/apache2/people.keytab": str(keytab)}
        environment = {
            "KRB5_CONFIG": str(krb5),
            "KRB5RCACHENAME": f"file2:{apache.folder / 'seen'}",
        }
        with in_front(apache, behind_apache, "GSSAPI", places, environment) as front:
            yield front


def test_who_has_a_ticket_is_in(front: Front, kerberos: Kerberos) -> None:
    assert front.me(front.browser(kerberos.ticket("dana")), *WITH_TICKET) == "@dana"


def test_who_has_none_is_not(front: Front, kerberos: Kerberos) -> None:
    stranger = front.browser(kerberos.no_ticket())
    assert front.me(stranger) == "401"
    assert front.me(stranger, *WITH_TICKET) == "401"
    assert front.me(stranger, "--basic", "--user", "dana:dana-password") == "401"
    assert front.me(stranger, **{"Authorization": "Negotiate YIIC"}) == "401"


def test_of_another_realm_is_somebody_else(front: Front, kerberos: Kerberos) -> None:
    theirs = front.browser(kerberos.ticket("dana@OTHER.TEST"))
    assert front.named(theirs, *WITH_TICKET) == ["dana@OTHER.TEST"]
    assert front.me(theirs, *WITH_TICKET) == "403"


def test_who_names_somebody_else_is_who_they_are(front: Front, kerberos: Kerberos) -> None:
    dana = front.browser(kerberos.ticket("dana"))
    for header in FORGED:
        assert front.named(dana, *WITH_TICKET, **{header: "amina"}) == ["dana@EXAMPLE.TEST"]
        assert front.me(dana, *WITH_TICKET, **{header: "amina"}) == "@dana"


def test_without_a_ticket_a_name_is_worth_nothing(front: Front, kerberos: Kerberos) -> None:
    stranger = front.browser(kerberos.no_ticket())
    for header in FORGED:
        assert front.me(stranger, **{header: "amina"}) == "401"


def test_where_everybody_may_come_nobody_is_named(front: Front, kerberos: Kerberos) -> None:
    dana = front.browser(kerberos.ticket("dana"))
    for header in ("X-Other", *FORGED):
        for options in ((), WITH_TICKET, ("--basic", "--user", "amina:x")):
            named = front.named(dana, *options, path="/people/health", **{header: "amina"})
            assert named == []


def test_what_is_left_out_on_the_way_leaves_nobody(front: Front, kerberos: Kerberos) -> None:
    """What Connection names is for the next server alone (RFC 9110, 7.6.1): Apache drops it."""
    dana = front.browser(kerberos.ticket("dana"))
    hop = {"Connection": "X-Remote-User", "X_Remote_User": "amina"}
    assert front.named(dana, *WITH_TICKET, **hop) == []
    assert front.me(dana, *WITH_TICKET, **hop) == "401"


def test_the_ticket_stays_with_apache(front: Front, kerberos: Kerberos) -> None:
    arrived = dict(front.arrives(front.browser(kerberos.ticket("dana")), *WITH_TICKET))
    assert f"https://{arrived['host']}" == front.apache.url
    assert arrived["x-forwarded-proto"] == "https"
    assert "authorization" not in arrived
