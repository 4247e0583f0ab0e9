"""What a person does, by the names that assistive technology hears."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

AXE = Path(__file__).parents[1] / "vendor/axe-core-4.14.1/axe.min.js"


def sign_in(page: Page, name: str, password: str) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Search people")).to_be_visible()
    page.wait_for_load_state("networkidle")


def open_menu(page: Page) -> None:
    """What is behind one's own face."""
    page.locator(".ip-menu summary").click()


def find(page: Page, typed: str, name: str, javascript: bool) -> None:
    """Search as you type for one person; without JavaScript by the button."""
    box = page.get_by_label("Search people")
    if javascript:
        box.press_sequentially(typed, delay=20)
    else:
        box.fill(typed)
        page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("One person", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name=name)).to_be_visible()


def follow(page: Page, name: str) -> None:
    page.get_by_role("button", name=f"Follow {name}", exact=True).click()
    expect(page.get_by_role("button", name=f"Following, unfollow {name}")).to_be_visible()


def say_hi(page: Page, name: str, line: str) -> None:
    """Where that person has a row: open the line that is ready, and send another."""
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name=f"Edit the line to {name}").click()
    page.get_by_label(f"Your line to {name}").fill(line)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Said hi").first).to_be_visible()
    expect(page.get_by_text(line)).to_be_visible()


def hi_back(page: Page, name: str, line: str) -> None:
    """Open the answer that is ready, and send another."""
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name=f"Edit the line to {name}").click()
    page.get_by_label(f"Your answer to {name}").fill(line)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Said hi back")).to_be_visible()


def problems(page: Page) -> list[str]:
    """What axe-core finds against WCAG 2.2 A and AA and its best practices, one line each."""
    found = page.evaluate(
        f"""async () => {{
            {AXE.read_text()}
            const {{violations}} = await axe.run();
            return violations.flatMap(v => v.nodes.map(n => v.id + ": " + n.html.slice(0, 150)
                + " " + (n.failureSummary || "").slice(0, 200)));
        }}"""
    )
    assert isinstance(found, list)
    return found
