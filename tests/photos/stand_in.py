"""A child that photos can hurt, as they would through a fault of a decoder."""

import os
import signal
import time
from typing import Any

from intranet_people.photos import worker_main as child_main
from intranet_people.sandbox.messages import Message
from intranet_people.sandbox.serve import serve

from .conftest import JPEG

CRASH = JPEG + b"CRASH"
SLOW = JPEG + b"SLOW"
TAKEN_OVER: dict[bytes, Message] = {
    JPEG + b"SCRIPT": ({"sizes": [[64, 20]]}, b"<script>1</script>  "),
    JPEG + b"OTHER SIZES": ({"sizes": [[64, 20], [65, 20]]}, b"RIFF\0\0\0\0WEBP........" * 2),
    JPEG + b"NO SIZES": ({"sizes": []}, b""),
    JPEG + b"WORDS": ({"sizes": "words"}, b""),
    JPEG + b"NOTHING": ({}, b""),
    JPEG + b"LISTS": ({"sizes": [[[], "x"]]}, b""),
    JPEG + b"NO LENGTHS": ({"sizes": [[64, None]]}, b"RIFF\0\0\0\0WEBP"),
}
"""What a child answers that does what such a photo wants."""


def main(*limits: str) -> None:
    serve(answer, *limits)


def answer(request: dict[str, Any], data: bytes) -> Message:
    if data == CRASH:
        os.kill(os.getpid(), signal.SIGSEGV)
    if data.endswith(b"SLOW"):
        time.sleep(0.5)
    return TAKEN_OVER.get(data) or child_main.answer(request, data)
