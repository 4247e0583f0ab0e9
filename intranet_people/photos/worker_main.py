"""What runs in the child processes of `worker.Converter`: reads photos, answers their sizes."""

from __future__ import annotations

from typing import Any

from ..sandbox.messages import Message
from ..sandbox.serve import serve
from .convert import PhotoRefused, renditions


def main(*limits: str) -> None:
    """Serves until stdin ends."""
    serve(answer, *limits)


def answer(request: dict[str, Any], data: bytes) -> Message:
    """The sizes of the photo `data` one behind the other, with their lengths; or why not."""
    try:
        sizes = renditions(data)
    except PhotoRefused as refused:
        return {"refused": list(refused.problem)}, b""
    lengths = [[size, len(webp)] for size, webp in sizes.items()]
    return {"sizes": lengths}, b"".join(sizes.values())
