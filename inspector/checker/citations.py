"""The sources of the rules, by short names."""

from __future__ import annotations

__all__ = [
    "DOC_ERRORS",
    "DOC_FGTS",
    "DOC_STOP",
    "DOC_STREAM",
    "DOC_THINK",
    "HTTP",
    "JSON",
    "TYPES",
    "WHATWG",
    "thread",
]

DOC_STREAM = "https://platform.claude.com/docs/en/build-with-claude/streaming"
DOC_ERRORS = "https://platform.claude.com/docs/en/api/errors"
DOC_FGTS = "https://platform.claude.com/docs/en/agents-and-tools/tool-use/fine-grained-tool-streaming"
DOC_STOP = "https://platform.claude.com/docs/en/build-with-claude/handling-stop-reasons"
DOC_THINK = "https://platform.claude.com/docs/en/build-with-claude/thinking#streaming-thinking"
TYPES = "the types of anthropic 2.11.0"
HTTP = "https://www.rfc-editor.org/rfc/rfc9112#section-6.3"
JSON = "https://www.rfc-editor.org/rfc/rfc8259"
WHATWG = "https://html.spec.whatwg.org/multipage/server-sent-events.html"


def thread(*names: str) -> str:
    """Cite public threads, each `owner/repository#number`."""
    return " ".join("https://github.com/" + name.replace("#", "/issues/") for name in names)
