"""The preset `ad`: whom Exchange hides from its address lists is shown to nobody."""

from __future__ import annotations

import pytest
from flask import Flask

from intranet_people.ldap.changes import Hidden
from intranet_people.ldap.presets import AD

from ..conftest import MakeApp
from ..ldap.domain import domain_of
from ..servers.samba import Samba
from ..servers.samba_conf import EXCHANGE
from .conftest import command, last, people
from .hiding import hidden
from .test_ad import change, dn, flags, settings, sync

pytestmark = pytest.mark.samba
DANA, MARGARET = dn("Dana Whitfield"), dn("Margaret Okafor")


def hide(samba: Samba, *names: str, value: str = "TRUE") -> None:
    for name in names:
        lines = ("replace: msExchHideFromAddressLists", f"msExchHideFromAddressLists: {value}")
        samba.modify(change(name, *lines))


@pytest.fixture
def with_exchange(changing_samba: Samba) -> Samba:
    """The domain after Exchange was there, where Dana and Margaret are hidden."""
    changing_samba.modify(EXCHANGE)
    hide(changing_samba, DANA, MARGARET)
    return changing_samba


@pytest.fixture
def hiding(make_app: MakeApp, with_exchange: Samba) -> Flask:
    app = make_app(**settings(with_exchange))
    sync(app)
    return app


def test_a_domain_without_exchange_hides_nobody(make_app: MakeApp, samba: Samba) -> None:
    """An attribute that it does not know is no error."""
    assert domain_of(samba).hidden(AD) == Hidden()
    app = make_app(**settings(samba))
    assert sync(app)[1]["joined"] == 12
    assert hidden(app) == set()
    assert last(app).status == "done"


def test_whom_exchange_hides(hiding: Flask, with_exchange: Samba) -> None:
    assert hidden(hiding) == {"dana", "margaret"}
    assert len(people(hiding)) == 12
    assert sync(hiding) == ("changes", {})


def test_by_the_domains_own_counter(hiding: Flask, with_exchange: Samba) -> None:
    hide(with_exchange, dn("Bob Marsh"))
    hide(with_exchange, DANA, value="FALSE")
    kind, counts = sync(hiding)
    assert (kind, counts["hidden"], counts["shown"]) == ("changes", 1, 1)
    assert hidden(hiding) == {"bob", "margaret"}


def test_the_operators_own_filter_counts_too(make_app: MakeApp, with_exchange: Samba) -> None:
    app = make_app(**settings(with_exchange), PEOPLE_LDAP_HIDDEN="(employeeID=1003)")
    sync(app)
    assert hidden(app) == {"alice", "dana", "margaret"}


def test_who_joins_hidden_and_who_is_disabled(hiding: Flask, with_exchange: Samba) -> None:
    """As a mailbox that many share: its account is disabled, so it is nobody, hidden or not."""
    with_exchange.add(
        f"dn: {dn('Noor Haddad', 'Tunis')}\nobjectClass: user\nsAMAccountName: noor\n"
        "displayName: Noor Haddad\nmsExchHideFromAddressLists: TRUE\nuserAccountControl: 512\n"
    )
    kind, counts = sync(hiding)
    assert (kind, counts["joined"], counts["hidden"]) == ("changes", 1, 1)
    with_exchange.modify(flags(dn("Noor Haddad", "Tunis"), 514))
    assert sync(hiding)[1]["left"] == 1
    hide(with_exchange, dn("Noor Haddad", "Tunis"), value="FALSE")
    sync(hiding)
    assert hidden(hiding) == {"dana", "margaret", "noor"}, "who has left stays as they were"


def test_the_guard_stands_behind_it(hiding: Flask, with_exchange: Samba) -> None:
    hide(with_exchange, DANA, MARGARET, value="FALSE")
    refused = command(hiding, "sync")
    assert refused.exit_code == 2
    assert "2/2 hidden people would be shown" in refused.stderr
    assert hidden(hiding) == {"dana", "margaret"}
