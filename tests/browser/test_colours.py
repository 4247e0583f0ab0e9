"""What the tokens come to on the screen, stand-alone and in a host that sets three of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from examples.host import demo

from ..conftest import close
from ..servers.web import serve
from .conftest import Open

pytestmark = [pytest.mark.browser, pytest.mark.process]
TEXT, CONTROL = 5.6, 3
MEASURED = """root => {
    const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
    const inside = document.querySelector(root);
    const probe = inside.appendChild(document.createElement("p"));
    const backgrounds = [];
    for (let e = inside; e; e = e.parentElement) {
        backgrounds.unshift(getComputedStyle(e).backgroundColor);
    }
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const base = isDark && document.querySelector(".ip-body") ? "#000" : "#fff";
    const painted = (...colours) => {
        for (const colour of [base, ...backgrounds, ...colours]) {
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
        }
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    };
    const computed = (property, css, own = "") => {
        probe.style.cssText = "";
        probe.style.color = own;
        probe.style[property] = css;
        return getComputedStyle(probe)[property];
    };
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
        .reduce((sum, c, n) => sum + c * [.2126, .7152, .0722][n], 0);
    const contrast = (a, b) => {
        const [high, low] = [light(a), light(b)].sort((x, y) => y - x);
        return (high + .05) / (low + .05);
    };
    const token = name => `var(--ip-${name})`;
    const background = name => computed("backgroundColor", token(name));
    const card = background("card");
    const surfaces = {page: [], card: [card], box: [card, background("paper")]};
    const found = {text: {}, control: {}};
    for (const [where, under] of Object.entries(surfaces)) {
        for (const name of ["ink", "ink-soft", "accent", "good", "problem"]) {
            const colour = painted(...under, computed("color", token(name)));
            found.text[`${name} on ${where}`] = contrast(colour, painted(...under));
        }
        for (const own of ["ink", "accent"]) {
            const line = computed("borderTopColor", token("border"), token(own));
            const colour = painted(...under, line);
            found.control[`border of ${own} on ${where}`] = contrast(colour, painted(...under));
        }
    }
    const on = (ink, under) =>
        contrast(painted(under, computed("color", token(ink))), painted(under));
    found.text["on-accent"] = on("on-accent", background("accent"));
    found.text["mark"] = on("ink", background("mark"));
    for (let n = 0; n < 6; n++) found.text[`tint ${n}`] = on("tint-ink", background(`tint-${n}`));
    probe.remove();
    return found;
}"""


def too_low(page: Page, root: str) -> list[str]:
    found = page.evaluate(MEASURED, root)
    return [
        f"{name}: {value:.2f}"
        for kind, least in (("text", TEXT), ("control", CONTROL))
        for name, value in found[kind].items()
        if value < least
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_stand_alone(northwind: str, open_page: Open, theme: str) -> None:
    page = open_page(northwind, theme=theme)
    assert too_low(page, ".ip-page") == []


@pytest.fixture(scope="module")
def intranet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The example host, which is always light: its address."""
    app = demo.create_app(tmp_path_factory.mktemp("host"))
    with serve(app) as url:
        yield url
    close(app)


@pytest.fixture(params=["light", "dark"])
def home(intranet: str, open_page: Open, request: pytest.FixtureRequest) -> Page:
    """Its home page with our widget."""
    page = open_page(intranet, theme=request.param)
    page.get_by_label("User name").fill("tomas")
    page.get_by_label("Password").fill("tide-clock")
    page.get_by_role("button", name="Log in").click()
    page.locator(".ip-meetings").wait_for()
    return page


def test_in_a_host(home: Page) -> None:
    assert too_low(home, ".ip-meetings") == []


def test_a_host_that_sets_nothing_but_goes_dark(home: Page) -> None:
    """Its text and background are the browser's own."""
    home.emulate_media(color_scheme="dark")
    home.evaluate(
        """() => {
            document.querySelector("link[rel=stylesheet]").remove();
            document.documentElement.style.colorScheme = "dark";
            document.documentElement.style.background = "Canvas";
        }"""
    )
    assert too_low(home, ".ip-meetings") == []


def test_a_host_is_wholly_in_its_own_colours(home: Page, intranet: str) -> None:
    """Of ours, only green and the tints of initials are left: nothing else is warm."""
    warm = """() => [...document.querySelectorAll(".ip-page *, .ip-top *")].flatMap(e => {
        const style = getComputedStyle(e);
        const used = [style.color, style.backgroundColor];
        for (const side of ["Top", "Left"]) {
            if (style[`border${side}Width`] !== "0px") used.push(style[`border${side}Color`]);
        }
        return used.filter(colour => {
            const [r, g, b, alpha = 1] = colour.match(/[\\d.]+/g).map(Number);
            return alpha && r > b && !e.matches(".ip-face, .ip-face *");
        }).map(colour => e.className + " " + colour);
    })"""
    for path in ("/people/", "/people/meetings", "/people/@dana"):
        home.goto(intranet + path)
        assert home.evaluate(warm) == [], path


def test_a_pointer_changes_the_colour(northwind: str, open_page: Open) -> None:
    page = open_page(northwind)
    button = page.get_by_role("button", name="Sign in")
    before = button.evaluate("e => getComputedStyle(e).backgroundColor")
    button.hover()
    expect(button).not_to_have_css("background-color", before)
    expect(button).to_have_css("opacity", "1")
