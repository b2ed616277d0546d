"""What happened between a program and the server that answered it, as plain values.

The log holds each request with its answer and its times, and how the program ended, as far as anybody knows.
Times are in seconds, all on one clock; the log does not say which.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from inspector import _json
from inspector._json import as_object
from inspector.recording import Ending
from inspector.resilience.sent import Sent

__all__ = ["Attempt", "ClientLog", "Conclusion", "Program"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request for a message, and what became of it.

    `at` is when it came, `ended` when its response ended for the client: None while it goes on. `end` is how:
    as the recording does, or `ABANDONED` if the client left before. `content_at` is when the last content was
    sent that came before that, `kept_alive` whether pings or comments followed, and `got_all` whether nothing
    but those was left. `by_server` says that the server ended it because it waited no longer. `read_timeout`
    is how long the client says that it waits for the next bytes; infinite if it says that it has no timeout.
    `missed` says that no recording answered. `pretended` seconds of waiting before the end took no time, as a
    timeout at full speed: they are no part of `ended`, so that `at` and `ended` give the real order.
    """

    number: int
    at: float
    body: bytes
    sent: Sent
    ended: float | None = None
    end: Ending | None = None
    content_at: float = 0.0
    kept_alive: bool = False
    got_all: bool = True
    by_server: bool = False
    read_timeout: float | None = None
    missed: bool = False
    path: str = "/v1/messages"
    pretended: float = 0.0

    @property
    def request(self) -> Mapping[str, Any]:
        """The request's JSON; empty if its body is no JSON object."""
        try:
            return as_object(_json.loads(self.body))
        except ValueError:
            return {}

    @property
    def failed(self) -> bool:
        """Whether the client has no whole message from it: a reason to try again."""
        return not self.sent.is_whole or self.end is Ending.ABANDONED


class Conclusion(StrEnum):
    """How the program ended the work for which it sent its requests."""

    UNKNOWN = "not known"
    """Nobody saw how it ended."""
    RETURNED = "returned"
    """It returned or exited as after a success."""
    REPORTED = "reported"
    """It said itself that there is no whole answer: by a flag, a message, or another value."""
    RAISED = "raised"
    """An exception left it."""
    EXITED = "exited"
    """It exited with a status above 0, or a signal ended it."""


@dataclass(frozen=True, slots=True)
class Program:
    """What is known of the program under test beside its requests.

    `detail` says how it is known. `text` and `tools` are what it handed out as the answer, each tool as its
    name and its input; None if that is not known. `exception` is the class of what it raised, as programs
    write it; `is_api_error` says whether `except anthropic.APIError` catches it.
    """

    how: Conclusion = Conclusion.UNKNOWN
    detail: str = "how the program ended is not known"
    text: str | None = None
    tools: tuple[tuple[str, Any], ...] | None = None
    exception: str = ""
    is_api_error: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended as after a success."""
        return self.how is Conclusion.RETURNED

    @property
    def is_over(self) -> bool:
        """Whether it is known to have ended."""
        return self.how is not Conclusion.UNKNOWN


@dataclass(frozen=True, slots=True)
class ClientLog:
    """Everything that was seen of a program, up to `at`."""

    attempts: tuple[Attempt, ...] = ()
    at: float = 0.0
    program: Program = field(default_factory=Program)

    def ending(self, program: Program) -> ClientLog:
        """Return the same log of a program that ended so."""
        return replace(self, program=program)
