"""SECRET_KEY signs every session: with it, anyone can sign in as anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .settings import SettingsError

COMMAND = 'python3 -c "import secrets; print(secrets.token_hex(32))"'
SHORTEST = 16

# Long enough, but published, here or in the documentation of Flask.
PRINTED = {
    "an example, not a secret",
    "192b9bdd22ab9ed4d12e236c78afcb9a393ec15f71bbf5dc987d54727823bcbf",
    '_5#y2L"F4Q8z\n\xec]/',
    "A0Zr98j/3yX R~XHH!jmN]LWX/,?RT",
}
# A key that consists only of these words is a placeholder. No word consists only of hexadecimal
# digits.
WORDS = re.findall(
    "[a-z]+",
    """
    admin an app application change changed changeit changeme default demo dev development django
    dummy enter example fake fallback flask for generate here hidden in insecure insert intranet is
    key keep keys keyboard local long me must my not of our password people placeholder please
    private prod production put random really replace sample secret secretkey secrets session set
    signing so some something string super test testing tests the this to todo token top unsafe use
    value very with you your
    """,
)
ROWS = (
    *("1234567890", "0123456789abcdef", "0123456789abcdefghijklmnopqrstuvwxyz"),
    "qwertyuiopasdfghjklzxcvbnm",
)


def check_secret_key(config: Mapping[str, Any]) -> None:
    """Check SECRET_KEY and SECRET_KEY_FALLBACKS. Raises SettingsError."""
    if not config.get("SECRET_KEY"):
        raise SettingsError(
            "SECRET_KEY is missing: sign-in and forms cannot be kept safe."
            f" Make one, and keep it: {COMMAND}"
        )
    former = config.get("SECRET_KEY_FALLBACKS") or ()
    if not isinstance(former, list | tuple):
        # Flask would take each letter of a text for a key.
        raise SettingsError("SECRET_KEY_FALLBACKS must be a list of keys.")
    named = [("SECRET_KEY", config["SECRET_KEY"])]
    for name, key in [*named, *(("A key in SECRET_KEY_FALLBACKS", key) for key in former)]:
        if wrong := _wrong(key):
            raise SettingsError(
                f"{name} {wrong}: anyone who guesses it can sign in as anybody."
                f" Make one, and keep it: {COMMAND}"
            )


def _wrong(key: object) -> str:
    """What is wrong with a key, without quoting it; "" if it is good."""
    if not isinstance(key, str | bytes):
        return f"must be text or bytes, not {type(key).__name__}"
    text = key if isinstance(key, str) else key.decode("latin-1")
    if len(text) < SHORTEST:
        return f"has {len(text)} characters, and needs at least {SHORTEST}"
    if (period := (text * 2).index(text, 1)) < SHORTEST:
        return f"is the same {period} characters again and again"
    return "is easy to guess" if _is_easy(text) else ""


def _is_easy(text: str) -> bool:
    """Whether it is published, a row of keys on a keyboard, or consists only of WORDS."""
    if text in PRINTED or "token_hex" in text or "token_urlsafe" in text:
        return True  # the command instead of its output
    rest = plain = re.sub("[^a-z0-9]", "", text.lower())
    for word in sorted(WORDS, key=len, reverse=True):
        rest = rest.replace(word, "")
    ways = [way * 4 for row in ROWS for way in (row, row[::-1])]
    is_row = any(plain in way or rest in way for way in ways)
    return len(plain) * 2 > len(text) and (is_row or len(rest) <= 4)
