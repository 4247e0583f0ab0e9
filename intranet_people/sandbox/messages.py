"""What goes over the pipes to the child and back: length-prefixed JSON and bytes, never pickle.

What is read is foreign: a child that it takes over must be able to send back no more than wrong
words.
"""

from __future__ import annotations

import json
import struct
from typing import IO, Any

Message = tuple[dict[str, Any], bytes]
"""A head of plain JSON values, and a body."""

MOST = 64 * 1024 * 1024  # bytes of a head or a body
OUT_OF_MEMORY = 77  # the exit code of a child that reached its limit
_LENGTHS = struct.Struct(">II")


def write_message(stream: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Writes both behind their lengths (four bytes each, big-endian)."""
    encoded = json.dumps(head, separators=(",", ":")).encode()
    stream.write(_LENGTHS.pack(len(encoded), len(body)) + encoded)
    stream.write(body)
    stream.flush()


def read_message(stream: IO[bytes]) -> Message | None:
    """The next message, or None where the stream has ended. Raises ValueError for nonsense."""
    lengths = stream.read(_LENGTHS.size)
    if len(lengths) < _LENGTHS.size:
        return None
    of_head, of_body = _LENGTHS.unpack(lengths)
    if max(of_head, of_body) > MOST:
        raise ValueError(f"a message of {of_head} and {of_body} bytes")
    encoded, body = stream.read(of_head), stream.read(of_body)
    if len(encoded) < of_head or len(body) < of_body:
        return None
    head = json.loads(encoded)
    if not isinstance(head, dict):
        raise ValueError("a message without a head")
    return head, body
