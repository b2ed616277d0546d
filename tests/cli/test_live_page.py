"""The live page's addresses, and what it makes of what passes."""

from __future__ import annotations

import json

import pytest

from inspector.cli import _live_page
from inspector.cli._live_page import LivePage
from inspector.cli._traffic import Passed
from inspector.formats import load
from inspector.recording.bundled import bundled_recording
from inspector.views.summary import Summary

HELLO = load(bundled_recording("hello"))
VALUES = [HELLO.head, *HELLO.blocks, HELLO.end]


def asked(page, path, method="GET"):
    """The status, the headers and the body of an answer; None for none."""
    source = page.answer(method, path)
    if source is None:
        return None
    recording = source.recording()
    return recording.response.status, recording.response.headers, recording.body


def lines(page, log="x", last=0):
    return json.loads(asked(page, f"/inspector/lines/{log}/{last}")[2])


@pytest.fixture
def page():
    return LivePage()


@pytest.mark.parametrize("path", ["/inspector/", "/inspector"])
def test_the_page_is_live_and_may_not_be_framed(page, path):
    status, headers, body = asked(page, path)
    assert status == 200
    assert b'"live":true' in body
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/inspector/"),
        ("GET", "/inspector/health"),
        ("GET", "/inspector/lines/x"),
        ("GET", "/inspector/lines/x/-1"),
        ("GET", "/inspector/lines/x/1/2"),
        ("GET", "/inspector/lines/x/²"),
        ("GET", "/inspector/lines/x/" + "9" * 5000),
        ("GET", "/v1/models"),
    ],
)
def test_other_requests_are_not_its_own(page, method, path):
    assert asked(page, path, method) is None


def test_what_passes_is_there_soon(page):
    for value in VALUES:
        page.see(3, value, "3 hello")
    assert lines(page)["items"] == []
    page._collect()
    got = lines(page)
    assert got["kept"] == [3]
    assert [each["n"] for each in got["items"]] == [3, 3, 3]
    assert got["items"][-1]["facts"]["outcome"] == "end_turn"


@pytest.mark.parametrize(("played", "name"), [("hello.jsonl", "7 hello.jsonl"), ("", "7 claude-haiku-4-5")])
def test_an_exchange_is_called_after_what_is_played_or_after_its_request(page, played, name):
    for value in (None, *VALUES):
        page.see_passed(Passed(7, value, "claude-haiku-4-5", Summary(), None, played))
    page._collect()
    assert lines(page)["items"][0]["begin"]["name"] == name


def test_an_exchange_that_comes_too_fast_is_left_out_and_others_stay(page, monkeypatch):
    monkeypatch.setattr(_live_page, "_BOUND", 3)
    page.see(1, HELLO.head)
    page.see(1, HELLO.blocks[0])
    page.see(2, HELLO.head)
    page.see(1, HELLO.blocks[1])
    page._collect()
    assert lines(page)["kept"] == [2]


def test_a_thread_of_its_own_collects():
    with LivePage() as page:
        for value in VALUES:
            page.see(1, value)
        for _ in range(1000):
            if lines(page)["items"]:
                break
            page._stopping.wait(0.01)
        assert lines(page)["kept"] == [1]
