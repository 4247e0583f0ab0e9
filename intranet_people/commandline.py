"""What all of our commands share: how they end."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import current_thread, main_thread
from typing import Any, NoReturn

import click

FAILED, REFUSED, RUNNING = 1, 2, 3
"""Exit statuses, as docs/operators.md lists them."""


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End the command with `message` on stderr."""
    click.echo(message, err=True)
    raise SystemExit(status)


@contextmanager
def stop_on_sigterm() -> Iterator[None]:
    """Make SIGTERM raise SystemExit, so that the command releases its lease.

    In a thread of a host, which cannot receive signals, nothing changes.
    """
    if current_thread() is not main_thread():
        yield
        return

    def stop(number: int, frame: Any) -> NoReturn:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
