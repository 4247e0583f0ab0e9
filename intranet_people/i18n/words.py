"""In which language a request is answered, and how that language says texts, times and numbers.

Texts stand in the code in English: `gettext("Say hi")`; `catalogues` knows those of others.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import TYPE_CHECKING, Any, Literal, cast

from flask import current_app, request
from markupsafe import Markup, escape

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


def N_(text: str) -> str:
    """Marks a text that is translated where it is shown."""
    return text


def gettext(text: str, **values: Any) -> str:
    """`text` in the language of the request, with its `%(name)s` filled in."""
    said = language().texts.gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """The form of the text that fits `n`, which is in it as `%(num)s`."""
    return language().texts.ngettext(one, many, n) % {"num": number(n), **values}


def html_gettext(text: str, **values: Any) -> Markup:
    """`people_gettext` of templates: the values are escaped, unless they are Markup."""
    here = language()
    said = here.html.get(text)
    if said is None:
        said = here.html[text] = escape(here.texts.gettext(text))
    return _filled(said, values) if values else said


def html_ngettext(one: str, many: str, n: int, **values: Any) -> Markup:
    """`people_ngettext` of templates."""
    said = escape(language().texts.ngettext(one, many, n))
    return _filled(said, {"num": number(n), **values})


def _filled(html: Markup, values: dict[str, Any]) -> Markup:
    # What Markup's own % does, in a third of the time.
    return Markup(str.__mod__(html, {name: escape(v) for name, v in values.items()}))  # noqa: S704


def html_label(whole: Markup, label: Markup) -> Markup:
    """`whole` for the ear, of which only `label` is seen: Follow, of Follow Dana Whitfield.

    What is seen is said as it stands (WCAG 2.5.3), wherever the language has it in the sentence.
    """
    # Within the sentence it may begin with a small letter.
    found = re.search(re.escape(label), whole, re.IGNORECASE)
    before, after = "", f" ({whole})"
    if found:
        before, after = str(whole)[: found.start()], str(whole)[found.end() :]
    return Markup(f"{_heard(before)}{label}{_heard(after)}")  # noqa: S704


def _heard(html: str) -> str:
    return f'<span class="ip-only-heard">{html}</span>' if html else ""


def html_bdi(text: str) -> Markup:
    """A name amid a sentence: whatever its direction, the words around it keep theirs."""
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704


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


def clock(local: datetime) -> str:
    """`10:00`."""
    return _clock(language().locale, local.hour, local.minute)


def weekday(local: datetime) -> str:
    """`Thursday`."""
    from babel.dates import format_date

    return format_date(local, "cccc", locale=language().locale)


def day(local: datetime) -> str:
    """`3 December`."""
    from babel.dates import format_skeleton

    return format_skeleton("MMMMd", local, tzinfo=local.tzinfo, locale=language().locale)


def month(local: datetime, with_year: bool = False) -> str:
    """`March`, or `March 2026`."""
    from babel.dates import format_date, format_skeleton

    here = language().locale
    if with_year:
        return format_skeleton("yMMMM", local, tzinfo=local.tzinfo, locale=here)
    return format_date(local, "LLLL", locale=here)


def passed(time: timedelta) -> str:
    """Of what is to come `in 25 minutes`, of what was (less than nothing) `4 minutes ago`."""
    from babel.dates import format_timedelta

    seconds = abs(time.total_seconds())
    unit, length = next(u for u in _UNITS if seconds >= u[1] or u is _UNITS[-1])
    # Whole ones: 59 minutes are not an hour yet.
    whole = timedelta(seconds=seconds // length * length) * (1 if time > timedelta() else -1)
    return format_timedelta(
        whole, granularity=unit, threshold=10**6, add_direction=True, locale=language().locale
    )


_UNITS: tuple[tuple[Literal["day", "hour", "minute"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)


def number(n: float, pattern: str | None = None) -> str:
    """`1,204`; `pattern` is one of Unicode's (UTS 35), as `0.0` for one decimal."""
    from babel.numbers import format_decimal

    return format_decimal(n, pattern, locale=language().locale)


@lru_cache(5000)
def _clock(locale: Locale, hour: int, minute: int) -> str:
    from datetime import time

    from babel.dates import format_time

    return format_time(time(hour, minute), "short", locale=locale)


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
        log.exception("The locale selector of the host failed, so the browser's language is taken.")
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
