"""The environment that points a client elsewhere, and the SDK's defaults, as the installed SDK has them."""

from __future__ import annotations

import anthropic

from inspector.protocol.clients import (
    API_URL,
    DUMMY_API_KEY,
    SDK_READ_TIMEOUT,
    base_url_in,
    client_environment,
)


def test_the_defaults_are_those_of_the_sdk(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_BASE_URL", raising=False)
    client = anthropic.Anthropic(api_key="none")
    assert str(client.base_url).rstrip("/") == API_URL
    assert client.timeout.read == SDK_READ_TIMEOUT


def test_the_environment_points_a_client_at_a_url_with_a_dummy_key():
    changes = client_environment("http://127.0.0.1:1", {"NO_PROXY": "intranet"}, key=DUMMY_API_KEY)
    assert changes == {
        "ANTHROPIC_BASE_URL": "http://127.0.0.1:1",
        "ANTHROPIC_API_URL": "http://127.0.0.1:1",
        "ANTHROPIC_API_BASE": "http://127.0.0.1:1",
        "ANTHROPIC_HOST": "http://127.0.0.1:1",
        "ANTHROPIC_API_KEY": DUMMY_API_KEY,
        "ANTHROPIC_AUTH_TOKEN": None,
        "NO_PROXY": "127.0.0.1,localhost,::1,intranet",
        "no_proxy": "127.0.0.1,localhost,::1",
    }


def test_without_a_key_a_client_keeps_its_own():
    changes = client_environment("http://127.0.0.1:1", {}, key=None)
    assert "ANTHROPIC_API_KEY" not in changes
    assert "ANTHROPIC_AUTH_TOKEN" not in changes


def test_the_base_url_of_an_environment_is_what_most_clients_read_first():
    given = {
        "ANTHROPIC_HOST": "http://goose",
        "ANTHROPIC_BASE_URL": "",
        "ANTHROPIC_API_BASE": "http://litellm",
    }
    assert base_url_in(given) == "http://litellm"
    assert base_url_in({**given, "ANTHROPIC_BASE_URL": "http://sdk"}) == "http://sdk"
    assert base_url_in({}) is None
