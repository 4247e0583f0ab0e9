"""A host's own pages are what they were: compared with the very same host without us."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from flask import Flask, Response
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from jinja2 import Environment
from werkzeug.local import LocalProxy
from werkzeug.test import TestResponse

from .conftest import MakeHost, apart
from .known import Host

TOKENS = ("csrf_token", "stamp")
TOKEN = re.compile(r'(?<=name="(?:stamp)" value=")[^"]+|(?<=name="csrf_token" value=")[^"]+')
NONCE = re.compile(r"""(?<=nonce[-=])"?[\w-]{32}"?""")
OURS = {"people_head", "people_widget"}


@dataclass
class Answer:
    """What a browser got of one page; `said` is what the page says of ours."""

    status: int
    headers: list[tuple[str, str]]
    body: str
    session: dict[str, Any]
    said: list[str]
    steps: list[str]

    def without(self, header: str) -> Answer:
        return replace(self, headers=[(k, v) for k, v in self.headers if k != header])


def listen(app: Flask) -> list[str]:
    """What ours say in the host's templates, as they say it."""
    said: list[str] = []
    for name in OURS:
        app.jinja_env.globals[name] = _heard(cast(Any, app.jinja_env.globals[name]), said)
    return said


def follow_steps(app: Flask) -> list[str]:
    """Which hooks of the host have run, in their order."""
    steps: list[str] = []

    def after(response: Response) -> Response:
        steps.append(f"after {response.status_code}")
        return response

    app.before_request(lambda: steps.append("before"))
    app.after_request(after)
    app.teardown_request(lambda e: steps.append(f"teardown {e!r}"))
    app.teardown_appcontext(lambda e: steps.append(f"end {e!r}"))
    return steps


def _heard(say: Callable[..., Any], said: list[str]) -> Callable[..., Any]:
    def heard(*args: Any, **kwargs: Any) -> Any:
        words = say(*args, **kwargs)
        said.append(str(words))
        return words

    return heard


def visit(host: Host, app: Flask) -> list[Answer]:
    """A stranger, then Tomás, on every page of the host's own."""
    said, steps = listen(app), follow_steps(app)
    client = app.test_client()
    answers = []

    def note(answer: TestResponse) -> None:
        answer.get_data()
        answer.close()
        answers.append(_answer(client, app, answer, said[:], steps[:]))
        said.clear()
        steps.clear()

    for page in (host.login_form, *host.pages, host.home):
        note(client.get(page))
    note(client.post(host.pages[0]))
    note(client.post(host.login, data=dict.fromkeys(host.fields, "nobody")))
    note(host.enter(client, "tomas"))
    for page in (*host.pages, host.home, host.pages[0]):
        note(client.get(page))
    note(client.head(host.pages[0]))
    note(client.options(host.pages[0]))
    note(host.leave(client))
    note(client.get(host.home))
    return answers


def _answer(
    client: FlaskClient, app: Flask, answer: TestResponse, said: list[str], steps: list[str]
) -> Answer:
    body = answer.text
    for words in said:
        body = body.replace(words, "", 1)
    kept = _session(client, app)
    length = answer.headers.get("Content-Length", type=int)
    assert length in (None, len(answer.data)) or answer.request.method == "HEAD"
    headers = [(k, _masked(v)) for k, v in answer.headers if k not in ("Date", "Content-Length")]
    kept = {k: "..." if k in TOKENS else v for k, v in _session(client, app).items()}
    return Answer(answer.status_code, headers, _masked(body), kept, said, steps)


def _session(client: FlaskClient, app: Flask) -> dict[str, Any]:
    """What the cookie says, without opening it for writing."""
    name, root = (app.config[k] for k in ("SESSION_COOKIE_NAME", "APPLICATION_ROOT"))
    cookie = client.get_cookie(name, path=root)
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    return dict(serializer.loads(cookie.value)) if cookie and serializer else {}


