"""What people search for, by the page that they mean: the words that its title does not have.

Each phrase becomes an entry of the manual's index. The search looks there too: see `search_ranking.js`.
"""

from __future__ import annotations

__all__ = ["PHRASES", "with_phrases"]

PHRASES = {
    "bridges": ("OpenAI gateway", "Chat Completions bridge"),
    "check": ("check a stream", "validate a stream", "is the answer whole"),
    "commands/check": ("check",),
    "ci": ("GitHub action", "pre-commit hook", "SARIF"),
    "commands/index": ("command line", "options"),
    "container": ("Docker image", "Kubernetes"),
    "corpus": ("millions of recordings", "Parquet"),
    "exit_status": ("exit code",),
    "formats": ("HAR", "vcrpy cassette", "mitmproxy flow", "import"),
    "index": ("install", "installation"),
    "limits": ("what does not work", "known issues"),
    "matching": ("match requests", "record mode"),
    "object_stores": ("S3", "Google Cloud Storage", "Azure Blob Storage"),
    "performance": ("speed", "overhead", "benchmarks"),
    "probe": ("check a gateway", "gateway", "test a proxy"),
    "proxy": ("proxy", "reverse proxy", "record a program", "record a client"),
    "pytest": ("pytest plugin", "test without a key", "fixture", "mock the API"),
    "python": ("tap", "record in Python", "replay in Python"),
    "redaction": ("secrets", "API key", "remove private data", "mask"),
    "serve": ("mock server", "fake server", "serve", "replay over HTTP"),
    "settings": ("shell completion", "configuration file", "environment variables"),
    "show": ("replay", "play a recording"),
    "stats": ("time to first token", "tokens per second", "cache tokens", "latency", "buffering"),
    "stream": ("see a stream", "ANTHROPIC_API_KEY"),
    "verdict": ("retry", "retries", "resilience", "test a client"),
    "faults/index": ("fault", "fault injection", "chaos"),
    "faults/burst": ("buffering proxy", "nginx buffering"),
    "faults/cut-fin": ("connection closed", "incomplete chunked read"),
    "faults/cut-rst": ("connection reset", "ECONNRESET"),
    "faults/error-event": ("error in the stream", "overloaded in the stream"),
    "faults/http-error": ("overloaded", "overloaded_error", "529", "429", "rate limit", "status 500"),
    "faults/stall": ("timeout", "stream hangs", "silence"),
    "faults/tool-json": ("tool use fault", "broken tool input"),
    "guides/agent_fixtures": ("record my agent", "record an agent", "agent", "fixtures"),
    "guides/bucket_of_streams": ("bucket", "S3 bucket", "DuckDB"),
    "guides/ci_without_key": ("CI", "no API key"),
    "guides/claude_code": ("Claude Code", "record Claude Code"),
    "guides/conformance_badge": ("badge",),
    "guides/cut_stream": (
        "stream cut",
        "cut stream",
        "truncated stream",
        "stream ended early",
        "partial answer",
    ),
    "guides/misbehaving_gateway": ("gateway", "gateway changes the stream"),
    "rules/index": ("rule", "list of rules"),
    "rules/message-stop-missing": ("no message_stop", "missing message_stop", "stream without message_stop"),
    "tutorial": ("getting started", "quick start", "tool use"),
}
"""Phrases by the page's path below `docs/`, without its ending."""


def with_phrases(text: str, page: str) -> str:
    """Return the Markdown of a page with the phrases that it is searched for."""
    phrases = PHRASES.get(page.removesuffix(".md"))
    return "\n".join([text, "", "```{searched-for}", *phrases, "```", ""]) if phrases else text
