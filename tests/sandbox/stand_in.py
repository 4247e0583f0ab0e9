"""A child that does as it is told, and what no child ought to do."""

import os
import signal
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from intranet_people.sandbox.messages import Message, send
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
        os.write(sys.stdin.fileno(), data)
        os._exit(0)
    elif what == "trickle":
        for n in range(len(data)):
            os.write(sys.stdin.fileno(), data[n : n + 1])
            time.sleep(0.2)
    elif what == "be deaf":
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        send(Connection(os.dup(sys.stdin.fileno())), request)
        time.sleep(60)
    elif what == "look":
        return {
            "flask": "flask" in sys.modules,
            "sqlalchemy": "sqlalchemy" in sys.modules,
            "variables": list(os.environ),
            "nice": os.nice(0),
        }, b""
    return request, data