def _masked(text: str) -> str:
    """Without what no two answers have in common."""
    text = re.sub(r"^(session|board)=[^;]+|(?<=; Expires=)[^;]+", r"\1...", text)
    return NONCE.sub("...", TOKEN.sub("...", text))


def test_pages_headers_and_sessions(host: Host, move_in: MakeHost) -> None:
    with_us, without = (apart(visit, host, move_in(host, it)) for it in (True, False))
    assert any(words for answer in with_us for words in answer.said), "we are there at all"
    had_form = False
    for ours, theirs in zip(with_us, without, strict=True):
        assert (ours.status, ours.body) == (theirs.status, theirs.body)
        assert ours.steps == theirs.steps
        had_form = had_form or any('method="post"' in words for words in ours.said)
        more = ours.session.keys() - theirs.session.keys()
        if more:
            # The token of a form of ours; Flask-Login notes of any session whether it is fresh.
            assert had_form
            assert more <= {*TOKENS, "_fresh"}
            ours, theirs = (a.without("Set-Cookie") for a in (ours, theirs))
        assert ours.headers == theirs.headers
        assert {k: v for k, v in ours.session.items() if k not in more} == theirs.session


def test_what_the_host_has_made_of_flask(host: Host, move_in: MakeHost) -> None:
    """Its hooks, handlers, Jinja and rules: ours are beside them, and before none."""
    with_us, without = move_in(host), move_in(host, with_people=False)
    for kind in ("before_request_funcs", "after_request_funcs", "template_context_processors"):
        assert names(getattr(with_us, kind)[None]) == names(getattr(without, kind)[None])
    for kind in ("url_value_preprocessors", "url_default_functions", "teardown_request_funcs"):
        assert None not in getattr(with_us, kind)
    ended = [names(app.teardown_appcontext_funcs) for app in (with_us, without)]
    if "sqlalchemy" in without.extensions:
        assert ended[0] == ended[1]
    assert with_us.error_handler_spec[None] == without.error_handler_spec[None]
    assert type(with_us.session_interface) is type(without.session_interface)
    rules = [str(r) for r in with_us.url_map.iter_rules() if "intranet_people" not in r.endpoint]
    assert rules == [str(r) for r in without.url_map.iter_rules()]
    ours = {k for k in with_us.config if k.startswith("PEOPLE_")}
    if "sqlalchemy" not in without.extensions:
        ours |= {k for k in with_us.config if k.startswith("SQLALCHEMY_")}
    kept = {k: v for k, v in with_us.config.items() if k not in ours | {host.database}}
    assert kept == {k: v for k, v in without.config.items() if k != host.database}


INNER = ("people_gettext", "people_ngettext")


def test_what_the_host_has_made_of_jinja(host: Host, move_in: MakeHost) -> None:
    with_us, without = (app.jinja_env for app in (move_in(host), move_in(host, False)))
    # Those that hosts call are there without us too, and say nothing.
    assert {n for n in with_us.globals if n not in INNER} == without.globals.keys()
    for name, value in without.globals.items():
        if name not in OURS:
            assert named(with_us.globals[name]) == named(value)
    assert {n for n in with_us.filters if not n.startswith("people_")} == set(without.filters)
    for name in without.filters:
        assert named(with_us.filters[name]) == named(without.filters[name])
    assert with_us.tests == without.tests
    assert with_us.extensions.keys() == without.extensions.keys()
    for how in ("undefined", "trim_blocks", "lstrip_blocks", "keep_trailing_newline"):
        assert getattr(with_us, how) == getattr(without, how)
    for template in ("base.html", "mail.txt", None):
        assert escapes(with_us, template) == escapes(without, template)


def names(functions: Iterable[Any]) -> list[str]:
    return [named(f) for f in functions]


def named(value: Any) -> str:
    """What it is, also where it is made anew for each app."""
    is_bare = type(value) is LocalProxy  # which is asked within a request alone
    return "proxy" if is_bare else getattr(value, "__qualname__", type(value).__qualname__)


def escapes(env: Environment, template: str | None) -> bool:
    return env.autoescape(template) if callable(env.autoescape) else env.autoescape
