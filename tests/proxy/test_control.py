"""What the proxy answers itself."""

from __future__ import annotations

import json

import pytest

from inspector.proxy.control import Control

CONTROL = Control(lambda: {"status": "ok"}, lambda: "inspector_info 1\n")


def test_health_is_json_and_metrics_are_text():
    health = CONTROL("GET", "/inspector/health").recording()
    metrics = CONTROL("GET", "/inspector/metrics").recording()
    assert json.loads(health.body) == {"status": "ok"}
    assert metrics.body == b"inspector_info 1\n"
    assert metrics.response.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize(
    "method, path",
    [
        ("GET", "/v1/models"),
        ("POST", "/inspector/health"),
        ("GET", "/inspector"),
        ("GET", "/inspector/other"),
    ],
)
def test_everything_else_goes_on_to_the_upstream(method, path):
    assert CONTROL(method, path) is None
