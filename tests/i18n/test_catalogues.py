"""German is whole; what a host brings wins, and what is wrong with it is named at the start."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages import Message
from babel.messages.pofile import read_po

from intranet_people import SettingsError
from intranet_people.i18n import catalogues
from tools.words import PACKAGE, extracted, refreshed

from ..client import Browser
from ..conftest import COMPANY, MakeApp
from .conftest import Speak

FILES = sorted((PACKAGE / "translations").glob("*.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)s")


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text)  # type: ignore[call-overload]


def messages(file: Path) -> list[Message]:
    with file.open("rb") as source:
        return [m for m in read_po(source, locale=file.stem) if m.id]


def test_german_is_there() -> None:
    assert "de" in {file.stem for file in FILES}
    assert len(messages(PACKAGE / "translations/de.po")) > 150


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_every_text_and_no_other(file: Path) -> None:
    """As `make words` would leave it, with nothing left to fill in."""
    assert file.read_text() == refreshed(file), "run make words"
    open_ = [m.id for m in messages(file) if not all(forms(m.string)) or m.fuzzy]
    assert open_ == []


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_forms_and_placeholders(file: Path) -> None:
    with file.open("rb") as source:
        plurals = read_po(source, locale=file.stem).num_plurals
    for message in messages(file):
        ids, texts = forms(message.id), forms(message.string)
        assert len(texts) == (1 if len(ids) == 1 else plurals), message.id
        # One person found: where there is one, a text may do without the figure.
        wanted = {frozenset(PLACEHOLDER.findall(text)) for text in ids}
        for text in texts:
            assert frozenset(PLACEHOLDER.findall(text)) in wanted, text
        assert frozenset(PLACEHOLDER.findall(texts[-1])) == max(wanted, key=len), message.id


@pytest.mark.parametrize("file", FILES, ids=lambda f: f.stem)
def test_texts_are_plain(file: Path) -> None:
    """They stand in attributes too, and are nobody's place for markup."""
    for message in messages(file):
        for id, text in zip(forms(message.id), forms(message.string), strict=False):
            assert not set('<>"&') & set(id + text), text
            assert (id[-1] in ".:?") == (text[-1] in ".:?"), text


def test_what_is_seen_is_said() -> None:
    """The word on a button is in its sentence for the ear (WCAG 2.5.3)."""
    for file in FILES:
        said = {m.id: m.string for m in messages(file)}
        for whole, label in (
            ("Follow %(name)s", "Follow"),
            ("Edit the line to %(name)s", "Edit"),
            ("Say hi to %(name)s", "Say hi"),
            ("Undo hi to %(name)s", "Undo"),
        ):
            assert str(said[label]).lower() in str(said[whole]).lower()


def test_every_text_is_extracted_once() -> None:
    ids = [m.id for m in extracted() if m.id]
    assert "Say hi to %(name)s" in ids
    assert "That name and password don't match." in ids
    assert len(ids) == len({str(id) for id in ids})


def folder_of(tmp_path: Path, **files: str) -> str:
    folder = tmp_path / "words"
    folder.mkdir()
    for name, text in files.items():
        (folder / f"{name}.po").write_text(text)
    return str(folder)


MEETINGS = 'msgid "Meetings"\nmsgstr "{}"\n'


@pytest.mark.parametrize(("name", "language"), [("de", "de"), ("de_AT", "de-AT"), ("en", "en")])
def test_words_of_the_host_win(speak: Speak, tmp_path: Path, name: str, language: str) -> None:
    folder = folder_of(tmp_path, **{name: MEETINGS.format("Zusammenkünfte & mehr")})
    app = speak(PEOPLE_TRANSLATIONS=folder, PEOPLE_LOCALE=language)
    page = Browser(app, "tomas").get("/people/").text
    assert ">Zusammenkünfte &amp; mehr</span>" in page
    assert (">Leute</span>" if language != "en" else ">People</span>") in page, (
        "the others are ours"
    )


def test_a_language_of_the_host(speak: Speak, tmp_path: Path) -> None:
    app = speak(PEOPLE_TRANSLATIONS=folder_of(tmp_path, da=MEETINGS.format("Møder")))
    client = Browser(app, "tomas").client
    page = client.get("/people/", headers={"Accept-Language": "fr, da;q=0.9, de;q=0.8"}).text
    assert '<html lang="da" dir="ltr">' in page
    assert ">Møder</span>" in page
    assert ">People</span>" in page, "what it does not have is English"


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("de", 'msgid "left in %(month)s"\nmsgstr "weg seit %(monat)s"\n', "line 1: %(monat)s is"),
        ("de", 'msgid "left in %(month)s"\nmsgstr "weg %(month)s 5 %"\n', "begins no placeholder"),
        ("de", 'msgid "Meetings"\nTreffen\n', "de.po cannot be read"),
        ("deutsch", MEETINGS.format("Treffen"), "deutsch.po is not named by a language"),
        ("de", 'msgid ""\nmsgstr "Plural-Forms: nplurals=2; plural=n $ 1;\\n"\n', "de.po"),
    ],
)
def test_what_is_wrong_is_named_at_the_start(
    open_app: MakeApp, tmp_path: Path, name: str, text: str, said: str
) -> None:
    folder = folder_of(tmp_path, **{name: text})
    with pytest.raises(SettingsError, match="PEOPLE_TRANSLATIONS") as e:
        open_app(PEOPLE_TRANSLATIONS=folder, **COMPANY)
    assert said in str(e.value)


def test_no_such_folder(open_app: MakeApp, tmp_path: Path) -> None:
    for folder, said in ((tmp_path / "none", "is no folder"), (tmp_path, "has no file as de.po")):
        with pytest.raises(SettingsError, match=said):
            open_app(PEOPLE_TRANSLATIONS=str(folder), **COMPANY)


def test_bytes_that_are_no_text(open_app: MakeApp, tmp_path: Path) -> None:
    (tmp_path / "de.po").write_bytes(b'msgid "Meetings"\nmsgstr "\xff\xfe"\n')
    with pytest.raises(SettingsError, match=r"de\.po cannot be read"):
        open_app(PEOPLE_TRANSLATIONS=str(tmp_path), **COMPANY)


def test_of_chinese_the_territory_may_stand_for_the_script(tmp_path: Path) -> None:
    from babel import Locale

    (tmp_path / "zh_TW.po").write_text(MEETINGS.format("會議"))
    locale = Locale.parse("zh_TW")
    assert str(locale) == "zh_Hant_TW"
    assert catalogues.has_texts(locale, str(tmp_path))
    assert not catalogues.has_texts(Locale.parse("zh_CN"), str(tmp_path))
    assert catalogues.texts(locale, str(tmp_path)).gettext("Meetings") == "會議"
