"""What becomes of a test whose server is not installed."""

from typing import TYPE_CHECKING

import pytest

from tests.servers import fixtures

if TYPE_CHECKING:
    pass


def test_a_missing_server_skips_and_in_ci_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    fixtures.need(None)
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="apt-get install slapd"):
        fixtures.need("slapd")
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="apt-get install slapd"):
        fixtures.need("slapd")
    with pytest.raises(pytest.fail.Exception, match="needs root"):
        fixtures.miss("it needs root")
