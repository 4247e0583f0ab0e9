"""What belongs to one app: its settings, and what is made from them when it starts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from sqlalchemy.orm import Session

from .calendars import source_of
from .calendars.source import CalendarSource
from .db.revisions import check_revision
from .db.session import session_of
from .i18n.catalogues import CatalogueError
from .i18n.catalogues import check as check_catalogues
from .ldap.connection import Directory
from .ldap.mapping import Schema
from .ldap.password import bind_password
from .ldap.presets import PRESETS
from .people.login_name import LoginName
from .settings.settings import Settings, SettingsError, key

NAME = "intranet_people"

Viewer = Callable[[], str | None]
"""What a host hands in: returns the login name of the signed-in user, or None."""


class SignInMethod(Protocol):
    """One of PEOPLE_SIGN_IN."""

    def viewer(self) -> LoginName | None:
        """Who is signed in by this method. Raises NoLoginName if what it got is no name."""


class State:
    """Under `app.extensions["intranet_people"]`, complete when it is built.

    methods      those of PEOPLE_SIGN_IN, in order
    host_viewer  what the host handed in to say who is signed in
    bring_in     reads somebody from the directory who is signed in and not known yet
    context      what our templates know as `intranet`
    static_path  below which our stylesheet and scripts are

    Raises SettingsError where a calendar source cannot be made.
    """

    def __init__(
        self,
        app: Flask,
        settings: Settings,
        *,
        methods: Sequence[SignInMethod],
        host_viewer: Viewer,
        bring_in: Callable[[LoginName], None],
        context: Any,
        static_path: str,
        calendars: Sequence[CalendarSource] = (),
    ) -> None:
        self.app, self.settings = app, settings
        self.methods, self.host_viewer = tuple(methods), host_viewer
        self.bring_in, self.context, self.static_path = bring_in, context, static_path
        self.schema = _schema(settings)
        self.calendars = [*_calendars(settings), *calendars]
        self.has_own_database = "sqlalchemy" not in app.extensions
        """Nobody else's rows wait in its session."""
        self._has_tables = False

    @property
    def directory(self) -> Directory:
        """With the service account's password as it is now, where a file or command gives it.

        Raises ServiceAccountRefused where there is none.
        """
        return _directory(self.settings)

    @property
    def session(self) -> Session:
        return session_of(self.app)

    def check_tables(self) -> None:
        """That they are those of this version: asked until they are, and then never again.

        Raises MigrationRequired.
        """
        if not self._has_tables:
            check_revision(self.session)
            self._has_tables = True


def get_state() -> State:
    """That of the current app."""
    return cast(State, current_app.extensions[NAME])


def get_settings() -> Settings:
    return get_state().settings


def wrong_mapping(s: Settings) -> Iterator[str]:
    """What is wrong with PEOPLE_LDAP_SCHEMA, or with what is laid over it."""
    if s.ldap_schema not in PRESETS:
        yield f"PEOPLE_LDAP_SCHEMA must be one of {', '.join(PRESETS)}."
        return
    schema = PRESETS[s.ldap_schema]
    for name, change in (
        ("ldap_attributes", schema.with_attributes),
        ("ldap_extra_fields", schema.with_extra),
    ):
        try:
            change(getattr(s, name))
        except ValueError as e:
            yield f"{key(name)}: {e}"


def wrong_translations(s: Settings) -> Iterator[str]:
    if s.translations:
        try:
            check_catalogues(s.translations)
        except CatalogueError as e:
            yield f"PEOPLE_TRANSLATIONS: {e}."


CHECKS = (wrong_mapping, wrong_translations)
"""What the rooms below know of their settings, for `read_settings`."""


def _schema(s: Settings) -> Schema:
    schema = PRESETS[s.ldap_schema].with_attributes(s.ldap_attributes)
    schema = schema.with_extra(s.ldap_extra_fields)
    schema = schema.with_filter(s.ldap_person_filter) if s.ldap_person_filter else schema
    return schema.with_hidden(s.ldap_hidden) if s.ldap_hidden else schema


def _directory(s: Settings) -> Directory:
    return Directory(
        uris=s.ldap_uri,
        base_dn=s.ldap_base_dn,
        bind_dn=s.ldap_bind_dn,
        bind_password=bind_password(
            s.ldap_bind_password, s.ldap_bind_password_file, s.ldap_bind_password_command
        ),
        sasl=s.ldap_sasl,
        starttls=s.ldap_starttls,
        allow_plaintext=s.ldap_allow_plaintext,
        ca_file=s.ldap_ca_file,
        timeout=s.ldap_timeout,
        page_size=s.ldap_page_size,
    )


def _calendars(s: Settings) -> list[CalendarSource]:
    try:
        return [source_of(spec, zone=ZoneInfo(s.time_zone)) for spec in s.calendars]
    except ValueError as e:
        raise SettingsError(str(e)) from None
