"""A Chromium over the real server; where there is none, the tests are left out and say so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.web.conftest import Server, served, server

__all__ = ["Server", "served", "server"]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium from the system's packages. It ends with the module: its event loop would stand in other tests' way."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium here: left out that pages fit a phone, work without script, load nothing from elsewhere, and can be read")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(params=[(1280, "ja"), (1280, "en"), (390, "ja"), (390, "en")], ids=lambda param: f"{param[0]}-{param[1]}")
def page(request: pytest.FixtureRequest, browser: Browser, server: Server) -> Iterator[Page]:
    """A page at each width and in each language."""
    width, language = request.param
    context = browser.new_context(
        base_url=server.base,
        viewport={"width": width, "height": 900},
        locale=language,
        extra_http_headers={"Accept-Language": language},
    )
    yield context.new_page()
    context.close()
