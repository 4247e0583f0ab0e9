"""The texts of other languages: translations/LANG.po here, and those in a folder of the host.

They are read when they are asked for first, and kept. English is what the code says, and needs
none; a host may give an en.po all the same, for words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel import Locale
    from babel.messages import Message

OURS = Path(__file__).parents[1] / "translations"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


class CatalogueError(ValueError):
    """A file of texts cannot be used; the text says which, and why."""


@cache
def languages(folder: str) -> frozenset[str]:
    """The tags, as `de` or `pt-br`, of which there are texts, ours or of `folder`."""
    files = [file for root in _roots(folder) for file in root.glob("*.po")]
    return frozenset({"en", *(file.stem.lower().replace("_", "-") for file in files)})


def has_texts(locale: Locale, folder: str) -> bool:
    known = languages(folder)
    return any(name.lower().replace("_", "-") in known for name in _names(locale))


@cache
def texts(locale: Locale, folder: str) -> NullTranslations:
    """The texts of a locale: of its territory before those of its language, a host's before ours.

    What none of the files has is English. Raises CatalogueError.
    """
    files = [root / f"{name}.po" for name in _names(locale) for root in _roots(folder)]
    found = [_read(file) for file in files if file.is_file()] or [NullTranslations()]
    for other in found[1:]:
        found[0].add_fallback(other)
    return found[0]


def check(folder: str) -> None:
    """Every file of the folder can be read, and fits. Raises CatalogueError."""
    if not Path(folder).is_dir():
        raise CatalogueError(f"{folder} is no folder")
    files = sorted(Path(folder).glob("*.po"))
    if not files:
        raise CatalogueError(f"{folder} has no file as de.po")
    for file in files:
        _read(file)


def _roots(folder: str) -> list[Path]:
    return [Path(folder), OURS] if folder else [OURS]


def _names(locale: Locale) -> list[str]:
    """`de_AT` and `de`; of Chinese in Taiwan also `zh_TW`, without the script."""
    parts = str(locale).split("_")
    names = ["_".join(parts[:n]) for n in range(len(parts), 0, -1)]
    if locale.territory:
        names.insert(1, f"{locale.language}_{locale.territory}")
    return list(dict.fromkeys(names))


def _read(file: Path) -> NullTranslations:
    from babel import Locale, UnknownLocaleError
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import PoFileError, read_po
    from babel.support import Translations

    try:
        locale = Locale.parse(file.stem)
    except (UnknownLocaleError, ValueError):
        raise CatalogueError(f"{file} is not named by a language, as de.po") from None
    try:
        with file.open("rb") as source:
            catalogue = read_po(source, locale, abort_invalid=True)
    except (OSError, ValueError, LookupError, PoFileError) as e:
        raise CatalogueError(f"{file} cannot be read: {e}") from None
    for message in catalogue:
        if message.id and (problem := _problem(message)):
            raise CatalogueError(f"{file}, line {message.lineno}: {problem}")
    compiled = BytesIO()
    try:
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return Translations(compiled)
    except ValueError as e:
        raise CatalogueError(f"{file}: {e}") from None


def _problem(message: Message) -> str:
    """What would break a page: a placeholder that nothing is put into."""
    ids, texts = (list(_forms(part)) for part in (message.id, message.string))
    known = {name for text in ids for name in _PLACEHOLDER.findall(text)}
    for text in texts if known else ():
        if unknown := set(_PLACEHOLDER.findall(text)) - known:
            return f"%({unknown.pop()})s is none of {', '.join(sorted(known))}"
        if "%" in _PLACEHOLDER.sub("", text).replace("%%", ""):
            return f"a % that begins no placeholder, in {text!r}"
    return ""


def _forms(text: str | list[str] | tuple[str, ...] | None) -> Iterator[str]:
    """A message has one form, or one for each number that its language knows."""
    yield from (text,) if isinstance(text, str) else text or ()
