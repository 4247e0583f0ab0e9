"""The stand-alone app: the plugin in the smallest possible host.

Every environment variable that begins with PEOPLE_ is read, and SECRET_KEY,
SQLALCHEMY_DATABASE_URI or DATABASE_URL; values as JSON where they parse, else as text.
PEOPLE_CONFIG_FILE names a TOML file with the same keys; the environment wins.
"""

from __future__ import annotations

from intranet_people.standalone import create_app

app = create_app()
