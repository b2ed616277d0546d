"""One browser for all tests of this folder, and pages for it."""

from __future__ import annotations

import pytest
from driving import Browser

import inspector


@pytest.fixture(scope="session")
def browser():
    running = Browser()
    yield running
    running.close()


@pytest.fixture
def opened(browser, tmp_path):
    """Write a page of recordings and open it from disk. At the end, nothing may have gone wrong in it."""

    def open_(*recordings, **view):
        page = tmp_path / "page.html"
        page.write_bytes(inspector.report(*recordings))
        browser.open(url=page.as_uri(), **view)
        browser.wait(code="document.readyState === 'complete'")
        return browser

    yield open_
    problems = browser.problems()
    assert problems["console"] == []
    assert problems["dialogs"] == []
    assert [url for url in problems["requests"] if not url.startswith(("file:", "data:", "blob:"))] == []
