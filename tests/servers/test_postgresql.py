"""The PostgreSQL that other tests stand on."""

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine, text

if TYPE_CHECKING:
    from tests.servers.postgresql import PostgreSQL

pytestmark = pytest.mark.postgresql


def test_a_database_comes_and_goes(postgresql: "PostgreSQL") -> None:
    engine = create_engine(postgresql.create_database("a-database"))
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT lower('ÄÖŁ')")) == "äöł"
        postgresql.drop_database("a-database")
        connection.invalidate()
    engine.dispose()
    with pytest.raises(Exception, match="does not exist"):
        create_engine(postgresql.url("a-database")).connect()


def test_databases_outlast_a_restart(postgresql: "PostgreSQL") -> None:
    url = postgresql.create_database("lasting")
    postgresql.stop()
    postgresql.start()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT current_database()")) == "lasting"
    engine.dispose()
    postgresql.drop_database("lasting")
