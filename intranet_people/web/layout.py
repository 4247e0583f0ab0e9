"""The host's layout, or ours, around our pages."""

from __future__ import annotations

from flask import Flask
from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, nodes

from ..settings.settings import Settings, SettingsError, key
from ..state import NAME


def check_layout(app: Flask, s: Settings) -> None:
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


def layout_source(s: Settings) -> str:
    """The host's layout or ours, with its one block filled by what our pages say.

    Our own has the navigation before its content; in a host's it begins the content.
    """
    nav = f'{{% if intranet.viewer %}}{{% include "{NAME}/elements/nav.html" %}}{{% endif %}}'
    return (
        f"{{% extends {s.base_template or f'{NAME}/base.html'!r} %}}"
        f"{{% block {s.content_block} %}}"
        # What a host says of its own links and forms by htmx 2 on its body is not for ours.
        '<div class="ip-page"{{ intranet.page_attrs }} hx-disinherit="*">'
        f"{nav if s.base_template else ''}"
        "{% block people_page %}{% endblock %}</div>{% endblock %}"
    )
