"""What all of our commands share: how they end."""

from __future__ import annotations

from typing import NoReturn

import click

FAILED, REFUSED, RUNNING = 1, 2, 3
"""Exit statuses, as docs/operators.md lists them."""


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End the command with `message` on stderr."""
    click.echo(message, err=True)
    raise SystemExit(status)
