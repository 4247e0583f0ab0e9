"""Reads a Flask config into typed settings, and names what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from typing import Any

from .settings import Settings, SettingsError, default_of, key
from .validate import validate

log = logging.getLogger(__name__)
Check = Callable[[Settings], Iterable[str]]
"""A check by a room that knows more about some settings: a sentence for each problem."""

ANY_REALM = {"true": "*", "on": "*", "1": "*", "false": "", "off": "", "0": ""}
"""For people who think that the setting is a switch."""


LATER = ("PEOPLE_EMBED_ORIGINS", "PEOPLE_PUBLIC_URL")
"""Settings of later versions. Without them this one does less, but nothing unsafe."""


def read_settings(config: Mapping[str, Any], *checks: Check) -> Settings:
    """The settings in a Flask config. Raises SettingsError that names all that is wrong."""
    values, wrong = _values(config)
    settings = Settings(**values)
    for check in (validate, *checks):
        wrong += check(settings)
    if wrong:
        raise SettingsError("Intranet People cannot start:\n  " + "\n  ".join(wrong))
    return settings


def _values(config: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    known = {key(f.name): f for f in fields(Settings)}
    values: dict[str, Any] = {}
    wrong = []
    for name, value in config.items():
        if not name.startswith("PEOPLE_") or name == "PEOPLE_CONFIG_FILE":
            continue
        if name in LATER:
            log.warning("%s has no effect: this version cannot do that yet.", name)
        elif name not in known:
            like = get_close_matches(name, known, 1)
            meant = f"do you mean {like[0]}?" if like else "docs/settings.md lists all settings."
            wrong.append(f"{name} is not a setting; {meant}")
        elif value is not None:
            f = known[name]
            if f.name == "sso_strip_realm" and str(value).lower() in ANY_REALM:
                value = ANY_REALM[str(value).lower()]
            try:
                values[f.name] = typed(value, default_of(f))
            except TypeError as e:
                wrong.append(f"{name} must be {e}.")
    return values, wrong


def typed(value: Any, default: Any) -> Any:
    """`value` in the type of the setting's default. Raises TypeError with what would be right."""
    match default:
        case bool():
            # As people write it in an environment: 1, true, True, on.
            known = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
            if str(value).lower() not in known:
                raise TypeError(f"true or false, not {value!r}")
            value = known[str(value).lower()]
        case int():
            if not isinstance(value, int) or isinstance(value, bool) or value < 1:
                raise TypeError(f"a whole number above 0, not {value!r}")
        case tuple():
            parts = value.split() if isinstance(value, str) else value
            if not isinstance(parts, list | tuple) or not _are_texts(parts):
                raise TypeError(f"text or a list of texts, not {value!r}")
            return tuple(parts)
        case dict():
            if not isinstance(value, Mapping) or not _are_texts([*value, *value.values()]):
                raise TypeError(f'a mapping such as {{"team": "departmentNumber"}}, not {value!r}')
        case _:
            # A password of digits is read from the environment as a number.
            if not isinstance(value, str | int | float):
                raise TypeError(f"text, not a {type(value).__name__}")
            return str(value)
    return value


def _are_texts(values: Iterable[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
