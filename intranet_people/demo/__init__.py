"""The sample company of `make demo`: an app of its own, in a folder of its own."""

from .app import create_app

__all__ = ["create_app"]
