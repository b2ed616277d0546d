"""`serve --verdict`: what the client did with the answers, and the exit status that follows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inspector.cli._printing import echo, say

if TYPE_CHECKING:
    from inspector.serve.server import Server

__all__ = ["say_verdict"]

_STYLES: dict[str, dict[str, Any]] = {"fault": {"fg": "red"}, "warning": {"fg": "yellow"}}


def say_verdict(server: Server, status: int | None = None) -> int:
    """Print the verdict on a client, and return the exit status.

    `status` is that of a command, None without one. The exit status is 1 if the client has a fault, and else
    0, whatever the command's own: under a fault that lasts, a command is right to fail. A command that sent
    no request, because it could not run for instance, keeps its own.
    """
    from inspector.resilience import Program, exited

    verdict = server.verdict_on(Program() if status is None else exited(status))
    if not verdict.actions:
        say("no verdict: no request for a message came")
        return status or 0
    for line in verdict.lines():
        first, space, rest = line.partition(" ")
        echo([(first, _STYLES.get(first, {})), (f"{space}{rest}", {})], err=status is not None)
    return int(not verdict.resilient)
