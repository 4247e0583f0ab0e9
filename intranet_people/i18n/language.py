"""In which language a request is answered, and how that language says texts, times and numbers.

Texts stand in the code in English: `gettext("Say hi")`; `catalogues` knows those of others.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, cast

from flask import current_app, request
from markupsafe import Markup

from . import catalogues

if TYPE_CHECKING:
    from babel import Locale

log = logging.getLogger(__name__)
_KEY = "intranet_people.language"
LANGUAGES, TAG = 20, 35
"""Of what a browser asks for, so many are looked at, of so many letters (RFC 5646 4.4.1)."""


@dataclass(frozen=True)
class Language:
    """`tag` as HTML has it, `de-AT`; `direction` ltr or rtl; `locale` is that of the formats."""

    tag: str
    direction: str
    locale: Locale
    texts: NullTranslations
    html: dict[str, Markup] = field(default_factory=dict)
    """Texts as they stand in a page, escaped: a page asks for the same ones over and over."""


def language() -> Language:
    """Of the current request; English where there is none, as in commands."""
    try:
        environ = request.environ
    except RuntimeError:
        return _named("en", "")
    if _KEY in environ:
        return cast(Language, environ[_KEY])
    chosen = _chosen()
    # A host with Babel may force another one for a while.
    if "babel" not in current_app.extensions:
        environ[_KEY] = chosen
    return chosen


def is_the_browsers_choice() -> bool:
    """Whether Accept-Language decides: neither PEOPLE_LOCALE nor the host does."""
    return not _settings().locale and "babel" not in current_app.extensions


def _chosen() -> Language:
    s = _settings()
    wanted = s.locale or _hosts_locale()
    if not wanted:
        return _named(_browsers_tag(s.translations), s.translations)
    return _named(wanted.replace("_", "-"), s.translations)


def _settings() -> Any:
    return current_app.extensions["intranet_people"].settings


def _hosts_locale() -> str:
    """What the host's Flask-Babel says; "" where it has none, or that fails."""
    if "babel" not in current_app.extensions:
        return ""
    try:
        from flask_babel import get_locale
    except ImportError:
        return ""
    try:
        return str(get_locale() or "")
    except Exception:
        # It may have asked the database, and that has a page of its own, which needs a language.
        log.exception("The locale selector of the host failed, so the browser's language is used.")
        return ""


def _browsers_tag(folder: str) -> str:
    """The first language that the browser asks for of which there are texts."""
    known = catalogues.languages(folder)
    for wanted, quality in request.accept_languages[:LANGUAGES]:
        if quality > 0:
            tags = _ever_shorter(wanted.lower()[:TAG])
            found = next((tag for tag in tags if tag in known), None)
            if found:
                return found
    return "en"


def _ever_shorter(tag: str) -> Iterator[str]:
    """`zh-hant-tw`, `zh-hant`, `zh`: the language alone is better than none."""
    while tag:
        yield tag
        tag = tag.rpartition("-")[0]


@cache
def _named(tag: str, folder: str) -> Language:
    """By tag; English, in texts and formats, where there are no texts of that language."""
    from babel import Locale

    locale = Locale.parse(tag, sep="-")
    if str(locale) == "en" or not catalogues.has_texts(locale, folder):
        tag = "en"
    if tag == "en":
        # The language alone has 24 hours, and the day before the month.
        locale = Locale("en", "GB")
    return Language(
        tag=tag if tag == "en" else str(locale).replace("_", "-"),
        direction=locale.text_direction,
        locale=locale,
        texts=catalogues.texts(locale, folder),
    )
