"""Strings that break things elsewhere, in every attribute."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intranet_people.ldap.accounts import disabled
from intranet_people.ldap.entry import Entry
from intranet_people.ldap.presets import PRESETS
from intranet_people.ldap.record import directory_id_of, fingerprint_of, record_of

BLNS = Path(__file__).parents[2].parent / "shared/corpora/blns.json"


@pytest.mark.skipif(not BLNS.is_file(), reason="the corpus shared/corpora is not here")
@pytest.mark.parametrize("preset", PRESETS)
def test_naughty_strings_in_every_attribute(preset: str) -> None:
    schema = PRESETS[preset].with_extra({"Motto": "description"})
    texts = json.loads(BLNS.read_text("utf-8"))
    assert len(texts) > 400
    disabling = set()
    for text in texts:
        value = text.encode("utf-8", "surrogatepass")
        values = {name.lower(): [value, b"", b"\xff"] for name in schema.attributes}
        entry = Entry(text, {**values, schema.id_attribute.lower(): [b"an-id"]})
        found = record_of(entry, schema)
        assert found is not None
        assert found.name
        assert found.handle
        assert len(fingerprint_of(entry, schema)) == 32
        if disabled(entry, schema, datetime.now(UTC)):
            disabling.add(text.lower())
        shown = (found.name, found.title, found.team, found.office, found.mail, found.city)
        for line in (*shown, *found.phones, *found.mobiles, *found.extra.get("Motto", ())):
            assert len(line) <= 300
            assert not any(c in line for c in "\0\n\r\t\x1b\u202e\u2066")
        found.name.encode()
    assert all(text == "true" or _is_number(text) for text in disabling)


def _is_number(text: str) -> bool:
    try:
        return int(text) != 0
    except ValueError:
        return False


@pytest.mark.skipif(not BLNS.is_file(), reason="the corpus shared/corpora is not here")
def test_a_naughty_id_is_kept_apart() -> None:
    texts = [t.encode("utf-8", "surrogatepass") for t in json.loads(BLNS.read_text("utf-8"))]
    for schema in PRESETS.values():
        entries = [Entry("cn=x", {schema.id_attribute.lower(): [text]}) for text in texts]
        ids = [directory_id_of(entry, schema) for entry in entries]
        assert all(one.isascii() and one.isprintable() for one in ids)
        assert len(set(ids)) > 0.9 * len(texts)
