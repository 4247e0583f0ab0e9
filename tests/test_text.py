"""Foreign text on one line, whoever wrote it."""

import subprocess
import sys
from pathlib import Path

import pytest

from intranet_people.text import by_script, letter_of, one_line, plain, sort_key


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


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("佐藤 健二 Kenji Sato", ("Kenji Sato", "佐藤 健二")),
        ("Kenji Sato / 佐藤 健二", ("Kenji Sato", "佐藤 健二")),
        ("佐藤 健二 (Kenji Sato)", ("Kenji Sato", "佐藤 健二")),
        ("حسن السيد Hassan El-Sayed", ("Hassan El-Sayed", "حسن السيد")),
        ("Ines 黃", ("Ines", "黃")),
        # Nothing to tell apart.
        ("Þórdís Sæmundsdóttir", ("Þórdís Sæmundsdóttir", "")),
        ("João – 2", ("João – 2", "")),
        ("张伟", ("张伟", "")),
        ("Иван Петров (IT)", ("Иван Петров (IT)", "")),
        ("Dr. 佐藤 Kenji", ("Dr. 佐藤 Kenji", "")),
        ("", ("", "")),
    ],
)
def test_a_name_in_two_scripts(name: str, parts: tuple[str, str]) -> None:
    assert by_script(name) == parts


@pytest.mark.parametrize(
    ("name", "given_name", "surname", "key"),
    [
        ("Dana Whitfield", "Dana", "Whitfield", "whitfield dana"),
        ("Nguyễn Thị Lan", "Thị Lan", "Nguyễn", "nguyen thi lan"),
        ("حسن السيد Hassan El-Sayed", "Hassan", "El-Sayed", "elsayed hassan"),
        # Never by a Mandarin reading of Japanese where a Latin name is given.
        ("佐藤 健二 Kenji Sato", "Kenji", "Sato", "sato kenji"),
        ("佐藤 健二 (Kenji Sato)", "健二", "佐藤", "sato kenji"),
        ("佐藤 健二 Kenji Sato", "", "", "sato kenji"),
        ("Kenji Sato", "健二", "Sato", "sato kenji sato"),
        # The family name that comes first is known by its sound.
        ("张伟 Zhang Wei", "伟", "张", "zhang wei"),
        # Without a Latin name, the transliterated one.
        ("张伟", "伟", "张", "zhang wei"),
        ("Иван Петров (IT)", "Иван", "Петров", "petrov ivan"),
        ("Иван Петров", "", "", "ivan petrov"),
        # Without names of their own in the directory.
        ("Leïla Ben Saïd", "", "", "said leila ben"),
        ("Whitfield, Dana", "", "", "whitfield dana"),
        ("Cher", "", "", "cher"),
        ("", "", "", ""),
        ("!!", "", "", ""),
    ],
)
def test_where_a_name_stands(name: str, given_name: str, surname: str, key: str) -> None:
    assert sort_key(name, given_name, surname) == key


def test_the_heading_of_a_name() -> None:
    assert [letter_of(key) for key in ("sato kenji", "3 room", "", "_")] == ["S", "#", "#", "#"]
