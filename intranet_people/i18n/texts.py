"""Texts in the language of the request. They stand in the code in English: `gettext("Say hi")`."""

from __future__ import annotations

import re
from typing import Any

from markupsafe import Markup, escape

from .formats import number
from .language import language


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
    if whole.startswith(label):
        return Markup(f"{label}{_visually_hidden(whole[len(label) :])}")  # noqa: S704
    # As plain texts: an entity is not cut in two. Within the sentence it may begin with a small
    # letter.
    sentence, word = Markup(whole).unescape(), Markup(label).unescape()  # noqa: S704
    found = re.search(re.escape(word), sentence, re.IGNORECASE)
    before, after = "", f" ({sentence})"
    if found:
        before, after = sentence[: found.start()], sentence[found.end() :]
    return Markup(f"{_visually_hidden(before)}{label}{_visually_hidden(after)}")  # noqa: S704


def _visually_hidden(text: str) -> str:
    return f'<span class="ip-visually-hidden">{escape(text)}</span>' if text else ""


def html_bdi(text: str) -> Markup:
    """A name amid a sentence: whatever its direction, the words around it keep theirs."""
    return Markup(f"<bdi>{escape(text)}</bdi>")  # noqa: S704
