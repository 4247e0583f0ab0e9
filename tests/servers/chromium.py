"""A headless Chromium, driven by Playwright (Debian: chromium)."""

import os
from typing import TYPE_CHECKING

from tests.servers.process import ServerError, find_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
# What a browser does unasked (updates, reports, trials) has no place in a test.
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: "Playwright") -> "Browser":
    """The system's own Chromium: Playwright's download is not needed."""
    program = find_program(NAMES)
    if not program:
        raise ServerError("Chromium is not installed")
    # Chromium's sandbox refuses to work for root.
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return playwright.chromium.launch(
        executable_path=str(program), args=[*ARGUMENTS, *sandbox], chromium_sandbox=not sandbox
    )


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    return None if find_program(NAMES) else "chromium"
