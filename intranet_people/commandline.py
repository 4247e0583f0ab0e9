"""What all of our commands share: how they end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import click

FAILED, REFUSED, RUNNING = 1, 2, 3
"""Exit statuses, as docs/operators.md lists them."""


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End the command with `message` on stderr."""
    click.echo(message, err=True)
    raise SystemExit(status)


class Stopped(SystemExit):
    """The command was told to stop, by SIGTERM."""


@contextmanager
def stop_on_sigterm() -> Iterator[None]:
    """Let a command that is told to stop end as after an error: what it holds is given back."""

    def stop(number: int, frame: Any) -> NoReturn:
        raise Stopped(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
