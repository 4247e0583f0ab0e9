"""The keytab: which one is taken, and what is said where it is no good."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from markupsafe import escape as html

from intranet_people.settings.read import read_settings
from intranet_people.settings.settings import SettingsError
from intranet_people.signin.negotiate import DOWN
from intranet_people.signin.spnego import NoKeytab, Spnego

from ...conftest import COMPANY
from ...servers.kerberos import Kerberos
from ..tickets import NEEDS_GSSAPI
from .conftest import PASSWORD_FIELD, Make, Visit

pytestmark = [pytest.mark.kerberos, pytest.mark.slapd, NEEDS_GSSAPI]


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may read everything."""
    if os.getuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_keytab_that_is_not_there(make: Make, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"PEOPLE_SPNEGO_KEYTAB names .*, which is not a file"):
        make("spnego", PEOPLE_SPNEGO_KEYTAB=str(tmp_path / "none"))


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_keytab_without_our_keys_is_told_at_the_start(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(content)
    make("spnego ldap", PEOPLE_SPNEGO_KEYTAB=str(broken))
    assert "Nobody can sign in by Kerberos: " in caplog.text
    assert "PEOPLE_SPNEGO_KEYTAB has to name a keytab" in caplog.text


def test_a_keytab_that_cannot_be_read(keytab: Path) -> None:
    spnego = Spnego(str(keytab))
    spnego.check()
    keytab.chmod(0)
    with as_somebody_else(), pytest.raises(NoKeytab, match="Permission denied"):
        spnego.accept("Negotiate YIIC")


def test_a_keytab_in_a_folder_that_is_closed(make: Make, tmp_path: Path) -> None:
    (tmp_path / "closed").mkdir(mode=0)
    settings = {**COMPANY, "PEOPLE_SPNEGO_KEYTAB": str(tmp_path / "closed/keytab")}
    with as_somebody_else(), pytest.raises(SettingsError, match="which is not a file"):
        read_settings(settings)


def test_the_keytab_of_another_service_is_told_at_the_start(
    make: Make, kerberos: Kerberos, visit: Visit, caplog: pytest.LogCaptureFixture
) -> None:
    app = make("spnego ldap", PEOPLE_SPNEGO_KEYTAB=str(kerberos.keytab("ldap/localhost")))
    assert "No key table entry found matching HTTP/" in caplog.text
    assert visit(app, "alice").get("/people/sign-in").status == 503


def test_a_keytab_that_goes_and_comes(
    both: Flask, keytab: Path, visit: Visit, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    away = shutil.move(keytab, tmp_path / "away")
    curl = visit(both, "alice")
    answer = curl.get("/people/", "-L")
    assert (answer.status, answer.challenges) == (503, [])
    assert html(DOWN) in answer.text
    assert PASSWORD_FIELD in answer.text
    (record,) = (r for r in caplog.records if r.levelno == logging.ERROR)
    assert f"'{keytab}' not found" in record.getMessage()
    shutil.move(away, keytab)
    curl.get("/people/sign-in/ask", "-L")
    assert curl.me() == "alice"


def test_without_the_setting_it_is_the_systems(
    make: Make, keytab: Path, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KRB5_KTNAME", str(keytab))
    curl = visit(make("spnego", PEOPLE_SPNEGO_KEYTAB=""), "alice")
    curl.get("/people/", "-L")
    assert curl.me() == "alice"
