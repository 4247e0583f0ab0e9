"""What belongs to one app: its settings, and what is made from them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast
from zoneinfo import ZoneInfo

from blinker import NamedSignal
from flask import Flask, current_app
from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from .calendars import source_of
from .calendars.source import CalendarSource
from .ldap.connection import Directory
from .ldap.password import bind_password
from .ldap.schemas import PRESETS, Schema
from .settings import host
from .settings.host import Settings, SettingsError, Viewer
from .settings.validate import key
from .sync.report import KINDS, Report
from .sync.stage import PhotoSniff

log = logging.getLogger(__name__)
NAME = "intranet_people"


class Plugin:
    """Under `app.extensions["intranet_people"]`. Raises SettingsError."""

    def __init__(self, app: Flask, viewer: Viewer, calendars: Sequence[CalendarSource]) -> None:
        self.app = app
        self.viewer = self.hosts_viewer = viewer
        self.settings = Settings.read(app.config)
        if not app.secret_key:
            raise SettingsError("SECRET_KEY is missing: sign-in and forms cannot be kept safe.")
        _check_base_template(app, self.settings)
        self.schema = _schema(self.settings)
        self.sniff: PhotoSniff = lambda photo: None
        """Says what is plainly wrong with a photo; the room of photos knows."""
        self.bring_in: Callable[[str], bool] = lambda name: False
        """Reads somebody from the directory who is signed in and not known; the extension, too."""
        self.has_own_database = "sqlalchemy" not in app.extensions
        """Nobody else's rows wait in its session."""
        self.has_tables = False
        """Whether they were found to be those of this version, as they then stay."""
        self.page: Any = None
        """What our templates know as `intranet`; the extension, which knows all rooms, sets it."""
        self.calendars = [*_calendars(self.settings), *calendars]

    @property
    def directory(self) -> Directory:
        """With the service account's password as it is now, where a file or command gives it.

        Raises ServiceAccountRefused where there is none.
        """
        return _directory(self.settings)

    @property
    def session(self) -> Session:
        """Of the host's Flask-SQLAlchemy or -Lite, or of our own where it has neither."""
        session = self.app.extensions["sqlalchemy"].session
        # Lite's is the session itself, the other's the registry that gives it.
        return session if isinstance(session, Session) else cast(Session, session())


def plugin() -> Plugin:
    """That of the current app."""
    return cast(Plugin, current_app.extensions[NAME])


def tell_of(report: Report) -> None:
    """The host hears of everybody whom a run brought, changed or marked as left."""
    for kind in KINDS:
        signal = getattr(host, f"person_{kind}")
        for id in getattr(report, kind) if signal.receivers else ():
            tell(signal, person_id=id)


def tell(signal: NamedSignal, **facts: object) -> None:
    """To each receiver, whatever the others do: what a host does with it is no fault of ours."""
    here = plugin()
    for receiver in signal.receivers_for(here.app):
        is_pending = here.session.in_transaction()
        try:
            receiver(here.app, **facts)
        except Exception:
            log.exception("A receiver of %s failed; what it tells of is done.", signal.name)
            # It may have left the session within a failed statement; what was there before it
            # is the host's, and is not thrown away in silence.
            if not is_pending:
                here.session.rollback()


@contextmanager
def unharmed(session: Session) -> Iterator[None]:
    """Whatever fails within, what a host's view has pending in its session is there afterwards.

    PostgreSQL would take no more of the transaction, so that it gets a savepoint there.
    """
    if not session.in_transaction():
        try:
            yield
        except SQLAlchemyError:
            session.rollback()
            raise
    elif session.get_bind().dialect.name == "postgresql":
        with session.connection().begin_nested():
            yield
    else:
        yield


def _check_base_template(app: Flask, s: Settings) -> None:
    """That it is there, and has our block: its source alone, which takes no context."""
    if not s.base_template or app.jinja_env.loader is None:
        return
    try:
        blocks = _blocks_of(app.jinja_env, s.base_template)
    except TemplateNotFound as e:
        if e.name != s.base_template:
            return
        raise SettingsError(
            f"{key('base_template')} names {s.base_template}, which is no template of this app: it"
            " is to be your own layout; one of a blueprint is known once that is registered."
        ) from None
    except TemplateSyntaxError:
        return  # what an extension of Jinja brings may come later
    if blocks is not None and s.content_block not in blocks:
        raise SettingsError(
            f"The layout {s.base_template} has no block {s.content_block!r}, but"
            f" {', '.join(sorted(blocks)) or 'none'}: set PEOPLE_CONTENT_BLOCK to the one that our"
            " pages shall fill."
        )


def _blocks_of(env: Environment, name: str) -> set[str] | None:
    """Those of a layout, and of what it extends; None where that is only known with a request.

    Raises TemplateNotFound, TemplateSyntaxError.
    """
    blocks: set[str] = set()
    seen: set[str] = set()
    while name not in seen and env.loader:
        seen.add(name)
        tree = env.parse(env.loader.get_source(env, name)[0])
        blocks |= {block.name for block in tree.find_all(nodes.Block)}
        extended = [node.template for node in tree.find_all(nodes.Extends)]
        if not extended:
            return blocks
        if len(extended) > 1 or not isinstance(extended[0], nodes.Const):
            return None
        name = extended[0].value
    return None


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


def _schema(s: Settings) -> Schema:
    try:
        schema = PRESETS[s.ldap_schema].with_attributes(s.ldap_attributes)
    except ValueError as e:
        raise SettingsError(f"{key('ldap_attributes')}: {e}") from None
    try:
        schema = schema.with_extra(s.ldap_extra_fields)
    except ValueError as e:
        raise SettingsError(f"{key('ldap_extra_fields')}: {e}") from None
    return schema.with_filter(s.ldap_person_filter) if s.ldap_person_filter else schema


def _calendars(s: Settings) -> list[CalendarSource]:
    try:
        return [source_of(spec, zone=ZoneInfo(s.time_zone)) for spec in s.calendars]
    except ValueError as e:
        raise SettingsError(str(e)) from None
