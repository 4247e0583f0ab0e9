"""A headless Chromium, driven by Playwright (Debian: chromium)."""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.servers.process import ServerError, find_program

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright

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
    return playwright.chromium.launch(**_how())


def launch_with_tickets(
    playwright: "Playwright",
    profile: Path,
    environment: Mapping[str, str],
    arguments: Sequence[str] = (),
    **options: Any,
) -> "BrowserContext":
    """One of its own, with that environment, in the new folder `profile`.

    As if it had met Negotiate before: it looks for its Kerberos library only then.
    """
    profile.mkdir()
    met = {"net": {"received_http_auth_negotiate_headers": True}}
    (profile / "Local State").write_text(json.dumps(met))
    env: dict[str, str | float | bool] = {**os.environ, **environment}
    how = _how(arguments) | options
    return playwright.chromium.launch_persistent_context(profile, env=env, **how)


def _how(arguments: Sequence[str] = ()) -> dict[str, Any]:
    program = find_program(NAMES)
    if not program:
        raise ServerError("Chromium is not installed")
    # Chromium's sandbox refuses to work for root.
    sandbox = ["--no-sandbox"] if os.getuid() == 0 else []
    return {
        "executable_path": str(program),
        "args": [*ARGUMENTS, *sandbox, *arguments],
        "chromium_sandbox": not sandbox,
    }


def missing_package() -> str | None:
    """The Debian package that has to be installed first, if any."""
    return None if find_program(NAMES) else "chromium"
