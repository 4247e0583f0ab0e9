"""`flask` that kills itself with -9 right before or after one of its commits to the database.

`python -m tests.soak.dying before 7 --app wsgi people sync`. Batches are small, so that there
are many. With a number that is never reached it ends as usual, and its last line is the number
of its commits.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any
from unittest.mock import patch

from flask.cli import cli
from sqlalchemy.engine.default import DefaultDialect

from intranet_people.sync import compare, erase, stage, sync

BATCH = 40


class Dying:
    """Stands in for the dialect's commit."""

    def __init__(self, when: str, at: int) -> None:
        self.when, self.at, self.commits = when, at, 0
        self.commit: Any = DefaultDialect.do_commit

    def __call__(self, dialect: Any, connection: Any) -> None:
        self.commits += 1
        if (self.when, self.at) == ("before", self.commits):
            os.kill(os.getpid(), signal.SIGKILL)
        self.commit(dialect, connection)
        if (self.when, self.at) == ("after", self.commits):
            os.kill(os.getpid(), signal.SIGKILL)


def run(when: str, at: int, arguments: list[str]) -> None:
    dying = Dying(when, at)
    for module in (compare, erase, stage, sync):
        module.BATCH = BATCH  # type: ignore[attr-defined]
    with patch.object(DefaultDialect, "do_commit", lambda *rest: dying(*rest)):
        try:
            cli.main(arguments)
        finally:
            sys.stdout.write(f"{dying.commits}\n")


if __name__ == "__main__":
    run(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
