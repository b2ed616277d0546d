"""`inspector.probe`: what it refuses before anything is sent."""

from __future__ import annotations

import pytest

import inspector


@pytest.mark.parametrize(
    ("name", "value"), [("stall", 5.0), ("behind_protocol", "anthropic"), ("variables", ["UPSTREAM"])]
)
def test_what_is_for_a_gateway_is_refused_without_one(name, value):
    with pytest.raises(inspector.UsageError, match=f"{name} is for a gateway: give behind=PORT"):
        inspector.probe("http://127.0.0.1:1", **{name: value})
