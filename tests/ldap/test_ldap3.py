"""What is overridden and used of ldap3 without being documented there is as it was when pinned."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import ldap3
import pytest
from ldap3.operation.search import search_operation
from ldap3.strategy.mockSync import MockSyncStrategy
from ldap3.strategy.sync import SyncStrategy

from intranet_people.ldap.client.strategy import COPIED_METHODS, PatientStrategy
from intranet_people.ldap.client.tls import VerifyingTLS

OVERRIDDEN: dict[Any, str] = {
    SyncStrategy._open_socket: "(self, address, use_ssl=False, unix_socket=False)",
    SyncStrategy.sending: "(self, ldap_message)",
    SyncStrategy.receiving: "(self)",
    ldap3.Tls.wrap_socket: "(self, connection, do_handshake=False)",
}
USED: dict[Any, str] = {
    SyncStrategy.__init__: "(self, ldap_connection)",
    SyncStrategy.open: "(self, reset_usage=True, read_server_info=True)",
    SyncStrategy.send: "(self, message_type, request, controls=None)",
    SyncStrategy.get_response: "(self, message_id, timeout=None, get_request=False)",
    SyncStrategy.post_send_single_response: "(self, message_id)",
    MockSyncStrategy.add_entry: "(self, dn, attributes, validate=True)",
    ldap3.Connection.extended: (
        "(self, request_name, request_value=None, controls=None, no_encode=None)"
    ),
    search_operation: (
        "(search_base, search_filter, search_scope, dereference_aliases, attributes, size_limit,"
        " time_limit, types_only, auto_escape, auto_encode, schema=None, validator=None,"
        " check_names=False)"
    ),
}


@pytest.fixture
def unopened() -> Any:
    """A connection to nowhere, which ldap3 has made by itself."""
    return ldap3.Connection(ldap3.Server("ldap://localhost", get_info=ldap3.NONE))


@pytest.mark.parametrize(
    ("function", "signature"),
    (OVERRIDDEN | USED).items(),
    ids=lambda value: getattr(value, "__qualname__", ""),
)
def test_a_function_takes_what_it_took(function: Callable[..., Any], signature: str) -> None:
    assert str(inspect.signature(function)) == signature


@pytest.mark.parametrize("ours", [PatientStrategy, VerifyingTLS])
def test_each_method_that_is_overridden_is_above(ours: type) -> None:
    base = ours.__mro__[1]
    names = {name for name in vars(ours) if hasattr(base, name) and not name.startswith("__")}
    assert names == {
        n for f in OVERRIDDEN if getattr(base, n := getattr(f, "__name__", ""), None) is f
    }
    for name in names:
        theirs = inspect.signature(getattr(base, name)).parameters.values()
        here = inspect.signature(getattr(ours, name)).parameters.values()
        assert [(p.name, p.default) for p in here] == [(p.name, p.default) for p in theirs]


@pytest.mark.parametrize(
    ("caller", "name"),
    [
        (SyncStrategy.__mro__[1].open, "_open_socket"),
        (SyncStrategy.open, "open"),
        (SyncStrategy.send, "sending"),
        (SyncStrategy.get_response, "_get_response"),
        (SyncStrategy._get_response, "receiving"),
        (SyncStrategy.post_send_single_response, "get_response"),
        (SyncStrategy.send, "_outstanding"),
    ],
)
def test_ldap3_calls_what_is_overridden(caller: Callable[..., Any], name: str) -> None:
    assert name in caller.__code__.co_names


def test_a_connection_takes_these_methods_of_its_strategy(unopened: Any) -> None:
    """`take_over` gives it all of them anew; searches it never sends."""
    of_strategy = {
        name
        for name, value in vars(unopened).items()
        if getattr(value, "__self__", None) is unopened.strategy
    }
    assert of_strategy == {*COPIED_METHODS, "post_send_search"}


def test_attributes_are_where_they_were(unopened: Any) -> None:
    assert {"connection", "_outstanding", "no_real_dsa"} <= vars(unopened.strategy).keys()
    assert {"strategy", "server", "socket", "closed", "result", "response"} <= vars(unopened).keys()
    assert {"tls", "host"} <= vars(unopened.server).keys()
    assert isinstance(inspect.getattr_static(ldap3.Server, "address_info"), property)
    assert "ca_certs_file" in vars(ldap3.Tls())
