"""A directory in memory, for the demo."""

from __future__ import annotations

import importlib
from datetime import date
from functools import cache
from typing import Any

import ldap3


@cache
def embedded_server(uri: str) -> Any:
    """An ldap3 server in memory with `entries(today)` of the module in the URI.

    ldap3's MOCK_SYNC strategy answers binds and searches, so that the app runs as with a real
    server, but without a port, TLS and limits.
    """
    module = importlib.import_module(uri.removeprefix("embedded:"))
    server = ldap3.Server("embedded", get_info=ldap3.NONE)
    strategy = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC).strategy
    for dn, attributes in module.entries(date.today()):
        strategy.add_entry(dn, {k: list(v) for k, v in attributes.items()})
    return server
