"""Pages that pstat makes, in Chromium, without a network."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "cli"))

import fixtures  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PSTAT = os.environ.get("PSTAT", "pstat")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Holds the profiles of the transcripts, and a big one."""
    folder = tmp_path_factory.mktemp("pages")
    fixtures.write(folder)
    return folder


class Pages:
    """Makes pages with pstat and opens them.  What goes wrong in them, or leaves them, is written down."""

    def __init__(self, browser: Browser, folder: Path) -> None:
        self.browser, self.folder = browser, folder
        self.troubles: list[str] = []
        self.opened: list[Page] = []

    def make(self, name: str, *words: str) -> Path:
        subprocess.run([PSTAT, "-o", name, *words], cwd=self.folder, check=True, timeout=60)
        return self.folder / name

    def open(self, name: str, *words: str, **context: Any) -> Page:
        path = self.make(name, *words)
        page = self.browser.new_context(**context).new_page()
        page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))
        page.on("console", lambda message: self.troubles.append(f"console: {message.text}"))
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: self.note_request(request.url, path))
        page.goto(path.as_uri())
        self.opened.append(page)
        return page

    def note_request(self, url: str, path: Path) -> None:
        if url.split("#")[0] != path.as_uri() and not url.startswith(("data:", "blob:")):
            self.troubles.append(f"request: {url}")


@pytest.fixture
def pages(browser: Browser, folder: Path) -> Iterator[Pages]:
    pages = Pages(browser, folder)
    yield pages
    for page in pages.opened:
        page.context.close()
    assert pages.troubles == []
