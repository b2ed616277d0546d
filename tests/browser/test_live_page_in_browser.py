"""`serve --ui` and `proxy --ui` in a real browser: rows appear while a client reads its stream."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.error
import urllib.request

import pytest
from driving import ROOT

HELLO, SPLICED = (ROOT / f"recordings/{name}.jsonl" for name in ("hello", "broken/spliced"))
BODY = json.dumps({"model": "claude-haiku-4-5", "max_tokens": 9, "stream": True, "messages": []}).encode()
COUNTED = "document.querySelector('#counted')?.textContent ?? ''"


@contextlib.contextmanager
def running(*arguments):
    """Run a command of inspector that serves; give its URL."""
    process = subprocess.Popen(
        [sys.executable, "-m", "inspector", *map(str, arguments), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
    )
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=30)


def send(url):
    """Send a request for a stream; return the open response."""
    request = urllib.request.Request(
        f"{url}/v1/messages", BODY, {"content-type": "application/json", "anthropic-version": "2023-06-01"}
    )
    return urllib.request.urlopen(request, timeout=60)


@contextlib.contextmanager
def live(browser, url):
    """Open the live page of a server. At the end, it may have asked for nothing but its server."""
    browser.open(url=f"{url}/inspector/", live=True)
    yield browser
    problems = browser.problems()
    assert (problems["console"], problems["dialogs"]) == ([], [])
    assert [each for each in problems["requests"] if not each.startswith((url, "data:", "blob:"))] == []
    browser.open(url="about:blank")  # before the server stops, which the page would say


def test_rows_appear_while_a_client_reads(browser):
    with (
        running("serve", HELLO, "--loop", "--ui", "--speed", "0.5") as url,
        live(browser, url) as page,
        send(url) as response,
    ):
        page.wait(code="document.title.includes('hello.jsonl')")
        page.wait(code=f"{COUNTED}.includes('events')")
        before = int(page.eval(code=f"parseInt({COUNTED})"))
        page.wait(code=f"parseInt({COUNTED}) > {before}")
        response.read()
        page.wait(code="document.querySelector('#verdict').innerText.startsWith('Complete in')")
        assert page.axe() == []


def test_before_the_first_request_it_says_where_to_send_one(browser):
    with running("serve", HELLO, "--ui") as url, live(browser, url) as page:
        page.wait(code="document.querySelector('#source').innerText.includes('live')")
        assert f"Send requests to {url}" in page.text("#summary")
        assert page.eval(code="document.querySelector('#waterfall').offsetHeight") == 0
        assert page.axe() == []


def test_findings_appear_when_a_stream_has_ended(browser):
    with running("serve", SPLICED, "--loop", "--ui", "--speed", "2") as url, live(browser, url) as page:
        send(url).read()
        page.wait(code="document.querySelector('#tab-Findings').textContent === 'Findings 2'")
        shown = []
        for _ in range(2):
            page.rest()
            page.key(key="n")
            page.rest()
            shown.append(page.text("#panel"))
        assert any("message-start-spliced" in each for each in shown)


def test_a_page_that_comes_late_has_what_passed_before(browser):
    with running("serve", HELLO, "--loop", "--ui", "--speed", "max") as url:
        for _ in range(3):
            send(url).read()
        with live(browser, url) as page:
            page.wait(code="document.querySelectorAll('#source select option').length >= 3")
            page.wait(code="document.querySelector('#verdict').innerText.startsWith('Complete in')")


def test_what_the_proxy_forwards_is_shown(browser):
    with (
        running("serve", HELLO, "--loop", "--speed", "max") as upstream,
        running("proxy", "--upstream", upstream, "--ui") as url,
        live(browser, url) as page,
    ):
        send(url).read()
        page.wait(code="document.title.includes('claude-haiku-4-5')")
        page.wait(code=f"{COUNTED}.startsWith('46')")


def test_a_page_of_another_site_gets_nothing():
    with running("serve", HELLO, "--loop", "--ui") as url:
        for headers in ({"origin": "https://evil.example"}, {"host": "evil.example"}):
            request = urllib.request.Request(f"{url}/inspector/lines/x/0", headers=headers)
            with pytest.raises(urllib.error.HTTPError, match=r"403|421") as refused:
                urllib.request.urlopen(request, timeout=10)
            refused.value.close()
