"""SECRET_KEY: whoever can guess it can sign in as anybody, so such a one is refused at start."""

from __future__ import annotations

import base64
import re
import secrets
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from intranet_people import IntranetPeople, SettingsError
from intranet_people.settings.secret_key import COMMAND, check_secret_key
from intranet_people.standalone import create_app

from .. import SECRET_KEY
from ..conftest import COMPANY, close

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("...", "has 3 characters, and needs at least 16"),
        ("changeme", "has 8 characters"),
        ("change me", "has 9 characters"),
        ("dev", "has 3 characters"),
        (b"secret", "has 6 characters"),
        ("fifteen letters", "has 15 characters"),
        ("changeme" * 4, "is the same 8 characters again and again"),
        ("x" * 64, "is the same 1 characters again and again"),
        (b"\0" * 32, "is the same 1 characters again and again"),
        ("." * 32, "is the same 1 characters again and again"),
        ("change me to something", "is easy to guess"),
        ("Please-Change-This-Secret-Key!", "is easy to guess"),
        ("your_secret_key_here_2024", "is easy to guess"),
        ("django-insecure-secret", "is easy to guess"),
        (b"this is not a secret key", "is easy to guess"),
        ("supersecret1234567890", "is easy to guess"),
        ("0123456789abcdef0123456789abcdeF", "is easy to guess"),
        ("qwertyuiopasdfghjkl", "is easy to guess"),
        ("zyxwvutsrqponmlkjihgfedcba", "is easy to guess"),
        (b'_5#y2L"F4Q8z\n\xec]/', "is easy to guess"),
        ("192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf", "is easy to guess"),
        ("an example, not a secret", "is easy to guess"),
        ("the output of: python3 -c 'import secrets; print(secrets.token_hex())'", "is easy"),
        (1234567890123456, "must be text or bytes, not int"),
    ],
)
def test_a_key_that_can_be_guessed_is_refused_with_the_command_that_makes_one(
    key: Any, what: str
) -> None:
    """Stand-alone as in a host; and the key itself is not said, as it may be somebody's."""
    with pytest.raises(SettingsError) as in_a_host:
        IntranetPeople(with_key(key))
    with pytest.raises(SettingsError) as alone:
        create_app({}, SECRET_KEY=key, **COMPANY)
    assert str(alone.value) == str(in_a_host.value)
    said = str(alone.value)
    assert said.startswith(f"SECRET_KEY {what}")
    assert said.endswith(f" Make one, and keep it: {COMMAND}")
    assert str(key) not in said.removesuffix(COMMAND) or str(key) in ("...", "dev")


def with_key(key: Any, **config: Any) -> Flask:
    """A host that has only what it needs."""
    app = Flask("bakery")
    app.config.update(SECRET_KEY=key, SQLALCHEMY_DATABASE_URI="sqlite://", **COMPANY, **config)
    return app


@pytest.mark.parametrize(
    "key",
    [
        secrets.token_hex(32),
        secrets.token_hex(8),
        secrets.token_urlsafe(24),
        secrets.token_bytes(16),
        base64.b64encode(secrets.token_bytes(32)),
        "correct horse battery staple",
        "key-8237429374923741",
        SECRET_KEY,
    ],
    ids=["hex", "short hex", "urlsafe", "bytes", "base64", "words", "digits", "of the tests"],
)
def test_a_key_that_nobody_guesses_is_taken(key: str | bytes) -> None:
    app = with_key(key)
    IntranetPeople(app)
    close(app)


def test_no_random_key_is_ever_refused() -> None:
    for _ in range(2000):
        for key in (secrets.token_hex(32), secrets.token_urlsafe(16), secrets.token_bytes(24)):
            check_secret_key({"SECRET_KEY": key})


def test_a_key_that_is_missing_comes_with_the_command_too() -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY is missing") as missing:
        create_app({}, **COMPANY)
    assert str(missing.value).endswith(COMMAND)


def test_the_keys_before_it_are_as_good() -> None:
    """Flask takes sessions that were signed by them."""
    with pytest.raises(SettingsError, match="A key in SECRET_KEY_FALLBACKS has 3 characters, and"):
        IntranetPeople(with_key(SECRET_KEY, SECRET_KEY_FALLBACKS=[secrets.token_hex(), b"old"]))
    with pytest.raises(SettingsError, match="SECRET_KEY_FALLBACKS must be a list of keys"):
        IntranetPeople(with_key(SECRET_KEY, SECRET_KEY_FALLBACKS=secrets.token_hex()))
    for former in (None, [], [secrets.token_hex()]):
        app = with_key(SECRET_KEY, SECRET_KEY_FALLBACKS=former)
        IntranetPeople(app)
        close(app)


def test_the_command_makes_a_key_that_is_taken() -> None:
    program, *arguments = shlex.split(COMMAND)
    assert program == "python3"
    made = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    check_secret_key({"SECRET_KEY": made.stdout.strip()})


def test_no_key_that_is_printed_in_the_documentation_is_taken() -> None:
    """People copy what they read."""
    texts = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.py")]
    told = [line for file in texts for line in file.read_text().splitlines() if COMMAND in line]
    assert told, "how to make one is said"
    printed = [
        key
        for file in texts
        for key in re.findall(r'SECRET_KEY\S*\s*[=:]\s*"([^"$]*)"', file.read_text())
    ]
    for key in printed:
        with pytest.raises(SettingsError):
            check_secret_key({"SECRET_KEY": key})
