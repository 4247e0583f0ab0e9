"""`make bench` runs, and tells of each thing that it measures; how fast they are is not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from .servers import chromium, slapd
from .servers.fixtures import need

pytestmark = pytest.mark.process

ROOT = Path(__file__).parent.parent
MEASURED = (
    "people, the list",
    "people, the list from the middle",
    "people, the whole first page",
    "a profile",
    "a card",
    "search as you type, p50",
    "search as you type, p95",
    "meetings, the partial",
    "the badge",
    "a photo",
    "a photo that the browser has",
    "follow",
    "say hi",
    *(f"served: {what}" for what in ("the list", "the whole first page", "a profile", "a card")),
    *(f"served: {what}" for what in ("search jon", "meetings, the partial", "the badge")),
    *(f"served: {what}" for what in ("a photo", "a photo that the browser has")),
)


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_small_company_has_a_row_for_each_measurement() -> None:
    done = bench(
        "--sizes", "200", "--only", "people,profile,search,meetings,badge,photos,writes,served"
    )
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if " ms | " in line]
    assert len(rows) == len(MEASURED)
    for what, row in zip(MEASURED, rows, strict=True):
        assert row[0].startswith(f"| {what}")
        assert row[1] == "200"
        assert float(row[-2]) > 0
    assert "meetings" in done.stderr  # one sees how far it is


@pytest.mark.browser
def test_the_first_page_on_a_slow_phone() -> None:
    need(chromium.missing_package())
    done = bench("--sizes", "200", "--only", "paint")
    assert done.returncode == 0, done.stderr
    for what in ("compressed, no photos", "first paint, first visit", "next visit", "layout shift"):
        assert what in done.stdout


def test_a_host_is_measured_with_us_and_without() -> None:
    done = bench("--sizes", "200", "--only", "host")
    assert done.returncode == 0, done.stderr
    rows = [line.split(" | ") for line in done.stdout.splitlines() if " ms | " in line]
    told = [row[0].removeprefix("| ").partition(" (")[0] for row in rows]
    widgets = [f"the same with the widget {w}" for w in ("search", "follow", "card", "meetings")]
    assert told == [
        "a page that has nothing of ours",
        "a host's own page, with our head",
        "a host's own page, with our head, signed in",
        *widgets,
        "Python, until all is imported",
        "the host's create_app()",
    ]


@pytest.mark.slapd
def test_the_sync_has_its_ratios_and_its_phases() -> None:
    need(slapd.missing_package())
    done = bench("--sizes", "200", "--only", "sync")
    assert done.returncode == 0, done.stderr
    runs = ("first", "unchanged, full", "100 changes")
    kinds = [f"| {before}{run} |" for run in runs for before in ("sync, ", "")]
    kinds.append("| people page, p99, during a sync of everybody |")
    assert [kind for kind in kinds if kind not in done.stdout] == []


def test_what_it_cannot_measure_is_named() -> None:
    assert "known are people, profile, search," in bench("--only", "pages").stderr
    assert "from 200 to 1000000 people" in bench("--sizes", "5").stderr
    assert "whole numbers" in bench("--sizes", "many").stderr
