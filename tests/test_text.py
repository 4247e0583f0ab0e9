"""Foreign text on one line, whoever wrote it."""

import subprocess
import sys
from pathlib import Path

import pytest

from intranet_people.text import one_line, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" Alice \t\r\n Liddell ", "Alice Liddell"),
        ("Alice\0Liddell\x07\x1b[31m", "Alice Liddell [31m"),
        ("Alice\u202egnp.exe\u2066\u200f\ufeff", "Alicegnp.exe"),
        ("Alice\u2028Liddell\u2029\u0085", "Alice Liddell"),
        ("half a pair \ud83d", "half a pair"),
        # Persian needs the non-joiner, a family the joiner.
        ("نرم\u200cافزار", "نرم\u200cافزار"),
        ("\U0001f469\u200d\U0001f467", "\U0001f469\u200d\U0001f467"),
        ("Jo\u0308rg", "Jo\u0308rg"),
    ],
)
def test_plain(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize(
    "text",
    ["\u200b", "\u200b \u200d\u2060", "\u00ad", "\u3164", "\u2800", "\ufe0f", "\u00a0", "\0"],
)
def test_what_nobody_sees_is_empty(text: str) -> None:
    assert plain(text) == one_line(text) == ""


def test_at_most_so_long() -> None:
    assert one_line("å" * 1000, 280) == "å" * 280
    assert one_line("ab " * 1000, 3) == "ab"
    assert one_line("x" * 10_000_000) == "x" * 300


def test_it_needs_no_flask() -> None:
    """The child process that reads calendars imports it."""
    program = (
        "import sys, intranet_people.calendars.worker_main;"
        "sys.exit('flask' in sys.modules or 'sqlalchemy' in sys.modules)"
    )
    root = Path(__file__).parents[1]
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0
