"""Which requests of Anthropic clients are side traffic: made beside the API's calls, and of no interest.

Programs look whether a server is there (Claude Code sends `HEAD /` first), and report what they do. Side
traffic is answered wherever recordings answer. It uses none of them up, is no miss, and is not recorded: how
often a client sends it depends on its version, the clock and the network.

Every HEAD is side traffic: the API has no such call. Other requests are known by their path. The list is from
Claude Code 2.1, and has OpenTelemetry's three paths.
"""

from __future__ import annotations

__all__ = ["is_health_check", "is_side_traffic"]

_HEALTH = frozenset({"/health", "/healthz", "/livez", "/readyz", "/ping"})

_EXACT = frozenset(
    {
        "",
        "/",
        "/favicon.ico",
        "/api/hello",
        "/v1/oauth/hello",
        "/v1/traces",
        "/v1/metrics",
        "/v1/logs",
        "/api/v2/logs",
    }
)

_BELOW = (
    "/api/event_logging/",
    "/api/eval/",
    "/api/features/",
    "/api/claude_code",  # also /api/claude_code_grove, and others that begin so
    "/api/claude_cli",
    "/api/oauth/",
    "/api/organization",
    "/api/web/domain_info",
)


def is_side_traffic(method: str, path: str) -> bool:
    """Return whether a request is side traffic. `path` is the URL's, without the query."""
    if method == "HEAD":
        return True
    if path in _EXACT or is_health_check(method, path):
        return method == "GET" or path not in ("", "/")  # a POST there is a client with a wrong base URL
    return path.startswith(_BELOW)


def is_health_check(method: str, path: str) -> bool:
    """Return whether a request only looks whether the server works."""
    return method in ("GET", "HEAD") and path in _HEALTH
