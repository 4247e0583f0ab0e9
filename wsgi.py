"""The stand-alone app: the plugin in the smallest possible host.

Every environment variable that begins with PEOPLE_ is read, and SECRET_KEY,
SQLALCHEMY_DATABASE_URI or DATABASE_URL; values as JSON where they parse, else as text.
PEOPLE_CONFIG_FILE names a TOML file with the same keys; the environment wins.
"""

from __future__ import annotations

import gc

# What an app is made of stays: to look through it for garbage takes a quarter of the start, and
# would later copy it into every worker (https://docs.python.org/3/library/gc.html#gc.freeze).
gc.disable()

from intranet_people.standalone import create_app  # noqa: E402

app = create_app()
gc.freeze()
gc.enable()
