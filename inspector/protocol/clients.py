"""What clients of the Messages API do by default: how long they wait, and which environment they read."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["API_URL", "DUMMY_API_KEY", "SDK_READ_TIMEOUT", "base_url_in", "client_environment"]

API_URL = "https://api.anthropic.com"
"""The address that the SDKs call by default."""

SDK_READ_TIMEOUT = 600.0
"""How long the SDKs wait for the next bytes by default, in seconds."""

DUMMY_API_KEY = "sk-ant-inspector-needs-no-key"  # gitleaks:allow
"""A key that gives access to nothing, for clients that refuse to start without a key."""

_BASE_URLS = ("ANTHROPIC_BASE_URL", "ANTHROPIC_API_URL", "ANTHROPIC_API_BASE", "ANTHROPIC_HOST")
"""What clients read: the SDKs, Claude Code and Vercel's AI SDK; LangChain first; LiteLLM first; Goose."""

_LOOPBACK = "127.0.0.1,localhost,::1"


def base_url_in(environment: Mapping[str, str]) -> str | None:
    """Return the base URL that the environment gives to Anthropic clients; None if it gives none."""
    return next((environment[name] for name in _BASE_URLS if environment.get(name)), None)


def client_environment(url: str, inherited: Mapping[str, str], *, key: str | None) -> dict[str, str | None]:
    """Return the environment variables that make an Anthropic client call `url`; None removes a variable.

    `key` replaces the real key and token. With None the client keeps its own.
    """
    changes: dict[str, str | None] = dict.fromkeys(_BASE_URLS, url)
    if key is not None:
        changes["ANTHROPIC_API_KEY"] = key
        changes["ANTHROPIC_AUTH_TOKEN"] = None  # the real token; clients also complain about two credentials
    for name in ("NO_PROXY", "no_proxy"):  # some clients read only one of the two
        changes[name] = ",".join(filter(None, (_LOOPBACK, inherited.get(name))))
    return changes
