"""Messages between a child process and its parent: JSON and bytes, never pickle.

A child reads untrusted data, which might take it over. All that it can then send back must be
wrong values, so nothing here may call `Connection.send` or `recv`, which use pickle.
"""

from __future__ import annotations

import json
from multiprocessing.connection import Connection
from typing import Any

Message = tuple[dict[str, Any], bytes]
"""A head of plain JSON values, and a body."""

MOST = 64 * 1024 * 1024  # bytes of a head or a body
OUT_OF_MEMORY = 77  # the exit code of a child that reached its limit


def send(connection: Connection, head: dict[str, Any], body: bytes = b"") -> None:
    connection.send_bytes(json.dumps(head, separators=(",", ":")).encode())
    connection.send_bytes(body)


def receive(connection: Connection) -> Message:
    """Raises EOFError at the end, OSError if a message is cut short or too long, and ValueError or
    RecursionError if it is invalid."""
    head, body = json.loads(connection.recv_bytes(MOST)), connection.recv_bytes(MOST)
    if not isinstance(head, dict):
        raise ValueError("a message without a head")
    return head, body
