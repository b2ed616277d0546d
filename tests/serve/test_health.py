"""What a container's health check and a probe of Kubernetes see; tests/cli tries both commands."""

from __future__ import annotations

import json

import pytest
from conftest import ROOT
from sockets import ASK, closing, exchange

from inspector.serve.health import is_health_request
from inspector.serve.server import Server

HELLO = ROOT / "recordings" / "hello.jsonl"
POD = b"GET /inspector/health HTTP/1.1\r\nHost: 10.1.2.3:8484\r\nConnection: close\r\n\r\n"


def test_it_says_that_the_server_works_and_uses_nothing_up():
    reports = []
    with Server(HELLO, report=lambda *each: reports.append(each)) as server:
        head, _, body = exchange(server, POD)[0].partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert json.loads(body) == {"status": "ok"}
        assert b'"message_start"' in exchange(server, closing(ASK))[0]
        assert [request.path for request in server.requests] == ["/v1/messages"]
    assert len(reports) == 1


def test_head_is_answered_without_a_body():
    with Server(HELLO) as server:
        answer = exchange(server, POD.replace(b"GET", b"HEAD"))[0]
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"\r\n\r\n")


def test_a_web_page_of_another_name_is_refused():
    with Server(HELLO) as server:
        answer = exchange(server, POD.replace(b"10.1.2.3:8484", b"pages.example.com"))[0]
    assert answer.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("method, path", [("POST", "/inspector/health"), ("GET", "/inspector/healthy")])
def test_other_requests_are_none_for_health(method, path):
    assert not is_health_request(method, path)
