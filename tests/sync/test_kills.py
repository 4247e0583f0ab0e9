"""Ten syncs are killed with -9 at points all over a run, on each database."""

from __future__ import annotations

from pathlib import Path

import pytest

from ..soak import kills

pytestmark = [pytest.mark.slapd, pytest.mark.process]
KILLS = 10


def test_killed_anywhere(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    server = request.getfixturevalue("postgresql") if backend == "postgresql" else None
    copies = kills.Copies(tmp_path, server)
    found = list(kills.rounds(copies, KILLS, seed=1))
    assert len(found) == KILLS
    # Not all of them before it began, nor after it had ended.
    assert {"before", "after"} == set(found)
