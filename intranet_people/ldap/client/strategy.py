"""ldap3 connections with one deadline for connecting, TLS and bind."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from ldap3.strategy.sync import SyncStrategy

from ..ber import Malformed
from ..wire import Wire, seconds_left

COPIED_METHODS = ("send", "open", "get_response", "post_send_single_response")
"""The methods that ldap3 copies from a strategy into its connection."""


class PatientStrategy(SyncStrategy):  # type: ignore[misc]
    """A strategy with a deadline. In ldap3's own, every byte that arrives restarts the timeout."""

    deadline = 0.0

    @classmethod
    def take_over(cls, connection: Any, deadline: float) -> None:
        strategy = connection.strategy = cls(connection)
        strategy.deadline = deadline
        for name in COPIED_METHODS:
            setattr(connection, name, getattr(strategy, name))

    def _open_socket(self, address: Any, use_ssl: bool = False, unix_socket: bool = False) -> None:
        addresses = [address] if unix_socket else self.connection.server.address_info
        opened = self.connection.socket = self._first_open(addresses)
        try:
            if use_ssl:
                self.connection.server.tls.wrap_socket(self.connection, do_handshake=True)
        except BaseException:
            opened.close()
            raise
        self.connection.closed = False

    def _first_open(self, addresses: Sequence[Any]) -> socket.socket:
        """Try all addresses of the host; each gets an equal share of the time left."""
        for n, address in enumerate(addresses, 1):
            opened = socket.socket(*address[:3])
            try:
                opened.settimeout(seconds_left(self.deadline) / (len(addresses) - n + 1))
                opened.connect(address[4])
            except BaseException as e:
                opened.close()
                if n == len(addresses) or not isinstance(e, OSError):
                    raise
            else:
                return opened
        raise OSError("the name has no address")

    def sending(self, ldap_message: Any) -> None:
        self.connection.socket.settimeout(seconds_left(self.deadline))
        super().sending(ldap_message)

    def receiving(self) -> list[bytes]:
        wire = Wire(self.connection.socket)
        messages = wire.messages(self.deadline)
        # Extra messages may be injected, to be read after StartTLS as if they were encrypted.
        if len(messages) != 1 or not wire.is_empty:
            raise Malformed("the server spoke out of turn")
        return messages
