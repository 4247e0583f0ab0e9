"""A child that does as it is told, and what no child ought to do."""

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

from intranet_people.sandbox.messages import Message
from intranet_people.sandbox.serve import serve


def main(*limits: str) -> None:
    serve(answer, *limits)


def answer(request: dict[str, Any], data: bytes) -> Message:
    what = request["do"]
    if what == "hang":
        Path(request["started"]).touch()
        time.sleep(60)
    elif what == "hog":
        data = bytes(2**30)
    elif what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif what == "say":
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
        os._exit(0)
    elif what == "look":
        return {
            "flask": "flask" in sys.modules,
            "sqlalchemy": "sqlalchemy" in sys.modules,
            "variables": list(os.environ),
            "nice": os.nice(0),
        }, b""
    return request, data
