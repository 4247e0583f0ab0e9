"""What is a name of somebody, and what is nobody's."""

from __future__ import annotations

import pytest

from intranet_people.people.login_name import MAX_LENGTH, LoginName, NoLoginName, is_handle

OURS = ("CORP.EXAMPLE", "CORP", "KIEL.EXAMPLE", "GROSS.EXAMPLE")


def parsed(text: object, realms: tuple[str, ...] = ()) -> str | None:
    name = LoginName.parse(text, realms=realms)
    return name.text if name else None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alice", "alice"),
        ("Jörg Dreßler", "Jörg Dreßler"),
        ("佐藤", "佐藤"),
        (" tomas\r\n", "tomas"),
        ("alice/card", "alice/card"),
        ("", None),
        ("  \t", None),
        (None, None),
    ],
)
def test_a_name(text: object, name: str | None) -> None:
    assert parsed(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "to\0mas",
        "tomas\x1b",
        "tomas\u2028",
        "tomas\u00a0",
        "\u212aenji",
        "ſam",
        "a" * (MAX_LENGTH + 1),
        7,
        True,
        b"tomas",
        ["tomas"],
    ],
)
def test_what_is_nobodys_name(text: object) -> None:
    with pytest.raises(NoLoginName):
        LoginName.parse(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("alice@CORP.EXAMPLE", "alice"),
        ("alice@corp.example", "alice"),
        ("CORP\\alice", "alice"),
        ("corp\\Alice", "Alice"),
        ("alice@OTHER.EXAMPLE", "alice@OTHER.EXAMPLE"),
        ("OTHER\\alice", "OTHER\\alice"),
        ("alice@other@CORP.EXAMPLE", "alice@other"),
        ("alice@CORP.EXAMPLE@OTHER", "alice@CORP.EXAMPLE@OTHER"),
        ("alice@gross.example", "alice"),
        ("alice@groß.example", "alice@groß.example"),
        ("@CORP.EXAMPLE", "@CORP.EXAMPLE"),
        ("CORP\\", "CORP\\"),
    ],
)
def test_a_realm_of_ours_is_left_out(text: str, name: str) -> None:
    assert parsed(text, OURS) == name


def test_any_realm_where_one_says_so() -> None:
    assert parsed("alice@ANY", ("*",)) == "alice"


@pytest.mark.parametrize("text", ["alice@GROſS.EXAMPLE", "alice@\u212aIEL.EXAMPLE"])
def test_a_realm_that_only_looks_like_ours(text: str) -> None:
    with pytest.raises(NoLoginName):
        LoginName.parse(text, realms=OURS)


def test_a_blank_before_the_realm_makes_it_another_name() -> None:
    with pytest.raises(NoLoginName):
        LoginName.parse("alice @CORP.EXAMPLE", realms=OURS)


def test_what_a_person_types_may_be_in_any_form_of_unicode() -> None:
    """As a Mac decomposes it, or with a blank of a word processor: the directory compares it."""
    decomposed = LoginName.typed("\u00a0Jo\u0308rg @CORP.EXAMPLE ", realms=OURS)
    assert decomposed
    assert decomposed.text == "Jo\u0308rg"
    assert LoginName.typed(" ") is None
    for text in ("to\0mas", "a" * (MAX_LENGTH + 1)):
        with pytest.raises(NoLoginName):
            LoginName.typed(text)


@pytest.mark.parametrize("spelling", ["JÖRG  DRESSLER", "jo\u0308rg dreßler", " Jörg Dreßler "])
def test_all_spellings_of_a_name_have_one_key(spelling: str) -> None:
    name = LoginName.typed(spelling)
    assert name
    assert name.key == "jörg dressler"


def test_a_mail_address_and_a_login_name_are_not_the_same() -> None:
    assert LoginName.parse("dana", kind="mail") != LoginName.parse("dana")


def test_a_handle_that_can_be_asked_for() -> None:
    for handle in ("alice", "alice/card", "alice~2", "..", "ü" * MAX_LENGTH):
        assert is_handle(handle), handle
    for handle in ("", "a\0", "a\nb", "\ud800", "ü" * (MAX_LENGTH + 1)):
        assert not is_handle(handle), handle
