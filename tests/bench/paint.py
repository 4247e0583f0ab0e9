"""The first page on a slow phone: what is sent, when something is seen, whether anything moves."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from intranet_people.web.assets import HTMX

from ..servers.chromium import launch
from ..servers.web import serve
from .pages import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

STATIC = ("people.css", "people.js", HTMX)
LATENCY_MS, BYTES_A_SECOND = 400, 400_000 // 8
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
SHIFT = """() => new Promise(done => new PerformanceObserver(list => done(
  list.getEntries().reduce((sum, e) => sum + e.value, 0)
)).observe({type: "layout-shift", buffered: true}) || setTimeout(() => done(0), 500))"""


@dataclass(frozen=True)
class Measured:
    what: str
    found: str
    limit: str

    def cells(self) -> list[str]:
        return [self.what, self.found, self.limit]


PAINT_HEAD = ("the first page on a phone, 400 ms and 400 kbit/s", "found", "limit")


def first_page(site: Site) -> list[Measured]:
    """Without compression, which a server in front would add."""
    from playwright.sync_api import sync_playwright

    static = files("intranet_people").joinpath("static")
    page_bytes = site.page("/people/")().encode()
    parts = [page_bytes, *(static.joinpath(*name.split("/")).read_bytes() for name in STATIC)]
    kilobytes = sum(len(gzip.compress(part)) for part in parts) / 1000
    rows = [Measured("page, style and scripts, compressed, no photos", f"{kilobytes:.1f} kB", "45")]
    name, _, value = site.cookie["Cookie"].partition("=")
    with serve(site.ours) as url, sync_playwright() as playwright:
        browser = launch(playwright)
        context = browser.new_context(viewport={"width": 360, "height": 780})
        host = urlsplit(url).hostname
        context.add_cookies([{"name": name, "value": value, "domain": host, "path": "/"}])
        page = context.new_page()
        _slow(page)
        for visit in ("first visit", "next visit"):
            page.goto(f"{url}/people/", wait_until="load")
            seconds = page.evaluate(PAINT) / 1000
            rows.append(Measured(f"first paint, {visit}", f"{seconds:.2f} s", "2"))
        rows.append(Measured("layout shift", f"{page.evaluate(SHIFT):.3f}", "0"))
        browser.close()
    return rows


def _slow(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {
        "offline": False,
        "latency": LATENCY_MS,
        "downloadThroughput": BYTES_A_SECOND,
        "uploadThroughput": BYTES_A_SECOND,
    }
    session.send("Network.emulateNetworkConditions", limits)
