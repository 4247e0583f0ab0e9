"""What browsers are told of our pages, and what these do without."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from ..client import Browser


def test_headers_of_our_pages(company_app: Flask) -> None:
    headers = Browser(company_app, "tomas").get("/people/").headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_no_inline_script_or_style(company_app: Flask) -> None:
    tomas = Browser(company_app, "tomas")
    for path in ("/people/", "/people/@dana", "/people/meetings", "/people/hellos"):
        page = tomas.get(path).text
        assert "<style" not in page
        assert " style=" not in page
        assert "hx-on" not in page
        assert "<script>" not in page


def test_templates_use_what_htmx_2_and_4_share() -> None:
    """Targets and swaps are said on each element, as htmx 4 inherits nothing."""
    folder = Path(__file__).parents[2] / "intranet_people/templates"
    for file in folder.rglob("*.html"):
        for tag in file.read_text().split("<"):
            if "hx-get=" in tag or "hx-post=" in tag:
                assert "hx-target=" in tag, (file.name, tag)
                assert "hx-swap=" in tag, (file.name, tag)
            for eager in ("hx-on", "js:", "hx-boost", "hx-vals", "hx-ext", "hx-confirm"):
                assert eager not in tag, (file.name, eager)
