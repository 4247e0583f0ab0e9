"""What an image is, by how it begins."""

from __future__ import annotations

MAX_BYTES = 10_000_000


def sniff(data: bytes) -> str | None:
    """What is plainly wrong with `data`, the code of a Problem; or None. Nothing is decoded: it may
    yet be broken."""
    if not data:
        return "photo-empty"
    if len(data) > MAX_BYTES:
        return "photo-too-large"
    if not is_webp(data) and not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return "photo-no-image"
    return None


def is_webp(data: bytes) -> bool:
    """Whether it begins as one (RFC 9649)."""
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"
