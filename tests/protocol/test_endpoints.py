"""Which requests are made beside the API's calls."""

from __future__ import annotations

import pytest

from inspector.protocol import is_health_check, is_side_traffic


@pytest.mark.parametrize(
    "method, path",
    [
        ("HEAD", "/"),  # Claude Code's first request
        ("HEAD", "/gateway"),
        ("HEAD", "/v1/messages"),
        ("GET", "/"),
        ("GET", ""),
        ("GET", "/health"),
        ("GET", "/favicon.ico"),
        ("POST", "/api/event_logging/batch"),
        ("POST", "/api/event_logging/v2/batch"),
        ("POST", "/api/claude_code/metrics"),
        ("GET", "/api/claude_code_grove"),
        ("GET", "/api/claude_cli/bootstrap"),
        ("GET", "/api/hello"),
        ("POST", "/v1/logs"),
    ],
)
def test_side_traffic(method, path):
    assert is_side_traffic(method, path)


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/v1/messages"),
        ("POST", "/v1/messages/count_tokens"),
        ("GET", "/v1/models"),
        ("POST", "/v1/files"),
        ("POST", "/api/v1/messages"),  # a gateway's
        ("POST", "/api/chat"),  # another API's
        ("POST", "/"),
        ("POST", "/health"),
        ("GET", "/healthy"),
        ("GET", "/v1/health"),
    ],
)
def test_what_an_api_answers_is_none(method, path):
    assert not is_side_traffic(method, path)


def test_a_health_check_is_side_traffic_and_not_every_side_traffic_is_one():
    assert is_health_check("GET", "/health")
    assert not is_health_check("POST", "/health")
    assert not is_health_check("GET", "/")
