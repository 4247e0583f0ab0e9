"""The service account's password from a file or a command: what comes of it, and what is told."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from markupsafe import escape as html

from intranet_people.ldap import password
from intranet_people.ldap.connection import ServiceAccountRefused
from intranet_people.ldap.password import bind_password
from intranet_people.signin.views import DOWN

from ..conftest import MakeApp, slapd_settings
from ..servers.slapd import Slapd
from ..signin.conftest import tries

FILE = "PEOPLE_LDAP_BIND_PASSWORD_FILE"
COMMAND = "PEOPLE_LDAP_BIND_PASSWORD_COMMAND"


@pytest.fixture(autouse=True)
def nothing_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "_cache", {})


def refusal(file: str = "", command: str = "") -> str:
    with pytest.raises(ServiceAccountRefused) as refused:
        bind_password("", file, command)
    error = refused.value
    # Or a traceback would show the output.
    assert error.__suppress_context__ or error.__context__ is None
    return str(error)


def script(folder: Path, text: str) -> str:
    """A command of a shell of its own."""
    file = folder / "ask.sh"
    file.write_text(text)
    return f"sh {shlex.quote(str(file))}"


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"people-password", "people-password"),
        (b"people-password\n", "people-password"),
        (b"people-password\r\nuser: people\r\n", "people-password"),
        (b" with blanks \n", " with blanks "),
        ("Schlüsselwörter\n".encode(), "Schlüsselwörter"),
    ],
)
def test_the_first_line_is_the_password(tmp_path: Path, content: bytes, word: str) -> None:
    file = tmp_path / "it's a password"
    file.write_bytes(content)
    assert bind_password("", str(file)) == word
    assert bind_password("", "", f"cat {shlex.quote(str(file))}") == word


def test_a_password_of_the_settings_is_itself() -> None:
    assert bind_password("people-password\n") == "people-password\n"
    assert bind_password("") == ""


def test_a_file_is_read_each_time(tmp_path: Path) -> None:
    file = tmp_path / "password"
    for word in ("first", "second"):
        file.write_text(word)
        assert bind_password("", str(file)) == word


def test_a_command_runs_without_a_shell(tmp_path: Path) -> None:
    file = tmp_path / "planted"
    assert bind_password("", "", f"echo $HOME; touch {file}") == f"$HOME; touch {file}"
    assert not file.exists()


def test_an_answer_is_kept_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = tmp_path / "asked"
    command = script(tmp_path, f"echo once >> {asked}; wc -l < {asked}")
    assert [bind_password("", "", command) for _ in range(3)] == ["1", "1", "1"]
    assert bind_password("", "", "echo another") == "another"
    monkeypatch.setattr(password, "CACHE_SECONDS", -1)
    assert bind_password("", "", command) == "2"


def test_a_command_that_failed_is_asked_again(tmp_path: Path) -> None:
    file = tmp_path / "password"
    command = f"cat {file}"
    assert f"{COMMAND} ended with status 1." in refusal(command=command)
    file.write_text("\n")
    assert "first line is empty" in refusal(command=command)
    file.write_text("people-password\n")
    assert bind_password("", "", command) == "people-password"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("echo secret; echo secret >&2; exit 3", f"{COMMAND} ended with status 3."),
        ("echo secret; kill -9 $$", f"{COMMAND} ended with status -9."),
        ("printf 'secret\\377\\n'", f"{COMMAND} cannot be run: UnicodeDecodeError."),
        ("echo; echo secret", "gives no password: its first line is empty."),
        ("true", "gives no password: its first line is empty."),
    ],
)
def test_what_a_command_says_is_never_told(tmp_path: Path, lines: str, said: str) -> None:
    told = refusal(command=script(tmp_path, lines))
    assert said in told
    assert "secret" not in told


@pytest.mark.parametrize(
    ("command", "why"), [("/no/such/program", "FileNotFoundError"), ("pass 'show", "ValueError")]
)
def test_a_command_that_cannot_be_run(command: str, why: str) -> None:
    assert refusal(command=command) == f"{COMMAND} cannot be run: {why}."


def test_a_command_that_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "COMMAND_TIMEOUT", 0.1)
    assert refusal(command="sleep 60") == f"{COMMAND} cannot be run: TimeoutExpired."


def test_a_file_that_gives_no_password(tmp_path: Path) -> None:
    file = tmp_path / "password"
    assert f"{FILE} {file}: " in refusal(file=str(file))
    assert f"{FILE} {tmp_path}: " in refusal(file=str(tmp_path))
    file.write_bytes(b"\nsecret\n")
    told = refusal(file=str(file))
    assert told == f"{file} gives no password: its first line is empty."
    file.write_bytes(b"secret\xff\n")
    assert f"{FILE} {file}: " in refusal(file=str(file))
    assert "secret" not in refusal(file=str(file))


def made(make_app: MakeApp, slapd: Slapd, file: Path) -> Flask:
    settings = slapd_settings(slapd)
    del settings["PEOPLE_LDAP_BIND_PASSWORD"]
    return make_app(**settings, PEOPLE_LDAP_BIND_PASSWORD_FILE=str(file))


def invoke(app: Flask, command: str) -> Result:
    return app.test_cli_runner().invoke(args=["people", command])


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_a_sync_with_the_password_of_a_file_that_changes(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(f"{slapd.service_password}\n")
    app = made(make_app, slapd, file)
    assert invoke(app, "sync").exit_code == 0
    file.write_text("wrong\n")
    ended = invoke(app, "sync")
    assert ended.exit_code == 1
    assert "was refused: invalidCredentials" in ended.stderr
    assert "Nothing was changed." in ended.stderr
    assert invoke(app, "status").output.startswith("failed at ")
    file.write_text(slapd.service_password)
    assert invoke(app, "sync").exit_code == 0
    assert invoke(app, "status").output.startswith("done at ")


@pytest.mark.slapd
@pytest.mark.parametrize("backend", ["sqlite"])
def test_without_a_password_no_run_and_no_sign_in(
    make_app: MakeApp, slapd: Slapd, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    file.write_text(slapd.service_password)
    app = made(make_app, slapd, file)
    assert invoke(app, "sync").exit_code == 0
    file.unlink()
    ended = invoke(app, "sync")
    assert ended.exit_code == 1
    assert f"The directory could not be read: {FILE} {file}: " in ended.stderr
    assert "Nothing was changed." in ended.stderr
    # Nobody's own password is wrong then.
    answer = tries(app.test_client(), "alice", "alice-password")
    assert (answer.status_code, html(DOWN) in answer.text) == (503, True)
    # A monitor hears of it.
    assert invoke(app, "status").output.startswith("failed at ")
