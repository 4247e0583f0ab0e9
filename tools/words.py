"""`make words`: the catalogues anew, from the texts that stand in the code and the templates now.

What is new is there with no translation, what is gone is gone, in the order of the files. Nothing
in a catalogue depends on the day or on the number of a line, so that only texts ever change.
"""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "intranet_people"
KEYWORDS = {**DEFAULT_KEYWORDS, "people_gettext": None, "people_ngettext": (1, 2)}
# By its path: Babel before 2.16 finds the names of other packages only where setuptools is.
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract")]
HEADER = """\
# The texts of Intranet People. Refreshed by `make words`; see CONTRIBUTING.md.
msgid ""
msgstr ""
"Language: {locale}\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plurals}\\n"

"""


def extracted() -> Catalog:
    """Every text of the package, as it stands there."""
    catalogue = Catalog()
    found = extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",))
    for file, line, message, comments, context in found:
        place = (f"intranet_people/{Path(file).as_posix()}", line)
        catalogue.add(message, None, [place], auto_comments=comments, context=context)
    return catalogue


def refreshed(file: Path) -> str:
    """The catalogue `LANG.po` as it has to be now."""
    with file.open("rb") as source:
        catalogue = read_po(source, locale=file.stem)
    catalogue.update(extracted(), no_fuzzy_matching=True)
    for message in catalogue:
        message.locations = sorted({(path, 0) for path, _ in message.locations})
    text = BytesIO()
    write_po(
        text, catalogue, width=100, omit_header=True, ignore_obsolete=True, include_lineno=False
    )
    header = HEADER.format(locale=catalogue.locale_identifier, plurals=catalogue.plural_forms)
    return header + text.getvalue().decode().strip() + "\n"


def main() -> None:
    for file in sorted((PACKAGE / "translations").glob("*.po")):
        file.write_text(refreshed(file), encoding="utf-8")


if __name__ == "__main__":
    main()
