"""The sample company of `make demo`: an app of its own, in a folder of its own."""

from __future__ import annotations

from pathlib import Path

from flask import Flask


def create_app(folder: str | Path = "instance/demo") -> Flask:
    """Northwind Instruments, stand-alone, with all it keeps in `folder`."""
    from ..standalone import create_app as standalone
    from .run import config

    return standalone({}, **config(Path(folder).resolve()))
